"""Differences from the baseline, seed by seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from suite.comparison.rows import Comparison
from suite.report import sentences
from suite.report.chinese import Say
from suite.report.page.plotly import INK, Figure, annotation, as_numbers, axis_style, colours, page_layout, shown


def differences(comparison: Comparison, say: Say) -> Figure | None:
    """A dot for every seed, the mean with its interval, arm below arm; None when no arm has a pair."""
    rows = [row for row in comparison.rows if row.difference and row.difference.n]
    if not rows:
        return None
    colour = colours(comparison.group.arms)
    traces: list[dict[str, Any]] = []
    headings = []
    for place, row in enumerate(rows):
        difference = row.difference
        assert difference
        seeds, points = zip(*difference.points, strict=True)
        # Spread by rank of the seed, not at random: the page must not change when it is made again.
        heights = place + 0.18 * np.linspace(-1, 1, len(seeds)) if len(seeds) > 1 else [place]
        traces.append(
            {
                "x": as_numbers(points, 2),
                "y": as_numbers(heights, 3),
                "customdata": seeds,
                "mode": "markers",
                "marker": {"color": colour[row.arm], "size": 9, "opacity": 0.7, "line": {"color": INK, "width": 0.5}},
                "hovertemplate": f"{say('seed')} %{{customdata}}: %{{x:+.1f}}<extra></extra>",
            }
        )
        interval = np.isfinite(difference.low)
        traces.append(
            {
                "x": [round(difference.mean, 2)],
                "y": [place],
                "mode": "markers",
                "marker": {"color": INK, "size": 11, "symbol": "diamond"},
                "error_x": {
                    "visible": bool(interval),
                    "type": "data",
                    "symmetric": False,
                    "array": as_numbers([difference.high - difference.mean], 2),
                    "arrayminus": as_numbers([difference.mean - difference.low], 2),
                    "color": INK,
                    "thickness": 2.5,
                    "width": 7,
                },
                "hovertemplate": f"{say('mean')}: %{{x:+.1f}}<extra></extra>",
            }
        )
        name = f"<b>{shown(row.arm.label)}</b>  {sentences.points(difference.mean)}"
        span = f"  ({sentences.bound(difference.low)} … {sentences.bound(difference.high)})" if interval else ""
        headings.append(annotation(name + span, 0, place - 0.42, yref="y", yanchor="middle", size=12))
    layout = page_layout(height=110 + 62 * len(rows), margin={"l": 12, "r": 12, "t": 10, "b": 46})
    layout |= {
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": axis_style(title=say("percentage points over the baseline"), rangemode="tozero", zerolinewidth=2)
        | {"zerolinecolor": INK},
        "yaxis": axis_style(range=[len(rows) - 0.55, -0.65], showgrid=False, showticklabels=False, fixedrange=True)
        | {"zeroline": False},
        "annotations": headings,
    }
    return {"data": traces, "layout": layout}
