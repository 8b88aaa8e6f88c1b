"""Compare runs: figures of loss and accuracy and a table, for every group of comparable runs below a folder.

Usage:
    python plot_curves.py logs/
    python plot_curves.py logs/ --start 401             # draw only the last 100 of 500 epochs
    python plot_curves.py logs/ --baseline none
"""

from __future__ import annotations

import argparse
import csv
import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import (
    UNDER_FITTED_BELOW,
    Arm,
    Group,
    Row,
    Run,
    Spread,
    baseline_arm,
    find_runs,
    grouped,
    table,
    window,
)
from errors import UserError, run_command, shortened
from figures import write_figures
from lettering import elided
from runs import CURVES

OUTPUT = "comparison"
WIDTH = 120
"""Columns of the table on the screen."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="plot_curves.py",
        description="Draw loss and accuracy of all runs below FOLDER and compare them in a table.",
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="where train.py wrote its runs, such as logs/")
    parser.add_argument("--start", metavar="E", type=int, default=1, help="first epoch in the figures, counted from 1")
    parser.add_argument(
        "--end", metavar="E", type=int, help="last epoch in the figures (the table always ends with the run)"
    )
    parser.add_argument(
        "--baseline", metavar="MODE", help="mode, or name in the table, to compare with; userDef, else none, by default"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=f"where to write; FOLDER/{OUTPUT} by default")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    runs, notes = find_runs(options.folder)
    if not runs:
        hint = "train some first: python train.py --config configs/googlenet_mixup.yaml"
        raise UserError([f"{options.folder}: no runs to compare; {hint}", *shortened(notes)])
    groups = grouped(runs)
    start, end = shown_epochs(groups, options.start, options.end)
    baselines = choose_baselines(groups, options.baseline)
    results = [Result(group, base, table(group, base)) for group, base in zip(groups, baselines, strict=True)]
    left_out = [f"left out: {note}" for note in notes]
    left_out += [
        f"no baseline: {group.title}: several runs or none go by that name; choose one of the table with --baseline"
        for group, base in zip(groups, baselines, strict=True)
        if base is None and len(group.arms) > 1
    ]
    short = [group.title for group in groups if group.reached < start]
    left_out += [f"not drawn: {title}: no run has come to epoch {start}" for title in short]

    out = options.out or options.folder / OUTPUT
    try:
        figures = {
            group: write_figures(group, start, end, out / group.slug) for group in groups if group.reached >= start
        }
        written = [path for paths in figures.values() for path in paths]
        written.append(write_csv(results, out / "summary.csv"))
        written.append(write_markdown(results, figures, left_out, out / "summary.md"))
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None

    for result in results:
        print(as_text(result), end="\n\n")
    for line in (*EXPLANATIONS, *shortened(left_out)):
        print(textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
    print("\nwritten:", *written, sep="\n  ")
    return 0


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
        labels = ", ".join(dict.fromkeys(arm.label for group in groups for arm in group.arms))
        raise UserError(f"--baseline {wanted}: is not the name of a single arm; there are {labels}")
    return chosen


# --- the table ------------------------------------------------------------------------------------------------------

EXPLANATIONS = (
    "Means over the epochs named and over the finished seeds, ± standard deviation over the seeds. A run that is not"
    " finished stands in a line by itself, with its last epochs so far, and is not set against others.",
    "over baseline: percentage points of eval accuracy, paired by seed.",
    "best eval: the best single epoch. It is chosen on the evaluation images themselves, hence a little too high.",
    "train, as seen: the training images as the network saw them, augmented or mixed (then weighted by lambda), another"
    " task in every mode. train, clean: without augmentation. gap: this minus eval, where both were measured.",
    f"under-fitted: train, clean is below {UNDER_FITTED_BELOW:.0%}. The network does not know its own training images"
    " yet, so a small gap is no success, and longer training may change its place.",
)


Table = tuple[list[str], list[list[str]]]
"""Header and rows of cells."""

TEXT_COLUMNS = ("accuracy, %", "loss", "seeds", "")
"""Columns that are not numbers; the one without a name holds remarks."""


@dataclass(frozen=True)
class Result:
    """A group with its table."""

    group: Group
    baseline: Arm | None
    rows: list[Row]

    @property
    def introduction(self) -> str:
        """The images, and the epochs that the numbers are means of."""
        finished = [row for row in self.rows if row.runs[0].finished]
        count = window(self.group.planned)
        epochs = f"the last {count} epochs" if count > 1 else "the last epoch"
        named = f"{finished[0].first} to {finished[0].last}" if finished and count > 1 else f"{self.group.planned}"
        where = named if finished else "so far; no run is finished"
        return f"{self.group.facts}; means over {epochs} ({where})"

    def tables(self) -> list[Table]:
        """Accuracy and loss; two tables, because one would not fit on a screen."""
        over = ["over baseline"] if self.baseline else []
        accuracy = ["accuracy, %", "seeds", "eval", *over, "best eval", "train, clean", "train, as seen", "gap", ""]
        loss = ["loss", "seeds", "eval", "train, clean", "train, as seen"]
        return [
            (accuracy, [self._accuracy_cells(row) for row in self.rows]),
            (loss, [self._loss_cells(row) for row in self.rows]),
        ]

    def _accuracy_cells(self, row: Row) -> list[str]:
        points = "baseline" if row.arm is self.baseline else "-" if row.points is None else number(row.points, 1, "+")
        return [
            row.arm.label,
            seeds(row.runs),
            percent(row.curves["accEval"]),
            *([points] if self.baseline else []),
            percent(row.best),
            percent(row.curves["accTrainClean"]),
            percent(row.curves["accTrain"]),
            percent(row.gap),
            ", ".join(remarks(row)),
        ]

    def _loss_cells(self, row: Row) -> list[str]:
        losses = (row.curves[curve] for curve in ("lossEval", "lossTrainClean", "lossTrain"))
        return [row.arm.label, seeds(row.runs), *(number(loss, 3) for loss in losses)]


def number(spread: Spread, digits: int, sign: str = "") -> str:
    if math.isnan(spread.mean):
        return "-"
    return f"{spread.mean:{sign}.{digits}f}" + ("" if math.isnan(spread.sd) else f" ±{spread.sd:.{digits}f}")


def percent(spread: Spread) -> str:
    return number(Spread(100 * spread.mean, 100 * spread.sd, spread.n), 1)


def seeds(runs: Sequence[Run]) -> str:
    """How many, and which: `3 (0-2)`."""
    known = [run.seed for run in runs if run.seed is not None]
    return f"{len(runs)} ({ranges(known)})" if known else f"{len(runs)}"


def ranges(numbers: Sequence[int]) -> str:
    """`0-2,5` for 0, 1, 2, 5 (sorted)."""
    parts: list[list[int]] = []
    for value in numbers:
        if parts and parts[-1][-1] == value - 1:
            parts[-1].append(value)
        else:
            parts.append([value])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def remarks(row: Row) -> Iterator[str]:
    run = row.runs[0]
    if not run.finished:
        yield f"epoch {run.done} of {run.planned}"
    if row.under_fitted:
        yield "under-fitted"
    if row.points and row.points.n == 0 and run.seed is not None:
        yield "no common seed"
    if row.points and 0 < row.points.n < len(row.runs):
        yield f"{row.points.n} of {len(row.runs)} paired"


def as_text(result: Result) -> str:
    introduction = textwrap.fill(result.introduction, WIDTH)
    tables = [aligned(header, rows) for header, rows in result.tables()]
    return "\n\n".join([f"{result.group.title}\n{introduction}", *tables])


def aligned(header: list[str], rows: list[list[str]]) -> str:
    """Columns two spaces apart; a name that is too long for the screen loses its middle."""
    above = ["" if name in TEXT_COLUMNS else name.rpartition(" ")[0] for name in header]
    below = [name.removeprefix(first).strip() for name, first in zip(header, above, strict=True)]
    lines = [above, below, *rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    widths[0] = min(widths[0], max(16, WIDTH - sum(2 + width for width in widths[1:])))
    adjust = [str.ljust if name in TEXT_COLUMNS else str.rjust for name in header]
    cells = [[elided(line[0], widths[0]), *line[1:]] for line in lines]
    return "\n".join(
        "  ".join(put(cell, width) for put, cell, width in zip(adjust, line, widths, strict=True)).rstrip()
        for line in cells
    )


def write_markdown(
    results: Sequence[Result], figures: dict[Group, list[Path]], left_out: Sequence[str], path: Path
) -> Path:
    lines = ["# Comparison of runs", ""]
    for result in results:
        lines += [f"## {result.group.title}", "", f"{result.introduction}.", ""]
        for header, rows in result.tables():
            rule = ["---" if name in TEXT_COLUMNS else "---:" for name in header]
            lines += [f"| {' | '.join(cells)} |" for cells in (header, rule, *rows)] + [""]
        for figure in figures.get(result.group, []):
            lines += [f"![{figure.stem}]({figure.relative_to(path.parent).as_posix()})", ""]
    lines += [f"- {line}" for line in (*EXPLANATIONS, *left_out)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_csv(results: Sequence[Result], path: Path) -> Path:
    """One line a row of the tables; accuracies are fractions, points are percentage points, unknown is empty."""
    records = [csv_record(result, row) for result in results for row in result.rows]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, records[0].keys())
        writer.writeheader()
        writer.writerows(records)
    return path


def csv_record(result: Result, row: Row) -> dict[str, Any]:
    run = row.runs[0]
    points = row.points or Spread(math.nan, math.nan, 0)
    numbers = {
        **{f"{curve}{suffix}": value for curve in CURVES for suffix, value in both(row.curves[curve])},
        **{f"bestAccEval{suffix}": value for suffix, value in both(row.best)},
        **{f"gap{suffix}": value for suffix, value in both(row.gap)},
        **{f"points{suffix}": value for suffix, value in both(points)},
    }
    return {
        "group": result.group.slug,
        "arm": row.arm.label,
        "mode": row.arm.mode,
        "n": len(row.runs),
        "seeds": " ".join(str(run.seed) for run in row.runs if run.seed is not None),
        "status": "finished" if run.finished else "unfinished",
        "epochs_done": run.done,
        "epochs_planned": run.planned,
        "window_first": row.first,
        "window_last": row.last,
        **{name: "" if math.isnan(value) else f"{value:.8g}" for name, value in numbers.items()},
        "baseline": result.baseline.label if result.baseline else "",
        "pairs": points.n,
        "remarks": ", ".join(remarks(row)),
    }


def both(spread: Spread) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("", spread.mean), ("_sd", spread.sd)


if __name__ == "__main__":
    run_command(main)
