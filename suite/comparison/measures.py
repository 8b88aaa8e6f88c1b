"""Numbers of runs: means over the last epochs and over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from suite import metrics
from suite.comparison.predictions import read_predictions
from suite.comparison.records import Arm, Run
from suite.runs.curves import EVAL, Curve


class Spread(NamedTuple):
    """Mean and sample standard deviation over `n` seeds; NaN where there are too few."""

    mean: float
    sd: float
    n: int


def compared_accuracy(run: Run) -> float:
    """The number of a run, a fraction: its eval accuracy, in terms of `train.metric`."""
    return mean_of(EVAL[run.metric])(run)


def accuracy_of_seeds(arm: Arm) -> dict[int | None, float]:
    """What is compared of every finished seed, a fraction; of several folds their mean."""
    return {seed: mean_of_known(folds) for seed, folds in by_seed(arm.finished, compared_accuracy).items()}


def spread(values: Iterable[float]) -> Spread:
    """Mean and sample standard deviation of the values that are not NaN."""
    known = [value for value in values if not math.isnan(value)]
    sd = float(np.std(known, ddof=1)) if len(known) > 1 else math.nan
    return Spread(mean_of_known(known), sd, len(known))


def over_seeds(runs: Iterable[Run], number: Callable[[Run], float]) -> Spread:
    return spread(mean_of_known(values) for values in by_seed(runs, number).values())


def by_seed(runs: Iterable[Run], number: Callable[[Run], float]) -> dict[int | None, list[float]]:
    """The numbers of every seed, one a fold."""
    numbers: dict[int | None, list[float]] = {}
    for run in runs:
        numbers.setdefault(run.seed, []).append(number(run))
    return numbers


def mean_of(curve: str) -> Callable[[Run], float]:
    """The mean of a curve over the last epochs; of the evaluation images, what `evaluate.py` has measured, if any."""

    def number(run: Run) -> float:
        judged = run.evaluation.measured if run.evaluation else {}
        return judged[curve] if curve in judged else mean_of_known(last_epochs(run, run.curves[curve]))

    return number


def last_epochs(run: Run, curve: Curve) -> Curve:
    """The last `window(run.planned)` epochs; of an unfinished run, the last so far."""
    return curve[-window(run.planned) :]


def gap(run: Run) -> float:
    """Clean train minus eval accuracy, over the last epochs that have both; NaN on another list, which has no curve."""
    return math.nan if run.evaluation else mean_of_known(last_epochs(run, run.clean_accuracy - run.eval_accuracy))


def best_accuracy(run: Run) -> float:
    """The highest eval accuracy of any epoch; NaN on another list, which was not looked at in every epoch."""
    return math.nan if run.evaluation else float(run.eval_accuracy.max())


def chance(run: Run) -> float:
    """What a network has of the training images that always guesses one class: the share of the largest, or by balanced
    accuracy 1 / classes; the latter too where the sizes of the classes are not recorded, NaN in the article's files."""
    if run.facts is None:
        return math.nan
    per_class = run.facts.data.train_per_class
    return 1 / len(run.class_names) if run.metric == "balanced" or not per_class else max(per_class) / sum(per_class)


def mean_of_known(values: Iterable[float]) -> float:
    """Of what was measured."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def mean_calibration_error(run: Run) -> float:
    predictions = read_predictions(run)
    return metrics.calibration_error(predictions.labels, predictions.logits) if predictions else math.nan


def window(planned: int) -> int:
    """How many of the last epochs a run is judged by: ten, or the last tenth of a run of fewer than 100.

    The tenth is rounded down: SamplePairing is off in the last tenth, and its phases must not be mixed in one mean.
    """
    return 10 if planned >= 100 else max(1, planned // 10)
