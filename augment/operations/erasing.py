"""The set `erasing`: Random Erasing, a box of the image is replaced by random pixels.

Source: arXiv 1708.04896, section 3, with random values for every pixel and channel, which did best there. The ratio of
the sides is log-uniform here, so that wide and high boxes are equally frequent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from augment.operations.banks import OFFSETS, uniform_stretch
from augment.operations.columns import between, box_sides, place_box, whole_between
from augment.operations.operation_set import Image, Operation, OperationSet
from augment.settings import AugmentConfig, ErasingConfig


class Draws(NamedTuple):
    """What was drawn for N images: one row an image in every column."""

    box: NDArray[np.float64]
    """[N, 2] width and height of the box as shares of the side; 0 is no box."""
    place: NDArray[np.float64]
    """[N, 2] where it lies from left to right and from top to bottom; from 0 to 1."""
    start: NDArray[np.intp]
    """[N] where in the uniform bank the random pixels begin."""


def draw(settings: ErasingConfig, count: int, rng: np.random.Generator) -> Draws:
    """Draw the parameters of `count` images; the first rows do not depend on `count`."""
    chosen, area, ratio, left, top, start = rng.random((count, 6)).T
    sides = box_sides(between(settings.area, area), settings.ratio, ratio)
    return Draws(
        box=np.where(chosen[:, None] < settings.probability, sides, 0.0),
        place=np.column_stack([left, top]),
        start=whole_between((0, OFFSETS - 1), start),
    )


def apply(images: Iterable[Image], draws: Draws, out: NDArray[np.uint8]) -> None:
    """Write images[i], changed as row i of the draws says, into out[i]."""
    for row, (image, result) in enumerate(zip(images, out, strict=True)):
        erase(image, result, draws, row)


def erase(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Replace the box by random pixels."""
    np.copyto(target, source)
    if draws.box[row].any():
        box = place_box(draws.box[row], draws.place[row], len(source))
        pixels = uniform_stretch(len(source), draws.start[row], channels=3)[box]
        target[box] = pixels >> 8


def _how(augment: AugmentConfig) -> str:
    return "{:.0%} to {:.0%} of the area in {:.0%}".format(*augment.erasing.area, augment.erasing.probability)


ERASING = OperationSet(
    stream=2,
    draw=lambda augment, count, rng: draw(augment.erasing, count, rng),
    apply=apply,
    settings=lambda augment: {f"erasing.{key}": value for key, value in augment.erasing},
    in_words=_how,
    alone=(
        Operation(
            erase,
            "box",
            lambda augment: _how(augment).replace(" of ", "\nof ").replace(" in ", "\nin "),
            lambda sides: "{:.0%} x {:.0%}".format(*sides) if sides.any() else "no box",
        ),
    ),
)
