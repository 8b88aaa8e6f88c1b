"""What is compared: runs, arms of one `augment` section, groups of arms, and sweeps of groups."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.settings import MODES

Curve = NDArray[np.float64]
Leaves = tuple[tuple[str, Any], ...]

IMAGES_PER_CLASS = "data.images_per_class"
"""The one key in which the groups of a sweep differ."""


@dataclass(frozen=True, eq=False)
class Run:
    """One training run.

    Every array of `curves` holds one value an epoch, NaN where nothing was measured; all have the same length.
    """

    folder: Path
    mode: str
    augment: Leaves
    seed: int | None
    """None in the article's files, which do not tell."""
    fold: str
    """Fingerprint of both lists: runs of one pool with different ones are different folds of it."""
    pictures: str
    """Fingerprint of the images themselves, which tells a repaired or replaced one."""
    planned: int
    """Epochs the run is to have in the end."""
    finished: bool
    broken: bool
    """Whether a loss that was not finite has ended it."""
    curves: dict[str, Curve]
    setting: Leaves
    """Everything in which comparable runs agree."""
    name: str
    """The setting in a few words."""
    images: tuple[int, int, int] | None
    """Training images, evaluation images, classes; None in the article's files, which do not tell."""
    seconds: Curve
    """Of each epoch; empty when unknown."""
    command: str
    """What continues or repeats the run; empty when unknown."""
    config: dict[str, Any]
    """All of the configuration by dotted key; empty when unknown."""
    class_names: tuple[str, ...]
    evaluation: str = ""
    """Below `folder`, where the predictions are; empty for those of the last epoch of training."""

    @property
    def done(self) -> int:
        """Epochs trained so far."""
        return len(self.curves["lossTrain"])


@dataclass(frozen=True, eq=False)
class Arm:
    """The runs of one `augment` section, by seed and fold."""

    label: str
    mode: str
    runs: tuple[Run, ...]

    @property
    def finished(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if run.finished)

    @property
    def unfinished(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if not run.finished)


@dataclass(frozen=True, eq=False)
class Group:
    """Arms that may be compared with each other."""

    title: str
    slug: str
    """The title as a folder name, unique among the groups."""
    planned: int
    arms: tuple[Arm, ...]
    folds: int
    """How many folds its runs have together; a seed counts with all of them or not at all."""

    @property
    def reached(self) -> int:
        """The last epoch that any of its runs has done, counted from 1."""
        return max(run.done for arm in self.arms for run in arm.runs)

    @property
    def setting(self) -> Leaves:
        return self.arms[0].runs[0].setting

    @property
    def images(self) -> tuple[int, int, int] | None:
        """Training images, evaluation images, classes; of several folds in the first."""
        return self.arms[0].runs[0].images

    @property
    def evaluation(self) -> str:
        return self.arms[0].runs[0].evaluation


@dataclass(frozen=True, eq=False)
class SweptArm:
    """One `augment` section along a sweep."""

    label: str
    steps: tuple[tuple[int, Arm], ...]
    """The steps, from 0, in which it has finished runs; at least one."""

    @property
    def last(self) -> Arm:
        """The arm of the last step, in whose style all are drawn."""
        return self.steps[-1][1]


@dataclass(frozen=True, eq=False)
class Sweep:
    """Groups that differ in nothing but the number of training images."""

    title: str
    slug: str
    steps: tuple[tuple[int | None, Group], ...]
    """Images per class and the group trained on them, ascending; None is all, and last."""

    @property
    def places(self) -> list[float]:
        """Where figures have the steps: logarithms, and all, which are unlike many in every class, one step further."""
        known = [math.log(count) for count, _ in self.steps if count is not None]
        step = (known[-1] - known[0]) / (len(known) - 1) if len(known) > 1 else 1.0
        return known if len(known) == len(self.steps) else [*known, known[-1] + step]

    @property
    def arms(self) -> list[SweptArm]:
        """In the order of the modes; an arm is known in several groups by its `augment`."""
        found: dict[Leaves, list[tuple[int, Arm]]] = {}
        for step, (_, group) in enumerate(self.steps):
            for arm in group.arms:
                if arm.finished:
                    found.setdefault(arm.runs[0].augment, []).append((step, arm))
        arms = [SweptArm(common_name([arm.label for _, arm in steps]), tuple(steps)) for steps in found.values()]
        return sorted(arms, key=lambda arm: list(MODES).index(arm.steps[0][1].mode))


class UnusableError(Exception):
    """Why a folder cannot be compared; becomes a note, since one bad folder is no reason to show nothing."""


def place_of(run: Run) -> list[list[tuple[int, str]]]:
    """Sort key: the path, part by part, so that `vgg/seed0` comes before `vgg2/seed0`."""
    return [natural(part) for part in run.folder.parts]


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key that puts `seed10` after `seed9`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part]


def common_name(names: Sequence[str]) -> str:
    """What the names of a study's cells have in common: `mixup` for `mixup-fold1` and `mixup-fold2`."""
    parts = [name.split("-") for name in names]
    if len({len(pieces) for pieces in parts}) > 1:
        return names[0]
    return "-".join(pieces[0] for pieces in zip(*parts, strict=True) if len(set(pieces)) == 1) or names[0]
