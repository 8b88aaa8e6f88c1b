"""How all figures look: dashes and markers, axes, headings, names beside lines."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from suite.lettering import writable
from suite.report.drawn import pushed_apart
from suite.report.looks import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


LINES: dict[str, Any] = {"solid": "-", "dash": (0, (6, 2.5)), "dot": (0, (1.5, 1.8)), "dashdot": (0, (7, 2, 1.5, 2))}
"""The dashes of `looks.DASHES` in terms of matplotlib."""
MARKS = {
    "circle": "o",
    "square": "s",
    "triangle-up": "^",
    "diamond": "D",
    "triangle-down": "v",
    "cross": "P",
    "x": "X",
    "star": "*",
}
"""The same of `looks.MARKERS`."""

INK, QUIET = "#24292f", "#555555"

RING: dict[str, Any] = {"marker": "o", "markersize": 9, "markerfacecolor": "white", "markeredgewidth": 2, "zorder": 3}
"""How far an unfinished run has come."""

ENDS: dict[str, Any] = {"solid_capstyle": "butt"}
"""Of a bar that stands for an interval: by default its ends would stick out."""


LINE_HEIGHT = 0.2
"""Inches of a line of a name."""


def wrapped(label: str) -> list[str]:
    """Broken after underscores too, to the width that a legend may have."""
    return [line.replace("_ ", "_") for line in textwrap.wrap(label.replace("_", "_ "), 24)]


def blank_figure(height: float) -> Figure:
    """A figure of so many inches."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return Figure(figsize=(12, height), dpi=110, layout=ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1))


def dress_axes(axes: Axes, first: int | None = None, last: int | None = None, nbins: int = 11) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.grid(color="#e2e2e2", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if first is not None:
        axes.set_xlim(first, last)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=nbins, integer=True))


def set_heading(axes: Axes, title: str, notes: Sequence[str]) -> None:
    """The title and the notes below it, above the axes."""
    heading = textwrap.fill(title, 66)
    lines = [line for note in notes for line in textwrap.wrap(note, 110)]
    axes.set_title(writable(heading), loc="left", fontsize=15, fontweight="bold", pad=14 + 17 * len(lines))
    axes.annotate(
        writable("\n".join(lines)),
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 10),
        textcoords="offset points",
        fontsize=11,
        color=QUIET,
        linespacing=1.3,
    )


def height_of(names: Sequence[str], least: float) -> float:
    """Inches of a figure beside whose lines these names have room."""
    return max(least, 1.5 + sum(map(_inches, names)))


def _inches(name: str) -> float:
    return LINE_HEIGHT * (name.count("\n") + 1) + 0.1


def name_lines(axes: Axes, names: Sequence[str], ends: Sequence[tuple[float, float]], looks: Sequence[Look]) -> None:
    """Write each name right of the axes beside the end of its line, and lead from one to the other.

    The scale must not change afterwards. What leads from a line that ends early is thinner: it crosses the others.
    """
    figure = cast("Figure", axes.figure)
    figure.draw_without_rendering()  # only the layout knows how high the axes are
    height = axes.get_window_extent().height / figure.dpi
    low, high = axes.get_ylim()
    last = max(x for x, _ in ends)
    shown = [(x, min(max(y, low), high)) for x, y in ends]  # an exploded loss may end outside
    wanted = [(y - low) / (high - low) for _, y in shown]
    places = pushed_apart(wanted, [_inches(name) / height for name in names], 0, 1)
    for name, end, place, look in zip(names, shown, places, looks, strict=True):
        axes.annotate(
            writable(name),
            xy=end,
            xytext=(1.04, place),
            textcoords="axes fraction",
            va="center",
            fontsize=11,
            color=INK,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": look.colour,
                "lw": 1.6 if end[0] == last else 0.7,
                "linestyle": LINES[look.dash],
                "relpos": (0, 0.5),
                "shrinkA": 3,
                "shrinkB": 2,
            },
        )
