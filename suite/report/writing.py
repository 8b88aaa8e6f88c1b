"""Everything that a comparison writes: figures, summaries, the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from suite.comparison.groups import sweeps
from suite.comparison.records import Sweep
from suite.comparison.rows import Comparison
from suite.errors import UserError
from suite.lettering import is_writable
from suite.report.figures.files import remove_figures, write_figures, write_sweep
from suite.report.language import ENGLISH, Say
from suite.report.summary import groups_of, write_csv, write_markdown


@dataclass(frozen=True)
class Page:
    """What the HTML page needs besides the comparisons."""

    command: str
    """What was called to make it."""
    refresh: int | None
    """Seconds until it loads itself again."""


def say_in_pictures(say: Say) -> Say:
    """The language of the pictures: English where no installed font can write the one of the report."""
    return say if all(map(is_writable, (say.translations or {}).values())) else ENGLISH


def write_all(
    comparisons: Sequence[Comparison],
    remarks: Sequence[str],
    epochs: tuple[int, int],
    folder: Path,
    page: Page | None,
    say: Say,
) -> list[Path]:
    """The figures of every group and sweep, the summaries, and the page if it is asked for.

    Raises:
        UserError: when the folder cannot be written to.
    """
    swept = sweeps(comparison.group for comparison in comparisons)
    try:
        pictures = _write_pictures(comparisons, swept, epochs, folder, say_in_pictures(say))
        written = [path for paths in pictures.values() for path in paths]
        written.append(write_csv(comparisons, folder / "summary.csv"))
        written.append(write_markdown(comparisons, pictures, remarks, folder / "summary.md", say))
        if page:
            from suite.report.page.contents import write_report

            file = folder / "report.html"
            written.append(write_report(comparisons, swept, remarks, file, say, page.refresh, page.command))
    except OSError as error:
        where = error.filename or folder
        raise UserError(f"{where}: cannot be written: {error.strerror}; choose a folder with --out") from None
    return written


def _write_pictures(
    comparisons: Sequence[Comparison], swept: Sequence[Sweep], epochs: tuple[int, int], folder: Path, say: Say
) -> dict[str, list[Path]]:
    """By the slug of their group or sweep."""
    slugs = [comparison.group.slug for comparison in comparisons]
    for slug in groups_of(folder / "summary.csv") - set(slugs):
        remove_figures(folder / slug)  # a group that goes by another name now, or is gone, must not lie beside today's
    pictures = {
        slug: write_figures(comparison, *epochs, folder / slug, say)
        for slug, comparison in zip(slugs, comparisons, strict=True)
    }
    baselines = {comparison.group: comparison.baseline for comparison in comparisons}
    for sweep in swept:
        drawn = write_sweep(sweep, folder / sweep.slug, say, baselines[sweep.last])
        pictures[sweep.slug] = [*pictures.get(sweep.slug, []), *drawn]
    return pictures
