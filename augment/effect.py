"""What a section `augment` does to a run: those of its settings that have any effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from augment.mixers.partners import PARTNER_RULES
from augment.mixers.table import MIXERS
from augment.operations.table import OPERATION_SETS
from augment.schedule import Phase
from augment.settings import AugmentConfig


def effect(augment: AugmentConfig, epochs: int) -> tuple[tuple[str, Any], ...]:
    """Names and values that are equal for two sections exactly when runs of so many epochs see equal batches.

    Each set of operations and each mixer says which keys it reads. Presets do not count, only what they stand for.
    """
    phases = [Phase(augment, epoch, epochs) for epoch in range(epochs)]
    done: dict[str, Any] = {}
    if operating := tuple(_switches(phase.operations for phase in phases)):
        done |= {"operations": augment.operations, "operating from, to": operating}
        for name in augment.operations:
            done |= OPERATION_SETS[name].settings(augment)
    if mixing := tuple(_switches(phase.mixing for phase in phases)):
        done |= {
            "mixers": augment.mixers,
            "mixing from, to": mixing,
            **PARTNER_RULES[augment.partner].settings(augment),
        }
        for name in augment.mixers:
            done |= MIXERS[name].settings(augment)
    if augment.balance:
        done["balance"] = True
    return tuple(done.items())


def _switches(states: Iterable[bool]) -> Iterator[int]:
    """The epochs, from 0, in which something is switched on, and off again; it is off before the first."""
    was = False
    for epoch, is_on in enumerate(states):
        if is_on != was:
            yield epoch
        was = is_on
