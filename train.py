"""Train one network under one augmentation mode, or several runs one after the other or side by side.

    python train.py --config configs/googlenet_mixup.yaml
    python train.py --config configs/googlenet_*.yaml --seed 0 1 2 --jobs 2
    python train.py --config configs/vgg_none.yaml --set train.epochs=30 data.image_size=64
    python train.py --study configs/studies/mixing.yaml --jobs 2
    python train.py --study configs/studies/mixing.yaml --jobs 2 --plan     # what it would take; trains nothing
    python train.py --study configs/studies/mild.yaml --seed 0 1 2 3 4 5 6 7 8 9 10 --until-decided
    python train.py --status logs
    python train.py --clear-cache

A run lives in logs/<config>/seed<k>/. The same command continues it where it stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from suite import next_step
from suite.data.cache import cache_folder, clear_cache
from suite.errors import run_command
from suite.planning.long_night import may_begin
from suite.planning.plan_in_words import plan_in_words
from suite.planning.status import status
from suite.planning.until_decided import rule_for, train_until_decided
from suite.runs.declaration import Rule
from suite.training import jobs
from suite.training.afterwards import ending_with
from suite.training.night import Night
from suite.training.plan import Planned, clear_all, declare_study, plan, refuse_what_stops_later, study_folder
from suite.training.run import train


def main() -> int:
    """Read the command line, then train: one run in this process, several in processes of their own."""
    args = parse_arguments()
    if args.clear_cache:
        return clear(args.clear_cache)
    if args.status:
        print(status(args.status))
        return 0
    planned = plan(args)
    if args.plan:
        print(plan_in_words(args, planned))
        return 0

    rule = rule_for(args.study, args.seed) if args.until_decided else None
    jobs.stop_with_parent()
    if len(planned) > 1:
        refuse_what_stops_later([run.config for run in planned.values()])
    if not may_begin(args, planned):
        return 0
    if args.fresh and len(planned) > 1:
        clear_all(planned)
    if args.study:
        declare_study(args, planned, rule)
    return ending_with(args.on_finish, lambda: train_all(args, planned, rule))


def train_all(args: argparse.Namespace, planned: Mapping[Path, Planned], rule: Rule | None) -> int:
    """Train what was planned, or as much of it as the rule of the night takes; the exit code."""
    if len(planned) == 1:
        [(folder, run)] = planned.items()
        code = train(run.config, folder, args.fresh, args.resume_after_nan)
        if code == 0 and not jobs.is_one_of_several():
            print(next_step.after_run(folder))
        return code
    commands: dict[Path, list[str]] = {}
    for folder, run in planned.items():
        command = [sys.executable, __file__, "--config", run.file, "--logs", args.logs, "--name", run.name]
        command += ["--seed", str(run.config.train.seed)] if args.seed or args.study else []
        command += ["--set", *run.overrides] if run.overrides else []
        command += ["--resume-after-nan"] if args.resume_after_nan else []
        commands[folder] = command
    epochs = {folder: run.config.train.epochs for folder, run in planned.items()}
    night = Night(epochs, args.jobs, args.minutes)
    if rule:
        code = train_until_decided(study_folder(args), commands, rule, lambda some: jobs.run_all(some, night))
    else:
        code = jobs.run_all(commands, night)
    if code == 0:
        print(next_step.after_runs(study_folder(args) if args.study else Path(args.logs)))
    return code


def clear(cache: str) -> int:
    """Empty the folder that `data.cache` would mean by this."""
    if folder := cache_folder(cache):
        count, size = clear_cache(folder)
        print(f"removed {count} files of decoded images, {size / 1e9:.2f} GB, from {folder}")
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line, checked as far as it can be without the configuration."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("-c", "--config", nargs="+", action="extend", metavar="FILE", help="YAML file(s), see configs/")
    what.add_argument("--study", metavar="FILE", help="a grid of runs in one file, see configs/studies/")
    what.add_argument(
        "--clear-cache",
        nargs="?",
        const="auto",
        metavar="DIR",
        help="train nothing; remove all decoded images that runs have kept (in DIR: where data.cache named it)",
    )
    what.add_argument("--status", metavar="LOGS", type=Path, help="train nothing; say how far the runs below have come")
    parser.add_argument("--plan", action="store_true", help="train nothing; say what it would take, and could show")
    parser.add_argument(
        "--seed", nargs="+", action="extend", type=int, metavar="K", help="one run for each (default: the file's)"
    )
    parser.add_argument(
        "-o", "--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key"
    )
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], help="short for --set train.device=...")
    parser.add_argument("--logs", default="logs", metavar="DIR", help="where run folders are made (default: logs)")
    parser.add_argument("--name", help="folder below --logs instead of the file's name (not with several --config)")
    parser.add_argument("--fresh", action="store_true", help="start over, discarding what the run folder holds")
    parser.add_argument("--resume-after-nan", action="store_true", help="go on where a loss was not finite")
    parser.add_argument(
        "--until-decided", action="store_true", help="end a study when its claims are decided, or have become hopeless"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many runs at a time (default: 1)")
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="begin no further seed that would not be done in all arms by then"
    )
    parser.add_argument("--on-finish", metavar="CMD", help="shell command for when all has ended, also after a failure")
    args = parser.parse_args()
    if args.name and args.config and len(args.config) > 1:
        parser.error("--name goes with one --config, or with --study")
    if args.until_decided and not args.study:
        parser.error("--until-decided goes with --study, whose claims it is about")
    if args.jobs < 1:
        parser.error("--jobs must be 1 or more")
    return args


if __name__ == "__main__":
    run_command(main)
