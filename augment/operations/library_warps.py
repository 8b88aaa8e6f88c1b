"""Operations of imgaug that move pixels: (source, target, parameters).

Source of all definitions: imgaug 0.4.0, on which each is tried in `benchmarks/`. Two are approximated: elastic shifts
are bilinear and not cubic, and between the points of a bend shifts are bilinear in squares and not linear in triangles.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.operations.banks import NOISE_UNIT, NOISE_ZERO, UNIFORM_STEPS, noise_bank, uniform_stretch
from augment.operations.operation_set import Image

Map = NDArray[np.float32]  # [S, S], from which column or row a pixel comes

INTERPOLATIONS = (cv2.INTER_NEAREST, cv2.INTER_LINEAR)
BORDERS = (
    cv2.BORDER_CONSTANT,
    cv2.BORDER_REPLICATE,
    cv2.BORDER_REFLECT,
    cv2.BORDER_REFLECT_101,
    cv2.BORDER_WRAP,
)

POINTS = 4
"""A side of the grid whose points a bend moves."""


def crop(source: Image, target: Image, top: float, right: float, bottom: float, left: float) -> None:
    """Cut off these shares of the side, in whole pixels, and bring the rest back to full size, as imgaug does."""
    size = len(source)
    first_row, last_column, last_row, first_column = (round(share * size) for share in (top, right, bottom, left))
    box = source[first_row : size - last_row, first_column : size - last_column]
    cv2.resize(box, (size, size), dst=target, interpolation=cv2.INTER_AREA)


def affine(source: Image, target: Image, parameters: NDArray[np.float64], outside: NDArray[np.intp]) -> None:
    """Scale, shear and rotate about the centre, and shift."""
    size = len(source)
    scale_x, scale_y, shift_x, shift_y, degrees, shear = parameters.tolist()
    turn, lean = np.deg2rad(degrees), np.deg2rad(degrees + shear)
    matrix = np.array(
        [
            [scale_x * np.cos(turn), -scale_y * np.sin(lean), 0],
            [scale_x * np.sin(turn), scale_y * np.cos(lean), 0],
        ]
    )
    centre = (size - 1) / 2
    matrix[:, 2] = centre + np.array([shift_x, shift_y]) * size - matrix[:, :2].sum(axis=1) * centre
    interpolation, border, grey = outside.tolist()
    cv2.warpAffine(
        source,
        matrix,
        (size, size),
        dst=target,
        flags=INTERPOLATIONS[interpolation],
        borderMode=BORDERS[border],
        borderValue=(grey, grey, grey),
    )


def shift_pixels(source: Image, target: Image, largest: float, start: int) -> None:
    """Take every pixel from a random place, up to `largest` pixels away in x and in y; black outside the image.

    imgaug smooths the shifts with a sigma of 0.25 pixels, which changes them by less than a thousandth.
    """
    size = len(source)
    x, y = _places(size)
    shifts = uniform_stretch(size, start, 3).reshape(3, size, size)[:2].astype(np.float32)
    shifts *= np.float32(2 * largest / UNIFORM_STEPS)
    shifts -= np.float32(largest)
    shifts[0] += x
    shifts[1] += y
    cv2.remap(source, shifts[0], shifts[1], cv2.INTER_LINEAR, dst=target, borderMode=cv2.BORDER_CONSTANT)


def bend(source: Image, target: Image, scale: float, start: int) -> None:
    """Move the points of a 4 x 4 grid by Gaussian shifts, and all pixels between them accordingly."""
    size = len(source)
    drawn = noise_bank(size)[start : start + 2 * POINTS**2].reshape(2, POINTS, POINTS)
    shifts = (drawn.astype(np.float32) - NOISE_ZERO) * np.float32(scale * size / NOISE_UNIT)
    grid = np.linspace(0, size - 1, POINTS, dtype=np.float32)
    weights = _weights(size)
    columns, rows = (
        weights @ np.clip(shift + place, 0, size - 1) @ weights.T
        for shift, place in zip(shifts, (grid[None], grid[:, None]), strict=True)
    )
    cv2.remap(source, columns, rows, cv2.INTER_LINEAR, dst=target, borderMode=cv2.BORDER_REPLICATE)


@cache
def _places(size: int) -> tuple[Map, Map]:
    """The column and the row of each pixel."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    return x, y


@cache
def _weights(size: int) -> NDArray[np.float32]:
    """How much each point of the grid counts for each row or column of pixels, [S, 4]."""
    place = np.linspace(0, POINTS - 1, size)[:, None]
    return np.maximum(0, 1 - np.abs(place - np.arange(POINTS))).astype(np.float32)
