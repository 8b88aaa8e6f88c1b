"""A group of runs and a baseline, reduced to the numbers that are compared. No plotting, no Paddle.

    group, baseline --compare--> Comparison of rows, with the difference of each arm from the baseline

The unit of every statistic is the seed: one number a seed, its `compared_accuracy`, of several folds their mean. A seed
fixes order, initial weights and basic augmentation, so arms are paired by seed, and a pair differs in the arm only.
`train.metric` says which accuracy that is.

Seeds vary the initial weights, the order and the augmentation, not the images: a verdict is about these training and
evaluation images. How far the evaluation images carry it, `OverImages` tells; what other training images would have
made of it, nothing here; folds judge every image of the pool.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from suite.comparison import significance
from suite.comparison.course import Trend, meeting_epochs, trend
from suite.comparison.declared import Beforehand, DeclaredPair
from suite.comparison.differences import LEVEL, Difference, OverImages, difference_over_images, differences_from
from suite.comparison.measures import (
    Spread,
    best_accuracy,
    chance,
    compared_accuracy,
    gap,
    mean_calibration_error,
    mean_of,
    over_seeds,
    window,
)
from suite.comparison.records import Arm, Group, Run
from suite.comparison.verdict import Verdict, verdict_on
from suite.runs.curves import CLEAN, CURVES

FITTED_SHARE = 0.8
"""Of the way from guessing to knowing all training images, below which a small gap is no success. The question starts
from networks that know their training images by heart; one that still misses every fifth of what guessing leaves open
has not come to the point where overfitting could be judged, and longer training would lift both of its curves."""

Standing = Literal["", "declared", "looked at"]
"""Of a difference from the baseline, where its study declared claims."""


@dataclass(frozen=True)
class Row:
    """The finished runs of an arm together, or one unfinished run by itself.

    An unfinished run is another point in time, so it is neither averaged with finished ones nor compared with them.
    """

    arm: Arm
    runs: tuple[Run, ...]
    first: int
    """First and last epoch of the window, counted from 1."""
    last: int
    curves: dict[str, Spread]
    """Means over the window; accuracies are fractions. With `--evaluation`, those of the evaluation images are what
    `evaluate.py` has measured."""
    compared: Spread
    """The number that is compared, as a fraction."""
    clean: Spread
    """Clean train accuracy, in terms of `train.metric` like `compared`, `best` and `gap`."""
    best: Spread
    """Highest eval accuracy of any epoch; unknown with `--evaluation`, like `gap`, `reaches` and `overtakes`."""
    gap: Spread
    """Clean train minus eval accuracy, over the epochs of the window that have both."""
    fitted_from: float
    """The clean train accuracy from which a network is fitted, as a fraction; NaN where guessing is not known."""
    trend: Trend
    """Whether eval accuracy was still growing at the end."""
    ece: Spread
    """Expected calibration error after the last epoch."""
    seconds: Spread
    """The median epoch of a run, for a pause is no slowness."""
    reaches: int | None
    """The first epoch, from 1, at which the smoothed curve is as high as the baseline's in the end; both are means of
    the paired seeds, if there are any."""
    overtakes: int | None
    """The epoch from which the smoothed curve lies above the baseline's for good; only of an arm that is better."""
    difference: Difference | None
    """From the baseline; None where there is nothing to compare."""
    over_images: OverImages | None
    """Only where there are pairs, and the predictions of all their runs."""
    unpaired: tuple[int, ...]
    """Seeds of either side that the other side lacks, or one of both in some fold."""
    standing: Standing
    verdict: Verdict

    @property
    def under_fitted(self) -> bool:
        """False where it was not measured."""
        return self.clean.mean < self.fitted_from

    @property
    def rests_on_these_images(self) -> bool:
        """Whether a claim is about these images, because their number does not carry it to others of the kind."""
        found = self.over_images
        is_claim = self.verdict in ("better", "worse")
        return is_claim and found is not None and not (found.low > 0 or found.high < 0)


@dataclass(frozen=True)
class Comparison:
    """What is known of a group."""

    group: Group
    baseline: Arm | None
    rows: tuple[Row, ...]
    seeds_needed: int
    """Of every arm, for the p values of all its comparisons to be able to come below 5 % after Holm."""
    beforehand: Beforehand | None
    """What was declared; None where nothing was."""
    claims: tuple[Comparison, ...] = ()
    """What was declared, each claim as a comparison of its two arms; tested together, and with nothing else."""

    @property
    def paired(self) -> list[Row]:
        """Rows of the arms that have a seed in common with the baseline."""
        return [row for row in self.rows if row.difference and row.difference.n]


