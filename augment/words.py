"""Modes and draws in words, for the header of a run and for the preview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from augment.settings import AugmentConfig, OpsConfig


class Words(NamedTuple):
    """How an operation's parameters are shown."""

    column: str
    """Of `Draws`."""
    drawn_from: Callable[[OpsConfig], str]
    """The range or the probability in the configuration."""
    drawn: Callable[[Any], str]
    """A value of the column."""


def between(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:g} to {bounds[1]:g}"


def factor(name: str) -> Words:
    return Words(name, lambda ops: between(getattr(ops, name)), lambda value: f"{value:.2f}")


WORDS = {
    "brightness": factor("brightness"),
    "contrast": factor("contrast"),
    "color": factor("color"),
    "sharpness": factor("sharpness"),
    "crop": Words(
        "crop",
        lambda ops: f"w, h ÷ {between(ops.crop)}",
        lambda zooms: "÷ {:.2f}, ÷ {:.2f}".format(*zooms),
    ),
    "flip": Words(
        "flip",
        lambda ops: f"↔ in {ops.flip_horizontal:.0%}\n↕ in {ops.flip_vertical:.0%}",
        lambda flips: " ".join(arrow for arrow, flipped in zip("↔↕", flips, strict=True) if flipped) or "no flip",
    ),
    "rotate": Words("angle", lambda ops: f"{between(ops.rotate)}°", lambda angle: f"{angle}°"),
    "noise": Words(
        "sigma",
        lambda ops: f"in {ops.noise:.0%}\nsigma {between(ops.noise_sigma)}",
        lambda sigma: f"sigma {sigma:.1f}" if sigma else "no noise",
    ),
}


def describe_augment(augment: AugmentConfig) -> str:
    """The mode and what it stands for, such as `mixup: userDef operations (article), mixup alpha 1.5`."""
    parts = []
    if augment.operations != "none":
        parts.append(f"{augment.operations} operations ({augment.strength})")
    if augment.mixer != "none":
        schedule = augment.schedule
        alpha = f" alpha {augment.alpha:g}" if augment.mixer == "mixup" else ""
        when = f"epochs {schedule.start:.0%} to {schedule.end:.0%}"
        rhythm = f", {schedule.on} on and {schedule.off} off" if schedule.off else ""
        parts.append(f"{augment.mixer}{alpha} with a partner from the {augment.partner} ({when}{rhythm})")
    if augment.finetune:
        parts.append(f"last {augment.finetune:.0%} of the epochs without")
    return f"{augment.mode}: " + ("; ".join(parts) or "images as they are")
