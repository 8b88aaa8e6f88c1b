"""Differences from the baseline, seed by seed."""

from __future__ import annotations

from typing import Any

from suite.comparison.rows import Comparison
from suite.report.drawn import DrawnDifference, differences_of
from suite.report.language import Say
from suite.report.looks import Look, looks_of
from suite.report.page.plotly import INK, PAPER, Figure, annotation, as_numbers, axis_style, name_text, page_layout


def differences(comparison: Comparison, say: Say) -> Figure | None:
    """A dot for every seed, the mean with its interval, arm below arm; None when no arm has a pair."""
    drawn = differences_of(comparison, say)
    if not drawn:
        return None
    looks = looks_of(comparison.group.arms)
    traces: list[dict[str, Any]] = []
    headings = []
    over = {"bgcolor": PAPER, "borderpad": 1}  # the zero line ends where a text stands
    for place, difference in enumerate(drawn):
        arm = difference.row.arm
        traces += [_dots(place, difference, looks[arm], say), _mean(place, difference, say)]
        text = f"<b>{name_text(arm.label)}</b>  {difference.text}"
        headings.append(annotation(text, 0, place - 0.42, yref="y", yanchor="middle", size=12, **over))
    layout = page_layout(height=110 + 62 * len(drawn), margin={"l": 12, "r": 12, "t": 10, "b": 46})
    layout |= {
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": axis_style(title=say("percentage points over the baseline"), rangemode="tozero", zerolinewidth=2)
        | {"zerolinecolor": INK},
        "yaxis": axis_style(range=[len(drawn) - 0.55, -0.65], showgrid=False, showticklabels=False, fixedrange=True)
        | {"zeroline": False},
        "annotations": headings,
    }
    return {"data": traces, "layout": layout}


def _dots(place: int, difference: DrawnDifference, look: Look, say: Say) -> dict[str, Any]:
    edge = {"color": INK, "width": 0.5}
    return {
        "x": as_numbers(difference.points, 2),
        "y": as_numbers(place + 0.18 * difference.offsets, 3),
        "customdata": difference.seeds,
        "mode": "markers",
        "marker": {"color": look.colour, "symbol": look.marker, "size": 9, "opacity": 0.7, "line": edge},
        "hovertemplate": f"{say('seed')} %{{customdata}}: %{{x:+.1f}}<extra></extra>",
    }


def _mean(place: int, difference: DrawnDifference, say: Say) -> dict[str, Any]:
    trace = {
        "x": [round(difference.mean, 2)],
        "y": [place],
        "mode": "markers",
        "marker": {"color": INK, "size": 11, "symbol": "diamond"},
        "hovertemplate": f"{say('mean')}: %{{x:+.1f}}<extra></extra>",
    }
    if not difference.ends:
        return trace
    low, high = difference.ends
    bar = {
        "type": "data",
        "symmetric": False,
        "array": as_numbers([high - difference.mean], 2),
        "arrayminus": as_numbers([difference.mean - low], 2),
        "color": INK,
        "thickness": 2.5,
        "width": 7,
    }
    return trace | {"error_x": bar}
