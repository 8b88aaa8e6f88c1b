"""The comparison on a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path

from suite.comparison.answer import Answer, answer_to
from suite.comparison.following import missing_seeds
from suite.comparison.records import Arm
from suite.comparison.rows import Comparison, Row
from suite.errors import shortened
from suite.lettering import columns, elided
from suite.percent import from_to, per_cent
from suite.report.answer import answered
from suite.report.explanations import explanations
from suite.report.language import Say
from suite.report.numbers import interval, points
from suite.report.sentences import introduction, verdicts
from suite.report.tables import Table, tables, verdict_in_words

WIDTH = 120
"""Columns of the screen."""


def on_screen(
    comparisons: Sequence[Comparison], remarks: Sequence[str], written: Sequence[Path], say: Say, explain: bool
) -> str:
    """The answers, a line for every arm, and where everything was written.

    With `explain` also what stands behind them: verdicts in full, tables, and what their columns mean.
    """
    answers = [answer_to(comparison) for comparison in comparisons]
    blocks = [answers_on_screen(answers, say)]
    if explain:
        blocks += [as_text(comparison, say) for comparison in comparisons]
        blocks.append("\n".join(paragraph(line) for line in (*explanations(say), *shortened(remarks))))
        return "\n\n".join([*blocks, _every_file(written)])
    blocks += ["\n".join([comparison.group.title, *arm_lines(comparison, say)]) for comparison in comparisons]
    below = [paragraph(line) for line in shortened(remarks)]
    return "\n\n".join(blocks) + "\n" + "\n".join([*below, _where(written)])


def answers_on_screen(answers: Sequence[Answer], say: Say) -> str:
    """A paragraph for each answer, behind the name of its group if there are several; then what to do next."""
    several = len(answers) > 1
    headings = [f"{answer.comparison.group.title}{say(': ')}" if several else "" for answer in answers]
    lines = [paragraph(heading + answered(answer, say)) for heading, answer in zip(headings, answers, strict=True)]
    return "\n".join([*lines, *(f"next: {command}" for command in missing_seeds(answers))])


def arm_lines(comparison: Comparison, say: Say) -> list[str]:
    """The verdict on every arm in a line; claims over another arm than the baseline first."""
    claimed = [
        _arm_cells(say("{arm} over {over}", arm=row.arm.label, over=claim.baseline.label), row, say)
        for claim in comparison.claims
        if claim.baseline and claim.baseline is not comparison.baseline
        for row in claim.rows
        if row.standing
    ]
    rows = {row.arm: row for row in comparison.rows if row.verdict != "unfinished"}
    cells = [
        _arm_cells(arm.label, rows[arm], say) if arm in rows else _unfinished_cells(arm, say)
        for arm in comparison.group.arms
    ]
    return ["  " + line for line in lined([*claimed, *cells], [True] * 6, name=1, width=WIDTH - 2)]


def _arm_cells(name: str, row: Row, say: Say) -> list[str]:
    """Verdict, name, accuracies, difference, interval, and what may spoil it."""
    _, *spoiled = verdict_in_words(row, say)
    if row.arm.unfinished:
        spoiled.append(say("{count} unfinished", count=len(row.arm.unfinished)))
    rest, difference = say(", ").join(spoiled), row.difference
    if difference is None:
        return [say(row.verdict), name, per_cent(row.compared.mean), "", "", rest]
    ends = "" if math.isnan(difference.low) else f"({interval(difference.low, difference.high, say)})"
    gained = say("{points} points", points=points(difference.mean))
    return [say(row.verdict), name, from_to(difference.before, difference.after), gained, ends, rest]


def _unfinished_cells(arm: Arm, say: Say) -> list[str]:
    """Of an arm that has no finished run: how far the run is that has come furthest."""
    furthest = max(arm.runs, key=lambda run: run.done)
    progress = say("epoch {done} of {planned}", done=furthest.done, planned=furthest.planned)
    return [say("unfinished"), arm.label, progress, "", "", ""]


def _where(written: Sequence[Path]) -> str:
    """The files that a reader opens, in a line."""
    documents = [path for path in written if path.suffix in (".html", ".md", ".csv")]
    figures = len({path.with_suffix("") for path in written if path not in documents})
    names = [str(documents[-1]), *(path.name for path in reversed(documents[:-1]))]
    return f"written: {', '.join(names)}, {figures} figures; --explain prints the tables and tests too"


def _every_file(written: Sequence[Path]) -> str:
    files = [str(path) for path in written if path.suffix != ".svg"]
    if len(files) < len(written):
        files.append(f"and {len(written) - len(files)} of the figures as .svg beside them")
    return "\n  ".join(["written:", *files])


def as_text(comparison: Comparison, say: Say) -> str:
    """The verdicts in full, then the numbers."""
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
    return "\n".join(lined(lines, [column.is_text for column in table.columns], name=0, width=WIDTH))


def lined(lines: Sequence[Sequence[str]], is_text: Sequence[bool], name: int, width: int) -> list[str]:
    """Cells below each other, two columns apart; those of the column `name` lose their middle where `width` ends."""
    widths = [max(map(columns, cells)) for cells in zip(*lines, strict=True)]
    others = sum(2 + each for each in widths) - widths[name] - 2
    widths[name] = min(widths[name], max(16, width - others))
    texts = []
    for cells in lines:
        padded = []
        for place, (cell, room) in enumerate(zip(cells, widths, strict=True)):
            text = elided(cell, room) if place == name else cell
            space = " " * (room - columns(text))
            padded.append(text + space if is_text[place] else space + text)
        texts.append("  ".join(padded).rstrip())
    return texts


def _halves(heading: str) -> tuple[str, str]:
    """A heading in two lines, as equally long as can be; a single word stands in the lower one."""
    words = heading.split(" ")
    breaks = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(len(words))]
    return min(breaks, key=lambda halves: max(map(len, halves)))
