"""The section `augment` of a configuration: modes, schedules, strengths, and what each stands for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from suite.section import Lax, Positive, Section

Mode = Literal["none", "userDef", "samplePairing", "mixup"]
Operations = Literal["none", "userDef"]
MixerName = Literal["none", "samplePairing", "mixup"]

MODES: dict[str, dict[str, str]] = {
    "none": {"operations": "none", "mixer": "none"},
    "userDef": {"operations": "userDef", "mixer": "none"},
    "samplePairing": {"operations": "userDef", "mixer": "samplePairing"},
    "mixup": {"operations": "userDef", "mixer": "mixup"},
}
"""What `augment.mode` stands for. With a mixer, `operations` can be set on its own: mixing alone."""

SCHEDULES: dict[str, dict[str, float]] = {
    "none": {"start": 0.0, "end": 1.0, "on": 1, "off": 0},
    "samplePairing": {"start": 0.1, "end": 0.9, "on": 8, "off": 2},
    "mixup": {"start": 0.0, "end": 1.0, "on": 1, "off": 0},
}
"""When a mixer is on, unless `augment.schedule` says otherwise."""

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


class AugmentConfig(Section):
    """`augment`: what is done to training images. Evaluation images are never augmented."""

    mode: Mode = "none"
    """Preset of `operations`, `mixer` and the schedule; always the mixer's name, or without one the operations'."""
    operations: Operations = "none"
    mixer: MixerName = "none"
    strength: Literal["article", "mild"] = "article"
    """Preset of `ops`."""
    ops: OpsConfig = OpsConfig()
    alpha: Annotated[float, Field(ge=0.01, le=100)] = 1.5
    """mixup draws lambda from Beta(alpha, alpha)."""
    lam: Literal["batch", "sample"] = "batch"
    """Whether one lambda serves a whole batch or each sample has its own."""
    partner: Literal["batch", "dataset"] = "batch"
    """Where the second image comes from: the same batch, or the whole training set (then augmented on its own)."""
    schedule: ScheduleConfig = ScheduleConfig()
    finetune: Fraction = 0.0
    """The last fraction of the epochs trains on clean images: neither operations nor mixing."""

    @model_validator(mode="before")
    @classmethod
    def _fill_in_presets(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given  # the schema will say what is wrong with it

        def chosen(table: dict[str, Any], key: str, default: str) -> Any:
            name = given.get(key, default)
            return table.get(name, table[default]) if isinstance(name, str) else table[default]

        mode = chosen(MODES, "mode", "none")
        given = {**mode, **given}
        for section, preset in (
            ("schedule", chosen(SCHEDULES, "mixer", "none")),
            ("ops", chosen(STRENGTHS, "strength", "article")),
        ):
            if isinstance(given.get(section, {}), dict):
                given[section] = {**preset, **given.get(section, {})}
        return given

    @model_validator(mode="after")
    def _mode_is_what_is_done(self) -> AugmentConfig:
        """Curves and verdicts name a run by its mode."""
        done = self.operations if self.mixer == "none" else self.mixer
        if self.mode != done:
            raise ValueError(
                f"mode is {self.mode}, but operations {self.operations} with mixer {self.mixer} are mode {done}: set "
                f"augment.mode to {done}, or leave operations and mixer to the mode"
            )
        return self
