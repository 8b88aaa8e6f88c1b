"""What all figures of the page have in common."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from suite.comparison.records import Arm
from suite.lettering import elided
from suite.report.drawn import pushed_apart
from suite.report.looks import COLOURS, looks_of

Figure = dict[str, Any]
"""`data` and `layout` of plotly.js."""

INK, QUIET, GRID, PAPER, EDGE = "#24292f", "#5f6875", "#e8eaed", "#ffffff", "#d0d7de"
SCALE = ("#f6f8fa", "#c9def4", "#0b4f94")
"""Of a heat map, from none to all."""

BAND = 0.16
"""Opacity of a band."""


def shade(colour: str) -> str:
    """The colour `#rrggbb` of an arm, as its band has it."""
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgba({red}, {green}, {blue}, {BAND})"


AT_NIGHT = {
    COLOURS[0]: "#f0f3f6",
    shade(COLOURS[0]): shade("#f0f3f6"),
    INK: "#e6edf3",
    QUIET: "#9aa4b0",
    GRID: "#2b3138",
    PAPER: "#171b21",
    EDGE: "#3d444d",
    SCALE[0]: "#1d2229",
    SCALE[1]: "#21496f",
    SCALE[2]: "#8cc5ff",
}
"""What becomes of the colours of figures where the reader's system is dark; the others stay. The page maps them in both
directions, so no two may be equal."""

NAME_WIDTH = 130
"""Pixels at the right of a figure for names at the ends of lines."""


def name_text(name: str, length: int = 40) -> str:
    """A user's text as plotly must get it: no markup, and not wider than a phone."""
    return html.escape(elided(name, length))


def colours(arms: Sequence[Arm]) -> dict[Arm, str]:
    """The colour of every arm, the same as in the pictures."""
    return {arm: look.colour for arm, look in looks_of(arms).items()}


def legend_group(arm: Arm) -> str:
    """Not the label, of which `name_text` may have taken the part that is unique."""
    return str(arm.runs[0].augment)


def arm_name(axis: str, number: int) -> str:
    """As plotly counts: y, y2, y3 ..."""
    return axis if number == 1 else f"{axis}{number}"


def as_numbers(values: Any, digits: int) -> list[float | None]:
    """Rounded, for every digit is a byte of the page; None where nothing was measured."""
    return [round(float(value), digits) if np.isfinite(value) else None for value in values]


def page_layout(height: int, margin: dict[str, int]) -> dict[str, Any]:
    return {
        "height": height,
        "margin": margin,
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"bgcolor": PAPER, "font": {"size": 12, "color": INK}},
    }


def axis_style(title: str = "", **settings: Any) -> dict[str, Any]:
    return {"title": {"text": title, "standoff": 8}, "gridcolor": GRID, "automargin": True, **settings}


def annotation(text: str, x: float, y: float, size: int = 13, **place: Any) -> dict[str, Any]:
    settled = {"xref": "paper", "yref": "paper", "xanchor": "left", "showarrow": False, "align": "left"}
    return {**settled, "text": text, "x": x, "y": y, "font": {"size": size}, **place}


def arm_menu(buttons: list[dict[str, Any]], **place: Any) -> dict[str, Any]:
    """Above the plot and its title."""
    look = {"bgcolor": PAPER, "bordercolor": EDGE, "font": {"size": 11}, "showactive": True}
    return {"buttons": buttons, "y": 1, "yanchor": "bottom", "pad": {"b": 24}, **look, **place}


def band(arm: Arm, colour: str, low: Sequence[Any], high: Sequence[Any], is_shown: bool, **place: Any) -> list[Any]:
    """Two traces that enclose the range over the seeds. Which are filled, the reader chooses below the figure."""
    common = {
        "mode": "lines",
        "line": {"width": 0},
        "legendgroup": legend_group(arm),
        "hoverinfo": "skip",
        "showlegend": False,
        **place,
    }
    filled = {"fill": "tonexty" if is_shown else "none", "fillcolor": shade(colour), "meta": {"band": arm.label}}
    return [common | {"y": low}, common | {"y": high} | filled]


def names_at_ends(
    ends: Sequence[tuple[Arm, float, float]], scale: tuple[float, float], height: float, **place: Any
) -> list[dict[str, Any]]:
    """A trace for each arm that writes its name where its line ends, pushed apart on a scale `height` pixels high.

    A click on the legend hides the name with the line. The page leaves them out where it is narrow.
    """
    low, high = scale
    size = 13 / height * (high - low)
    places = pushed_apart([y for _, _, y in ends], [size] * len(ends), low, high)
    common = {
        "mode": "text",
        "textposition": "middle right",
        "textfont": {"size": 11, "color": INK},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": "name",
    }
    return [
        common
        | {
            "x": [x],
            "y": [y],
            "text": [f"\u2002\u2002{name_text(arm.label, 18)}"],
            "legendgroup": legend_group(arm),
            **place,
        }
        for (arm, x, _), y in zip(ends, places, strict=True)
    ]
