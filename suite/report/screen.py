"""The comparison on a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from suite.comparison.rows import Comparison
from suite.errors import shortened
from suite.lettering import columns, elided
from suite.report.chinese import Say, phrases
from suite.report.sentences import EXPLANATIONS
from suite.report.tables import TEXT_COLUMNS, Table, introduction, tables, verdicts


def on_screen(comparisons: Sequence[Comparison], remarks: Sequence[str], written: Sequence[Path], lang: str) -> str:
    """Verdicts, tables, what to keep in mind, and where everything was written."""
    explained = [paragraph(line) for line in (*EXPLANATIONS[lang], *shortened(remarks))]
    files = [str(path) for path in written if path.suffix != ".svg"]
    if len(files) < len(written):
        files.append(f"and {len(written) - len(files)} of the figures as .svg beside them")
    texts = [as_text(comparison, lang) for comparison in comparisons]
    return "\n\n".join([*texts, "\n".join(explained), "\n  ".join(["written:", *files])])


WIDTH = 120
"""Columns of the screen."""


def as_text(comparison: Comparison, lang: str) -> str:
    """Verdicts first, then the numbers."""
    sentences = [paragraph(sentence) for sentence in verdicts(comparison, lang)]
    texts = [aligned(table, phrases(lang)) for table in tables(comparison, lang)]
    heading = f"{comparison.group.title}\n{paragraph(introduction(comparison, lang))}"
    return "\n\n".join([heading, "\n".join(sentences), *texts])


def paragraph(line: str) -> str:
    """Broken to the width of the screen; what follows the first line is indented. Chinese is left to the terminal."""
    if columns(line) > len(line):
        return line
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def aligned(table: Table, say: Say) -> str:
    """Columns two spaces apart; a name that is too long for the screen loses its middle."""
    headings = [("", say(name)) if name in TEXT_COLUMNS else _halves(say(name)) for name in table.header]
    above, below = zip(*headings, strict=True)
    lines = [*([above] if any(above) else []), below, *table.rows]
    widths = [max(map(columns, column)) for column in zip(*lines, strict=True)]
    widths[0] = min(widths[0], max(16, WIDTH - sum(2 + width for width in widths[1:])))
    left = [name in TEXT_COLUMNS for name in table.header]
    texts = []
    for name, *cells in lines:
        padded = []
        for cell, width, is_left in zip([elided(name, widths[0]), *cells], widths, left, strict=True):
            room = " " * (width - columns(cell))
            padded.append(cell + room if is_left else room + cell)
        texts.append("  ".join(padded).rstrip())
    return "\n".join(texts)


def _halves(heading: str) -> tuple[str, str]:
    """A heading in two lines, as equally long as can be; a single word stands in the lower one."""
    words = heading.split(" ")
    breaks = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(len(words))]
    return min(breaks, key=lambda halves: max(map(len, halves)))
