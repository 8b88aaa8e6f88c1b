"""The comparison on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from suite.comparison.rows import Comparison
from suite.errors import shortened
from suite.lettering import columns, elided
from suite.report.explanations import explanations
from suite.report.language import Say
from suite.report.sentences import introduction, verdicts
from suite.report.tables import Table, tables

WIDTH = 120
"""Columns of the screen."""


def on_screen(comparisons: Sequence[Comparison], remarks: Sequence[str], written: Sequence[Path], say: Say) -> str:
    """Verdicts, tables, what to keep in mind, and where everything was written."""
    explained = [paragraph(line) for line in (*explanations(say), *shortened(remarks))]
    files = [str(path) for path in written if path.suffix != ".svg"]
    if len(files) < len(written):
        files.append(f"and {len(written) - len(files)} of the figures as .svg beside them")
    texts = [as_text(comparison, say) for comparison in comparisons]
    return "\n\n".join([*texts, "\n".join(explained), "\n  ".join(["written:", *files])])


def as_text(comparison: Comparison, say: Say) -> str:
    """Verdicts first, then the numbers."""
    heading = f"{comparison.group.title}\n{paragraph(introduction(comparison, say))}"
    said = [paragraph(text) for text in verdicts(comparison, say)]
    return "\n\n".join([heading, "\n".join(said), *map(aligned, tables(comparison, say))])


def paragraph(line: str) -> str:
    """Broken to the width of the screen; what follows the first line is indented. Chinese is left to the terminal.

    So are lines of their own behind the first: they are commands to be copied.
    """
    text, *commands = line.split("\n")
    if columns(text) == len(text):
        text = textwrap.fill(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join([text, *commands])


def aligned(table: Table) -> str:
    """Columns two spaces apart; a name that is too long for the screen loses its middle."""
    headings = [("", column.heading) if column.is_text else _halves(column.heading) for column in table.columns]
    above, below = zip(*headings, strict=True)
    lines = [*([above] if any(above) else []), below, *table.rows]
    widths = [max(map(columns, cells)) for cells in zip(*lines, strict=True)]
    widths[0] = min(widths[0], max(16, WIDTH - sum(2 + width for width in widths[1:])))
    texts = []
    for name, *cells in lines:
        padded = []
        for cell, width, column in zip([elided(name, widths[0]), *cells], widths, table.columns, strict=True):
            room = " " * (width - columns(cell))
            padded.append(cell + room if column.is_text else room + cell)
        texts.append("  ".join(padded).rstrip())
    return "\n".join(texts)


def _halves(heading: str) -> tuple[str, str]:
    """A heading in two lines, as equally long as can be; a single word stands in the lower one."""
    words = heading.split(" ")
    breaks = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(len(words))]
    return min(breaks, key=lambda halves: max(map(len, halves)))
