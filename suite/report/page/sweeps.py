"""Accuracy against images per class."""

from __future__ import annotations

import numpy as np

from suite.comparison.measures import seed_numbers
from suite.comparison.records import Sweep
from suite.report.chinese import Say
from suite.report.page.plotly import (
    Figure,
    as_numbers,
    axis_style,
    colours,
    dashes_of,
    legend_group,
    page_layout,
    shown,
)


def images_per_class(sweep: Sweep, unit: str, say: Say) -> Figure:
    """For every arm the mean, the range and each seed at each number of images per class."""
    arms = sweep.arms
    last = [swept.last for swept in arms]
    colour, dash = colours(last), dashes_of(last)
    traces = []
    for swept, style in zip(arms, last, strict=True):
        common = {"legendgroup": legend_group(style), "name": shown(swept.label)}
        seeds = {sweep.places[step]: seed_numbers(arm, unit) for step, arm in swept.steps}
        dots = [(place, seed, 100 * number) for place in seeds for seed, number in seeds[place].items()]
        values = {place: [100 * number for number in seeds[place].values()] for place in seeds}
        places = list(values)
        line = {"color": colour[style], "width": 2.2, "dash": dash[style]}
        outline = [*(max(values[place]) for place in places), *(min(values[place]) for place in reversed(places))]
        traces.append(
            common
            | {
                "x": [*places, *reversed(places)],
                "y": as_numbers(outline, 2),
                "mode": "none",
                "fill": "toself",
                "fillcolor": colour[style].replace("rgb", "rgba").replace(")", ", 0.12)"),
                "hoverinfo": "skip",
                "showlegend": False,
            }
        )
        means = as_numbers([np.mean(values[place]) for place in places], 2)
        traces.append(common | {"x": places, "y": means, "mode": "lines+markers", "line": line} | _HOVER_PERCENT)
        traces.append(
            common
            | {
                "x": [place for place, _, _ in dots],
                "y": as_numbers([value for _, _, value in dots], 2),
                "mode": "markers",
                "marker": {"color": colour[style], "size": 6, "opacity": 0.45},
                "showlegend": False,
                "text": [f"{say('seed')} {seed}" for _, seed, _ in dots],
                "hovertemplate": "%{text}: %{y:.1f} %<extra>%{fullData.name}</extra>",
            }
        )
    ticks = [say("all") if step is None else str(step) for step, _ in sweep.steps]
    layout = page_layout(height=460, margin={"l": 44, "r": 8, "t": 10, "b": 46})
    layout |= {
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": axis_style(
            title=say("training images per class"),
            tickvals=sweep.places,
            ticktext=ticks,
            zeroline=False,
        ),
        "yaxis": axis_style(title=say("eval accuracy, %"), zeroline=False),
    }
    return {"data": traces, "layout": layout}


_HOVER_PERCENT = {"hovertemplate": "%{y:.1f} %<extra>%{fullData.name}</extra>"}
