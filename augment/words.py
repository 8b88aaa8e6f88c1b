"""Modes in words, for the header of a run and for the preview."""

from __future__ import annotations

from augment.mixers.partners import PARTNER_RULES
from augment.mixers.table import MIXERS
from augment.operations.table import OPERATION_SETS
from augment.settings import AugmentConfig


def describe_augment(augment: AugmentConfig) -> str:
    """The mode and what it stands for, such as `userDef: userDef operations (mild)`."""
    parts = []
    if augment.operations:
        parts.append(", then ".join(_operations(augment, name) for name in augment.operations))
    if augment.mixer != "none":
        parts.append(_mixing(augment))
    if augment.balance:
        parts.append("all classes equally often")
    if augment.finetune:
        parts.append(f"last {augment.finetune:.0%} of the epochs without")
    return f"{augment.mode}: " + ("; ".join(parts) or "images as they are")


def _operations(augment: AugmentConfig, name: str) -> str:
    settings = OPERATION_SETS[name].in_words(augment)
    return f"{name} operations" + (f" ({settings})" if settings else "")


def _mixing(augment: AugmentConfig) -> str:
    schedule = augment.schedule
    mixers = " or ".join(_mixer(augment, name) for name in augment.mixers)
    partner = PARTNER_RULES[augment.partner].in_words(augment)
    when = f"epochs {schedule.start:.0%} to {schedule.end:.0%}"
    rhythm = f", {schedule.on} on and {schedule.off} off" if schedule.off else ""
    return f"{mixers} with {partner} ({when}{rhythm})"


def _mixer(augment: AugmentConfig, name: str) -> str:
    lam_from = MIXERS[name].lam_from
    return f"{name}, lambda from {lam_from(augment)}," if lam_from else name
