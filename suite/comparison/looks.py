"""A claim that is looked at after every seed: when it is decided, and when it is hopeless.

A group-sequential sign-flip test. If the arm made no difference, each seed's difference could as well have had the
other sign, so all sign patterns are equally likely. At every look the test takes away the patterns that lie furthest
from 0, as many as the level allows by then (Lan and DeMets 1983, with the spending function that is like Pocock's
bounds). The claim is decided when the pattern that came is among them. That happens in at most the level's share of all
nights without a difference, however often the claim is looked at.

Giving up takes nothing of the level: a claim that is given up is never called true.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.runs.declaration import Rule

Floats = NDArray[np.float64]

How = Literal["open", "decided", "hopeless", "exhausted"]
"""How a claim stands. Exhausted: the last seed has come, and the test has decided nothing."""


class Look(NamedTuple):
    """A claim at the look that ended it, or at the last one so far."""

    how: How
    pairs: int
    """How many pairs there were at this look."""
    p: float
    """Two-sided; at most the level where the claim is decided, and above it elsewhere. NaN before the first look."""


def spent_like_pocock(share: float) -> float:
    """How much of the level may be spent when a share of the seeds is there, 0 to 1 (Lan and DeMets 1983)."""
    return math.log(1 + (math.e - 1) * share)


def looked_at(values: Floats, rule: Rule, level: float, spent: Callable[[float], float] = spent_like_pocock) -> Look:
    """Look at `values` [n], the differences of the pairs in the order of their seeds, from the rule's first look on."""
    sums, inside = values[:1], np.ones(1, bool)  # its own sign stays: a pattern and its opposite lie equally far from 0
    look = Look("open", len(values), math.nan)
    for pairs in range(1, len(values) + 1):
        if pairs > 1:
            value = values[pairs - 1]
            sums, inside = np.concatenate([sums + value, sums - value]), np.tile(inside, 2)
        if pairs < rule.first_look:
            continue
        distances, tolerance = abs(sums), 1e-9 * abs(values[:pairs]).sum()  # a tie must not be lost to rounding
        as_far = np.count_nonzero(~inside | (distances >= distances[0] - tolerance))
        allowed = level * spent(pairs / rule.most_seeds)
        inside &= distances <= _bound(distances[inside], math.floor(allowed * len(sums)), len(sums)) + tolerance
        if not inside[0]:
            return Look("decided", pairs, as_far / len(sums))
        look = Look("open", pairs, min(1.0, as_far / len(sums) + level - allowed))
        if pairs < rule.most_seeds and chance(values[:pairs], rule.most_seeds, level) < rule.hopeless:
            return look._replace(how="hopeless")
    return look._replace(how="exhausted") if len(values) == rule.most_seeds else look


def _bound(distances: Floats, allowed: int, patterns: int) -> float:
    """The distance from 0 of the last pattern that stays, when so many of all patterns may lie outside.

    `distances` are those of the patterns that lie inside so far. Patterns of equal distance stay together.
    """
    room = allowed - (patterns - len(distances))
    return float(-np.partition(-distances, room)[room]) if room > 0 else math.inf


def chance(values: Floats, most: int, level: float) -> float:
    """How likely a t test over `most` seeds comes below `level`, by the `values` [n] so far, n from 2 to `most` - 1.

    From the predictive distribution of the seeds to come: they are normal, and nothing was known before.
    """
    from scipy import stats

    n = len(values)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    if sd <= 1e-9 * abs(mean) or sd == 0:
        return float(mean != 0)
    bound = stats.t.ppf(1 - level / 2, most - 1) * sd / math.sqrt(most)
    spread = sd * math.sqrt(1 / n + 1 / (most - n)) * (most - n) / most
    return float(stats.t.sf((bound - mean) / spread, n - 1) + stats.t.cdf((-bound - mean) / spread, n - 1))
