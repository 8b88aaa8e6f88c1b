"""Differences between an arm and the baseline: paired by seed, and over the evaluation images."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.comparison import significance
from suite.comparison.looks import How, looked_at
from suite.comparison.measures import accuracy_of_seeds, compared_accuracy, mean_of_known, over_seeds, spread
from suite.comparison.pairing import Pairs, Unlike, paired
from suite.comparison.predictions import read_predictions
from suite.comparison.records import Arm, Group
from suite.comparison.significance import Key
from suite.data.groups import ALONE
from suite.runs.declaration import Rule
from suite.runs.predictions import Predictions

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
    before: float
    """What the baseline has in the pairs, a fraction; without any, in all its seeds."""
    sd: float
    low: float
    """The 95 % interval of t; NaN below 3 seeds, and where all seeds differ by the same."""
    high: float
    p: float
    """Sign-flip test, two-sided, exact up to 20 seeds; NaN below 2."""
    p_holm: float
    """The same, adjusted by Holm for all comparisons of its family: the claims of a study, or the others of a group."""
    family: int
    """How many comparisons these are."""
    wins: int
    """Seeds in which the arm is ahead."""
    least_p_holm: float
    """What `p_holm` would be had all signs been alike, the other comparisons being what they are; NaN below 2 seeds."""
    detectable: float
    """The true difference that about 4 of 5 such nights would show, NaN when so few seeds cannot show any, and in a
    night that ends when it is decided."""
    ending: Ending | None = None
    """Of a claim in a night that ends when it is decided. `p` is then that of the rule, and `p_holm` corrected by
    Bonferroni."""

    @property
    def n(self) -> int:
        return len(self.points)

    @property
    def after(self) -> float:
        """What the arm has in them, a fraction."""
        return self.before + self.mean / 100

    def mirrored(self) -> Difference:
        """The same as the baseline has it: the baseline minus the arm."""
        points = tuple((seed, -value) for seed, value in self.points)
        behind = sum(value > 0 for _, value in points)
        return replace(
            self, points=points, mean=-self.mean, before=self.after, low=-self.high, high=-self.low, wins=behind
        )

    def so_far(self) -> Difference:
        """The same without what would be a verdict before its time."""
        nan = math.nan
        return replace(self, low=nan, high=nan, p=nan, p_holm=nan, least_p_holm=nan, detectable=nan)


class Ending(NamedTuple):
    """How a claim stands that is looked at after every seed."""

    how: How
    most_seeds: int
    """How many seeds it may take at most."""
    seeds: frozenset[int]
    """The seeds of the night until its last look. What came later is left out."""


@dataclass(frozen=True)
class OverImages:
    """An arm against the baseline as their paired networks were after the last epoch; the spread is over the images.

    It tells what other images of the kind might have given with these seeds, as `Difference` tells what other seeds
    might have given with these images.
    """

    images: int
    groups: int | None
    """How many groups of images that belong together these are; None where nothing says which do."""
    points: float
    """Arm minus baseline, in percentage points, in terms of `train.metric`."""
    low: float
    """95 % interval, paired bootstrap over the images, or their groups; NaN where all images differ by the same."""
    high: float
    only_arm: int
    """Images that more networks of the arm have right; of a single pair, the arm alone ..."""
    only_baseline: int
    """... and those that more of the baseline have right."""
    p: float
    """Exact McNemar test of a single pair, two-sided; NaN for several, where the seeds are tested, and where images
    belong together, for it takes them for independent."""


class Pair(NamedTuple):
    """Two arms of a group that are compared."""

    arm: Arm
    baseline: Arm
    folds: int
    """How many the group has."""


def differences_from(group: Group, baseline: Arm, without: Collection[Arm] = ()) -> dict[Arm, Difference]:
    """The difference of every other arm with finished runs, with p values for all of them together.

    Arms in `without` are tested elsewhere.
    """
    arms = [arm for arm in group.arms if arm is not baseline and arm.finished and arm not in without]
    return tested_together({arm: Pair(arm, baseline, group.folds) for arm in arms})


def tested_together(pairs: Mapping[Key, Pair]) -> dict[Key, Difference]:
    """The difference of every pair, with p values adjusted by Holm for all of them together."""
    found = {key: paired(*pair) for key, pair in pairs.items()}
    values = {key: each.values for key, each in found.items()}
    p = {key: significance.sign_flip(points) for key, points in values.items() if len(points) > 1}
    p_holm = significance.holm(p)
    differences = {}
    for key, points in values.items():
        least_p = {**p, key: significance.least_p(len(points))}
        differences[key] = _difference(
            pairs[key],
            found[key],
            p=p.get(key, math.nan),
            p_holm=p_holm.get(key, math.nan),
            family=len(p),
            least_p_holm=significance.holm(least_p)[key] if key in p else math.nan,
            detectable=significance.detectable(points, LEVEL / max(1, len(p))),
        )
    return differences


def looked_at_together(
    pairs: Mapping[Key, Pair], rule: Rule, seeds: Sequence[int], family: int
) -> dict[Key, Difference]:
    """The difference of every pair at the look that ended it, or at the last one so far.

    `seeds` are those of the night in their order, `family` the number of claims, each of which has its part of the
    level: where one of them stands changes nothing for another.
    """
    differences = {}
    for key, pair in pairs.items():
        found = paired(*pair)
        points = sorted((point for point in found.points if point[0] in seeds), key=lambda point: seeds.index(point[0]))
        look = looked_at(np.array([value for _, value in points]), rule, LEVEL / family)
        counted = points[: look.pairs]
        until = len(seeds) if look.how == "open" else seeds.index(counted[-1][0]) + 1
        until_then = frozenset(seeds[:until])
        differences[key] = _difference(
            pair,
            Pairs(tuple(sorted(counted)), tuple(each for each in found.unlike if each.seed in until_then)),
            p=look.p,
            p_holm=min(1.0, family * look.p),
            family=family,
            least_p_holm=math.nan,
            detectable=math.nan,
            ending=Ending(look.how, rule.most_seeds, until_then),
        )
    return differences


def _difference(
    pair: Pair,
    found: Pairs,
    *,
    p: float,
    p_holm: float,
    family: int,
    least_p_holm: float,
    detectable: float,
    ending: Ending | None = None,
) -> Difference:
    """What describes the points, with the numbers of their test."""
    points = found.values
    ours, theirs = (over_seeds(side.finished, compared_accuracy).mean for side in pair[:2])
    of_baseline = accuracy_of_seeds(pair.baseline)
    low, high = np.clip(significance.interval(points), -100, 100)  # no difference is larger
    return Difference(
        points=found.points,
        unlike=found.unlike,
        mean=mean_of_known(points) if points.size else 100 * (ours - theirs),
        before=mean_of_known(of_baseline[seed] for seed, _ in found.points) if points.size else theirs,
        sd=spread(points).sd,
        low=float(low),
        high=float(high),
        p=p,
        p_holm=p_holm,
        family=family,
        wins=int((points > 0).sum()),
        least_p_holm=least_p_holm,
        detectable=detectable,
        ending=ending,
    )


def difference_over_images(arm: Arm, baseline: Arm, seeds: Sequence[int]) -> OverImages | None:
    """Over the evaluation images of all folds together; `evaluate.py` has shown the networks of all folds the same."""
    gains: list[NDArray[np.int64]] = []
    known_groups: list[NDArray[np.int64]] = []
    labels = np.empty(0, np.int64)
    for seed in seeds:
        ours, theirs = _predictions(arm, seed), _predictions(baseline, seed)
        if ours is None or theirs is None or not all(map(_same_images, ours, theirs)):
            return None
        gains += [_hits(one).astype(np.int64) - _hits(other) for one, other in zip(ours, theirs, strict=True)]
        known_groups += [each.groups for each in (*ours, *theirs) if each.groups is not None]
        labels = ours[0].labels
    gain = np.sum(gains, axis=0)
    mean_gain = gain / len(gains)
    counted = mean_gain if arm.runs[0].metric == "accuracy" else _balanced(mean_gain, labels)
    groups = known_groups[0] if known_groups else None
    low, high = significance.interval_over_images(counted, groups)
    only_arm, only_baseline = int((gain > 0).sum()), int((gain < 0).sum())
    return OverImages(
        images=len(gain),
        groups=None if groups is None else significance.count_groups(groups),
        points=100 * float(counted.mean()),
        low=float(np.clip(100 * low, -100, 100)),
        high=float(np.clip(100 * high, -100, 100)),
        only_arm=only_arm,
        only_baseline=only_baseline,
        p=significance.mcnemar(only_arm, only_baseline) if len(gains) == 1 and groups is None else math.nan,
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


def _predictions(arm: Arm, seed: int) -> list[Predictions] | None:
    """What the networks of this seed say of all images; None if anything is missing.

    Of the folds of an evaluation list this is one for all of them together, of another list one for each.
    """
    runs = sorted((run for run in arm.finished if run.seed == seed), key=lambda run: run.fold)
    predicted = [predictions for run in runs if (predictions := read_predictions(run))]
    if len(predicted) < len(runs):
        return None
    return predicted if arm.runs[0].evaluation else [_joined(predicted)]


def _joined(folds: Sequence[Predictions]) -> Predictions:
    groups = [np.full(len(fold.labels), ALONE) if fold.groups is None else fold.groups for fold in folds]
    return Predictions(
        np.concatenate([fold.labels for fold in folds]),
        np.concatenate([fold.logits for fold in folds]),
        groups=np.concatenate(groups) if any(fold.groups is not None for fold in folds) else None,
    )


def _same_images(one: Predictions, other: Predictions) -> bool:
    return np.array_equal(one.labels, other.labels)


def _hits(predictions: Predictions) -> NDArray[np.bool_]:
    """Whether each image is taken for what it is, [N]."""
    hits: NDArray[np.bool_] = predictions.logits.argmax(axis=1) == predictions.labels
    return hits
