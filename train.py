"""Train one network under one augmentation mode, or several runs one after the other or side by side.

    python train.py --config configs/googlenet_mixup.yaml
    python train.py --config configs/googlenet_*.yaml --seed 0 1 2 --jobs 2
    python train.py --config configs/vgg_none.yaml --set train.epochs=30 data.image_size=64
    python train.py --study configs/studies/mixing.yaml --jobs 2

A run lives in logs/<config>/seed<k>/. The same command continues it where it stopped.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import backend
import jobs
import provenance
import report
import runs
import scalars
from config import Config, dump_config, load_config
from data import Data, check_lists, load_data
from errors import NotFinite, RunFailed, UserError, run_command, shortened
from stopping import Stopped, note_signals
from study import load_study

if TYPE_CHECKING:
    from training import Training

log = logging.getLogger("train")

GRACE = 20
"""Seconds that a run which was told to stop may take to end, before it is ended."""


def main() -> int:
    """Read the command line, then train: one run in this process, several in processes of their own."""
    args = parse_arguments()
    planned = plan(args)

    jobs.stop_with_parent()
    if len(planned) == 1:
        [(folder, run)] = planned.items()
        return train(run.config, folder, args.fresh, args.resume_after_nan)
    refuse_what_stops_later([run.config for run in planned.values()])
    if args.fresh:
        clear_all(planned)
    commands: dict[Path, list[str]] = {}
    for folder, run in planned.items():
        command = [sys.executable, __file__, "--config", run.file, "--logs", args.logs, "--name", run.name]
        command += ["--seed", str(run.config.train.seed)] if args.seed or args.study else []
        command += ["--set", *run.overrides] if run.overrides else []
        command += ["--resume-after-nan"] if args.resume_after_nan else []
        commands[folder] = command
    return jobs.run_all(commands, args.jobs)


class Planned(NamedTuple):
    """A run that was asked for."""

    file: str
    name: str  # of its folder below --logs
    overrides: list[str]
    config: Config


def plan(args: argparse.Namespace) -> dict[Path, Planned]:
    """The runs by their folders, seed after seed: a night that ends early leaves whole comparisons.

    Raises:
        UserError: with every problem of every configuration, or two that are the same, before anything is trained.
    """
    overrides = [*args.set, *([f"train.device={args.device}"] if args.device else [])]
    if args.study:
        study = load_study(args.study)
        top = args.name or Path(args.study).stem
        wanted = [(study.base, f"{top}/{cell.name}", [*cell.overrides, *overrides]) for cell in study.cells]
        seeds: Sequence[int | None] = args.seed or study.seeds
    else:
        wanted = [(file, args.name or Path(file).stem, overrides) for file in args.config]
        seeds = args.seed or [None]
    planned: dict[Path, Planned] = {}
    problems: list[str] = []
    for seed in dict.fromkeys(seeds):
        for file, name, sets in wanted:
            try:
                config = load_config(file, sets if seed is None else [f"train.seed={seed}", *sets])
                if seed not in (None, config.train.seed):
                    where = "the study's `seeds` or --seed" if args.study else "--seed"
                    is_set = f"train.seed is set to {config.train.seed}"
                    raise UserError(f"{is_set}, but the seeds are those of {where}; take it out")
            except UserError as error:
                problems += [f"{args.study}: {problem}" if args.study else problem for problem in error.problems]
                continue
            folder = Path(args.logs) / name / f"seed{config.train.seed}"
            try:
                folder.exists()
            except OSError as error:
                raise UserError(f"{folder}: cannot be a run folder: {error.strerror}") from None
            if folder in planned:
                raise UserError(
                    f"--config {file}: {folder} is the folder of {planned[folder].file} already; rename one"
                )
            planned[folder] = Planned(file, name, sets, config)
    if problems:
        raise UserError(list(dict.fromkeys(problems)))  # the same mistake for every seed is one mistake
    first: dict[Config, Planned] = {}
    for run in planned.values():
        if (other := first.setdefault(run.config, run)) is not run:
            raise UserError(
                f"{args.study or run.file}: {other.name} and {run.name} are the same experiment; leave one out, or do "
                "not --set what makes them differ"
            )
    return planned


def refuse_what_stops_later(configs: Sequence[Config]) -> None:
    """Find mistakes that each of several runs would only find when its turn comes, in the middle of the night.

    Raises:
        UserError: with the problems of all lists.
    """
    if any(config.log.visualdl for config in configs):
        scalars.refuse_without_visualdl()
    if any(config.train.device == "gpu" for config in configs):
        backend.refuse_cpu_build()
    problems: list[str] = []
    for data in dict.fromkeys(config.data for config in configs):
        try:
            check_lists(data)
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(shortened(list(dict.fromkeys(problems))))


def clear_all(folders: Iterable[Path]) -> None:
    """Start all runs over at once: after an interruption, what is not cleared would pass for results of this night.

    Raises:
        UserError: when another process is at work in one of them; then nothing is cleared.
    """
    begun = [folder for folder in folders if folder.is_dir()]
    with ExitStack() as locks:
        for folder in begun:
            locks.enter_context(runs.locked(folder))
        for folder in begun:
            runs.clear(folder)


def parse_arguments() -> argparse.Namespace:
    """The command line, checked as far as it can be without the configuration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--config", nargs="+", action="extend", metavar="FILE", help="YAML file(s), see configs/")
    what.add_argument("--study", metavar="FILE", help="a grid of runs in one file, see configs/studies/")
    parser.add_argument(
        "--seed", nargs="+", action="extend", type=int, metavar="K", help="one run for each (default: the file's)"
    )
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key")
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], help="short for --set train.device=...")
    parser.add_argument("--logs", default="logs", metavar="DIR", help="where run folders are made (default: logs)")
    parser.add_argument("--name", help="folder below --logs instead of the file's name (not with several --config)")
    parser.add_argument("--fresh", action="store_true", help="start over, discarding what the run folder holds")
    parser.add_argument("--resume-after-nan", action="store_true", help="go on where a loss was not finite")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many runs at a time (default: 1)")
    args = parser.parse_args()
    if args.name and args.config and len(args.config) > 1:
        parser.error("--name goes with one --config, or with --study")
    if args.jobs < 1:
        parser.error("--jobs must be 1 or more")
    return args


