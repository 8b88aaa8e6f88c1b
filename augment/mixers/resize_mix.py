"""ResizeMix: the whole second image, made smaller, covers a box of the first; labels count by their share of pixels.

Source: arXiv 2012.11101, section 3.3. The box can hold no part of the background alone, as that of CutMix can.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from augment.mixers.mixer import Mixer, per_batch_or_sample, share_outside
from augment.settings import AugmentConfig

SCALE = (0.1, 0.8)
"""The side of the small image, as a share of that of the first; the paper's bounds."""


def share_of_scale(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """lambda = 1 - scale², scale ~ U(0.1, 0.8), one for the batch or one a sample, float32 [count]."""
    return per_batch_or_sample(augment, count, lambda draws: 1 - rng.uniform(*SCALE, draws) ** 2)


def paste_smaller(
    first: np.ndarray, second: Iterable[np.ndarray], lam: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A `Mixer.mix`. All places of the small image that lie within the first are equally likely."""
    size = first.shape[1]
    sides = np.maximum(np.rint(size * np.sqrt(1 - lam)), 1).astype(int)
    starts = (rng.random((len(first), 2)) * (size - sides + 1)[:, None]).astype(int)
    mixed = first.copy()
    for (top, left), side, other, out in zip(starts, sides.tolist(), second, mixed, strict=True):
        out[top : top + side, left : left + side] = shrunk(other, side)
    return mixed, share_outside(sides**2, size)


def shrunk(image: np.ndarray, side: int) -> np.ndarray:
    """The image with `side` pixels a side, [side, side, 3]."""
    # Halves are means of four pixels, which is quick; a mean of other areas takes four times as long.
    while len(image) >= 2 * side:
        half = len(image) // 2
        image = cv2.resize(image, (half, half), interpolation=cv2.INTER_AREA)
    return cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR)


RESIZE_MIX = Mixer(
    mix=paste_smaller,
    draw_lam=share_of_scale,
    settings=lambda augment: {"lam": augment.lam},
    second_label=True,
    title="ResizeMix: a small {second} on {first}",
    panel="resize_mix",
    lam_from=lambda augment: "1 - U({:g}, {:g})²".format(*SCALE),
)
