"""A thousand simulated nights: how often a verdict claims what is not there, or finds what is."""

from __future__ import annotations

import math

import numpy as np

from suite.comparison.rows import compare
from tests.fixtures.nights import Night

NIGHTS = 1_000


def test_a_night_without_differences_makes_no_claims() -> None:
    """Three modes like the baseline, 8 seeds: in at most 5 % of all nights a claim, whichever mode it is about.

    The test guarantees it up to the chance of this simulation, for which two standard errors are added. Without Holm
    there are claims in more than a tenth of the nights.
    """
    night = Night(epochs=10)
    rng = np.random.default_rng(5)
    claims = 0
    for _ in range(NIGHTS):
        seeds, spread = rng.normal(0.6, 0.03, 8), rng.normal(0, 0.01, (4, 8))
        group = night.group(seeds + spread)
        verdicts = {row.verdict for row in compare(group, group.arms[0]).rows}
        claims += not verdicts.isdisjoint({"better", "worse"})
    assert claims / NIGHTS <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / NIGHTS)


def test_a_difference_that_was_called_detectable_is_found() -> None:
    """Four nights of five are promised; much more or less would mislead the plan of the next night."""
    night = Night(epochs=10)
    rng = np.random.default_rng(6)
    nights, found, sd = 300, 0, 0.01
    for _ in range(nights):
        spread = rng.normal(0, sd / math.sqrt(2), (4, 8))
        group = night.group(0.6 + spread)
        difference = compare(group, group.arms[0]).rows[3].difference
        assert difference is not None
        spread[3] += difference.detectable / 100 * sd / (difference.sd / 100)  # as if its sd were known exactly
        group = night.group(0.6 + spread)
        found += compare(group, group.arms[0]).rows[3].verdict == "better"
    assert 0.7 <= found / nights <= 0.9
