"""Numbers of runs: means over the last epochs and over seeds, whether a curve still rises, where two curves meet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from suite import metrics
from suite.comparison.predictions import read_predictions
from suite.comparison.records import Arm, Run
from suite.metrics import accuracy
from suite.runs.curves import Curve

RISING_ABOVE = 0.01
"""Growth of eval accuracy over a tenth of the epochs, near the end, from which a curve is still rising."""


class Spread(NamedTuple):
    """Mean and sample standard deviation over `n` seeds; NaN where there are too few."""

    mean: float
    sd: float
    n: int


def compared_accuracy(run: Run) -> float:
    """The number of a run, a fraction: the accuracy by which `evaluate.py` has judged it, otherwise its mean eval
    accuracy over the last epochs."""
    if run.evaluation:
        predictions = read_predictions(run)
        assert predictions is not None  # `judged_by` has left out runs without
        return accuracy(predictions.logits, predictions.labels)
    return mean_of_known(last_epochs(run, "accEval"))


def accuracy_of_seeds(arm: Arm) -> dict[int | None, float]:
    """What is compared of every finished seed, a fraction; of several folds their mean."""
    return {seed: mean_of_known(folds) for seed, folds in by_seed(arm.finished, compared_accuracy).items()}


def spread(values: Iterable[float]) -> Spread:
    """Mean and sample standard deviation of the values that are not NaN."""
    known = [value for value in values if not math.isnan(value)]
    sd = float(np.std(known, ddof=1)) if len(known) > 1 else math.nan
    return Spread(mean_of_known(known), sd, len(known))


def smoothed(curve: Curve, planned: int) -> Curve:
    """Running mean over a twentieth of the planned epochs; it trails, so that it knows nothing of later epochs."""
    width = max(1, planned // 20)
    sums = np.convolve(curve, np.ones(width))[: len(curve)]
    return sums / np.minimum(np.arange(1, len(curve) + 1), width)


def over_seeds(runs: Iterable[Run], number: Callable[[Run], float]) -> Spread:
    return spread(mean_of_known(values) for values in by_seed(runs, number).values())


def by_seed(runs: Iterable[Run], number: Callable[[Run], float]) -> dict[int | None, list[float]]:
    """The numbers of every seed, one a fold."""
    numbers: dict[int | None, list[float]] = {}
    for run in runs:
        numbers.setdefault(run.seed, []).append(number(run))
    return numbers


def last_epochs(run: Run, curve: str) -> Curve:
    """The last `window(run.planned)` epochs; of an unfinished run, the last so far."""
    return run.curves[curve][-window(run.planned) :]


def mean_of(curve: str) -> Callable[[Run], float]:
    return lambda run: mean_of_known(last_epochs(run, curve))


def mean_of_known(values: Iterable[float]) -> float:
    """Of what was measured."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def mean_accuracy(runs: Iterable[Run]) -> Curve:
    return np.mean([run.curves["accEval"] for run in runs], axis=0)


def is_rising(accuracy: Curve, run: Run) -> bool:
    """By the halves of the last fifth, or of what follows the last change of the augmentation within it.

    SamplePairing's schedule ends mixing with the last tenth, where accuracy jumps whether or not it still rises.
    """
    done, tenth = len(accuracy), max(1, run.planned // 10)
    settled = max((epoch for epoch in _changes_for_good(run) if epoch < done), default=0)
    rest = accuracy[max(settled, done - 2 * tenth) :]
    if done < 2 * tenth or len(rest) < 2:
        return False
    earlier, later = rest[: len(rest) // 2], rest[len(rest) // 2 :]
    growth = later.mean() - earlier.mean()
    # From one epoch to the next a curve jumps by its noise, hardly by its growth: two standard errors of the growth.
    noise = 2 * math.sqrt(np.square(np.diff(rest)).mean() / 2 * (1 / len(earlier) + 1 / len(later)))
    distance = len(rest) / 2  # between the centres of the halves
    return bool(growth > noise and growth * tenth / distance > RISING_ABOVE)


def _changes_for_good(run: Run) -> tuple[int, int]:
    """The first epochs, from 0, without mixing, and without operations too; the planned number for never."""
    clean = 1 - run.leaves.get("augment.finetune", 0.0)  # the article's files tell the mode only
    return round(min(run.leaves.get("augment.schedule.end", 1.0), clean) * run.planned), round(clean * run.planned)


def mean_calibration_error(run: Run) -> float:
    predictions = read_predictions(run)
    return metrics.calibration_error(predictions.labels, predictions.logits) if predictions else math.nan


def meeting_epochs(
    runs: Iterable[Run], opponents: Iterable[Run], paired: Sequence[int]
) -> tuple[int | None, int | None]:
    """Where the mean curve of the paired seeds, of all seeds where there is no pair, reaches and overtakes theirs."""
    sides = [[run for run in side if not paired or run.seed in paired] for side in (runs, opponents)]
    ours, theirs = (smoothed(mean_accuracy(side), side[0].planned) for side in sides)
    return _reaches(ours, theirs[-1]), _overtakes(ours, theirs)


def _reaches(ours: Curve, level: float) -> int | None:
    there = np.flatnonzero(ours >= level)
    return int(there[0]) + 1 if there.size else None


def _overtakes(ours: Curve, theirs: Curve) -> int | None:
    behind = np.flatnonzero(ours <= theirs + 1e-9)  # what is left of two equal means after rounding is no lead
    after = int(behind[-1]) + 2 if behind.size else 1
    return after if after <= len(ours) else None


def window(planned: int) -> int:
    """How many of the last epochs a run is judged by: ten, or the last tenth of a run of fewer than 100.

    The tenth is rounded down: SamplePairing is off in the last tenth, and its phases must not be mixed in one mean.
    """
    return 10 if planned >= 100 else max(1, planned // 10)
