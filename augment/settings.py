"""The section `augment` of a configuration: modes, schedules, strengths, and what each stands for."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from suite.section import Lax, Positive, Section, check_name, one_of

STRENGTHS: dict[str, dict[str, Any]] = {
    "article": {},
    "mild": {
        "brightness": [0.8, 1.2],
        "contrast": [0.8, 1.2],
        "color": [0.8, 1.2],
        "sharpness": [0.8, 1.2],
        "crop": [1.0, 1.25],
        "flip_vertical": 0.0,
        "rotate": [-15, 15],
    },
}
"""What `augment.strength` changes in `augment.ops`; mild is for images that have an upright, and for short runs."""


def _between(least: float, most: float) -> AfterValidator:
    """For a pair [from, to]."""

    def check(bounds: tuple[float, float]) -> tuple[float, float]:
        if not least <= bounds[0] <= bounds[1] <= most:
            raise ValueError(f"should be [from, to] with {least} <= from <= to <= {most}, got {list(bounds)}")
        return bounds

    return AfterValidator(check)


Factor = Annotated[tuple[float, float], Lax, _between(0, 10)]
Zoom = Annotated[tuple[float, float], Lax, _between(1, 5)]
Sigma = Annotated[tuple[float, float], Lax, _between(0, 50)]
Degrees = Annotated[tuple[int, int], Lax, _between(-360, 360)]
Share = Annotated[tuple[float, float], Lax, _between(0.01, 1)]
Ratio = Annotated[float, Field(ge=1, le=10)]
Probability = Annotated[float, Field(ge=0, le=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class OpsConfig(Section):
    """`augment.ops`: range or probability of each of the eight operations of `userDef`."""

    brightness: Factor = (0.5, 1.5)
    contrast: Factor = (0.5, 1.5)
    color: Factor = (0.5, 1.5)
    sharpness: Factor = (0.5, 1.5)
    crop: Zoom = (1.0, 1.5)
    """The centred crop keeps 1/m of the width and 1/n of the height; the range of m and n."""
    flip_horizontal: Probability = 0.5
    flip_vertical: Probability = 0.5
    rotate: Degrees = (0, 359)
    """Whole degrees, both ends included."""
    noise: Probability = 0.5
    noise_sigma: Sigma = (0.0, 5.0)
    """Standard deviation of the noise, of 255."""


class StandardConfig(Section):
    """`augment.standard`: the random resized crop and the flip."""

    area: Share = (0.35, 1.0)
    """The crop keeps this share of the image."""
    ratio: Ratio = 4 / 3
    """The longer side of the crop is at most so many times the shorter one."""
    flip_horizontal: Probability = 0.5


class ErasingConfig(Section):
    """`augment.erasing`: a box of random pixels. The defaults are the paper's, arXiv 1708.04896."""

    probability: Probability = 0.5
    area: Share = (0.02, 0.4)
    """The box covers this share of the image."""
    ratio: Ratio = 10 / 3
    """The longer side of the box is at most so many times the shorter one."""


LARGEST_MAGNITUDE = 30


class RandAugmentConfig(Section):
    """`augment.randAugment`. The defaults are the paper's for ResNet-50 on ImageNet, arXiv 1909.13719."""

    n: Annotated[int, Field(ge=1, le=14)] = 2
    """Operations on an image."""
    magnitude: Annotated[float, Field(ge=0, le=LARGEST_MAGNITUDE)] = 9.0
    """Their strength, of 30."""


class ScheduleConfig(Section):
    """`augment.schedule`: the epochs in which a mixer is on."""

    start: Fraction = 0.0
    """Mixing begins at this fraction of the epochs ..."""
    end: Fraction = 1.0
    """... and ends at this one."""
    on: Positive = 1
    """In between it is on in `on` epochs ..."""
    off: Annotated[int, Field(ge=0)] = 0
    """... and off in `off` epochs, counted from epoch 0."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> ScheduleConfig:
        if self.end < self.start:
            raise ValueError(f"end ({self.end}) lies before start ({self.start})")
        return self


class Mode(NamedTuple):
    """What a mode stands for."""

    operations: tuple[str, ...] = ()
    """Sets of operations, applied in this order."""
    mixer: str = "none"
    schedule: ScheduleConfig = ScheduleConfig()
    """When the mixer is on."""
    alpha: float = 1.5
    partner: str = "batch"


MODES = {
    "none": Mode(),
    "userDef": Mode(("userDef",)),
    "imgaugLib": Mode(("imgaugLib",)),
    "allab": Mode(("userDef", "imgaugLib")),
    "allba": Mode(("imgaugLib", "userDef")),
    "samplePairing": Mode(("userDef",), "samplePairing", ScheduleConfig(start=0.1, end=0.9, on=8, off=2)),
    "mixup": Mode(("userDef",), "mixup"),
    "standard": Mode(("standard",)),
    "trivialAugment": Mode(("standard", "trivialAugment")),
    "randAugment": Mode(("standard", "randAugment")),
    "erasing": Mode(("standard", "erasing")),
    "cutMix": Mode(("standard",), "cutMix", alpha=1.0),
    "resizeMix": Mode(("standard",), "resizeMix"),
    "smote": Mode(("standard",), "smote", partner="neighbours"),
    "switch": Mode(("standard",), "switch", alpha=1.0),
}
"""What `augment.mode` stands for, in the order of tables and figures.

