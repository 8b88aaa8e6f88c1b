"""Compare runs: a verdict for every mode, tables and figures, for every group of comparable runs below a folder.

python plot_curves.py logs/
python plot_curves.py logs/ --html                  # one page that works offline: logs/comparison/report.html
python plot_curves.py logs/ --watch                 # again whenever a run has come further
python plot_curves.py logs/ --baseline none --arms mixup samplePairing
python plot_curves.py logs/ --start 401             # draw only the last 100 of 500 epochs
python plot_curves.py logs/ --evaluation evaluation-Test-last    # compare on Test.txt what evaluate.py has judged
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from suite.comparison.choosing import choose_arms, choose_baselines, shown_epochs
from suite.comparison.groups import grouped, kept_apart
from suite.comparison.measures import UNITS
from suite.comparison.predictions import judged_by
from suite.comparison.reading import find_runs
from suite.comparison.records import Run
from suite.comparison.rows import compare
from suite.errors import UserError, run_command, shortened
from suite.report.figures.differences import has_differences
from suite.report.screen import on_screen
from suite.report.sentences import LANGUAGES
from suite.report.writing import write_all

OUTPUT = "comparison"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="plot_curves.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where train.py wrote its runs, such as logs/")
    parser.add_argument("--baseline", metavar="MODE", help="mode, or name in the table; userDef, else none, by default")
    parser.add_argument("--arms", nargs="+", metavar="NAME", help="compare only these modes, or names in the table")
    judged = parser.add_mutually_exclusive_group()
    judged.add_argument(
        "--unit",
        choices=[unit for unit in UNITS if unit != "evaluation"],
        default="mean",
        help="which accuracy of a run (default: mean of the last)",
    )
    judged.add_argument(
        "--evaluation", metavar="NAME", help="the accuracy that evaluate.py wrote into this folder of every run"
    )
    parser.add_argument("--start", metavar="E", type=int, default=1, help="first epoch in the figures, counted from 1")
    parser.add_argument(
        "--end", metavar="E", type=int, help="last epoch in the figures (the tables take the run's last)"
    )
    parser.add_argument("--html", action="store_true", help="write report.html too")
    parser.add_argument("--lang", choices=LANGUAGES, default="en", help="of verdicts, tables and report (default: en)")
    parser.add_argument(
        "--watch", nargs="?", type=int, const=30, metavar="SECONDS", help="look for news every so often (default: 30)"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=f"where to write (default: in FOLDER, {OUTPUT})")
    options = parser.parse_args(arguments)
    if options.watch is not None and options.watch < 1:
        parser.error("--watch needs 1 second or more")
    options.evaluation = options.evaluation and options.evaluation.rstrip("/")
    if options.watch and options.evaluation:
        parser.error("--watch waits for epochs, and --evaluation shows none; leave one out")
    if options.evaluation is not None and ("/" in options.evaluation or not options.evaluation):
        parser.error("--evaluation is the name of a folder that every run has, such as evaluation-Test-last")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare once, or again and again until Ctrl-C."""
    options = parse(arguments)
    if options.html and importlib.util.find_spec("plotly") is None:
        raise UserError("--html: the package plotly is missing; pip install -c constraints.txt -e '.[report]'")
    if options.watch is None:
        print(compare_runs(*read_runs(options), options))
        return 0
    try:
        watch(options)
    except KeyboardInterrupt:
        print("stopped watching")
        return 0


def watch(options: argparse.Namespace) -> NoReturn:
    """Compare again whenever a run has come further. What cannot be compared yet is said, and waited for."""
    seen: list[tuple[Path, int, bool]] | None = None
    news = told = ""
    while True:
        try:
            runs, notes = read_runs(options)
            now = [(run.folder, run.done, run.finished) for run in runs]
            if now != seen:
                seen = now
                compare_runs(runs, notes, options)
                going = [f"{run.folder} {run.done}/{run.planned}" for run in runs if not run.finished]
                news = ", ".join([f"{len(runs) - len(going)} finished", *shortened(going, 6)])
        except UserError as error:
            seen, news = None, f"waiting: {error.problems[0]}"
        if news != told:
            told = news
            print(f"{time.strftime('%H:%M:%S')}  {news}", flush=True)
        time.sleep(options.watch)


def read_runs(options: argparse.Namespace) -> tuple[list[Run], list[str]]:
    """All runs that can be compared, and a line for every other one."""
    runs, notes = find_runs(options.folder)
    if options.evaluation and runs:
        runs, more = judged_by(runs, options.evaluation)
        notes = [*notes, *more]
    return runs, notes


def compare_runs(runs: Sequence[Run], notes: Sequence[str], options: argparse.Namespace) -> str:
    """Write figures, tables and page of what `find_runs` has found; what the screen shall show."""
    groups = grouped(runs)
    if not groups:
        hint = "train some first: python train.py --config configs/googlenet_mixup.yaml"
        raise UserError([f"{options.folder}: no runs to compare; {hint}", *shortened(notes)])
    start, end = shown_epochs(groups, options.start, options.end)
    baselines = choose_baselines(groups, options.baseline)
    aside: list[str] = []
    if options.arms:
        groups, baselines, aside = choose_arms(groups, baselines, options.arms)
    comparisons = [compare(group, base, options.unit) for group, base in zip(groups, baselines, strict=True)]
    remarks = [*aside, *(f"left out: {note}" for note in notes)]
    remarks += kept_apart(groups)
    remarks += [
        f"no baseline: {group.title}: several runs or none go by that name; choose one of the table with --baseline"
        for group, base in zip(groups, baselines, strict=True)
        if base is None and len(group.arms) > 1
    ]
    remarks += [
        f"not drawn: {group.title}: no run has come to epoch {start}" for group in groups if group.reached < start
    ]
    remarks += [
        f"no differences drawn: {comparison.group.title}: no arm has a finished seed in common with the baseline"
        for comparison in comparisons
        if len(comparison.group.arms) > 1 and not has_differences(comparison)
    ]
    # A verdict on other images stands beside the one on these.
    name = f"{OUTPUT}-{options.evaluation.removeprefix('evaluation-')}" if options.evaluation else OUTPUT
    out = options.out or options.folder / name
    try:
        written = write_all(comparisons, remarks, start, end, out, options)
    except OSError as error:
        raise UserError(
            f"{error.filename or out}: cannot be written: {error.strerror}; choose a folder with --out"
        ) from None
    return on_screen(comparisons, remarks, written, options.lang)


if __name__ == "__main__":
    run_command(main)
