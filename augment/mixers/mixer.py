"""What a mixer is, and what several of them share: the weighted sum of two images, and ways to draw lambda."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from augment.settings import AugmentConfig


@dataclass(frozen=True)
class Mixer:
    """A way of mixing the images of a batch with their partners, by its name in `augment.mixer`."""

    mix: Callable[
        [np.ndarray, Iterable[np.ndarray], np.ndarray, np.random.Generator],
        tuple[np.ndarray, np.ndarray],
    ]
    """(first, second, lam, rng) -> (images, lam) in arrays of their own.

    `first` is uint8 [B, S, S, 3], `second` holds B images [S, S, 3] that may be rows of `first`, lam is float32 [B].
    The lam that comes back is exactly the share of the first image.
    """
    draw_lam: Callable[[AugmentConfig, int, np.random.Generator], np.ndarray]
    """The wanted share of the first image in each of so many mixtures, float32 [B]."""
    settings: Callable[[AugmentConfig], dict[str, Any]]
    """The keys that the mixer reads, with their values."""
    second_label: bool
    """Whether the label of the second image counts, with the share of that image."""
    title: str
    """What is made of two images, above the preview; {first} and {second} stand for their names."""
    panel: str
    """The preview's file, without .png."""
    lam_from: Callable[[AugmentConfig], str] | None = None
    """The distribution of lambda in words; None when lambda is always the same."""


def weighted_sum(
    first: np.ndarray, second: Iterable[np.ndarray], lam: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """`lam * first + (1 - lam) * second`, rounded once; a `Mixer.mix` without randomness."""
    mixed = np.empty_like(first)
    for a, b, weight, out in zip(first, second, lam.tolist(), mixed, strict=True):
        cv2.addWeighted(a, weight, b, 1 - weight, 0, dst=out)  # on bytes, in a fraction of NumPy's time
    return mixed, lam


def share_outside(box: np.ndarray, size: int) -> np.ndarray:
    """The share of an image of `size` pixels a side that boxes of so many pixels leave, float32 [B]."""
    return ((size * size - box) / (size * size)).astype(np.float32)


def per_batch_or_sample(augment: AugmentConfig, count: int, draw: Callable[[int], np.ndarray]) -> np.ndarray:
    """What `draw` draws, once for the batch or once a sample, as `augment.lam` says; float32 [count]."""
    drawn = draw(1 if augment.lam == "batch" else count)
    return np.broadcast_to(drawn.astype(np.float32), count).copy()


def beta(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """lambda ~ Beta(alpha, alpha), one for the batch or one a sample, float32 [count].

    As in the article, what is exactly 0 or 1 is drawn again. It still may become 1 when it is rounded to 32 bits, with
    alpha 0.1 in 8 of 100 draws: an image that is not mixed.
    """

    def draw(draws: int) -> np.ndarray:
        lam = np.zeros(draws)
        while (outside := (lam <= 0) | (lam >= 1)).any():
            lam[outside] = rng.beta(augment.alpha, augment.alpha, int(outside.sum()))
        return lam

    return per_batch_or_sample(augment, count, draw)


def beta_in_words(augment: AugmentConfig) -> str:
    """The distribution that `beta` draws from."""
    return f"Beta({augment.alpha:g}, {augment.alpha:g})"


def beta_settings(augment: AugmentConfig) -> dict[str, Any]:
    """The keys that `beta` reads."""
    return {"alpha": augment.alpha, "lam": augment.lam}
