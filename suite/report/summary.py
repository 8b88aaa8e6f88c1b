"""The comparison as files for people and programs: summary.md and summary.csv."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from suite.comparison.answer import answer_to
from suite.comparison.following import missing_seeds
from suite.comparison.measures import Spread
from suite.comparison.rows import Comparison, Row
from suite.files import write_bytes, write_text
from suite.report.answer import answered
from suite.report.explanations import explanations
from suite.report.language import ENGLISH, Say
from suite.report.sentences import introduction, verdicts
from suite.report.tables import tables, verdict_in_words
from suite.spreadsheets import FOR_SPREADSHEETS


def write_markdown(
    comparisons: Sequence[Comparison],
    pictures: Mapping[str, Sequence[Path]],
    remarks: Sequence[str],
    path: Path,
    say: Say,
) -> Path:
    """Everything on one page; `pictures` by the slug of their group or sweep, of which the PNGs are embedded."""
    lines = [f"# {say('Comparison of runs')}", "", *_answers(comparisons, say), ""]
    of_sweeps = dict(pictures)
    for comparison in comparisons:
        lines += [f"## {comparison.group.title}", "", introduction(comparison, say), ""]
        lines += [f"- {text}" for text in verdicts(comparison, say)] + [""]
        for table in tables(comparison, say):
            rule = ["---" if column.is_text else "---:" for column in table.columns]
            lines += [f"| {' | '.join(cells)} |" for cells in (table.header, rule, *table.rows)] + [""]
        lines += _images(of_sweeps.pop(comparison.group.slug, ()), path)
    for paths in of_sweeps.values():
        lines += _images(paths, path)
    lines += [f"- {line}" for line in (*explanations(say), *remarks)]
    write_text(path, "\n".join(lines) + "\n")
    return path


def _answers(comparisons: Sequence[Comparison], say: Say) -> list[str]:
    answers = [answer_to(comparison) for comparison in comparisons]
    lines = [f"- {answer.comparison.group.title}{say(': ')}**{answered(answer, say)}**" for answer in answers]
    return lines + [f"- {say('Next:')} `{command}`" for command in missing_seeds(answers)]


def _images(pictures: Sequence[Path], page: Path) -> list[str]:
    drawn = [picture for picture in pictures if picture.suffix == ".png"]
    return [line for file in drawn for line in (f"![{file.stem}]({file.relative_to(page.parent).as_posix()})", "")]


DIFFERENCE_NUMBERS = {
    "points": "mean",
    "points_sd": "sd",
    "points_low": "low",
    "points_high": "high",
    "p": "p",
    "p_holm": "p_holm",
    "detectable": "detectable",
}
"""Columns of `summary.csv`, and the field of `Difference` that each holds."""

IMAGES_NUMBERS = {"images_points": "points", "images_low": "low", "images_high": "high"}
"""The same of `OverImages`."""


def write_csv(comparisons: Sequence[Comparison], path: Path) -> Path:
    """One line a row of the tables; accuracies are fractions, points are percentage points, unknown is empty."""
    records = [_record(each, row) for comparison in comparisons for each, row in _all_rows(comparison)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, records[0].keys())
    writer.writeheader()
    writer.writerows(records)
    write_bytes(path, text.getvalue().encode(FOR_SPREADSHEETS))
    return path


def _all_rows(comparison: Comparison) -> Iterator[tuple[Comparison, Row]]:
    """Those of the tables, and those of claims over another arm than the baseline."""
    for claim in comparison.claims:
        if claim.baseline is not comparison.baseline:
            yield from ((claim, row) for row in claim.rows if row.standing)
    yield from ((comparison, row) for row in comparison.rows)


def groups_of(path: Path) -> set[str]:
    """The groups in a table of `write_csv`; none without one."""
    if not path.is_file():
        return set()
    with path.open(encoding=FOR_SPREADSHEETS, errors="replace", newline="") as lines:
        return {Path(record["group"]).name for record in csv.DictReader(lines) if record.get("group")}


def _record(comparison: Comparison, row: Row) -> dict[str, Any]:
    run = row.runs[0]
    spreads = {**row.curves, "unit": row.compared, "best": row.best, "gap": row.gap, "ece": row.ece}
    spreads["seconds_per_epoch"] = row.seconds
    numbers = {f"{name}{end}": value for name, pair in spreads.items() for end, value in _both(pair)}
    for found, names in ((row.difference, DIFFERENCE_NUMBERS), (row.over_images, IMAGES_NUMBERS)):
        numbers |= {name: math.nan if found is None else getattr(found, field) for name, field in names.items()}
    return {
        "group": comparison.group.slug,
        "arm": row.arm.label,
        "mode": row.arm.mode,
        "n": row.compared.n,
        "seeds": " ".join(str(seed) for seed in sorted({run.seed for run in row.runs if run.seed is not None})),
        "status": "finished" if run.finished else "unfinished",
        "epochs_done": run.done,
        "epochs_planned": run.planned,
        "window_first": row.first,
        "window_last": row.last,
        **{name: "" if math.isnan(value) else f"{value:.8g}" for name, value in numbers.items()},
        "reaches": "" if row.reaches is None else row.reaches,
        "overtakes": "" if row.overtakes is None else row.overtakes,
        "baseline": comparison.baseline.label if comparison.baseline else "",
        "pairs": row.difference.n if row.difference else 0,
        "wins": row.difference.wins if row.difference else "",
        "compared": "evaluation" if comparison.group.evaluation else "mean",
        "metric": comparison.group.metric,
        "trend": row.trend,
        "lost": " ".join(map(str, row.arm.lost)),
        "standing": row.standing,
        "verdict": row.verdict,
        "remarks": ", ".join(verdict_in_words(row, ENGLISH)),
    }


def _both(spread: Spread) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("", spread.mean), ("_sd", spread.sd)
