"""A group of runs and a baseline, reduced to the numbers that are compared. No plotting, no Paddle.

    group, baseline --compare--> Comparison of rows, with the difference of each arm from the baseline

The unit of every statistic is the seed: one number a seed, by default its mean eval accuracy over the last epochs, of
several folds their mean. A seed fixes order, initial weights and basic augmentation, so arms are paired by seed, and a
pair differs in the arm only.

Seeds vary the initial weights, the order and the augmentation, not the images: a verdict is about these training and
evaluation images. How far the evaluation images carry it, `OverImages` tells; what other training images would have
made of it, nothing here; folds judge every image of the pool.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import inference
from discovery import Arm, Curve, Group, Run, read_predictions, window
from metrics import accuracy
from runs import CURVES

UNDER_FITTED_BELOW = 0.8
"""Clean train accuracy under which a small gap is no success. The question starts from networks that know their
training images by heart; one that still misses every fifth of them has not come to the point where overfitting could
be judged, and longer training would lift both of its curves."""

RISING_ABOVE = 0.01
"""Growth of eval accuracy over a tenth of the epochs, near the end, from which a curve is still rising."""

LEVEL = 0.05
"""Of the tests, and of all comparisons of a group together: in one night of twenty without any difference, a claim."""

UNITS: dict[str, Callable[[Run], float]] = {
    "mean": lambda run: _mean(_last(run, "accEval")),
    "median": lambda run: float(np.median(_last(run, "accEval"))),
    "final": lambda run: float(run.curves["accEval"][-1]),
    "best": lambda run: float(run.curves["accEval"].max()),
    "evaluation": lambda run: _judged_accuracy(run),
}
"""How a run becomes one number: mean or median of the eval accuracies in its last epochs, the last or the best one, or
for runs from `judged_by` the accuracy on the images they were judged on."""

Verdict = Literal["baseline", "unfinished", "unpaired", "one seed", "too few seeds", "no evidence", "better", "worse"]
"""Too few seeds: even with all signs alike, the p value after Holm could not come below 5 %."""


class Spread(NamedTuple):
    """Mean and sample standard deviation over `n` seeds; NaN where there are too few."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True)
class Difference:
    """An arm minus the baseline, in percentage points of eval accuracy."""

    points: tuple[tuple[int, float], ...]
    """Seed and difference of every pair, by seed."""
    mean: float
    """Of the pairs; without any, the difference of the means."""
    sd: float
    low: float
    """The 95 % interval, NaN below 2 seeds."""
    high: float
    method: Literal["t", "BCa"]
    """How the interval was made."""
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
    """The true difference that 4 of 5 such nights would show, NaN when so few seeds cannot show any."""

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
    """Arm minus baseline, in percentage points."""
    low: float
    """95 % interval, paired bootstrap over the images."""
    high: float
    only_arm: int
    """Images that more networks of the arm have right; of a single pair, the arm alone ..."""
    only_baseline: int
    """... and those that more of the baseline have right."""
    p: float
    """Exact McNemar test of a single pair, two-sided; NaN for several, where the seeds are tested."""


@dataclass(frozen=True)
class Row:
    """The finished runs of an arm together, or one unfinished run by itself.

    An unfinished run is another point in time, so it is neither averaged with finished ones nor set against them.
    """

    arm: Arm
    runs: tuple[Run, ...]
    first: int
    """First and last epoch of the window, counted from 1."""
    last: int
    curves: dict[str, Spread]
    """Means over the window; accuracies are fractions."""
    unit: Spread
    """The number that is compared, as a fraction."""
    best: Spread
    """Highest eval accuracy of any epoch."""
    gap: Spread
    """Clean train minus eval accuracy, over the epochs of the window that have both."""
    under_fitted: bool
    rising: bool
    """Whether eval accuracy was still growing at the end."""
    ece: Spread
    """Expected calibration error after the last epoch."""
    seconds: Spread
    """The median epoch of a run, for a pause is no slowness."""
    reaches: int | None
    """The first epoch, from 1, at which the smoothed curve is as high as the baseline's in the end; both are means of
    the paired seeds, if there are any."""
    overtakes: int | None
    """The epoch from which the smoothed curve lies above the baseline's for good."""
    difference: Difference | None
    """From the baseline; None where there is nothing to compare."""
    over_images: OverImages | None
    """Only where there are pairs, and the predictions of all their runs."""
    unpaired: tuple[int, ...]
    """Seeds of either side that are not in `difference`: the other side lacks them, or one of both a fold."""
    verdict: Verdict


@dataclass(frozen=True)
class Comparison:
    """What is known of a group."""

    group: Group
    baseline: Arm | None
    unit: str
    """One of `UNITS`."""
    rows: tuple[Row, ...]
    seeds_needed: int
    """Of every arm, for the p values of all its comparisons to be able to come below 5 % after Holm."""


