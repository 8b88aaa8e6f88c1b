"""What the networks confuse: a confusion matrix for each arm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from suite.comparison.predictions import read_predictions
from suite.comparison.records import Arm, Group
from suite.metrics import confusion_matrix
from suite.report.language import Say
from suite.report.page.plotly import SCALE, Figure, arm_menu, axis_style, name_text, page_layout

MOST_CLASSES = 60
"""With more, a confusion matrix cannot be read."""
CLASSES_WITH_COUNTS = 20
"""Up to so many, there is room for a number in every cell of a confusion matrix."""


def confusion(group: Group, say: Say) -> Figure | None:
    """One matrix, and a menu that puts the sums over another arm's seeds into it; None without any predictions."""
    matrices = sums_of_arms(group)
    if not matrices:
        return None
    first = next(iter(matrices.values()))
    classes = len(first)
    if classes > MOST_CLASSES:
        return None
    names = [name_text(name, 18) for name in group.arms[0].runs[0].class_names or map(str, range(classes))]
    buttons = [
        {"label": name_text(arm.label), "method": "restyle", "args": [{"z": [_shares(sums)], "text": [sums.tolist()]}]}
        for arm, sums in matrices.items()
    ]
    ticks = {"tickvals": list(range(classes)), "ticktext": names, "showgrid": False, "zeroline": False}
    small = {"tickfont": {"size": 11 if classes <= CLASSES_WITH_COUNTS else 8}, "constrain": "domain"}
    trace: dict[str, Any] = {
        "type": "heatmap",
        "z": _shares(first),
        "text": first.tolist(),
        "zmin": 0,
        "zmax": 100,
        "xgap": 1,
        "ygap": 1,
        "colorscale": list(zip((0, 0.15, 1), SCALE, strict=True)),
        "showscale": False,
        "hovertemplate": f"%{{y}} {say('taken for')} %{{x}}: %{{text}} (%{{z:.0f}} %)<extra></extra>",
    }
    if classes <= CLASSES_WITH_COUNTS:
        trace |= {"texttemplate": "%{text}", "textfont": {"size": 10}}
    layout = page_layout(height=min(900, 240 + 26 * classes), margin={"l": 60, "r": 8, "t": 60, "b": 60})
    layout |= {
        "xaxis": axis_style(title=say("what it was taken for"), tickangle=-45, **ticks, **small),
        "yaxis": axis_style(title=say("what it is"), autorange="reversed", **ticks, **small),
        "updatemenus": [arm_menu(buttons, type="dropdown", direction="down", x=0, xanchor="left")],
    }
    return {"data": [trace], "layout": layout}


def sums_of_arms(group: Group) -> dict[Arm, NDArray[np.int64]]:
    """The confusion matrix of every arm that has predictions, summed over its seeds."""
    return {arm: sums for arm in group.arms if (sums := _confusion(arm)) is not None}


def _confusion(arm: Arm) -> NDArray[np.int64] | None:
    """How many images of class `row` were taken for class `column`, over all seeds; None without predictions."""
    predicted = [predictions for run in arm.finished if (predictions := read_predictions(run))]
    if not predicted:
        return None
    logits = np.concatenate([each.logits for each in predicted])
    return confusion_matrix(logits, np.concatenate([each.labels for each in predicted]))


def _shares(sums: NDArray[np.int64]) -> list[list[float]]:
    """Of the class of each row, in per cent; zero for a class without images."""
    shares = np.round(100 * sums / np.maximum(sums.sum(axis=1, keepdims=True), 1), 1)
    listed: list[list[float]] = shares.tolist()
    return listed
