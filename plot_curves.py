"""Compare runs: a verdict for every mode, tables and figures, for every group of comparable runs below a folder.

python plot_curves.py logs/
python plot_curves.py logs/ --html                  # one page that works offline: logs/comparison/report.html
python plot_curves.py logs/ --watch                 # again whenever a run has come further
python plot_curves.py logs/ --baseline userDef --arms mixup samplePairing    # as the article compares
python plot_curves.py logs/ --start 401             # draw only the last 100 of 500 epochs
python plot_curves.py logs/ --evaluation evaluation-Test-last    # compare on Test.txt what evaluate.py has judged
"""

from __future__ import annotations

import argparse
import importlib.util
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from suite.comparison.choosing import choose, drawn_epochs
from suite.comparison.declared import declared_beforehand
from suite.comparison.following import next_after
from suite.comparison.groups import grouped
from suite.comparison.predictions import judged_by
from suite.comparison.reading import find_runs
from suite.comparison.records import Run
from suite.comparison.rows import compare
from suite.errors import UserError, run_command, shortened
from suite.report.language import LANGUAGES
from suite.report.remarks import remarks_on
from suite.report.screen import on_screen
from suite.report.writing import Page, write_all

OUTPUT = "comparison"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="plot_curves.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where train.py wrote its runs, such as logs/")
    parser.add_argument(
        "--baseline",
        metavar="MODE",
        help="mode, or name in the table (default: that of all declared claims, or else none)",
    )
    parser.add_argument("--arms", nargs="+", metavar="NAME", help="compare only these modes, or names in the table")
    parser.add_argument(
        "--evaluation",
        metavar="NAME",
        type=folder_name,
        help="compare the accuracy that evaluate.py wrote into this folder of every run",
    )
    parser.add_argument("--start", metavar="E", type=int, default=1, help="first epoch in the figures, counted from 1")
    parser.add_argument("--end", metavar="E", type=int, help="last epoch in the figures (tables: the run's last)")
    parser.add_argument("--explain", action="store_true", help="print tables, tests and what they mean too")
    parser.add_argument("--html", action="store_true", help="write report.html too")
    parser.add_argument(
        "--lang", choices=LANGUAGES, default="en", help="of verdicts, tables, figures and report (default: en)"
    )
    parser.add_argument(
        "--watch", nargs="?", type=int, const=30, metavar="SECONDS", help="look for news every so often (default: 30)"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=f"where to write (default: in FOLDER, {OUTPUT})")
    options = parser.parse_args(arguments)
    if options.watch is not None and options.watch < 1:
        parser.error("--watch needs 1 second or more")
    if options.watch and options.evaluation:
        parser.error("--watch waits for epochs, and --evaluation shows none; leave one out")
    return options


def folder_name(text: str) -> str:
    """The name of a folder that every run has; a slash at the end, as a shell completes it, does not count."""
    name = text.rstrip("/")
    if not name or "/" in name:
        raise argparse.ArgumentTypeError("is the name of a folder that every run has, such as evaluation-Test-last")
    return name


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
    """Compare again whenever a run has come further. What cannot be compared yet is named and waited for."""
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
    """Choose, compare and write what `find_runs` has found; returns the text for the screen."""
    say, groups = LANGUAGES[options.lang], grouped(runs)
    if not groups:
        hint = "train some first: python train.py --config configs/googlenet_mixup.yaml"
        raise UserError([f"{options.folder}: no runs to compare; {hint}", *shortened(notes)])
    epochs = drawn_epochs(groups, options.start, options.end)
    beforehand, damaged = declared_beforehand(groups)
    choices = choose(groups, options.baseline, options.arms, beforehand)
    comparisons = [compare(choice.group, choice.baseline, choice.beforehand) for choice in choices if choice.group.arms]
    remarks = remarks_on(choices, comparisons, [*notes, *damaged], epochs[0], say)
    written = write_all(comparisons, remarks, epochs, output_folder(options), requested_page(options), say)
    said = on_screen(comparisons, remarks, written, say, options.explain)
    return said + next_after(comparisons, options.folder, options.baseline)


def output_folder(options: argparse.Namespace) -> Path:
    """A verdict on other images lies beside the one on these."""
    judged = f"-{options.evaluation.removeprefix('evaluation-')}" if options.evaluation else ""
    return options.out or options.folder / f"{OUTPUT}{judged}"


def requested_page(options: argparse.Namespace) -> Page | None:
    """The page that `--html` asks for; under `--watch` it reloads itself."""
    if not options.html:
        return None
    refresh = None if options.watch is None else max(options.watch, 5)
    return Page(shlex.join(["python", *sys.argv]), refresh)


if __name__ == "__main__":
    run_command(main)
