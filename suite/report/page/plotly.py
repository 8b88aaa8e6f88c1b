"""What all figures of the page have in common."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from suite.comparison.records import Arm
from suite.lettering import elided
from suite.report.figures.style import arm_styles

Figure = dict[str, Any]
"""`data` and `layout` of plotly.js."""

INK, GRID = "#24292f", "#e8eaed"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""For the arms of one mode, one after the other: shades of one colour alone are hard to tell apart."""


def name_text(name: str, length: int = 40) -> str:
    """A user's text as plotly must get it: no markup, and not wider than a phone."""
    return html.escape(elided(name, length))


def colours(arms: Sequence[Arm]) -> dict[Arm, str]:
    """The colour of every arm, the same as in the pictures."""
    shades = [[round(255 * part) for part in style.colour] for style in arm_styles(arms)]
    return {arm: f"rgb({red}, {green}, {blue})" for arm, (red, green, blue) in zip(arms, shades, strict=True)}


def dashes_of(arms: Sequence[Arm]) -> dict[Arm, str]:
    places = {arm: [other for other in arms if other.mode == arm.mode].index(arm) for arm in arms}
    return {arm: DASHES[place % len(DASHES)] for arm, place in places.items()}


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
        "hoverlabel": {"bgcolor": "#ffffff", "font": {"size": 12}},
    }


def axis_style(title: str = "", **settings: Any) -> dict[str, Any]:
    return {"title": {"text": title, "standoff": 8}, "gridcolor": GRID, "automargin": True, **settings}


def annotation(text: str, x: float, y: float, size: int = 13, **place: Any) -> dict[str, Any]:
    settled = {"xref": "paper", "yref": "paper", "xanchor": "left", "showarrow": False, "align": "left"}
    return {**settled, "text": text, "x": x, "y": y, "font": {"size": size}, **place}


def arm_menu(buttons: list[dict[str, Any]], **place: Any) -> dict[str, Any]:
    """Above the plot and its title."""
    look = {"bgcolor": "#ffffff", "bordercolor": "#d0d7de", "font": {"size": 11}, "showactive": True}
    return {"buttons": buttons, "y": 1, "yanchor": "bottom", "pad": {"b": 24}, **look, **place}
