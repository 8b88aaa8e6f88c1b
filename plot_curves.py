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
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from compare import UNITS, Comparison, compare
from discovery import Arm, Group, Run, baseline_arm, find_runs, grouped, judged_by, kept_apart, sweeps
from errors import UserError, run_command, shortened
from figures import has_differences, remove_figures, write_figures, write_sweep
from tables import as_text, groups_of, paragraph, write_csv, write_markdown
from wording import EXPLANATIONS, LANGUAGES

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
    if not runs:
        hint = "train some first: python train.py --config configs/googlenet_mixup.yaml"
        raise UserError([f"{options.folder}: no runs to compare; {hint}", *shortened(notes)])
    groups = grouped(runs)
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


def write_all(
    comparisons: Sequence[Comparison],
    remarks: Sequence[str],
    start: int,
    end: int,
    out: Path,
    options: argparse.Namespace,
) -> list[Path]:
    """The figures of every group and sweep, the summaries, and the page if it is asked for."""
    by_group = {comparison.group: comparison for comparison in comparisons}
    swept = sweeps(by_group)
    for slug in groups_of(out / "summary.csv") - {group.slug for group in by_group}:
        remove_figures(out / slug)  # a group that goes by another name now, or is gone, must not lie beside today's
    pictures: dict[str, list[Path]] = {}
    for group, comparison in by_group.items():
        pictures[group.slug] = write_figures(comparison, start, end, out / group.slug)
    for sweep in swept:
        steps = [by_group[group] for _, group in sweep.steps]
        pictures[sweep.slug] = [*pictures.get(sweep.slug, []), *write_sweep(sweep, steps, out / sweep.slug)]
    written = [path for paths in pictures.values() for path in paths]
    written.append(write_csv(comparisons, out / "summary.csv"))
    written.append(write_markdown(comparisons, pictures, remarks, out / "summary.md", options.lang))
    if options.html:
        from html_report import write_report

        command = shlex.join(["python", *sys.argv])
        refresh = None if options.watch is None else max(options.watch, 5)
        page = out / "report.html"
        written.append(write_report(comparisons, swept, remarks, page, options.lang, refresh, command))
    return written


def on_screen(comparisons: Sequence[Comparison], remarks: Sequence[str], written: Sequence[Path], lang: str) -> str:
    """Verdicts, tables, what to keep in mind, and where everything was written."""
    explained = [paragraph(line) for line in (*EXPLANATIONS[lang], *shortened(remarks))]
    files = [str(path) for path in written if path.suffix != ".svg"]
    if len(files) < len(written):
        files.append(f"and {len(written) - len(files)} of the figures as .svg beside them")
    texts = [as_text(comparison, lang) for comparison in comparisons]
    return "\n\n".join([*texts, "\n".join(explained), "\n  ".join(["written:", *files])])


def shown_epochs(groups: Sequence[Group], start: int, end: int | None) -> tuple[int, int]:
    """First and last epoch of the figures, counted from 1."""
    longest = max(group.reached for group in groups)
    if start < 1:
        raise UserError(f"--start {start}: epochs are counted from 1")
    if end is not None and end < start:
        raise UserError(f"--end {end} lies before --start {start}; exchange them")
    if start > longest:
        raise UserError(f"--start {start}: no run has come so far; the longest has {longest} epochs")
    return start, end or longest


def choose_baselines(groups: Sequence[Group], wanted: str | None) -> list[Arm | None]:
    """The arm of each group that the others are set against, None where a group has no such arm."""
    if wanted is None:
        return [baseline_arm(group, "userDef") or baseline_arm(group, "none") for group in groups]
    chosen = [baseline_arm(group, wanted) for group in groups]
    if not any(chosen):
        raise UserError(f"--baseline {wanted}: is not the name of a single arm; there are {labels_of(groups)}")
    return chosen


def choose_arms(
    groups: Sequence[Group], baselines: Sequence[Arm | None], wanted: Sequence[str]
) -> tuple[list[Group], list[Arm | None], list[str]]:
    """The groups that have any of these arms, with them and the baseline alone, and a line for whatever is left aside.

    Holm's correction is then for the chosen arms alone, so a reader must see that there were others.

    Raises:
        UserError: for a name that no group knows.
    """
    for name in wanted:
        if not any(baseline_arm(group, name) for group in groups):
            raise UserError(f"--arms {name}: is not the name of a single arm; there are {labels_of(groups)}")
    chosen: list[Group] = []
    theirs: list[Arm | None] = []
    aside = []
    for group, baseline in zip(groups, baselines, strict=True):
        named = {baseline_arm(group, name) for name in wanted} - {None}
        kept = tuple(arm for arm in group.arms if named and arm in {baseline, *named})
        if kept:
            folds = len({run.fold for arm in kept for run in arm.runs})
            chosen.append(replace(group, arms=kept, folds=folds))
            theirs.append(baseline)
        if others := ", ".join(arm.label for arm in group.arms if arm not in kept):
            aside.append(f"left aside by --arms: {group.title}: {others}; p values are not adjusted for them")
    return chosen, theirs, aside


def labels_of(groups: Sequence[Group]) -> str:
    return ", ".join(dict.fromkeys(arm.label for group in groups for arm in group.arms))


if __name__ == "__main__":
    run_command(main)
