"""What the pictures and the page both draw, as numbers: lines over the epochs, differences, and sweeps.

comparison --> numbers of each arm (here) --> drawn by matplotlib (figures/) and by plotly (page/)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suite.comparison.measures import accuracy_of_seeds
from suite.comparison.records import Arm, Group, Run, Sweep
from suite.comparison.rows import Comparison, Row
from suite.report.language import Say
from suite.report.numbers import interval, points
from suite.runs.curves import Curve

# --- over the epochs --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ArmCurves:
    """One quantity of an arm over the epochs, from 1; NaN where it was not measured in every finished run."""

    arm: Arm
    mean: Curve
    """Over the finished runs, [epochs]; empty without any, like both ends of the band."""
    low: Curve
    high: Curve
    of_runs: dict[Run, Curve]
    """Of every run by itself, the unfinished ones too, which are shorter."""

    @property
    def has_band(self) -> bool:
        return len(self.arm.finished) > 1

    def end(self, start: int, end: int) -> tuple[int, float] | None:
        """Epoch and value where the line ends within the epochs `start` to `end`: the mean's last value, or without a
        mean that of the run that has come furthest. None where nothing was measured."""
        line = self.mean if self.arm.finished else max(self.of_runs.values(), key=len)
        measured = np.flatnonzero(np.isfinite(line[start - 1 : end]))
        return (start + int(measured[-1]), float(line[start - 1 + measured[-1]])) if measured.size else None


def values_of(run: Run, quantity: str) -> Curve:
    """A loss as it is, an accuracy in per cent, or `gap` in percentage points: clean training minus eval accuracy."""
    if quantity == "gap":
        return 100 * (run.clean_accuracy - run.eval_accuracy)
    return run.curves[quantity] * (1 if quantity.startswith("loss") else 100)


def curves_of(group: Group, quantity: str) -> list[ArmCurves]:
    """What every arm shows of a quantity."""
    return [_arm_curves(arm, {run: values_of(run, quantity) for run in arm.runs}) for arm in group.arms]


def _arm_curves(arm: Arm, of_runs: dict[Run, Curve]) -> ArmCurves:
    if not arm.finished:
        return ArmCurves(arm, np.empty(0), np.empty(0), np.empty(0), of_runs)
    values = np.stack([of_runs[run] for run in arm.finished])
    return ArmCurves(arm, values.mean(axis=0), values.min(axis=0), values.max(axis=0), of_runs)


def known_values(group: Group, quantity: str, start: int = 1, end: int | None = None) -> Curve:
    """All that was measured of a quantity in the epochs `start` to `end`, in any order; infinity has no place."""
    values = np.concatenate([values_of(run, quantity)[start - 1 : end] for arm in group.arms for run in arm.runs])
    return values[np.isfinite(values)]


# --- names and bands --------------------------------------------------------------------------------------------------


def pushed_apart(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres for labels of these sizes: as near as can be to where they are wanted, and none over another.

    All lie between `low` and `high`; labels that need more room than this go on below `low`.
    """
    order = np.argsort(wanted, kind="stable")
    heights = np.asarray(sizes, np.float64)[order]
    offsets = np.cumsum(heights) - heights / 2
    blocks: list[tuple[float, int]] = []  # mean of labels that touch, each moved down by its offset, and their number
    for target in np.asarray(wanted, np.float64)[order] - offsets:
        mean, number = float(target), 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, number = (before * many + mean * number) / (many + number), many + number
        blocks.append((mean, number))
    settled = np.concatenate([np.full(number, mean) for mean, number in blocks])
    places = np.empty(len(order))
    places[order] = np.minimum(np.maximum(settled, low), high - heights.sum()) + offsets
    return [float(place) for place in places]


def with_bands(arms: Sequence[Arm], baseline: Arm | None) -> set[Arm]:
    """The arms whose range over the seeds is drawn, two at most: more bands over each other cannot be told apart.

    Of more arms these are the baseline and the best of the others.
    """
    seeded = [arm for arm in arms if len(accuracy_of_seeds(arm)) > 1]
    if len(arms) <= 2:
        return set(seeded)
    others = sorted((arm for arm in seeded if arm is not baseline), key=_accuracy)
    return {arm for arm in (*others[-1:], baseline) if arm in seeded and arm is not None}


def note_on_bands(arms: Sequence[Arm], bands: set[Arm], say: Say) -> list[str]:
    """Whose bands are drawn, where others are left out."""
    if not bands or bands >= {arm for arm in arms if len(accuracy_of_seeds(arm)) > 1}:
        return []
    names = say(", ").join(arm.label for arm in arms if arm in bands)
    return [say("At most two bands are drawn, here of {arms}.", arms=names)]


def _accuracy(arm: Arm) -> float:
    return float(np.mean(list(accuracy_of_seeds(arm).values())))


# --- differences ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DrawnDifference:
    """The difference of an arm from the baseline, in percentage points."""

    row: Row
    seeds: tuple[int, ...]
    points: tuple[float, ...]
    """One a seed."""
    offsets: NDArray[np.float64]
    """From -1 to 1, where the dot of each seed lies across the line of the arm."""
    mean: float
    ends: tuple[float, float] | None
    """Of the 95 % interval; None where there is none."""
    text: str
    """The mean and the interval."""


def differences_of(comparison: Comparison, say: Say) -> list[DrawnDifference]:
    """Of every arm that has a seed in common with the baseline."""
    return [_drawn_difference(row, say) for row in comparison.paired]


def _drawn_difference(row: Row, say: Say) -> DrawnDifference:
    difference = row.difference
    assert difference
    seeds, values = zip(*difference.points, strict=True)
    ends = None if math.isnan(difference.low) else (difference.low, difference.high)
    text = points(difference.mean) + (f"  ({interval(*ends, say)})" if ends else "")
    # Spread by the order of the seeds, not at random: the picture must not change when it is drawn again.
    offsets = np.linspace(-1, 1, len(seeds)) if len(seeds) > 1 else np.zeros(1)
    return DrawnDifference(row, seeds, values, offsets, difference.mean, ends, text)


# --- sweeps -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SweptCurve:
    """The accuracy of an arm along a sweep, in per cent; every list has one value a step in which it has finished."""

    label: str
    arm: Arm
    """In whose style it is drawn."""
    places: list[float]
    seeds: list[dict[int | None, float]]
    mean: list[float]
    low: list[float]
    high: list[float]

    @property
    def dots(self) -> list[tuple[float, int | None, float]]:
        """Place, seed and accuracy of every seed at every step."""
        pairs = zip(self.places, self.seeds, strict=True)
        return [(place, seed, value) for place, values in pairs for seed, value in values.items()]


def swept_curves(sweep: Sweep) -> list[SweptCurve]:
    """Of every arm that has finished runs."""
    drawn = []
    for swept in sweep.arms:
        seeds = [{seed: 100 * accuracy for seed, accuracy in accuracy_of_seeds(arm).items()} for _, arm in swept.steps]
        drawn.append(
            SweptCurve(
                label=swept.label,
                arm=swept.last,
                places=[sweep.places[step] for step, _ in swept.steps],
                seeds=seeds,
                mean=[float(np.mean(list(values.values()))) for values in seeds],
                low=[min(values.values()) for values in seeds],
                high=[max(values.values()) for values in seeds],
            )
        )
    return drawn


def step_names(sweep: Sweep, say: Say) -> list[str]:
    """Images per class of every step."""
    return [say("all") if count is None else str(count) for count, _ in sweep.steps]
