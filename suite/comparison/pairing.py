"""Which runs of two arms make a pair: of one seed, in all folds, and made with the same code, libraries and device."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.comparison.measures import compared_accuracy, mean_of_known
from suite.comparison.records import Arm, Run


class Unlike(NamedTuple):
    """A seed that both sides have, and that is no pair, because its runs were not made alike."""

    seed: int
    differing: tuple[tuple[str, str, str], ...]
    """What is not the same: its name, and its value for the arm and for the baseline."""


class Pairs(NamedTuple):
    """What two arms have in common."""

    points: tuple[tuple[int, float], ...]
    """Seed and difference in percentage points of every pair, by seed."""
    unlike: tuple[Unlike, ...]

    @property
    def values(self) -> NDArray[np.float64]:
        """The differences alone, [n]."""
        return np.array([difference for _, difference in self.points])


def paired(arm: Arm, baseline: Arm, folds: int) -> Pairs:
    """Pairs the seeds that both have in all folds. The two runs of a pair agree; another pair may be made elsewhere."""
    ours, theirs = _whole_seeds(arm, folds), _whole_seeds(baseline, folds)
    points: list[tuple[int, float]] = []
    unlike: list[Unlike] = []
    for seed in sorted(ours.keys() & theirs.keys()):
        of_folds = zip(ours[seed], theirs[seed], strict=True)
        differing = dict.fromkeys(each for run, other in of_folds for each in _differing(run, other))
        if differing:
            unlike.append(Unlike(seed, tuple(differing)))
            continue
        mean, against = (mean_of_known(map(compared_accuracy, runs)) for runs in (ours[seed], theirs[seed]))
        # Rounded, for what is left of two equal numbers after their subtraction is no lead.
        points.append((seed, round(100 * (mean - against), 9)))
    return Pairs(tuple(points), tuple(unlike))


def _whole_seeds(arm: Arm, folds: int) -> dict[int, list[Run]]:
    """The finished runs of every seed that has all folds, fold by fold."""
    seeds: dict[int, list[Run]] = {}
    for run in sorted(arm.finished, key=lambda run: run.fold):
        if run.seed is not None:
            seeds.setdefault(run.seed, []).append(run)
    return {seed: runs for seed, runs in seeds.items() if len(runs) == folds}


def _differing(run: Run, other: Run) -> list[tuple[str, str, str]]:
    """What two runs were not both made with, and both values."""
    ours, theirs = run.made_with, other.made_with
    values = [(name, ours.get(name, "none"), theirs.get(name, "none")) for name in dict.fromkeys([*ours, *theirs])]
    return [(name, value, against) for name, value, against in values if value != against]
