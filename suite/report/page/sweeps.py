"""Accuracy against images per class."""

from __future__ import annotations

from typing import Any

from suite.comparison.records import Arm, Sweep
from suite.report.drawn import SweptCurve, step_names, swept_curves, with_bands
from suite.report.language import Say
from suite.report.looks import Look, looks_of
from suite.report.page.plotly import (
    NAME_WIDTH,
    Figure,
    as_numbers,
    axis_style,
    band,
    legend_group,
    name_text,
    names_at_ends,
    page_layout,
)
from suite.report.sentences import accuracy_label

HEIGHT = 460
"""Pixels."""


def images_per_class(sweep: Sweep, say: Say, baseline: Arm | None = None) -> Figure:
    """For every arm the mean, the range and each seed at each number of images per class."""
    drawn = swept_curves(sweep)
    arms = [curve.arm for curve in drawn]
    looks, bands = looks_of(arms), with_bands(arms, baseline)
    traces = [trace for curve in drawn for trace in _traces(curve, looks[curve.arm], curve.arm in bands, say)]
    margin = {"l": 44, "r": NAME_WIDTH, "t": 10, "b": 46}
    layout = page_layout(height=HEIGHT, margin=margin)
    values = [value for curve in drawn for ends in (curve.low, curve.high) for value in ends]
    room = 0.05 * (max(values) - min(values)) or 1.0
    scale = min(values) - room, max(values) + room
    ends = [(curve.arm, curve.places[-1], curve.mean[-1]) for curve in drawn]
    layout |= {
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": axis_style(
            title=say("training images per class"),
            tickvals=sweep.places,
            ticktext=step_names(sweep, say),
            zeroline=False,
        ),
        "yaxis": axis_style(title=accuracy_label(sweep.last, say), zeroline=False, range=list(scale)),
    }
    return {"data": [*traces, *names_at_ends(ends, scale, HEIGHT - 80)], "layout": layout}


def _traces(curve: SweptCurve, look: Look, has_band: bool, say: Say) -> list[dict[str, Any]]:
    """The band, the mean and the dots of an arm."""
    low, high = (as_numbers(ends, 2) for ends in (curve.low, curve.high))
    common = {"legendgroup": legend_group(curve.arm), "name": name_text(curve.label)}
    mean = {
        "x": curve.places,
        "y": as_numbers(curve.mean, 2),
        "mode": "lines+markers",
        "line": {"color": look.colour, "width": 2.2, "dash": look.dash},
        "marker": {"symbol": look.marker, "size": 9},
        "hovertemplate": "%{y:.1f} %<extra>%{fullData.name}</extra>",
    }
    places, seeds, accuracies = zip(*curve.dots, strict=True)
    dots = {
        "x": list(places),
        "y": as_numbers(accuracies, 2),
        "mode": "markers",
        "marker": {"color": look.colour, "symbol": look.marker, "size": 6, "opacity": 0.45},
        "showlegend": False,
        "text": [f"{say('seed')} {seed}" for seed in seeds],
        "hovertemplate": "%{text}: %{y:.1f} %<extra>%{fullData.name}</extra>",
    }
    enclosed = band(curve.arm, look.colour, low, high, has_band, x=curve.places)
    return [*enclosed, *(common | trace for trace in (mean, dots))]
