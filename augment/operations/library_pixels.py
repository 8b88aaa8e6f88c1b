"""Operations of imgaug that leave every pixel in its place: (source, target, parameters).

Source of all definitions: imgaug 0.4.0, on which each is tried in `benchmarks/`. Superpixels are approximated.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.operations.banks import NOISE_UNIT, NOISE_ZERO, UNIFORM_STEPS, noise_bank, uniform_bank, uniform_stretch
from augment.operations.enhancing import LUMINANCE, UNCHANGED
from augment.operations.operation_set import Image

Kernel = NDArray[np.float64]  # [3, 3]

MIDDLE: Kernel = np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]])


# --- filters --------------------------------------------------------------------------------------------------------

BLURS = ("Gaussian", "average", "median")


LARGEST_EXACT_MEDIAN = 5
"""OpenCV takes ten times as long for the next one."""


def blur(source: Image, target: Image, kind: int, strength: float) -> None:
    """Blur with a Gaussian of a sigma, or with the mean or the median of a square window of so many pixels a side."""
    window = int(strength)
    if BLURS[kind] == "average":
        cv2.blur(source, (window, window), dst=target)
    elif BLURS[kind] == "median":
        _median(source, target, window)
    elif strength > 0.001:
        window = int(max(3.3 * strength, 5)) | 1
        cv2.GaussianBlur(source, (window, window), strength, dst=target)
    else:
        np.copyto(target, source)


def _median(source: Image, target: Image, window: int) -> None:
    if window <= LARGEST_EXACT_MEDIAN:
        cv2.medianBlur(source, window, dst=target)
        return
    size = len(source)
    half = cv2.resize(source, (size // 2, size // 2), interpolation=cv2.INTER_AREA)
    small = cv2.medianBlur(half, window // 2 | 1)
    cv2.resize(small, source.shape[:2], dst=target, interpolation=cv2.INTER_LINEAR)


def blend_with_filter(source: Image, target: Image, alpha: float, kernel: Kernel) -> None:
    """The part `alpha` of the filtered image, and the rest of the image itself."""
    cv2.filter2D(source, -1, (1 - alpha) * MIDDLE + alpha * kernel, dst=target)


def sharpening(lightness: float) -> Kernel:
    """The pixel more than all its neighbours."""
    return (9 + lightness) * MIDDLE - 1


def embossing(strength: float) -> Kernel:
    """Light from the upper left."""
    s = strength
    return np.array([[-1 - s, -s, 0], [-s, 1, s], [0, s, 1 + s]])


def edge_detection(direction: float) -> Kernel:
    """Edges in every direction when it is negative; otherwise those towards `direction`, of which 1 is a whole turn."""
    if direction < 0:
        return np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
    angle = np.deg2rad(int(360 * direction) - 90)
    y, x = np.mgrid[-1:2, -1:2]
    away = np.abs((np.arctan2(y, x) - angle + np.pi) % (2 * np.pi) - np.pi) / np.pi  # 0 in the direction, 1 opposite
    near = (1 - away) ** 4 * (1 - MIDDLE)
    return MIDDLE - near / near.sum()


# --- values ---------------------------------------------------------------------------------------------------------


def scale_channels(source: Image, target: Image, factors: NDArray[np.float64], middle: float = 0.0) -> None:
    """Multiply the distance of every channel to `middle` by its own of three factors."""
    cv2.transform(source, np.column_stack([np.diag(factors), middle * (1 - factors)]), dst=target)


def add(source: Image, target: Image, levels: NDArray[np.intp]) -> None:
    """Add so many grey levels to each of the channels."""
    cv2.add(source, np.array([*levels, 0.0]), dst=target)


def invert(source: Image, target: Image, channels: NDArray[np.bool_]) -> None:
    """Turn the chosen channels into their negatives."""
    cv2.transform(source, np.column_stack([np.diag(1.0 - 2 * channels), 255.0 * channels]), dst=target)


def blend_with_greys(source: Image, target: Image, alpha: float) -> None:
    """The part `alpha` of the image in greys, and the rest of the image itself."""
    cv2.transform(source, (1 - alpha) * UNCHANGED + alpha * LUMINANCE, dst=target)


def add_noise(source: Image, target: Image, sigma: float, by_channel: bool, start: int) -> None:
    """Add Gaussian noise, to every channel its own or to all three the same."""
    size, channels = len(source), 3 if by_channel else 1
    noise = noise_bank(size)[start : start + size * size * channels].reshape(size, size, channels)
    for_each = noise if by_channel else cv2.cvtColor(noise, cv2.COLOR_GRAY2RGB)
    cv2.addWeighted(source, 1.0, for_each, sigma / NOISE_UNIT, -NOISE_ZERO * sigma / NOISE_UNIT, dst=target)


def drop(source: Image, target: Image, share: float, raster: NDArray[np.float64], by_channel: bool, start: int) -> None:
    """Blacken a share of the pixels; in every channel others, or in all three the same.

    `raster` is how many rectangles stand for a pixel, along the height and the width, as shares of the side; 1 is every
    pixel on its own.
    """
    size, channels = len(source), 3 if by_channel else 1
    rows, columns = np.clip(np.rint(raster * size).astype(int), 3, size)
    kept = (uniform_stretch(size, start, channels)[:rows, :columns] >= share * UNIFORM_STEPS).view(np.uint8)
    whole = cv2.resize(kept, (size, size), interpolation=cv2.INTER_NEAREST) if rows < size else kept
    for_each = whole if by_channel else cv2.cvtColor(whole, cv2.COLOR_GRAY2RGB)
    np.multiply(source, for_each, out=target)


# --- superpixels ----------------------------------------------------------------------------------------------------

SIDE = 56
"""Pixels a side at which superpixels are searched; imgaug searches at 128."""

COMPACTNESS = 10.0
"""The distance in colour (CIELAB) that counts as much as the distance of two neighbouring centres."""


def replace_superpixels(source: Image, target: Image, count: int, share: float, start: int) -> None:
    """Replace a share of about `count` superpixels by their mean colour.

    The superpixels are those of SLIC (Achanta 2012, doi 10.1109/TPAMI.2012.120), searched in a smaller image and in one
    round. SLIC makes up to ten and joins what hangs together. Here colours are smoothed before, and stray pixels go to
    their neighbours.
    """
    size, cells = len(source), max(round(count**0.5), 1)
    side = min(SIDE, size)
    small: NDArray[Any] = cv2.resize(source, (side, side), interpolation=cv2.INTER_AREA)
    rough = superpixels(cv2.GaussianBlur(small, (0, 0), 1.0), cells)
    label = cv2.medianBlur(rough, 3)
    means = _means(small.reshape(-1, 3), label.ravel(), cells**2)
    colours = np.zeros((1, 256, 3), np.uint8)
    colours[0, : cells**2] = np.rint(means)
    replaced = np.zeros(256, np.uint8)
    replaced[: cells**2] = uniform_bank(size)[start : start + cells**2] < share * UNIFORM_STEPS

    painted = cv2.LUT(cv2.cvtColor(label, cv2.COLOR_GRAY2RGB), colours)
    whole, mask = (
        cv2.resize(each, (size, size), interpolation=cv2.INTER_NEAREST) for each in (painted, cv2.LUT(label, replaced))
    )
    np.copyto(target, source)
    cv2.copyTo(whole, mask, target)


def superpixels(image: NDArray[Any], cells: int) -> NDArray[np.uint8]:
    """The number of the superpixel of each pixel, [S, S]; there are `cells` x `cells` of them, at most 16 x 16.

    A centre has the mean place and colour of a cell of a grid. A pixel goes to the nearest centre of its own cell and
    the four beside it: SLIC's first round, which changes the most.
    """
    side = len(image)
    home, place = _grid(side, cells)
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2Lab).reshape(-1, 3).astype(np.float32)
    lab[:, 0] *= 100 / 255
    features = np.column_stack([lab, place * np.float32(COMPACTNESS * cells / side)])
    distances = np.zeros(home.shape, np.float32)
    for values, centres in zip(features.T, _means(features, home[0], cells**2).T, strict=True):
        distances += np.square(values - centres.astype(np.float32)[home])
    label = home[distances.argmin(axis=0), np.arange(side * side)]
    return label.reshape(side, side).astype(np.uint8)


def _means(values: NDArray[Any], label: NDArray[Any], labels: int) -> NDArray[np.float64]:
    """The mean of the values [N, C] of each label [N], [labels, C]; 0 for those that do not occur."""
    sums = np.column_stack([np.bincount(label, column, labels) for column in values.T])
    return sums / np.maximum(np.bincount(label, minlength=labels), 1)[:, None]


@cache
def _grid(side: int, cells: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For each pixel, row by row: the numbers of its cell and the four beside it, [5, S²], and its place, [S², 2]."""
    cell = np.arange(side) * cells // side
    before, after = np.maximum(cell - 1, 0), np.minimum(cell + 1, cells - 1)
    pairs = ((cell, cell), (before, cell), (after, cell), (cell, before), (cell, after))
    home = np.stack([(row[:, None] * cells + column).ravel() for row, column in pairs])
    y, x = np.mgrid[:side, :side].reshape(2, -1)
    return home, np.column_stack([x, y]).astype(np.float32)