def train(config: Config, folder: Path, fresh: bool = False, resume_after_nan: bool = False) -> int:
    """Do the epochs that the run in `folder` still lacks; the exit code, 0 unless a signal has stopped it.

    Raises:
        UserError: when the configuration, the data or the folder cannot be used.
        RunFailed: when the loss is not finite, or the disk is full.
    """
    warnings = []
    if not fresh:
        warnings += runs.refuse_changed_config(folder, config)
        if not warnings and runs.is_finished(folder) and runs.is_whole(folder, config):
            if runs.reads_other_lists(folder, config):
                runs.refuse_changed_data(folder, load_data(config.data).listing)
            print(f"{folder} is finished and left as it is; --fresh starts over")
            return 0
        refuse_to_repeat_a_bad_loss(folder, config, resume_after_nan)
    if config.log.visualdl:
        scalars.refuse_without_visualdl()
    data = load_data(config.data)
    settings = config.train
    backend.start_paddle(settings.device, settings.threads, settings.deterministic, settings.amp)
    with exclusive(folder):
        if fresh:
            runs.clear(folder)
        warnings += runs.refuse_changed_data(folder, data.listing)
        kept, more_warnings = runs.latest_checkpoint(folder, config, data.fingerprint)
        with logging_to(folder / "train.log"), note_signals(GRACE):
            try:
                run_epochs(config, data, folder, kept, [*warnings, *more_warnings])
            except Stopped as stopped:
                log.info(f"stopped by {stopped.name}; continue with: {provenance.command_line()}")
                return stopped.exit_code
    return 0


def refuse_to_repeat_a_bad_loss(folder: Path, config: Config, resume_after_nan: bool) -> None:
    """A run that a loss has stopped would most likely stop there again: go on only when told to."""
    facts, _ = runs.usable_facts(folder)
    if facts is None or facts["status"] != runs.NOT_FINITE or resume_after_nan:
        return
    if config.train.lr >= facts["sessions"][-1]["lr"]:
        raise UserError(f"{folder}: {facts['reason']}; to go on from there, lower train.lr or give --resume-after-nan")


