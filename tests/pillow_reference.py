"""The eight operations as the article performs them, one Pillow or numpy call after another: slow and plainly right.

Tests hold `augment.operations.userdef` against it, benchmarks time both. One fault of the article is not repeated: the
noise is added before the cast to bytes, so that it cannot wrap around.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from augment.operations.userdef import NOISE_UNIT, NOISE_ZERO, OPERATIONS, Draws, noise_bank

FILTERS = (
    Image.Resampling.NEAREST,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)

Noise = Callable[[Draws, int, int], NDArray[np.float64]]


def drawn_noise(draws: Draws, row: int, size: int) -> NDArray[np.float64]:
    """The noise that `augment.operations.userdef` adds for this row, [size, size, 3]."""
    start = draws.noise_offset[row]
    stored = noise_bank(size)[start : start + size * size * 3].reshape(size, size, 3)
    sigma: float = draws.sigma[row]
    return sigma * (stored.astype(np.float64) - NOISE_ZERO) / NOISE_UNIT


def fresh_noise(draws: Draws, row: int, size: int) -> NDArray[np.float64]:
    """New noise of the same strength, as the article draws it: what the benchmark has to pay for."""
    sigma: float = draws.sigma[row]
    return sigma * np.random.randn(size, size, 3)


def apply_with_pillow(
    image: NDArray[np.uint8], draws: Draws, row: int, noise: Noise = drawn_noise
) -> NDArray[np.uint8]:
    """The image, uint8 [S, S, 3], after all eight operations of row `row`."""
    picture = Image.fromarray(image)
    for operation in draws.order[row]:
        picture = _operate(picture, OPERATIONS[operation].__name__, draws, row, noise)
    return np.asarray(picture)


def _operate(picture: Image.Image, operation: str, draws: Draws, row: int, noise: Noise) -> Image.Image:
    width, height = picture.size
    match operation:
        case "brightness":
            return ImageEnhance.Brightness(picture).enhance(draws.brightness[row])
        case "contrast":
            return ImageEnhance.Contrast(picture).enhance(draws.contrast[row])
        case "color":
            return ImageEnhance.Color(picture).enhance(draws.color[row])
        case "sharpness":
            return ImageEnhance.Sharpness(picture).enhance(draws.sharpness[row])
        case "crop":
            m, n = draws.crop[row]
            left, top = width * (1 - 1 / m) / 2, height * (1 - 1 / n) / 2
            box = picture.crop((left, top, left + width / m, top + height / n))
            return box.resize((width, height), FILTERS[draws.resampling[row]])
        case "flip":
            pixels = np.asarray(picture)
            left_right, top_bottom = draws.flip[row]
            if left_right:
                pixels = pixels[:, ::-1]
            if top_bottom:
                pixels = pixels[::-1]
            return Image.fromarray(pixels)
        case "rotate":
            return picture.rotate(int(draws.angle[row]))
        case "noise":
            if draws.sigma[row] == 0:
                return picture
            noisy = np.asarray(picture) + noise(draws, row, width)
            return Image.fromarray(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
    raise AssertionError(operation)
