"""How many bytes the checkpoints of a run take."""

from __future__ import annotations

from suite.config.schema import TrainConfig

NUMBER = 4
"""Bytes of a float32."""

KEPT_BY_OPTIMIZER = {"adam": 2, "adamw": 2, "momentum": 1}
"""Numbers that the optimiser keeps of each that is trained: two moments, or a velocity."""


def kept(parameters: int, train: TrainConfig) -> int:
    """In the end: `last.npz` and `previous.npz` with the optimiser's state, and `best.npz` without."""
    return NUMBER * parameters * (2 * _with_state(train) + 1)


def at_most(parameters: int, train: TrainConfig) -> int:
    """At the worst moment, while a file is being replaced: three with the optimiser's state, and two without."""
    return NUMBER * parameters * (3 * _with_state(train) + 2)


def _with_state(train: TrainConfig) -> int:
    return 1 + KEPT_BY_OPTIMIZER[train.optimizer]
