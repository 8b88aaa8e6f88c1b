"""The eight operations of `userDef`: their parameters are drawn as a table, then applied without further randomness.

The operations are those of the article (part 1), with Pillow's definitions and Pillow's rounding; all eight run on
every image, each in the place the image's own shuffled order gives it. Images are square uint8 RGB, [S, S, 3]. Every
operation writes into a buffer it is given: at 224 x 224 an array of its own would cost more than the work itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.operations import enhancing, geometry
from augment.operations.banks import NOISE_UNIT, NOISE_ZERO, OFFSETS, noise_bank
from augment.operations.columns import between, whole_between
from augment.operations.operation_set import Image, Operation, OperationSet, from_to
from augment.settings import AugmentConfig, OpsConfig


class Draws(NamedTuple):
    """What was drawn for N images: one row an image in every column."""

    order: NDArray[np.intp]
    """[N, 8] positions in `OPERATIONS`, in the order in which they are applied."""
    brightness: NDArray[np.float64]
    """[N] factor; 0 is black, 1 the image itself. The next three alike."""
    contrast: NDArray[np.float64]
    """[N] factor; 0 is the image's mean grey."""
    color: NDArray[np.float64]
    """[N] factor; 0 is the image in greys."""
    sharpness: NDArray[np.float64]
    """[N] factor; 0 is the image smoothed."""
    crop: NDArray[np.float64]
    """[N, 2] m and n: 1/m of the width and 1/n of the height are kept."""
    resampling: NDArray[np.intp]
    """[N] positions in `RESAMPLINGS`: how the crop is brought back to full size."""
    flip: NDArray[np.bool_]
    """[N, 2] whether left and right, whether top and bottom change places."""
    angle: NDArray[np.intp]
    """[N] whole degrees, counter-clockwise."""
    sigma: NDArray[np.float64]
    """[N] standard deviation of the noise, of 255; 0 is no noise."""
    noise_offset: NDArray[np.intp]
    """[N] where in the noise bank the image's noise begins."""


def draw(ops: OpsConfig, count: int, rng: np.random.Generator) -> Draws:
    """Draw the parameters of `count` images from the ranges and probabilities in `ops`.

    Every image takes the same 21 uniform numbers from `rng`, used or not: configurations that differ in one range agree
    in all other columns, and the first rows do not depend on `count`.
    """
    uniform = rng.random((count, 21))
    shuffle, parameters = uniform[:, :8], uniform[:, 8:].T
    brightness, contrast, color, sharpness, m, n, resampling, left_right, top_bottom, angle, noisy, sigma, start = (
        parameters
    )
    return Draws(
        order=shuffle.argsort(axis=1),
        brightness=between(ops.brightness, brightness),
        contrast=between(ops.contrast, contrast),
        color=between(ops.color, color),
        sharpness=between(ops.sharpness, sharpness),
        crop=np.column_stack([between(ops.crop, m), between(ops.crop, n)]),
        resampling=whole_between((0, len(RESAMPLINGS) - 1), resampling),
        flip=np.column_stack([left_right < ops.flip_horizontal, top_bottom < ops.flip_vertical]),
        angle=whole_between(ops.rotate, angle),
        sigma=np.where(noisy < ops.noise, between(ops.noise_sigma, sigma), 0.0),
        noise_offset=whole_between((0, OFFSETS - 1), start),
    )


def apply(images: Iterable[Image], draws: Draws, out: NDArray[np.uint8]) -> None:
    """Apply row i of `draws` to `images[i]` and write the result into `out[i]`.

    Several threads may call this at once; the images are only read.

    Args:
        images: N images, uint8 RGB, [S, S, 3], each contiguous; rows of a memory map will do.
        draws: N rows.
        out: uint8, [N, S, S, 3], contiguous.
    """
    spare = np.empty_like(out[0])
    for row, (image, result) in enumerate(zip(images, out, strict=True)):
        source = image
        # The two buffers take turns, so that the eighth operation writes into the result.
        for operation, target in zip(draws.order[row], (spare, result) * 4, strict=True):
            OPERATIONS[operation](source, target, draws, row)
            source = target


# --- brightness, contrast, colour, sharpness ------------------------------------------------------------------------


