"""Accuracy against images per class."""

from __future__ import annotations

from typing import Any

from suite.comparison.records import Sweep
from suite.report.drawn import SweptCurve, step_names, swept_curves
from suite.report.language import Say
from suite.report.page.plotly import (
    Figure,
    as_numbers,
    axis_style,
    colours,
    dashes_of,
    legend_group,
    name_text,
    page_layout,
)
from suite.report.sentences import accuracy_label


def images_per_class(sweep: Sweep, say: Say) -> Figure:
    """For every arm the mean, the range and each seed at each number of images per class."""
    drawn = swept_curves(sweep)
    arms = [curve.arm for curve in drawn]
    colour, dash = colours(arms), dashes_of(arms)
    traces = [trace for curve in drawn for trace in _traces(curve, colour[curve.arm], dash[curve.arm], say)]
    layout = page_layout(height=460, margin={"l": 44, "r": 8, "t": 10, "b": 46})
    layout |= {
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": axis_style(
            title=say("training images per class"),
            tickvals=sweep.places,
            ticktext=step_names(sweep, say),
            zeroline=False,
        ),
        "yaxis": axis_style(title=accuracy_label(sweep.steps[0][1], say), zeroline=False),
    }
    return {"data": traces, "layout": layout}


def _traces(curve: SweptCurve, colour: str, dash: str, say: Say) -> list[dict[str, Any]]:
    """The band, the mean and the dots of an arm."""
    common = {"legendgroup": legend_group(curve.arm), "name": name_text(curve.label)}
    band = {
        "x": [*curve.places, *reversed(curve.places)],
        "y": as_numbers([*curve.high, *reversed(curve.low)], 2),
        "mode": "none",
        "fill": "toself",
        "fillcolor": colour.replace("rgb", "rgba").replace(")", ", 0.12)"),
        "hoverinfo": "skip",
        "showlegend": False,
    }
    mean = {
        "x": curve.places,
        "y": as_numbers(curve.mean, 2),
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2.2, "dash": dash},
        "hovertemplate": "%{y:.1f} %<extra>%{fullData.name}</extra>",
    }
    places, seeds, accuracies = zip(*curve.dots, strict=True)
    dots = {
        "x": list(places),
        "y": as_numbers(accuracies, 2),
        "mode": "markers",
        "marker": {"color": colour, "size": 6, "opacity": 0.45},
        "showlegend": False,
        "text": [f"{say('seed')} {seed}" for seed in seeds],
        "hovertemplate": "%{text}: %{y:.1f} %<extra>%{fullData.name}</extra>",
    }
    return [common | trace for trace in (band, mean, dots)]
