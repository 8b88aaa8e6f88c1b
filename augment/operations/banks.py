"""Random numbers kept ready for whole images: a draw says where an image's stretch of them begins.

Drawing them anew takes more than fifty times as long as using them. The banks are always the same, some megabytes at
224 pixels. Threads that ask for one at the same time may each make it; they make the same.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

OFFSETS = 1 << 20
"""Places at which a stretch may begin."""

NOISE_ZERO = 128
NOISE_UNIT = 25
"""Steps of the noise bank in one standard deviation; a byte then reaches 5.1 of them, 1 value in 3 million is cut."""

UNIFORM_STEPS = 1 << 16
"""Steps of the uniform bank between 0 and 1."""


@cache
def noise_bank(size: int) -> NDArray[np.uint8]:
    """Standard normal noise `z`, stored as `NOISE_ZERO + NOISE_UNIT * z`, for images of `size` pixels a side."""
    normal = np.random.default_rng(0).standard_normal(size * size * 3 + OFFSETS, dtype=np.float32)
    return np.clip(np.rint(NOISE_ZERO + NOISE_UNIT * normal), 0, 255).astype(np.uint8)


@cache
def uniform_bank(size: int) -> NDArray[np.uint16]:
    """Uniform whole numbers below `UNIFORM_STEPS`, for images of `size` pixels a side, and at least 256 of them."""
    count = max(size * size * 3, 256) + OFFSETS
    return np.random.default_rng(1).integers(0, UNIFORM_STEPS, count, dtype=np.uint16)


def uniform_stretch(size: int, start: int, channels: int) -> NDArray[np.uint16]:
    """Uniform whole numbers below `UNIFORM_STEPS`, [size, size, channels]."""
    return uniform_bank(size)[start : start + size * size * channels].reshape(size, size, channels)
