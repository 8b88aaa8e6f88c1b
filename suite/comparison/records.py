"""What is compared: runs, arms of one `augment` section, groups of arms, and sweeps of groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from augment.settings import MODES
from suite.config.schema import MACHINE_KEYS, PATH_KEYS, Config, flattened
from suite.metrics import Metric
from suite.natural_order import natural
from suite.runs.curves import CLEAN, EVAL, Curve
from suite.runs.facts import Facts

Leaves = tuple[tuple[str, Any], ...]

IMAGES_PER_CLASS = "data.images_per_class"
"""The one key in which the groups of a sweep differ."""


NOT_COMPARED = {*MACHINE_KEYS, *PATH_KEYS, "train.seed", "train.clean_every", "train.amp"}
"""Keys in which comparable runs may differ: the seed, how often is measured, paths, for which the pool of images
stands, the machine and the precision, for which `Run.made_with` stands."""


class Evaluation(NamedTuple):
    """The images that `evaluate.py` judged a run by."""

    name: str
    """Of the folder below the run's, where the predictions are."""
    images: int
    fingerprint: str
    """Of their labels and digests."""
    measured: dict[str, float]
    """Loss and accuracies of the run there, by the names of the curves of the evaluation list."""


@dataclass(frozen=True, eq=False)
class Run:
    """One training run."""

    folder: Path
    mode: str
    config: Config | None
    """None in the article's files, which do not tell; neither do they have `facts`."""
    facts: Facts | None
    curves: dict[str, Curve]
    """One value an epoch each, NaN where nothing was measured; all have the same length."""
    evaluation: Evaluation | None = None
    """None when the run is compared by its curves."""
    apart: Leaves = ()
    """What tells it apart from runs of equal setting whose images do not go together."""
    broken: bool = False
    """Whether a loss that was not finite has ended it. A folder where it then went on with a lower learning rate holds
    two runs: this one as far as it came, and another."""

    @property
    def done(self) -> int:
        """Epochs trained so far."""
        return len(self.curves["lossTrain"])

    @property
    def planned(self) -> int:
        """Epochs the run is to have in the end."""
        return self.config.train.epochs if self.config else self.done

    @property
    def finished(self) -> bool:
        if self.facts is None:
            return True  # the article's program saves once, after the last epoch
        return self.facts.finished and not self.broken

    @property
    def seed(self) -> int | None:
        """None in the article's files."""
        return self.config.train.seed if self.config else None

    @property
    def metric(self) -> Metric:
        """By which accuracy it is compared."""
        return self.config.train.metric if self.config else "accuracy"

    @property
    def eval_accuracy(self) -> Curve:
        """Of the evaluation images, by the metric."""
        return self.curves[EVAL[self.metric]]

    @property
    def clean_accuracy(self) -> Curve:
        """Of the training images without augmentation, by the metric."""
        return self.curves[CLEAN[self.metric]]

    @property
    def fold(self) -> str:
        """Fingerprint of both lists: runs of one pool with different ones are different folds of it."""
        return self.facts.data.split if self.facts else ""

    @property
    def pictures(self) -> str:
        """Fingerprint of the images themselves, which tells a repaired or replaced one."""
        return self.facts.data.fingerprint if self.facts else ""

    @property
    def images(self) -> tuple[int, int, int] | None:
        """Training images, evaluation images, classes; None in the article's files."""
        if self.facts is None:
            return None
        data = self.facts.data
        judged_on = self.evaluation.images if self.evaluation else data.eval_images
        return data.train_images, judged_on, len(self.class_names)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.facts.data.class_names if self.facts else ()

    @property
    def seconds(self) -> Curve:
        """Of each epoch; empty when unknown."""
        return np.array(self.facts.seconds_per_epoch if self.facts else (), np.float64)

    @property
    def command(self) -> str:
        """What continues or repeats the run; empty when unknown."""
        return self.facts.sessions[-1].command if self.facts else ""

    @cached_property
    def leaves(self) -> dict[str, Any]:
        """All of the configuration by dotted key; empty when unknown."""
        return dict(flattened(self.config.model_dump())) if self.config else {}

    @cached_property
    def augment(self) -> Leaves:
        """What is done to the training images: runs of one arm agree in it."""
        from augment.effect import effect  # imports OpenCV, which `plot_curves.py --help` does without

        return effect(self.config.augment, self.planned) if self.config else (("mode", self.mode),)

    @property
    def made_with(self) -> dict[str, str]:
        """What decides more than the last bits of its results, such as code and libraries; empty when unknown.

        Sessions that count agree in it, or the run is left out.
        """
        if self.facts is None or self.config is None:
            return {}
        *_, session = self.facts.counted_sessions or self.facts.sessions
        return {**session.made_with, "precision": self.config.train.amp}

    @property
    def made_on(self) -> dict[str, str]:
        """The machines of its sessions, which may change the last bits; empty when unknown."""
        sessions = self.facts.counted_sessions if self.facts else ()
        return joined({**session.made_on, "host": session.host} for session in sessions)

    @cached_property
    def setting(self) -> Leaves:
        """Everything in which comparable runs agree."""
        judged: Leaves = ()
        if self.evaluation:
            judged = (("evaluation", self.evaluation.name), ("evaluation.images", self.evaluation.fingerprint))
        return (*self._trained, *self.apart, *judged)

    @property
    def _trained(self) -> Leaves:
        """What was trained on what, as it was asked for."""
        if self.facts is None:
            return (("folder", str(self.folder.resolve())), ("train.epochs", self.done))
        data = self.facts.data
        keys = [key for key in self.leaves if not key.startswith("augment.") and key not in NOT_COMPARED]
        return (
            *((key, self.leaves[key]) for key in keys),
            ("data.name", data.name),  # paths and labels, which make the pool, may be the same in two sets
            ("data.pool", data.pool),
            *([("model.weights", self.facts.weights)] if self.facts.weights else []),
        )

    @property
    def name(self) -> str:
        """The setting in a few words."""
        if self.facts is None:
            return f"{self.folder.resolve().name}, article files, {self.planned} epochs"
        trained = (
            f"{self.facts.model} on {self.facts.data.name}, {self.facts.data.image_size} px, {self.planned} epochs"
        )
        return f"{trained}, {self.evaluation.name}" if self.evaluation else trained