def brightness(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Blend with black."""
    enhancing.brightness(source, target, draws.brightness[row])


def contrast(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Blend with the mean grey of the image."""
    enhancing.contrast(source, target, draws.contrast[row])


def color(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Blend with the image in greys."""
    enhancing.color(source, target, draws.color[row])


def sharpness(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Blend with the image smoothed."""
    enhancing.sharpness(source, target, draws.sharpness[row])


# --- crop, flip, rotation -------------------------------------------------------------------------------------------

#
# One after the other, each in its place in the order. A single affine warp for all three is not faster, as a bilinear
# warp costs 6 times the bilinear resize, and it differs from Pillow by 3 grey levels on average where this does by 0.4.
RESAMPLINGS = (cv2.INTER_NEAREST_EXACT, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC)
"""For the article's nearest, bilinear, bicubic and Lanczos; OpenCV's Lanczos takes 10 times as long as its bicubic."""


def crop(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Keep a centred box of whole pixels and bring it back to full size."""
    size = len(source)
    left, top = (round((size - size / zoom) / 2) for zoom in draws.crop[row])
    box = source[top : size - top, left : size - left]
    cv2.resize(box, (size, size), dst=target, interpolation=RESAMPLINGS[draws.resampling[row]])


def flip(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Exchange left and right, or top and bottom, or both."""
    geometry.flip(source, target, *draws.flip[row])


def rotate(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Turn about the centre, counter-clockwise, nearest pixel; what comes from outside the image is black."""
    geometry.turn(source, target, float(draws.angle[row]))


# --- noise ----------------------------------------------------------------------------------------------------------


def noise(source: Image, target: Image, draws: Draws, row: int) -> None:
    """Add Gaussian noise, each pixel and channel its own; the sum is rounded and clipped, it never wraps around."""
    sigma, start = draws.sigma[row], draws.noise_offset[row]
    if sigma == 0:
        np.copyto(target, source)
        return
    stretch = noise_bank(len(source))[start : start + source.size].reshape(source.shape)
    cv2.addWeighted(source, 1.0, stretch, sigma / NOISE_UNIT, -NOISE_ZERO * sigma / NOISE_UNIT, dst=target)


OPERATIONS: tuple[Callable[[Image, Image, Draws, int], None], ...] = (
    brightness,
    contrast,
    color,
    sharpness,
    crop,
    flip,
    rotate,
    noise,
)
"""Each writes `source`, changed as row `row` of the draws says, into `target`, another image of the same size."""


# --- as a set ---------------------------------------------------------------------------------------------------------


def settings(augment: AugmentConfig) -> dict[str, Any]:
    """The ranges and probabilities; those of noise only where there is any."""
    ops = augment.ops
    noisy = ops.noise > 0 and ops.noise_sigma[1] > 0
    return {f"ops.{key}": value for key, value in ops if noisy or not key.startswith("noise")}


def _factor(operation: Callable[[Image, Image, Draws, int], None]) -> Operation[Draws]:
    name = operation.__name__

    def drawn_from(augment: AugmentConfig) -> str:
        return from_to(getattr(augment.ops, name))

    return Operation(operation, name, drawn_from, lambda value: f"{value:.2f}")


USERDEF = OperationSet(
    stream=0,
    draw=lambda augment, count, rng: draw(augment.ops, count, rng),
    apply=apply,
    settings=settings,
    in_words=lambda augment: augment.strength,
    alone=(
        *map(_factor, (brightness, contrast, color, sharpness)),
        Operation(
            crop,
            "crop",
            lambda augment: f"w, h ÷ {from_to(augment.ops.crop)}",
            lambda zooms: "÷ {:.2f}, ÷ {:.2f}".format(*zooms),
        ),
        Operation(
            flip,
            "flip",
            lambda augment: f"↔ in {augment.ops.flip_horizontal:.0%}\n↕ in {augment.ops.flip_vertical:.0%}",
            lambda flips: " ".join(arrow for arrow, flipped in zip("↔↕", flips, strict=True) if flipped) or "no flip",
        ),
        Operation(rotate, "angle", lambda augment: f"{from_to(augment.ops.rotate)}°", lambda angle: f"{angle}°"),
        Operation(
            noise,
            "sigma",
            lambda augment: f"in {augment.ops.noise:.0%}\nsigma {from_to(augment.ops.noise_sigma)}",
            lambda sigma: f"sigma {sigma:.1f}" if sigma else "no noise",
        ),
    ),
)