def run_epochs(config: Config, data: Data, folder: Path, kept: runs.Checkpoint | None, warnings: list[str]) -> None:
    """Build the training as `kept` has it, and do the epochs that are left."""
    from training import Training  # imports Paddle, which takes seconds: not before it is needed

    training = Training(config, data)
    if kept:
        training.restore(kept)
    facts = provenance.run_facts(config, data, training)
    before, more_warnings = runs.usable_facts(folder)
    facts["sessions"] = [*(before or {}).get("sessions", []), provenance.session(config, training, facts)]
    warnings = [
        *warnings,
        *more_warnings,
        *provenance.changed_machine(facts["sessions"]),
        *provenance.scarce_room(training, folder),
    ]

    for line in (str(folder), *report.header(config, facts), *(f"warning: {warning}" for warning in warnings)):
        log.info(line)
    if kept:
        log.info(f"continuing after epoch {training.epochs_done} of {config.train.epochs}")
    try:
        runs.write_text(folder / "config.yaml", dump_config(config))
        runs.write_text(folder / "data.txt", data.listing)
        runs.write_curves(folder, training.curves)
        write_facts(training, folder, facts)
        began_with = training.epochs_done
        while training.epochs_done < config.train.epochs:
            training.one_epoch()
            with training.clock.measure("writing"):
                if config.log.visualdl:
                    scalars.write_scalars(folder, training, facts["sessions"])
                write_epoch(training, folder)
                write_facts(training, folder, facts)
            log.info(report.epoch_line(training, training.seconds[began_with:]))
    except NotFinite as error:
        write_facts(training, folder, facts | {"status": runs.NOT_FINITE, "reason": str(error)})
        raise
    except OSError as error:
        raise RunFailed(
            f"{error.filename or folder} could not be written: {error.strerror}; what the last whole epoch has left is "
            f"intact. Once there is room, continue with: {provenance.command_line()}"
        ) from error
    if training.clock.seconds:
        log.info("time: " + ", ".join(f"{what} {share:.1%}" for what, share in training.clock.shares().items()))
    log.info(f"finished; next: python evaluate.py {folder}, python plot_curves.py {folder.parent.parent}")


def write_epoch(training: Training, folder: Path) -> None:
    """Write what the latest epoch has given. `last.npz` comes last: with it, the epoch is done."""
    runs.write_curves(folder, training.curves)
    runs.write_arrays(folder / "predictions.npz", labels=training.data.eval.labels, logits=training.eval_logits)
    if training.latest_is_best:
        runs.save_checkpoint(folder / "best.npz", training.weights())
    runs.save_checkpoint(folder / "last.npz", training.state(), keep_old=folder / "previous.npz")


def write_facts(training: Training, folder: Path, facts: dict[str, Any]) -> None:
    """Write `run.json`: what is trained, where, with what, and how far it has come."""
    done, seconds = training.epochs_done, training.seconds
    status = "finished" if done == training.config.train.epochs else "running"
    speed = len(training.data.train.labels) * done / sum(seconds) if done else None
    progress = {
        "epochs_done": done,
        "images_per_second": speed,
        "seconds_per_epoch": seconds,
        "shares": training.clock.shares(),  # of the time of this session
    }
    runs.write_json(folder / "run.json", {"status": status, **facts, **progress})


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Make the run folder and keep other processes out of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {error.strerror}; choose another place with --logs") from None
    with runs.locked(folder):
        runs.clear_temporaries(folder)
        yield


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Send the log to the screen and, with the time before each line, to the end of `file`."""
    screen, kept = logging.StreamHandler(sys.stdout), logging.FileHandler(file, encoding="utf-8")
    kept.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a log that cannot be written, on a full disk, is not worth a traceback
    log.propagate = False  # Paddle gives the root logger a handler of its own, which would repeat every line
    for handler in (screen, kept):
        log.addHandler(handler)
    try:
        yield
    except Exception as error:  # the screen gets it where the command ends
        kept.handle(logging.makeLogRecord({"msg": f"stopped: {type(error).__name__}: {error}"}))
        raise
    finally:
        for handler in (screen, kept):
            log.removeHandler(handler)
        with suppress(OSError):  # it writes what a full disk has not taken so far
            kept.close()


if __name__ == "__main__":
    run_command(main)
