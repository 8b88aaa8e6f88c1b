"""How all figures look: colours and markers of the arms, axes, headings, legends."""

from __future__ import annotations

import colorsys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from augment.settings import MODES
from suite.comparison.records import Arm
from suite.lettering import writable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


COLOURS = {"none": "#707070", "userDef": "#1f9a3d", "samplePairing": "#1f6fd1", "mixup": "#d62a2a"}
"""The article's, by mode."""
FURTHER_COLOURS = (
    *("#e08a00", "#8a3ffc", "#0097a7", "#c2379b", "#7a5230"),
    *("#9cab00", "#26418f", "#ff9d94", "#00574c", "#b9a3e3"),
    *("#f2c500", "#4a1942", "#6fb7e9", "#00e0a0"),
)
"""For all other modes, in their order."""
MARKERS = ("", "o", "s", "^", "D", "v", "P", "X")
"""For the arms of one mode, one after the other."""

INK, QUIET = "#24292f", "#555555"

RING: dict[str, Any] = {"marker": "o", "markersize": 9, "markerfacecolor": "white", "markeredgewidth": 2, "zorder": 3}
"""How far an unfinished run has come."""

ENDS: dict[str, Any] = {"solid_capstyle": "butt"}
"""Of a bar that stands for an interval: by default its ends would stick out."""


@dataclass(frozen=True)
class Style:
    """How an arm is drawn."""

    colour: tuple[float, float, float]
    marker: str


def colour_of(mode: str) -> str:
    """Of a mode, whichever other modes are drawn."""
    others = [other for other in MODES if other not in COLOURS]
    return COLOURS.get(mode) or FURTHER_COLOURS[others.index(mode) % len(FURTHER_COLOURS)]


def arm_styles(arms: Sequence[Arm]) -> list[Style]:
    """The colour of the mode; arms of one mode get their own shade and hue near it, and a marker each."""
    styles = []
    for arm in arms:
        siblings = [other for other in arms if other.mode == arm.mode]
        place = siblings.index(arm)
        if len(siblings) == 1:
            styles.append(Style(_near(colour_of(arm.mode), 0.0), ""))
        else:
            styles.append(Style(_near(colour_of(arm.mode), place / (len(siblings) - 1) - 0.5), MARKERS[place % 8]))
    return styles


def _near(colour: str, away: float) -> tuple[float, float, float]:
    """The colour itself at 0, darker and of a smaller hue towards -0.5, lighter and of a larger one towards 0.5."""
    from matplotlib.colors import to_rgb

    if away == 0:
        return to_rgb(colour)
    hue, light, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    light += away * (0.32 if away < 0 else 0.5)
    return colorsys.hls_to_rgb((hue + 0.1 * away) % 1, light, saturation)


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


def add_legend(figure: Figure, texts: Sequence[str], styles: Sequence[Style]) -> None:
    """At the right, outside the axes."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=style.colour, marker=style.marker, linewidth=3, label=writable(text))
        for text, style in zip(texts, styles, strict=True)
    ]
    figure.legend(handles=handles, loc="outside right upper", frameon=False, labelspacing=0.9, alignment="left")
