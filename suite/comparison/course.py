"""Along the epochs: whether accuracy still rises at the end, and where two curves meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from augment.schedule import Phase
from augment.settings import AugmentConfig
from suite.comparison.records import Run
from suite.comparison.significance import slope
from suite.runs.curves import Curve

Trend = Literal["rising", "not rising", "too short", "changed late"]
"""Of eval accuracy near the end. The last two mean that it cannot be told: the run has too few epochs, or its
augmentation has changed within those that are looked at, where accuracy jumps whether or not it still rises."""

RISING_ABOVE = 0.01
"""Growth of eval accuracy over a tenth of the epochs, from which a curve is still rising."""


def trend(runs: Sequence[Run]) -> Trend:
    """Of the runs of an arm, which have equally many epochs. The same epochs are looked at in every arm of a group."""
    run, width = runs[0], trend_window(runs[0].planned)
    if run.done < 2 * width:
        return "too short"
    if settled(run) > run.done - width:
        return "changed late"
    growth, at_least = slope(np.array([run.eval_accuracy[-width:] for run in runs]))
    return "rising" if at_least > 0 and growth * run.planned / 10 > RISING_ABOVE else "not rising"


def trend_window(planned: int) -> int:
    """How many of the last epochs `trend` looks at: a tenth, and at least four, for a line through fewer fits noise."""
    return max(4, planned // 10)


def settled(run: Run) -> int:
    """The first epoch, from 0, after which the augmentation does not change any more among the epochs that are done.

    The article's files tell the mode, which stands for the article's schedule.
    """
    augment = run.config.augment if run.config else AugmentConfig(mode=run.mode)
    phases = [Phase(augment, epoch, run.planned) for epoch in range(run.done)]
    on = [(phase.operations, phase.mixing) for phase in phases]
    return max((epoch for epoch in range(1, run.done) if on[epoch] != on[epoch - 1]), default=0)


def meeting_epochs(
    runs: Iterable[Run], opponents: Iterable[Run], paired: Sequence[int]
) -> tuple[int | None, int | None]:
    """Where the mean curve of the paired seeds, of all seeds where there is no pair, reaches theirs, and from where on
    it stays above."""
    sides = [[run for run in side if not paired or run.seed in paired] for side in (runs, opponents)]
    ours, theirs = (smoothed(_mean(side), side[0].planned) for side in sides)
    return _reaches(ours, theirs[-1]), _overtakes(ours, theirs)


def smoothed(curve: Curve, planned: int) -> Curve:
    """Running mean over a twentieth of the planned epochs; it trails, so that it knows nothing of later epochs."""
    width = max(1, planned // 20)
    sums = np.convolve(curve, np.ones(width))[: len(curve)]
    return sums / np.minimum(np.arange(1, len(curve) + 1), width)


def _mean(runs: Iterable[Run]) -> Curve:
    return np.mean([run.eval_accuracy for run in runs], axis=0)


def _reaches(ours: Curve, level: float) -> int | None:
    there = np.flatnonzero(ours >= level)
    return int(there[0]) + 1 if there.size else None


def _overtakes(ours: Curve, theirs: Curve) -> int | None:
    behind = np.flatnonzero(ours <= theirs + 1e-9)  # what is left of two equal means after rounding is no lead
    after = int(behind[-1]) + 2 if behind.size else 1
    return after if after <= len(ours) else None
