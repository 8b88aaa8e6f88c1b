"""What each chart shows, as a table: for readers who cannot see it, for the printed page, and to copy numbers from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from suite.comparison.records import Group, Sweep
from suite.comparison.rows import Comparison
from suite.report.drawn import curves_of, differences_of, step_names, swept_curves
from suite.report.language import Say
from suite.report.numbers import interval, points
from suite.report.page.confusion import sums_of_arms
from suite.runs.curves import EVAL

EPOCHS_SHOWN = 8
"""Of the curves, as many columns as a page has room for."""
MISTAKES_SHOWN = 5
"""Of the confusion matrix, for each arm."""


class Cells(NamedTuple):
    """A table; the first cell of a row names what it is about."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def of_differences(comparison: Comparison, say: Say) -> Cells:
    """The mean, its interval and every seed of each arm, in percentage points."""
    drawn = differences_of(comparison, say)
    seeds = sorted({seed for difference in drawn for seed in difference.seeds})
    rows = []
    for difference in drawn:
        of_seed = dict(zip(difference.seeds, difference.points, strict=True))
        ends = interval(*difference.ends, say) if difference.ends else "-"
        each = [points(of_seed[seed]) if seed in of_seed else "-" for seed in seeds]
        rows.append([difference.row.arm.label, points(difference.mean), ends, *each])
    header = [say("points over the baseline"), say("mean"), say("95 % interval")]
    return Cells([*header, *(f"{say('seed')} {seed}" for seed in seeds)], rows)


def of_sweep(sweep: Sweep, say: Say) -> Cells:
    """Mean, lowest and highest seed of each arm at each number of images, in per cent."""
    rows = []
    for curve in swept_curves(sweep):
        numbers = zip(curve.mean, curve.low, curve.high, strict=True)
        texts = {
            place: say("{mean} ({low} to {high})", mean=f"{mean:.1f}", low=f"{low:.1f}", high=f"{high:.1f}")
            for place, (mean, low, high) in zip(curve.places, numbers, strict=True)
        }
        rows.append([curve.label, *(texts.get(place, "-") for place in sweep.places)])
    return Cells([say("training images per class"), *step_names(sweep, say)], rows)


def of_curves(group: Group, say: Say) -> Cells:
    """The eval accuracy of each arm in some epochs from the first to the last, mean over the seeds, in per cent."""
    epochs = np.unique(np.linspace(1, group.reached, EPOCHS_SHOWN).astype(int)).tolist()
    rows = []
    for drawn in curves_of(group, EVAL[group.metric]):
        if drawn.arm.finished:
            rows.append([drawn.arm.label, *(f"{drawn.mean[epoch - 1]:.1f}" for epoch in epochs)])
    return Cells([say("eval accuracy, % in epoch"), *map(str, epochs)], rows)


def of_confusion(group: Group, say: Say) -> Cells:
    """The most frequent mistakes of each arm over all its seeds."""
    names = group.arms[0].runs[0].class_names
    rows = []
    for arm, sums in sums_of_arms(group).items():
        mistakes = sums * (1 - np.eye(len(sums), dtype=np.int64))
        for place in np.argsort(-mistakes, axis=None, kind="stable")[:MISTAKES_SHOWN]:
            is_class, taken_for = np.unravel_index(place, sums.shape)
            if mistakes[is_class, taken_for]:
                share = sums[is_class, taken_for] / sums[is_class].sum()
                pair = [names[label] if names else str(label) for label in (is_class, taken_for)]
                rows.append([arm.label, *pair, str(sums[is_class, taken_for]), f"{100 * share:.0f} %"])
    header = [say("most frequent mistakes"), say("what it is"), say("what it was taken for")]
    return Cells([*header, say("images"), say("share of the class")], rows)