def compare(group: Group, baseline: Arm | None, beforehand: Beforehand | None = None) -> Comparison:
    """Rows arm by arm; the differences are those of finished runs from the baseline's finished runs.

    Claims in `beforehand` are tested first. The other differences are corrected together, without them.
    """
    opponent = baseline if baseline and baseline.finished else None
    declared: dict[Arm, Difference] = {}
    if beforehand and opponent:
        pairs = {arm: beforehand.between(arm, opponent) for arm in group.arms}
        declared = {arm: difference for arm, difference in pairs.items() if difference}
    looked_at = differences_from(group, opponent, without=declared) if opponent else {}
    return Comparison(
        group=group,
        baseline=baseline,
        rows=_rows(group, opponent, declared, looked_at, beforehand),
        seeds_needed=significance.seeds_needed(max(1, len(looked_at)), LEVEL),
        beforehand=beforehand,
        claims=tuple(_compare_claim(claim, beforehand) for claim in beforehand.claims) if beforehand else (),
    )


def _compare_claim(claim: DeclaredPair, beforehand: Beforehand) -> Comparison:
    """Both arms of a claim by themselves, the baseline first."""
    return Comparison(
        group=claim.group,
        baseline=claim.over,
        rows=_rows(claim.group, claim.over, {claim.arm: claim.difference}, {}, beforehand),
        seeds_needed=significance.seeds_needed(max(1, claim.difference.family), LEVEL),
        beforehand=beforehand,
    )


def _rows(
    group: Group,
    opponent: Arm | None,
    declared: Mapping[Arm, Difference],
    looked_at: Mapping[Arm, Difference],
    beforehand: Beforehand | None,
) -> tuple[Row, ...]:
    """The finished runs of every arm together, and each unfinished one by itself."""
    has_claims = beforehand is not None and bool(beforehand.declaration.claims)
    rows = []
    for arm in group.arms:
        if arm.finished:
            difference = declared.get(arm) or looked_at.get(arm)
            standing: Standing = "declared" if arm in declared else "looked at" if has_claims and difference else ""
            pending = beforehand is not None and beforehand.awaits(difference)
            rows.append(_row(arm, arm.finished, opponent, difference, standing, pending))
        rows += [_row(arm, (run,)) for run in arm.unfinished]
    return tuple(rows)


def _row(
    arm: Arm,
    runs: tuple[Run, ...],
    baseline: Arm | None = None,
    difference: Difference | None = None,
    standing: Standing = "",
    pending: bool = False,
) -> Row:
    """`pending` is whether declared runs are still to come, before which nothing is tested."""
    if difference and pending:
        difference = difference.so_far()
    opponents = baseline.finished if baseline else ()
    curves = {curve: over_seeds(runs, mean_of(curve)) for curve in CURVES}
    paired = [seed for seed, _ in difference.points] if difference else []
    has_curves = bool(opponents) and not runs[0].evaluation
    reaches, overtakes = meeting_epochs(runs, opponents, paired) if has_curves else (None, None)
    verdict = verdict_on(arm, runs, baseline, difference, pending)
    guessed = chance(runs[0])
    seeds = {run.seed for run in (*runs, *opponents) if run.seed is not None}
    if difference and difference.ending:
        seeds &= difference.ending.seeds
    known = {*paired, *(unlike.seed for unlike in difference.unlike)} if difference else set()
    return Row(
        arm=arm,
        runs=runs,
        first=max(1, runs[0].done - window(runs[0].planned) + 1),
        last=runs[0].done,
        curves=curves,
        compared=over_seeds(runs, compared_accuracy),
        clean=curves[CLEAN[arm.runs[0].metric]],
        best=over_seeds(runs, best_accuracy),
        gap=over_seeds(runs, gap),
        fitted_from=guessed + FITTED_SHARE * (1 - guessed),
        trend=trend(runs),
        ece=over_seeds(runs, mean_calibration_error),
        seconds=over_seeds(runs, lambda run: float(np.median(run.seconds)) if run.seconds.size else math.nan),
        reaches=reaches,
        overtakes=overtakes if verdict == "better" else None,
        difference=difference,
        over_images=difference_over_images(arm, baseline, paired) if baseline and paired and not pending else None,
        unpaired=tuple(sorted(seeds - known)) if difference else (),
        standing=standing,
        verdict=verdict,
    )
