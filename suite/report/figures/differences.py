"""Differences from the baseline, seed by seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite.comparison.rows import Comparison
from suite.lettering import writable
from suite.report.drawn import DrawnDifference, differences_of
from suite.report.figures.style import ENDS, INK, MARKS, QUIET, blank_figure, set_heading, wrapped
from suite.report.language import Say
from suite.report.looks import Look, looks_of
from suite.report.sentences import compared, difference_note
from suite.report.tables import verdict_in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_differences(comparison: Comparison, say: Say) -> Figure:
    """A line for every arm: a dot a seed, above them the mean and its 95 % interval, at the right what it means."""
    assert comparison.baseline
    drawn = differences_of(comparison, say)
    looks = looks_of(comparison.group.arms)
    names = [writable("\n".join(wrapped(difference.row.arm.label))) for difference in drawn]
    figure = blank_figure(2.6 + len(drawn) * max(0.75, *(0.2 * (name.count("\n") + 1) + 0.15 for name in names)))
    axes = figure.add_subplot()
    axes.axvline(0, color=INK, lw=1.6, zorder=1)
    for place, difference in enumerate(drawn):
        _draw_difference(axes, place, difference, looks[difference.row.arm])
        _annotate(axes, place, difference, say)
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    axes.set_yticks(range(len(drawn)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e2e2e2", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel(say("percentage points over the baseline: worse left of 0, better right of 0"))
    title = say("Differences from {label}", label=comparison.baseline.label)
    notes = [compared(comparison.group, say), difference_note(say)]
    set_heading(axes, f"{title}{say(': ')}{comparison.group.title}", notes)
    return figure


def _draw_difference(axes: Axes, place: int, difference: DrawnDifference, look: Look) -> None:
    above = place - 0.15
    dots = place + 0.2 + 0.15 * difference.offsets
    mark = MARKS[look.marker]
    axes.plot(difference.points, dots, mark, color=look.colour, ms=6.5, alpha=0.75, mec="white", mew=0.5, zorder=3)
    if difference.ends:
        axes.plot(difference.ends, [above, above], color=look.colour, lw=5, alpha=0.45, zorder=2, **ENDS)
    axes.plot([difference.mean], [above], "D", color=look.colour, mec=INK, ms=8, zorder=4)


def _annotate(axes: Axes, place: int, difference: DrawnDifference, say: Say) -> None:
    """The verdict and the numbers, right of the axes."""
    words = say(", ").join(verdict_in_words(difference.row, say))
    for text, weight, colour, offset in ((words, "bold", INK, 8), (difference.text, "normal", QUIET, -9)):
        axes.annotate(
            text,
            xy=(1, place),
            xycoords=("axes fraction", "data"),
            xytext=(12, offset),
            textcoords="offset points",
            va="center",
            fontsize=11,
            fontweight=weight,
            color=colour,
        )