Every set of operations is a mode by its own name, alone or after another set, and so is every mixer. With a mixer,
`operations` can be set on their own, such as [] for mixing alone; without one, sets can follow those of the mode.
"""

OPERATION_NAMES = list(dict.fromkeys(name for mode in MODES.values() for name in mode.operations))
"""The names in `augment.operations`; their code is in `augment.operations.table`."""

MIXER_NAMES = list(dict.fromkeys(mode.mixer for mode in MODES.values()))
"""The names in `augment.mixer`, none and switch among them; the code of the others is in `augment.mixers.table`."""


def _listed(given: Any) -> Any:
    """A single name is a list of one, and none is an empty one."""
    if isinstance(given, str):
        return () if given == "none" else (given,)
    return given


def _each_once_of(choices: Callable[[], Collection[str]]) -> AfterValidator:
    def check(names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            check_name(name, choices())
            if names.count(name) > 1:  # both would draw the same
                raise ValueError(f"{name} is there twice; keep one of them")
        return names

    return AfterValidator(check)


Operations = Annotated[tuple[str, ...], Lax, _each_once_of(lambda: OPERATION_NAMES), BeforeValidator(_listed)]
Mixers = Annotated[
    tuple[str, ...],
    Lax,
    Field(min_length=2),
    _each_once_of(lambda: [name for name in MIXER_NAMES if name not in ("none", "switch")]),
]


class AugmentConfig(Section):
    """`augment`: what is done to training images. Evaluation images are never augmented."""

    mode: Annotated[str, one_of(MODES)] = "none"
    """Preset of `operations`, `mixer` and the schedule; always the mixer's name, or without one the operations'."""
    operations: Operations = ()
    """Sets of operations, applied in this order; a single name will do, and none for an empty list."""
    mixer: Annotated[str, one_of(MIXER_NAMES)] = "none"
    """What is done to a batch; switch draws one of several mixers for every batch ..."""
    switch: Mixers = ("mixup", "cutMix")
    """... of these."""
    strength: Annotated[str, one_of(STRENGTHS)] = "article"
    """Preset of `ops`."""
    ops: OpsConfig = OpsConfig()
    standard: StandardConfig = StandardConfig()
    randAugment: RandAugmentConfig = RandAugmentConfig()  # noqa: N815 (the name of the set)
    erasing: ErasingConfig = ErasingConfig()
    alpha: Annotated[float, Field(ge=0.01, le=100)] = 1.5
    """mixup and cutMix draw lambda from Beta(alpha, alpha)."""
    lam: Literal["batch", "sample"] = "batch"
    """Whether one lambda serves a whole batch or each sample has its own."""
    partner: Literal["batch", "dataset", "neighbours"] = "batch"
    """Where the second image comes from: the same batch; the whole training set, then augmented on its own; or its
    nearest images of the same class, then augmented like the first image."""
    neighbours: Annotated[int, Field(ge=1, le=1000)] = 5
    """How many images of the class count as the nearest."""
    schedule: ScheduleConfig = ScheduleConfig()
    finetune: Fraction = 0.0
    """The last fraction of the epochs trains on clean images: neither operations nor mixing."""

    balance: bool = False
    """Draw small classes as often as large ones; an epoch stays as long as it is."""

    @property
    def changes_nothing(self) -> bool:
        """Whether the network is trained on the images as they are, in all epochs."""
        return not self.operations and self.mixer == "none"

    @model_validator(mode="before")
    @classmethod
    def _fill_in_presets(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given  # the schema will say what is wrong with it

        def chosen(table: dict[str, Any], key: str, default: str) -> Any:
            name = given.get(key, default)
            return table.get(name, table[default]) if isinstance(name, str) else table[default]

        mode = chosen(MODES, "mode", "none")
        preset = {key: getattr(mode, key) for key in ("operations", "mixer", "alpha", "partner")}
        given = {**preset, **given}
        presets = {
            "schedule": mode.schedule.model_dump(),
            "ops": chosen(STRENGTHS, "strength", "article"),
        }
        for section, preset in presets.items():
            if isinstance(given.get(section, {}), dict):
                given[section] = {**preset, **given.get(section, {})}
        return given

    @model_validator(mode="after")
    def _mode_is_what_is_done(self) -> AugmentConfig:
        """Curves and verdicts name a run by its mode."""
        done = mode_of(self.operations, self.mixer)
        if self.mode != done:
            operations = ", ".join(self.operations) or "none"
            raise ValueError(
                f"mode is {self.mode}, but operations {operations} with mixer {self.mixer} are mode {done}: set "
                f"augment.mode to {done}, or leave operations and mixer to the mode"
            )
        return self

    @property
    def mixers(self) -> tuple[str, ...]:
        """Those of which a batch gets one; none at all when nothing is mixed."""
        if self.mixer == "none":
            return ()
        return self.switch if self.mixer == "switch" else (self.mixer,)


def mode_of(operations: tuple[str, ...], mixer: str) -> str:
    """The name of what is done.

    It is the mixer's; or that of the longest mode with which the list of operations begins; or the first set's.
    """
    if mixer != "none" or not operations:
        return mixer
    alone = {name: mode.operations for name, mode in MODES.items() if mode.operations and mode.mixer == "none"}
    fitting = [name for name, first in alone.items() if operations[: len(first)] == first]
    return max(fitting, key=lambda name: len(alone[name]), default=operations[0])
