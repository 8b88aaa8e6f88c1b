"""What a mixer is, and the weighted sum of two images that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from augment.mixers.partners import AS_CHOSEN, PartnerRule
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
    """The keys that the mixer reads, besides those of its `partners`, with their values."""
    second_label: bool
    """Whether the label of the second image counts, with the share of that image."""
    title: str
    """What is made of two images, above the preview; {first} and {second} stand for their names."""
    panel: str
    """The preview's file, without .png."""
    lam_from: Callable[[AugmentConfig], str] | None = None
    """The distribution of lambda in words; None when lambda is always the same."""
    partners: PartnerRule = AS_CHOSEN
    """Who is mixed with whom."""


def weighted_sum(
    first: np.ndarray, second: Iterable[np.ndarray], lam: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """`lam * first + (1 - lam) * second`, rounded once; a `Mixer.mix` without randomness."""
    mixed = np.empty_like(first)
    for a, b, weight, out in zip(first, second, lam.tolist(), mixed, strict=True):
        cv2.addWeighted(a, weight, b, 1 - weight, 0, dst=out)  # on bytes, in a fraction of NumPy's time
    return mixed, lam
