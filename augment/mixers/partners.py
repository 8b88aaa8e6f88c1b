"""Who is mixed with whom: a rule gives every sample of a batch its partner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from augment.mixers.neighbours import nearest_of_class
from augment.settings import AugmentConfig
from suite.image_source import ImageSource

DrawPartners: TypeAlias = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""(samples, rng) -> partners: for each sample, int64 [B], a row of the batch or an image of the set, int64 [B]."""


class PartnerRule(NamedTuple):
    """Where partners come from, by its name in `augment.partner`."""

    in_words: Callable[[AugmentConfig], str]
    settings: Callable[[AugmentConfig], dict[str, Any]]
    """The keys that the rule reads, with their values."""
    within: Callable[[AugmentConfig, ImageSource, np.ndarray], DrawPartners]
    """(augment, images [N, S, S, 3], labels [N]) of a training set, which is the time to search it."""
    in_batch: bool = False
    """Whether partners are other rows of the batch, as augmented there; otherwise images of the set, augmented anew."""
    alike: bool = False
    """Whether a partner out of the set gets the same draws of all operations as its sample."""


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


def _among_neighbours(augment: AugmentConfig, images: ImageSource, labels: np.ndarray) -> DrawPartners:
    nearest, counts = nearest_of_class(images, labels, augment.neighbours)

    def draw(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return nearest[samples, (rng.random(len(samples)) * counts[samples]).astype(np.int64)]

    return draw


PARTNER_RULES = {
    "batch": PartnerRule(
        lambda augment: "a partner from the batch",
        lambda augment: {"partner": "batch"},
        lambda augment, images, labels: lambda samples, rng: partners_in_batch(len(samples), rng),
        in_batch=True,
    ),
    "dataset": PartnerRule(
        lambda augment: "a partner from the dataset",
        lambda augment: {"partner": "dataset"},
        lambda augment, images, labels: lambda samples, rng: partners_in_dataset(samples, len(labels), rng),
    ),
    # A sum of two images is near both only while they lie alike: so they are turned and cropped alike too.
    "neighbours": PartnerRule(
        lambda augment: f"one of the {augment.neighbours} nearest images of its class",
        lambda augment: {"partner": "neighbours", "neighbours": augment.neighbours},
        _among_neighbours,
        alike=True,
    ),
}
