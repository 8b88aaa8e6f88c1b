"""Everything that a comparison writes: figures, summaries, the page."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from suite.comparison.groups import sweeps
from suite.comparison.rows import Comparison
from suite.report.figures.files import remove_figures, write_figures, write_sweep
from suite.report.summary import groups_of, write_csv, write_markdown


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
        from suite.report.page.contents import write_report

        command = shlex.join(["python", *sys.argv])
        refresh = None if options.watch is None else max(options.watch, 5)
        page = out / "report.html"
        written.append(write_report(comparisons, swept, remarks, page, options.lang, refresh, command))
    return written
