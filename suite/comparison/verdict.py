"""The verdict on an arm: what its difference from the baseline shows, in a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from suite.comparison.differences import LEVEL, Difference
from suite.comparison.records import Arm, Run

Verdict = Literal[
    "baseline", "unfinished", "unpaired", "so far", "one seed", "too few seeds", "no evidence", "better", "worse"
]
"""So far: not all declared seeds are finished. Too few seeds: even with all signs alike, the p value after Holm could
not come below 5 %."""


def verdict_on(
    arm: Arm, runs: Sequence[Run], baseline: Arm | None, difference: Difference | None, pending: bool
) -> Verdict:
    """The verdict on `runs` of an arm; `pending` is whether declared runs are still to come."""
    if not runs[0].finished:
        return "unfinished"
    if arm is baseline:
        return "baseline"
    if difference is None or difference.n == 0:
        return "unpaired"
    if pending:
        return "so far"
    if difference.n == 1:
        return "one seed"
    if difference.ending:
        return "no evidence" if difference.ending.how != "decided" else "better" if difference.mean > 0 else "worse"
    # Seeds that all differ by the same have no interval that could hold 0.
    if difference.p_holm < LEVEL and not difference.low <= 0 <= difference.high:
        return "better" if difference.mean > 0 else "worse"
    return "no evidence" if difference.least_p_holm < LEVEL else "too few seeds"