def compare(group: Group, baseline: Arm | None, unit: str = "mean") -> Comparison:
    """Rows arm by arm; the differences are those of finished runs from the baseline's finished runs.

    Runs from `judged_by` have one unit only, whatever `unit` says.
    """
    unit = "evaluation" if group.evaluation else unit
    number = UNITS[unit]
    opponent = baseline if baseline and baseline.finished else None
    differences = _differences(group, opponent, number) if opponent else {}
    rows = []
    for arm in group.arms:
        if arm.finished:
            rows.append(_row(arm, arm.finished, number, opponent, differences.get(arm)))
        rows += [_row(arm, (run,), number) for run in arm.unfinished]
    return Comparison(group, baseline, unit, tuple(rows), inference.seeds_needed(max(1, len(differences)), LEVEL))


# --- a row ----------------------------------------------------------------------------------------------------------


def _row(
    arm: Arm,
    runs: tuple[Run, ...],
    number: Callable[[Run], float],
    baseline: Arm | None = None,
    difference: Difference | None = None,
) -> Row:
    opponents = baseline.finished if baseline else ()
    curves = {curve: _over_seeds(runs, _mean_of(curve)) for curve in CURVES}
    paired = [seed for seed, _ in difference.points] if difference else []
    reaches, overtakes = _meetings(runs, opponents, paired) if opponents else (None, None)
    seeds = {run.seed for run in (*runs, *opponents) if run.seed is not None}
    return Row(
        arm=arm,
        runs=runs,
        first=max(1, runs[0].done - window(runs[0].planned) + 1),
        last=runs[0].done,
        curves=curves,
        unit=_over_seeds(runs, number),
        best=_over_seeds(runs, UNITS["best"]),
        gap=_over_seeds(runs, lambda run: _mean(_last(run, "accTrainClean") - _last(run, "accEval"))),
        under_fitted=curves["accTrainClean"].mean < UNDER_FITTED_BELOW,  # False where it was not measured
        rising=_is_rising(_mean_accuracy(runs), runs[0]),
        ece=_over_seeds(runs, _calibration_error),
        seconds=_over_seeds(runs, lambda run: float(np.median(run.seconds)) if run.seconds.size else math.nan),
        reaches=reaches,
        overtakes=overtakes,
        difference=difference,
        over_images=_over_images(arm, baseline, paired) if baseline and paired else None,
        unpaired=tuple(sorted(seeds.difference(paired))) if difference else (),
        verdict=_verdict(arm, runs, baseline, difference),
    )


def seed_numbers(arm: Arm, unit: str) -> dict[int | None, float]:
    """The number of every finished seed, a fraction; of several folds their mean."""
    return {seed: _mean(folds) for seed, folds in _by_seed(arm.finished, UNITS[unit]).items()}


def spread(values: Iterable[float]) -> Spread:
    """Mean and sample standard deviation of the values that are not NaN."""
    known = [value for value in values if not math.isnan(value)]
    sd = float(np.std(known, ddof=1)) if len(known) > 1 else math.nan
    return Spread(_mean(known), sd, len(known))


