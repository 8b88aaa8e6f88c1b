"""The fourteen operations that TrivialAugment and RandAugment draw from, with Pillow's definitions.

Every operation has a strength from -1 to 1 and what full strength means; the two sets of operations differ in that.
Pixels that come from outside the image are black, and the nearest pixel is taken, as in the papers' programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.operations import enhancing, geometry
from augment.operations.operation_set import Image, Operation, run_steps

Apply: TypeAlias = Callable[[Image, Image, float], None]
"""(source, target, amount): write the changed source into the target."""


class Kind(NamedTuple):
    """One of the fourteen."""

    apply: Apply
    signed: bool
    """Whether half of the draws go the other way."""
    in_words: Callable[[float], str]
    """An amount, for the preview."""

    @property
    def name(self) -> str:
        return self.apply.__name__


def identity(source: Image, target: Image, amount: float) -> None:
    """Leave the image as it is."""
    np.copyto(target, source)


# --- geometry -------------------------------------------------------------------------------------------------------


def shear_x(source: Image, target: Image, amount: float) -> None:
    """Shift every row by `amount` times its distance from the top."""
    _warp(source, target, [[1, amount, 0], [0, 1, 0]])


def shear_y(source: Image, target: Image, amount: float) -> None:
    """Shift every column by `amount` times its distance from the left."""
    _warp(source, target, [[1, 0, 0], [amount, 1, 0]])


def translate_x(source: Image, target: Image, amount: float) -> None:
    """Shift by a share of the width, in whole pixels."""
    _warp(source, target, [[1, 0, round(amount * len(source))], [0, 1, 0]])


def translate_y(source: Image, target: Image, amount: float) -> None:
    """Shift by a share of the height, in whole pixels."""
    _warp(source, target, [[1, 0, 0], [0, 1, round(amount * len(source))]])


def rotate(source: Image, target: Image, amount: float) -> None:
    """Turn about the centre by so many degrees, counter-clockwise."""
    geometry.turn(source, target, amount)


def _warp(source: Image, target: Image, matrix: list[list[float]]) -> None:
    """Warp by an affine map from places in the target to places in the source.

    The matrix is Pillow's, where the middle of the first pixel is (0.5, 0.5) and not (0, 0).
    """
    inverse = np.array(matrix, np.float64)
    inverse[:, 2] += inverse[:, :2].sum(axis=1) / 2 - 0.5
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    cv2.warpAffine(source, inverse, source.shape[:2], dst=target, flags=flags)


# --- colour ---------------------------------------------------------------------------------------------------------


def _enhance(enhancement: Apply) -> Apply:
    def apply(source: Image, target: Image, amount: float) -> None:
        enhancement(source, target, 1 + amount)

    apply.__name__ = enhancement.__name__
    return apply


def posterize(source: Image, target: Image, amount: float) -> None:
    """Keep 8 minus so many bits of every value."""
    np.bitwise_and(source, 256 - (1 << round(amount)), out=target, casting="unsafe")


def solarize(source: Image, target: Image, amount: float) -> None:
    """Invert all values from 255 minus `amount` upwards; none at 0."""
    values = np.arange(256)
    inverted = values >= 256 - round(amount)
    cv2.LUT(source, np.where(inverted, 255 - values, values).astype(np.uint8), dst=target)


def auto_contrast(source: Image, target: Image, amount: float) -> None:
    """Stretch every channel to the whole range."""
    pixels = source.reshape(-1, 3)
    values = np.arange(256)
    table = np.empty((1, 256, 3), np.uint8)
    for channel, (low, high) in enumerate(zip(pixels.min(axis=0).tolist(), pixels.max(axis=0).tolist(), strict=True)):
        scale = 255 / (high - low) if high > low else 0.0
        stretched = np.clip((values * scale - low * scale).astype(int), 0, 255)
        table[0, :, channel] = stretched if high > low else values
    cv2.LUT(source, table, dst=target)


def equalize(source: Image, target: Image, amount: float) -> None:
    """Spread the values of every channel so that all are about equally frequent."""
    table = np.empty((1, 256, 3), np.uint8)
    for channel in range(3):
        counts = cv2.calcHist([source], [channel], None, [256], [0, 256]).ravel().astype(np.int64)
        present = counts[counts > 0]
        step = int(present[:-1].sum()) // 255
        if step:
            below = np.concatenate([[0], counts.cumsum()[:-1]])
            table[0, :, channel] = np.minimum((step // 2 + below) // step, 255)
        else:
            table[0, :, channel] = np.arange(256)
    cv2.LUT(source, table, dst=target)


def _share(amount: float) -> str:
    return f"{amount:+.0%}"


def _always(amount: float) -> str:
    return ""


FOURTEEN = (
    Kind(identity, False, _always),
    Kind(shear_x, True, lambda amount: f"{amount:+.2f}"),
    Kind(shear_y, True, lambda amount: f"{amount:+.2f}"),
    Kind(translate_x, True, _share),
    Kind(translate_y, True, _share),
    Kind(rotate, True, lambda amount: f"{amount:+.0f}°"),
    Kind(_enhance(enhancing.brightness), True, _share),
    Kind(_enhance(enhancing.color), True, _share),
    Kind(_enhance(enhancing.contrast), True, _share),
    Kind(_enhance(enhancing.sharpness), True, _share),
    Kind(posterize, False, lambda amount: f"{8 - round(amount)} bits"),
    Kind(solarize, False, lambda amount: f"from {256 - round(amount)}"),
    Kind(auto_contrast, False, _always),
    Kind(equalize, False, _always),
)


class Draws(NamedTuple):
    """What was drawn for N images: one row an image in every column."""

    operation: NDArray[np.intp]
    """[N, n] positions in `FOURTEEN`, in the order in which they are applied."""
    strength: NDArray[np.float64]
    """[N, n] from -1 to 1; what an operation makes of it says `FullStrength`."""


FullStrength: TypeAlias = dict[str, float]
"""What strength 1 means to the operations that have a strength, by their names."""


def signed(strength: NDArray[np.float64], uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half of them negative."""
    return np.where(uniform < 0.5, -strength, strength)


def apply(full: FullStrength, images: Iterable[Image], draws: Draws, out: NDArray[np.uint8]) -> None:
    """Write images[i], changed as row i of the draws says, into out[i]."""
    spare = np.empty_like(out[0])
    for row, (image, result) in enumerate(zip(images, out, strict=True)):
        steps = [
            partial(_apply_one, full, FOURTEEN[operation], strength)
            for operation, strength in zip(draws.operation[row], draws.strength[row].tolist(), strict=True)
        ]
        run_steps(steps, image, spare, result)


def _apply_one(full: FullStrength, kind: Kind, strength: float, source: Image, target: Image) -> None:
    kind.apply(source, target, _amount(full, kind, strength))


def _amount(full: FullStrength, kind: Kind, strength: float) -> float:
    return full.get(kind.name, 0.0) * (strength if kind.signed else abs(strength))


def alone(full: FullStrength) -> tuple[Operation[Draws], ...]:
    """The fourteen one by one, for the preview."""
    return tuple(_alone(full, kind) for kind in FOURTEEN)


def _alone(full: FullStrength, kind: Kind) -> Operation[Draws]:
    def shown(source: Image, target: Image, draws: Draws, row: int) -> None:
        _apply_one(full, kind, float(draws.strength[row, 0]), source, target)

    shown.__name__ = kind.name.replace("_", " ")
    return Operation(
        shown,
        "strength",
        lambda augment: "",
        lambda strength: kind.in_words(_amount(full, kind, float(strength[0]))),
    )