@dataclass(frozen=True, eq=False)
class Arm:
    """The runs of one `augment` section, by seed and fold."""

    label: str
    mode: str
    runs: tuple[Run, ...]
    """Those with an epoch or more."""
    lost: tuple[int, ...] = ()
    """Seeds without a result, because a loss was not finite, perhaps in the first epoch. What the others say is said
    of survivors."""

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
    def made_with(self) -> dict[str, str]:
        """All that its runs were made with and on, each fact with every value."""
        runs = [run for arm in self.arms for run in arm.runs]
        return {**joined(run.made_with for run in runs), **joined(run.made_on for run in runs)}

    @property
    def metric(self) -> Metric:
        """By which accuracy its runs are compared."""
        return self.arms[0].runs[0].metric

    @property
    def is_imbalanced(self) -> bool:
        """Whether the largest class of any fold has more than twice the training images of the smallest."""
        return any(run.facts and run.facts.data.is_imbalanced for arm in self.arms for run in arm.runs)

    @property
    def images(self) -> tuple[int, int, int] | None:
        """Training images, evaluation images, classes; of several folds in the first."""
        return self.arms[0].runs[0].images

    @property
    def evaluation(self) -> str:
        """The folder of every run with what `evaluate.py` wrote; empty when the curves are compared."""
        judged = self.arms[0].runs[0].evaluation
        return judged.name if judged else ""


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
    def last(self) -> Group:
        return self.steps[-1][1]

    @property
    def places(self) -> list[float]:
        """Where figures have the steps: logarithms, and all, which are unlike many in every class, one step further."""
        known = [math.log(count) for count, _ in self.steps if count is not None]
        step = (known[-1] - known[0]) / (len(known) - 1) if len(known) > 1 else 1.0
        return known if len(known) == len(self.steps) else [*known, known[-1] + step]

    @property
    def arms(self) -> list[SweptArm]:
        """In the order of the modes; an arm is known in several groups by its `augment`."""
        by_augment: dict[Leaves, list[tuple[int, Arm]]] = {}
        for step, (_, group) in enumerate(self.steps):
            for arm in group.arms:
                if arm.finished:
                    by_augment.setdefault(arm.runs[0].augment, []).append((step, arm))
        arms = [SweptArm(common_name([arm.label for _, arm in steps]), tuple(steps)) for steps in by_augment.values()]
        return sorted(arms, key=lambda arm: list(MODES).index(arm.steps[0][1].mode))


class UnusableError(Exception):
    """Why a folder cannot be compared; becomes a note, since one bad folder is no reason to show nothing."""


def joined(facts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Every fact with all its values, such as `"numpy": "1.26.4, 2.2.6"`."""
    values: dict[str, dict[str, None]] = {}
    for each in facts:
        for name, value in each.items():
            values.setdefault(name, {})[value] = None
    return {name: ", ".join(different) for name, different in values.items()}


def place_of(run: Run) -> list[list[tuple[int, str]]]:
    """Sort key: the path, part by part, so that `vgg/seed0` comes before `vgg2/seed0`."""
    return [natural(part) for part in run.folder.parts]


def common_name(names: Sequence[str]) -> str:
    """What the names of a study's cells have in common: `mixup` for `mixup-fold1` and `mixup-fold2`."""
    parts = [name.split("-") for name in names]
    if len({len(pieces) for pieces in parts}) > 1:
        return names[0]
    return "-".join(pieces[0] for pieces in zip(*parts, strict=True) if len(set(pieces)) == 1) or names[0]
