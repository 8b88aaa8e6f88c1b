"""The set `standard`: a random resized crop and a horizontal flip, what most training on photos starts from.

Source of the crop: Szegedy 2014, arXiv 1409.4842, section 6, with a smallest area of 0.35 instead of 0.08, as small
sets of images want a milder one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.operations import geometry
from augment.operations.columns import between, box_sides, place_box
from augment.operations.operation_set import Image, Operation, OperationSet
from augment.settings import AugmentConfig, StandardConfig


class Draws(NamedTuple):
    """What was drawn for N images: one row an image in every column."""

    crop: NDArray[np.float64]
    """[N, 2] width and height of what is kept, as shares of the side."""
    place: NDArray[np.float64]
    """[N, 2] where it lies from left to right and from top to bottom; from 0 to 1."""
    flip: NDArray[np.bool_]
    """[N] whether left and right change places."""


def draw(settings: StandardConfig, count: int, rng: np.random.Generator) -> Draws:
    """Draw the parameters of `count` images; the first rows do not depend on `count`."""
    area, ratio, left, top, flipped = rng.random((count, 5)).T
    return Draws(
        crop=box_sides(between(settings.area, area), settings.ratio, ratio),
        place=np.column_stack([left, top]),
        flip=flipped < settings.flip_horizontal,
    )


def apply(images: Iterable[Image], draws: Draws, out: NDArray[np.uint8]) -> None:
    """Write images[i], changed as row i of the draws says, into out[i]."""
    spare = np.empty_like(out[0])
    for row, (image, result) in enumerate(zip(images, out, strict=True)):
        crop(image, spare, draws, row)
        flip(spare, result, draws, row)


def crop(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Keep a box of whole pixels and bring it to full size, bilinear."""
    size = len(source)
    box = source[place_box(draws.crop[row], draws.place[row], size)]
    cv2.resize(box, (size, size), dst=target, interpolation=cv2.INTER_LINEAR)


def flip(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Exchange left and right."""
    geometry.flip(source, target, draws.flip[row], False)


def _area(augment: AugmentConfig) -> str:
    return "{:.0%} to {:.0%}".format(*augment.standard.area)


STANDARD = OperationSet(
    stream=1,
    draw=lambda augment, count, rng: draw(augment.standard, count, rng),
    apply=apply,
    settings=lambda augment: {f"standard.{key}": value for key, value in augment.standard},
    in_words=lambda augment: f"crop to {_area(augment)}, flip",
    alone=(
        Operation(
            crop,
            "crop",
            lambda augment: f"{_area(augment)}\nof the area",
            lambda sides: "{:.0%} x {:.0%}".format(*sides),
        ),
        Operation(
            flip,
            "flip",
            lambda augment: f"↔ in {augment.standard.flip_horizontal:.0%}",
            lambda flipped: "↔" if flipped else "no flip",
        ),
    ),
)
