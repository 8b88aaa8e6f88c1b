"""Differences between an arm and the baseline: paired by seed, and over the evaluation images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.comparison import significance
from suite.comparison.measures import compared_accuracy, mean_of_known, over_seeds, spread
from suite.comparison.pairing import Unlike, paired
from suite.comparison.predictions import read_predictions
from suite.comparison.records import Arm, Group

LEVEL = 0.05
"""Of the tests, and of all comparisons of a group together: in one night of twenty without any difference, a claim."""


@dataclass(frozen=True)
class Difference:
    """An arm minus the baseline, in percentage points of eval accuracy, in terms of `train.metric`."""

    points: tuple[tuple[int, float], ...]
    """Seed and difference of every pair, by seed."""
    unlike: tuple[Unlike, ...]
    """Seeds that both have and that are no pairs."""
    mean: float
    """Of the pairs; without any, the difference of the means."""
    sd: float
    low: float
    """The 95 % interval of t; NaN below 3 seeds, and where all seeds differ by the same."""
    high: float
    p: float
    """Sign-flip test, two-sided, exact up to 20 seeds; NaN below 2."""
    p_holm: float
    """The same, adjusted by Holm for all comparisons of the group."""
    family: int
    """How many comparisons these are."""
    wins: int
    """Seeds in which the arm is ahead."""
    least_p_holm: float
    """What `p_holm` would be had all signs been alike, the other comparisons being what they are; NaN below 2 seeds."""
    detectable: float
    """The true difference that about 4 of 5 such nights would show, NaN when so few seeds cannot show any."""

    @property
    def n(self) -> int:
        return len(self.points)


@dataclass(frozen=True)
class OverImages:
    """An arm against the baseline as their paired networks were after the last epoch; the spread is over the images.

    It tells what other images of the kind might have given with these seeds, as `Difference` tells what other seeds
    might have given with these images.
    """

    images: int
    points: float
    """Arm minus baseline, in percentage points, in terms of `train.metric`."""
    low: float
    """95 % interval, paired bootstrap over the images; NaN where all images differ by the same."""
    high: float
    only_arm: int
    """Images that more networks of the arm have right; of a single pair, the arm alone ..."""
    only_baseline: int
    """... and those that more of the baseline have right."""
    p: float
    """Exact McNemar test of a single pair, two-sided; NaN for several, where the seeds are tested."""


def differences_from(group: Group, baseline: Arm) -> dict[Arm, Difference]:
    """The difference of every other arm with finished runs, with p values for all of them together."""
    arms = [arm for arm in group.arms if arm is not baseline and arm.finished]
    pairs = {arm: paired(arm, baseline, group.folds) for arm in arms}
    values = {arm: np.array([points for _, points in pairs[arm].points]) for arm in arms}
    p = {arm: significance.sign_flip(points) for arm, points in values.items() if len(points) > 1}
    p_holm = significance.holm(p)
    differences = {}
    for arm, points in values.items():
        ours, theirs = (over_seeds(side.finished, compared_accuracy).mean for side in (arm, baseline))
        low, high = np.clip(significance.interval(points), -100, 100)  # no difference is larger
        differences[arm] = Difference(
            points=pairs[arm].points,
            unlike=pairs[arm].unlike,
            mean=mean_of_known(points) if points.size else 100 * (ours - theirs),
            sd=spread(points).sd,
            low=float(low),
            high=float(high),
            p=p.get(arm, math.nan),
            p_holm=p_holm.get(arm, math.nan),
            family=len(p),
            wins=int((points > 0).sum()),
            least_p_holm=significance.holm({**p, arm: significance.least_p(len(points))})[arm]
            if arm in p
            else math.nan,
            detectable=significance.detectable(points, LEVEL / max(1, len(p))),
        )
    return differences


def difference_over_images(arm: Arm, baseline: Arm, seeds: Sequence[int]) -> OverImages | None:
    """Over the evaluation images of all folds together; `evaluate.py` has shown the networks of all folds the same."""
    gains: list[NDArray[np.int64]] = []
    labels = np.empty(0, np.int64)
    for seed in seeds:
        ours, theirs = _hits(arm, seed), _hits(baseline, seed)
        if ours is None or theirs is None or not all(map(np.array_equal, ours[0], theirs[0])):
            return None
        of_folds = [one.astype(np.int64) - other for one, other in zip(ours[1], theirs[1], strict=True)]
        gains += of_folds if arm.runs[0].evaluation else [np.concatenate(of_folds)]
        labels = ours[0][0] if arm.runs[0].evaluation else np.concatenate(ours[0])
    gain = np.sum(gains, axis=0)
    mean_gain = gain / len(gains)
    counted = mean_gain if arm.runs[0].metric == "accuracy" else _balanced(mean_gain, labels)
    low, high = significance.interval_over_images(counted)
    only_arm, only_baseline = int((gain > 0).sum()), int((gain < 0).sum())
    return OverImages(
        images=len(gain),
        points=100 * float(counted.mean()),
        low=float(np.clip(100 * low, -100, 100)),
        high=float(np.clip(100 * high, -100, 100)),
        only_arm=only_arm,
        only_baseline=only_baseline,
        p=significance.mcnemar(only_arm, only_baseline) if len(gains) == 1 else math.nan,
    )


def _balanced(gains: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Numbers of the images whose mean is the mean over the classes of their mean gains, and varies as that does.

    Each image weighs by the size of its class and counts by its distance from the mean of it, since how many images of
    a class are drawn changes nothing of its mean (the linear part of a ratio).
    """
    sizes = np.bincount(labels)
    means = np.bincount(labels, gains) / np.maximum(sizes, 1)
    present = sizes > 0
    deviations = (gains - means[labels]) / sizes[labels]
    return np.asarray(means[present].mean() + len(gains) / present.sum() * deviations)


def _hits(arm: Arm, seed: int) -> tuple[list[NDArray[np.int64]], list[NDArray[np.bool_]]] | None:
    """Labels of the images and whether this seed's networks have them right, fold by fold; None if any are missing."""
    runs = sorted((run for run in arm.finished if run.seed == seed), key=lambda run: run.fold)
    predicted = [predictions for run in runs if (predictions := read_predictions(run))]
    if len(predicted) < len(runs):
        return None
    return [each.labels for each in predicted], [each.logits.argmax(axis=1) == each.labels for each in predicted]
