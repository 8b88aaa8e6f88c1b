"""Statistics of paired differences, as pure functions of numbers: intervals, tests, what a night can show.

SciPy is imported where it is needed, since it is slow to import and no command needs it for `--help`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Key = TypeVar("Key")

POWER = 0.82
"""A little more than 4 of 5: the sign-flip test, and the interval that has to leave out 0 too, find up to 0.03 less
than the t test that stands for them."""

ESTIMATES = 400
"""Of a standard deviation, over which `detectable` takes the mean: so many quantiles of its distribution."""

RESAMPLES = 10_000
"""Of the images, by `interval_over_images`."""

EXACT_UP_TO = 20
"""Values whose 2^n sign patterns are all tried; of more, `FLIPS` random ones."""

FLIPS = 100_000


def interval(values: Floats) -> tuple[float, float]:
    """The 95 % t interval of the mean of `values` [n]; NaN below 3 values.

    NaN, too, for values that are all equal: they have no spread to judge by, and no interval is as narrow as that.
    """
    from scipy import stats

    n = len(values)
    if n < 3 or np.ptp(values) <= _tolerance(values):
        return math.nan, math.nan
    half = stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / math.sqrt(n)
    return float(values.mean() - half), float(values.mean() + half)


def sign_flip(values: Floats) -> float:
    """Two-sided p of the hypothesis that each of `values` [n] could as well have had the other sign.

    Exact up to `EXACT_UP_TO` values: the share of all sign patterns whose sum lies at least as far from 0.
    """
    observed = abs(values.sum()) - _tolerance(values)  # a tie must not be lost to rounding
    if len(values) <= EXACT_UP_TO:
        sums = values[:1]  # its own sign stays: a pattern and its opposite lie equally far from 0
        for value in values[1:]:
            sums = np.concatenate([sums + value, sums - value])
        return float(np.mean(abs(sums) >= observed))
    rng = np.random.default_rng(0)
    signs = rng.choice(np.array([-1, 1], np.int8), (FLIPS, len(values)))
    return float((1 + np.sum(abs(signs @ values) >= observed)) / (1 + FLIPS))  # the observed pattern is one of them


def least_p(n: int) -> float:
    """The smallest p that `sign_flip` can give: all `n` signs alike."""
    return 2.0 ** (1 - n)


def seeds_needed(family: int, level: float) -> int:
    """How many seeds `sign_flip` needs to come below `level` in the first step of Holm over `family` comparisons."""
    return 1 + math.ceil(math.log2(family / level))


def holm(p: Mapping[Key, float]) -> dict[Key, float]:
    """Adjusted p values: below 5 % in any true null hypothesis in at most 5 % of all cases (Holm 1979)."""
    adjusted: dict[Key, float] = {}
    largest = 0.0
    for rank, key in enumerate(sorted(p, key=lambda key: p[key])):
        largest = max(largest, min(1.0, (len(p) - rank) * p[key]))
        adjusted[key] = largest
    return adjusted


def detectable(values: Floats, level: float) -> float:
    """The true mean that n such values show in about 4 of 5 cases; NaN where `sign_flip` cannot come to `level` with n.

    For normal values. Their standard deviation is estimated by that of these, and an estimate that is too low by chance
    promises too much; so the factor is one with which the promise holds on average over all estimates. For Holm over m
    comparisons `level` is 5 % / m, its first step.
    """
    n = len(values)
    if n < 2 or least_p(n) > level:
        return math.nan
    return float(_detectable_shift(n, level) * values.std(ddof=1))


@cache
def _detectable_shift(n: int, level: float) -> float:
    """In estimated standard deviations. The test has few p values, so `level` is rounded down to one of them.

    From the noncentral t distribution, which the sign-flip test follows closely, except where nothing but n equal signs
    will do: the probability of these is a power of the normal distribution.
    """
    from scipy import optimize, stats

    patterns = math.floor(level / least_p(n))
    quantiles = (np.arange(ESTIMATES) + 0.5) / ESTIMATES
    estimates = np.sqrt(stats.chi2.ppf(quantiles, n - 1) / (n - 1))  # of a standard deviation of 1
    critical = stats.t.ppf(1 - patterns * least_p(n) / 2, n - 1)

    def found(shift: float) -> float:
        true_shifts = shift * estimates
        if patterns == 1:
            return float(np.mean(stats.norm.cdf(true_shifts) ** n))
        return float(np.mean(stats.nct.sf(critical, n - 1, true_shifts * math.sqrt(n))))

    return float(optimize.brentq(lambda shift: found(shift) - POWER, 0, 20))


def slope(curves: Floats) -> tuple[float, float]:
    """The mean slope of `curves` [runs, epochs] per epoch, and what it is at least, with 95 % confidence.

    A least-squares line through each; what lies off the lines is the noise, pooled over the runs.
    """
    from scipy import stats

    runs, epochs = curves.shape
    at = np.arange(epochs) - (epochs - 1) / 2
    slopes = curves @ at / (at @ at)
    noise = curves - curves.mean(axis=1, keepdims=True) - np.outer(slopes, at)
    freedom = runs * (epochs - 2)
    error = math.sqrt(np.square(noise).sum() / freedom / (runs * (at @ at)))
    return float(slopes.mean()), float(slopes.mean() - stats.t.ppf(0.95, freedom) * error)


def mcnemar(only_one: int, only_other: int) -> float:
    """Exact two-sided p of the hypothesis that an image which one alone has right is as likely to be the other's."""
    from scipy import stats

    both = only_one + only_other
    return float(stats.binomtest(only_one, both).pvalue) if both else 1.0


def interval_over_images(gains: Floats) -> tuple[float, float]:
    """The 95 % interval of the mean of `gains`, one an image, by bootstrap over the images; NaN where all are equal.

    To draw images with replacement is to draw how many there are of each kind: a gain has few values.
    """
    values, counts = np.unique(gains, return_counts=True)
    drawn = np.random.default_rng(0).multinomial(len(gains), counts / len(gains), RESAMPLES)
    low, high = np.quantile(drawn @ values / len(gains), [0.025, 0.975])
    return (float(low), float(high)) if low < high else (math.nan, math.nan)


def _tolerance(values: Floats) -> float:
    """How far rounding may carry a sum of accuracies, far below the step of one image more."""
    return float(1e-9 * abs(values).sum())
