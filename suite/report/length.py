"""Whether a pilot says that its runs are long enough."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from suite.comparison.groups import grouped
from suite.comparison.reading import find_runs
from suite.comparison.rows import compare
from suite.report.cautions import cautions
from suite.report.language import ENGLISH


def too_short(folder: Path, seeds: Collection[int]) -> list[str]:
    """Why the runs of these seeds below a folder should be longer: which arms are under-fitted or still rising.

    Empty where they are long enough, and where they are too short for it to be told.
    """
    runs = [run for run in find_runs(folder)[0] if run.seed in seeds and run.finished]
    sentences = []
    for group in grouped(runs):
        rows = [row for row in compare(group, None).rows if row.under_fitted or row.trend == "rising"]
        sentences += cautions(rows, ENGLISH) if rows else []
    return [sentence for sentence in sentences if sentence]
