"""Mixing two images, of one batch or with any of the training set: SamplePairing and mixup.

Both are one weighted sum of two images; they differ in how the weight is drawn, in whether the second label counts,
and in when they are on. A mixing mode is therefore one line of `MIXERS`, a preset in `config`, and
nothing in the training loop.

Sources: SamplePairing, arXiv 1801.02929, section 3; mixup, arXiv 1710.09412, section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import cv2
import numpy as np

from augment.settings import AugmentConfig, ScheduleConfig


class Mixer(NamedTuple):
    """A way of mixing."""

    draw_lam: Callable[[AugmentConfig, int, np.random.Generator], np.ndarray]  # float32 [B]
    second_label: bool  # whether the label of the second image counts


def half(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """SamplePairing's weight: the plain average of both images."""
    return np.full(count, 0.5, np.float32)


def beta(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """mixup's weight: lambda ~ Beta(alpha, alpha), one for the batch or one a sample.

    As in the article, what is exactly 0 or 1 is drawn again. It still may become 1 when it is rounded to 32 bits, with
    alpha 0.1 in 8 of 100 draws: an image that is not mixed.
    """
    draws = 1 if augment.lam == "batch" else count
    lam = np.zeros(draws)
    while (outside := (lam <= 0) | (lam >= 1)).any():
        lam[outside] = rng.beta(augment.alpha, augment.alpha, int(outside.sum()))
    return np.broadcast_to(lam.astype(np.float32), count).copy()


MIXERS = {
    "samplePairing": Mixer(half, second_label=False),
    "mixup": Mixer(beta, second_label=True),
}


def partners_in_batch(count: int, rng: np.random.Generator) -> np.ndarray:
    """For each of `count` samples another one of them, int64 [count]; nobody is its own partner.

    The samples stand in a random circle and each takes its neighbour: every sample serves exactly once as a partner.
    """
    assert count > 1, "one sample has no partner"
    circle = rng.permutation(count)
    partners = np.empty(count, np.int64)
    partners[circle] = np.roll(circle, 1)
    return partners


def partners_in_dataset(samples: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """For each sample (its index in a set of `size`) any other image of the set, uniformly, int64 [B]."""
    others = rng.integers(0, size - 1, len(samples))
    return others + (others >= samples)  # close the gap that the sample itself leaves


def mix_images(first: np.ndarray, second: Iterable[np.ndarray], lam: np.ndarray) -> np.ndarray:
    """`lam * first + (1 - lam) * second` in a new array, rounded once; both inputs stay as they are.

    Args:
        first: uint8 [B, S, S, 3]
        second: B images, uint8 [S, S, 3]; they may be rows of `first`
        lam: float32 [B]
    """
    mixed = np.empty_like(first)
    for a, b, weight, out in zip(first, second, lam.tolist(), mixed, strict=True):
        cv2.addWeighted(a, weight, b, 1 - weight, 0, dst=out)  # on bytes, in a fraction of NumPy's time
    return mixed


def mixing_is_on(schedule: ScheduleConfig, epoch: int, epochs: int) -> bool:
    """Whether a mixer is on in `epoch` (counted from 0) of `epochs`.

    The article's schedule for 500 epochs (0.1 to 0.9, 8 on, 2 off) is on in 320 of them, all within 50..449.
    """
    inside = round(schedule.start * epochs) <= epoch < round(schedule.end * epochs)
    return inside and epoch % (schedule.on + schedule.off) < schedule.on
