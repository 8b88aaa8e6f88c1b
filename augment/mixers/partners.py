"""Who is mixed with whom: a rule gives every sample of a batch its partner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from augment.settings import AugmentConfig
from suite.image_source import ImageSource


class Partners(NamedTuple):
    """Draws the partners within one training set."""

    in_batch: bool
    """Whether partners are other rows of the batch, as augmented there; otherwise images of the set, augmented anew."""
    draw: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    """(samples, rng) -> partners: for each sample, int64 [B], a row of the batch or an image of the set, int64 [B]."""


class PartnerRule(NamedTuple):
    """Which partners a mixer takes."""

    in_words: Callable[[AugmentConfig], str]
    settings: Callable[[AugmentConfig], dict[str, Any]]
    """The keys that the rule reads, with their values."""
    within: Callable[[AugmentConfig, ImageSource, np.ndarray], Partners]
    """(augment, images [N, S, S, 3], labels [N]) of a training set, which is the time to search it."""


def partners_in_batch(count: int, rng: np.random.Generator) -> np.ndarray:
    """For each of `count` samples another one of them, int64 [count]; no sample is its own partner.

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


def _within(augment: AugmentConfig, images: ImageSource, labels: np.ndarray) -> Partners:
    if augment.partner == "batch":
        return Partners(True, lambda samples, rng: partners_in_batch(len(samples), rng))
    return Partners(False, lambda samples, rng: partners_in_dataset(samples, len(labels), rng))


AS_CHOSEN = PartnerRule(
    in_words=lambda augment: f"a partner from the {augment.partner}",
    settings=lambda augment: {"partner": augment.partner},
    within=_within,
)
"""Any other image, from where `augment.partner` says."""
