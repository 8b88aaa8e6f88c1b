"""Differences from the baseline, seed by seed."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from suite.comparison.rows import Comparison, Row
from suite.lettering import writable
from suite.report import sentences
from suite.report.figures.style import (
    ENDS,
    INK,
    QUIET,
    Style,
    arm_styles,
    blank_figure,
    set_heading,
    unit_text,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def has_differences(comparison: Comparison) -> bool:
    """Whether any arm has a seed in common with the baseline."""
    return any(row.difference and row.difference.n for row in comparison.rows)


def draw_differences(comparison: Comparison) -> Figure:
    """A line for every arm: a dot a seed, above them the mean and its 95 % interval, at the right what it means."""
    assert comparison.baseline
    rows = [row for row in comparison.rows if row.difference and row.difference.n]
    styles = dict(zip(comparison.group.arms, arm_styles(comparison.group.arms), strict=True))
    names = [writable("\n".join(wrapped(row.arm.label))) for row in rows]
    figure = blank_figure(2.6 + len(rows) * max(0.75, *(0.2 * (name.count("\n") + 1) + 0.15 for name in names)))
    axes = figure.add_subplot()
    axes.axvline(0, color=INK, lw=1.6, zorder=1)
    for place, row in enumerate(rows):
        _draw_difference(axes, place, row, styles[row.arm])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e2e2e2", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("percentage points of eval accuracy: left of 0 worse, right of 0 better than the baseline")
    heading = textwrap.fill(f"Difference from {comparison.baseline.label}: {comparison.group.title}", 66)
    notes = [
        f"{unit_text(comparison)}, paired by seed; 0 means no difference.",
        "Dots: single seeds. Diamond and bar: mean and 95 % interval.",
    ]
    set_heading(axes, heading, notes)
    return figure


def _draw_difference(axes: Axes, place: int, row: Row, style: Style) -> None:
    difference = row.difference
    assert difference
    points = [value for _, value in difference.points]
    # Spread by the order of the seeds, not at random: the picture must not change when it is drawn again.
    heights = place + 0.2 + (0.15 * np.linspace(-1, 1, len(points)) if points[1:] else np.zeros(1))
    axes.plot(points, heights, "o", color=style.colour, ms=6, alpha=0.75, mec="white", mew=0.5, zorder=3)
    above = place - 0.15
    axes.plot([difference.low, difference.high], [above, above], color=style.colour, lw=5, alpha=0.45, zorder=2, **ENDS)
    axes.plot([difference.mean], [above], "D", color=style.colour, mec=INK, ms=8, zorder=4)
    interval = (
        ""
        if math.isnan(difference.low)
        else f"  ({sentences.bound(difference.low)} to {sentences.bound(difference.high)})"
    )
    warnings = [", under-fitted"] * row.under_fitted + [", still rising"] * row.rising
    for text, weight, colour, offset in (
        (f"{row.verdict}{''.join(warnings)}", "bold", INK, 8),
        (f"{sentences.points(difference.mean)}{interval}", "normal", QUIET, -9),
    ):
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
