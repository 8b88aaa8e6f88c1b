"""What a set of operations is: parameters drawn as a table, then applied without further randomness."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from augment.settings import AugmentConfig

Image: TypeAlias = NDArray[np.uint8]  # [S, S, 3], RGB
Draws = TypeVar("Draws")


@dataclass(frozen=True)
class Operation(Generic[Draws]):
    """One operation of a set on its own, and its parameters in words, for the preview."""

    apply: Callable[[Image, Image, Draws, int], None]
    """(source, target, draws, row): write the source, changed as this row of the draws says, into the target."""
    column: str
    """Of the draws."""
    drawn_from: Callable[[AugmentConfig], str]
    """The range or the probability in the configuration."""
    drawn: Callable[[Any], str]
    """A value of the column."""

    @property
    def name(self) -> str:
        """As the preview calls it."""
        return self.apply.__name__


@dataclass(frozen=True)
class OperationSet(Generic[Draws]):
    """Operations that are drawn and applied together, by one name in `augment.operations`."""

    stream: int
    """Keeps the random numbers of the sets apart. It is part of every result: never renumber."""
    draw: Callable[[AugmentConfig, int, np.random.Generator], Draws]
    """The parameters of so many images. The first rows must not depend on the count."""
    apply: Callable[[Iterable[Image], Draws, NDArray[np.uint8]], None]
    """Write images[i], changed as row i of the draws says, into out[i] of [N, S, S, 3].

    The images are contiguous and only read; several threads may call this at once.
    """
    settings: Callable[[AugmentConfig], dict[str, Any]]
    """The keys that the set reads, where they have an effect, with their values."""
    in_words: Callable[[AugmentConfig], str] = lambda augment: ""
    """The settings of the set in a word or two, for the header of a run."""
    alone: tuple[Operation[Draws], ...] = ()
    """Those of its operations that the preview shows one by one."""


def run_steps(steps: Sequence[Callable[[Image, Image], None]], image: Image, spare: Image, result: Image) -> None:
    """Apply every step (source, target) to what the one before has made; `spare` holds what comes in between."""
    if not steps:
        np.copyto(result, image)
    source = image
    for left, step in zip(range(len(steps), 0, -1), steps, strict=True):
        target = result if left % 2 else spare  # the two take turns, so that the last step writes into the result
        step(source, target)
        source = target


def from_to(bounds: tuple[float, float]) -> str:
    """A range in words."""
    return f"{bounds[0]:g} to {bounds[1]:g}"
