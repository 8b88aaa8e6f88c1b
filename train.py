"""Train one network under one augmentation mode, or several runs one after the other or side by side.

    python train.py --config configs/googlenet_mixup.yaml
    python train.py --config configs/googlenet_*.yaml --seed 0 1 2 --jobs 2
    python train.py --config configs/vgg_none.yaml --set train.epochs=30 data.image_size=64

A run lives in logs/<config>/seed<k>/. The same command continues it where it stopped.
"""

from __future__ import annotations

import argparse
import logging
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jobs
import report
import runs
from config import Config, dump_config, load_config
from data import Data, load_data
from errors import UserError, run_command

if TYPE_CHECKING:
    from training import Training

log = logging.getLogger("train")


def main() -> int:
    """Read the command line, then train: one run in this process, several in processes of their own."""
    args = parse_arguments()
    overrides = [*args.set, *([f"train.device={args.device}"] if args.device else [])]
    planned: dict[Path, tuple[str, Config]] = {}
    for file in args.config:
        for seed in args.seed or [None]:
            config = load_config(file, overrides if seed is None else [*overrides, f"train.seed={seed}"])
            folder = Path(args.logs) / (args.name or Path(file).stem) / f"seed{config.train.seed}"
            if folder in planned:
                raise UserError(f"--config {file}: {folder} is the folder of {planned[folder][0]} already; rename one")
            planned[folder] = (file, config)

    jobs.die_with_parent()
    if len(planned) == 1:
        [(folder, (_, config))] = planned.items()
        train(config, folder, args.fresh)
        return 0
    commands = {}
    for folder, (file, config) in planned.items():
        command = [sys.executable, __file__, "--config", file, "--logs", args.logs, "--seed", str(config.train.seed)]
        command += ["--name", args.name] if args.name else []
        command += ["--set", *overrides] if overrides else []
        command += ["--fresh"] if args.fresh else []
        commands[str(folder)] = command
    return jobs.run_all(commands, args.jobs)


def parse_arguments() -> argparse.Namespace:
    """The command line, checked as far as it can be without the configuration."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", nargs="+", required=True, metavar="FILE", help="YAML file(s), see configs/")
    parser.add_argument("--seed", nargs="+", type=int, metavar="K", help="one run for each (default: the config's)")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key")
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], help="short for --set train.device=...")
    parser.add_argument("--logs", default="logs", metavar="DIR", help="where run folders are made (default: logs)")
    parser.add_argument("--name", help="folder below --logs instead of the config's name (with one --config)")
    parser.add_argument("--fresh", action="store_true", help="start over, discarding what the run folder holds")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many runs at a time (default: 1)")
    args = parser.parse_args()
    if args.name and len(args.config) > 1:
        parser.error("--name goes with one --config only")
    if args.jobs < 1:
        parser.error("--jobs must be 1 or more")
    return args


def train(config: Config, folder: Path, fresh: bool = False) -> None:
    """Do the epochs that the run in `folder` still lacks.

    Raises:
        UserError: when the configuration, the data or the folder cannot be used.
        RunFailed: when the loss is not finite.
    """
    if fresh:
        runs.clear(folder)
    runs.unchanged_or_refuse(folder, config)
    if runs.is_finished(folder):
        print(f"{folder} is finished and left as it is; --fresh starts over")
        return
    data = load_data(config.data)
    runs.unchanged_or_refuse(folder, config, data.fingerprint)

    import backend  # Paddle takes seconds to import: nothing above needs it

    backend.start_paddle(config.train.device, config.train.threads)
    from training import Training

    training = Training(config, data)
    facts = run_facts(config, data, training)
    folder.mkdir(parents=True, exist_ok=True)
    with logging_to(folder / "train.log"):
        for line in (str(folder), *report.header(config, facts)):
            log.info(line)
        if (folder / "last.npz").is_file():
            training.restore(runs.load_checkpoint(folder / "last.npz"))
            log.info(f"continuing after epoch {training.epochs_done} of {config.train.epochs}")
        runs.write_text(folder / "config.yaml", dump_config(config))
        write_facts(training, folder, facts)
        began_with = training.epochs_done
        while training.epochs_done < config.train.epochs:
            training.one_epoch()
            write_epoch(training, folder)
            write_facts(training, folder, facts)
            log.info(report.epoch_line(training, training.seconds[began_with:]))
        log.info(f"finished; next: python evaluate.py {folder}, python plot_curves.py {folder.parent.parent}")


def write_epoch(training: Training, folder: Path) -> None:
    """Write what the latest epoch has given. `last.npz` comes last: with it, the epoch is done."""
    runs.write_curves(folder, training.curves)
    runs.write_arrays(folder / "predictions.npz", labels=training.data.eval.labels, logits=training.eval_logits)
    if training.latest_is_best:
        runs.save_checkpoint(folder / "best.npz", training.weights())
    runs.save_checkpoint(folder / "last.npz", training.state())


def write_facts(training: Training, folder: Path, facts: dict[str, Any]) -> None:
    """Write `run.json`: what is trained, where, with what, and how far it has come."""
    done, seconds = training.epochs_done, training.seconds
    status = "finished" if done == training.config.train.epochs else "running"
    speed = len(training.data.train.labels) * done / sum(seconds) if done else None
    progress = {"status": status, "epochs_done": done, "images_per_second": speed, "seconds_per_epoch": seconds}
    runs.write_json(folder / "run.json", {**facts, **progress})


def run_facts(config: Config, data: Data, training: Training) -> dict[str, Any]:
    """What `run.json` says of a run from its beginning on."""
    import backend

    return {
        "model": config.model.name,
        "parameters": training.parameter_count,
        "mode": config.augment.mode,
        "seed": config.train.seed,
        "data": {
            "name": Path(config.data.root).resolve().name,
            "fingerprint": data.fingerprint,
            "train_images": len(data.train.labels),
            "eval_images": len(data.eval.labels),
            "classes": len(data.class_names),
            "class_names": data.class_names,
            "image_size": config.data.image_size,
        },
        "device": training.device,
        "threads": {"paddle": config.train.threads, "loader": config.data.threads},
        "versions": backend.versions(),
        "git": git_commit(),
        "command": shlex.join(["python", *sys.argv]),
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def git_commit() -> str | None:
    """The commit of this program, with `-dirty` behind it when files differ from it; None outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Send the log to the screen and, with the time before each line, to the end of `file`."""
    screen, kept = logging.StreamHandler(sys.stdout), logging.FileHandler(file, encoding="utf-8")
    kept.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.setLevel(logging.INFO)
    log.propagate = False  # Paddle gives the root logger a handler of its own, which would repeat every line
    for handler in (screen, kept):
        log.addHandler(handler)
    try:
        yield
    finally:
        for handler in (screen, kept):
            log.removeHandler(handler)
        kept.close()


if __name__ == "__main__":
    run_command(main)