def smoothed(curve: Curve, planned: int) -> Curve:
    """Running mean over a twentieth of the planned epochs; it trails, so that it knows nothing of later epochs."""
    width = max(1, planned // 20)
    sums = np.convolve(curve, np.ones(width))[: len(curve)]
    return sums / np.minimum(np.arange(1, len(curve) + 1), width)


def _over_seeds(runs: Iterable[Run], number: Callable[[Run], float]) -> Spread:
    return spread(_mean(values) for values in _by_seed(runs, number).values())


def _by_seed(runs: Iterable[Run], number: Callable[[Run], float]) -> dict[int | None, list[float]]:
    """The numbers of every seed, one a fold."""
    numbers: dict[int | None, list[float]] = {}
    for run in runs:
        numbers.setdefault(run.seed, []).append(number(run))
    return numbers


def _last(run: Run, curve: str) -> Curve:
    """The last `window(run.planned)` epochs; of an unfinished run, the last so far."""
    return run.curves[curve][-window(run.planned) :]


def _mean_of(curve: str) -> Callable[[Run], float]:
    return lambda run: _mean(_last(run, curve))


def _mean(values: Iterable[float]) -> float:
    """Of what was measured."""
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def _mean_accuracy(runs: Iterable[Run]) -> Curve:
    return np.mean([run.curves["accEval"] for run in runs], axis=0)


def _is_rising(accuracy: Curve, run: Run) -> bool:
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
    augment = dict(run.augment)
    clean = 1 - augment.get("finetune", 0.0)  # the article's files tell the mode only
    return round(min(augment.get("schedule.end", 1.0), clean) * run.planned), round(clean * run.planned)


def _judged_accuracy(run: Run) -> float:
    predictions = read_predictions(run)
    assert predictions is not None  # `judged_by` has left out runs without
    labels, logits = predictions
    return accuracy(logits, labels)


def _calibration_error(run: Run) -> float:
    predictions = read_predictions(run)
    return inference.calibration_error(*predictions) if predictions else math.nan


def _meetings(runs: Iterable[Run], opponents: Iterable[Run], paired: Sequence[int]) -> tuple[int | None, int | None]:
    """Where the mean curve of the paired seeds, of all seeds where there is no pair, reaches and overtakes theirs."""
    sides = [[run for run in side if not paired or run.seed in paired] for side in (runs, opponents)]
    ours, theirs = (smoothed(_mean_accuracy(side), side[0].planned) for side in sides)
    return _reaches(ours, theirs[-1]), _overtakes(ours, theirs)


def _reaches(ours: Curve, level: float) -> int | None:
    there = np.flatnonzero(ours >= level)
    return int(there[0]) + 1 if there.size else None


def _overtakes(ours: Curve, theirs: Curve) -> int | None:
    behind = np.flatnonzero(ours <= theirs + 1e-9)  # what is left of two equal means after rounding is no lead
    after = int(behind[-1]) + 2 if behind.size else 1
    return after if after <= len(ours) else None


# --- differences ----------------------------------------------------------------------------------------------------


def _differences(group: Group, baseline: Arm, number: Callable[[Run], float]) -> dict[Arm, Difference]:
    arms = [arm for arm in group.arms if arm is not baseline and arm.finished]
    paired = {arm: _paired(arm, baseline, group.folds, number) for arm in arms}
    values = {arm: np.array([points for _, points in pairs]) for arm, pairs in paired.items()}
    p = {arm: inference.sign_flip(points) for arm, points in values.items() if len(points) > 1}
    p_holm = inference.holm(p)
    differences = {}
    for arm, points in values.items():
        unpaired = 100 * (_over_seeds(arm.finished, number).mean - _over_seeds(baseline.finished, number).mean)
        low, high, method = inference.interval(points)
        differences[arm] = Difference(
            points=paired[arm],
            mean=_mean(points) if points.size else unpaired,
            sd=spread(points).sd,
            low=low,
            high=high,
            method=method,
            p=p.get(arm, math.nan),
            p_holm=p_holm.get(arm, math.nan),
            family=len(p),
            wins=int((points > 0).sum()),
            least_p_holm=inference.holm({**p, arm: inference.least_p(len(points))})[arm] if arm in p else math.nan,
            detectable=inference.detectable(points, LEVEL / max(1, len(p))),
        )
    return differences


def _paired(arm: Arm, baseline: Arm, folds: int, number: Callable[[Run], float]) -> tuple[tuple[int, float], ...]:
    """Seed and difference in points, by seed, for the seeds that both have in all folds."""
    ours, theirs = (
        {seed: _mean(numbers) for seed, numbers in _by_seed(side.finished, number).items() if len(numbers) == folds}
        for side in (arm, baseline)
    )
    seeds = sorted(seed for seed in ours.keys() & theirs.keys() if seed is not None)
    # Rounded, for what is left of two equal numbers after their subtraction is no lead.
    return tuple((seed, round(100 * (ours[seed] - theirs[seed]), 9)) for seed in seeds)


def _over_images(arm: Arm, baseline: Arm, seeds: Sequence[int]) -> OverImages | None:
    """Over the evaluation images of all folds together; `evaluate.py` has shown the networks of all folds the same."""
    gains: list[NDArray[np.int64]] = []
    for seed in seeds:
        ours, theirs = _hits(arm, seed), _hits(baseline, seed)
        if ours is None or theirs is None or not all(map(np.array_equal, ours[0], theirs[0])):
            return None
        of_folds = [one.astype(np.int64) - other for one, other in zip(ours[1], theirs[1], strict=True)]
        gains += of_folds if arm.runs[0].evaluation else [np.concatenate(of_folds)]
    gain = np.sum(gains, axis=0)
    low, high = inference.interval_over_images(gain / len(gains))
    only_arm, only_baseline = int((gain > 0).sum()), int((gain < 0).sum())
    return OverImages(
        images=len(gain),
        points=100 * float(gain.mean()) / len(gains),
        low=100 * low,
        high=100 * high,
        only_arm=only_arm,
        only_baseline=only_baseline,
        p=inference.mcnemar(only_arm, only_baseline) if len(gains) == 1 else math.nan,
    )


def _hits(arm: Arm, seed: int) -> tuple[list[NDArray[np.int64]], list[NDArray[np.bool_]]] | None:
    """Labels of the images and whether this seed's networks have them right, fold by fold; None if any are missing."""
    runs = sorted((run for run in arm.finished if run.seed == seed), key=lambda run: run.fold)
    found = [predictions for run in runs if (predictions := read_predictions(run))]
    if len(found) < len(runs):
        return None
    return [labels for labels, _ in found], [logits.argmax(axis=1) == labels for labels, logits in found]


def _verdict(arm: Arm, runs: Sequence[Run], baseline: Arm | None, difference: Difference | None) -> Verdict:
    if not runs[0].finished:
        return "unfinished"
    if arm is baseline:
        return "baseline"
    if difference is None or difference.n == 0:
        return "unpaired"
    if difference.n == 1:
        return "one seed"
    if difference.p_holm < LEVEL and not difference.low <= 0 <= difference.high:
        return "better" if difference.mean > 0 else "worse"
    return "no evidence" if difference.least_p_holm < LEVEL else "too few seeds"
