"""SamplePairing: the average of two images, under the label of the first.

Source: arXiv 1801.02929, section 3.
"""

from __future__ import annotations

import numpy as np

from augment.mixers.mixer import Mixer, weighted_sum
from augment.settings import AugmentConfig


def half(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """The weight of the plain average of both images, float32 [count]."""
    return np.full(count, 0.5, np.float32)


PAIRING = Mixer(
    mix=weighted_sum,
    draw_lam=half,
    settings=lambda augment: {},
    second_label=False,
    title="SamplePairing: the average of two images, with the label of the first",
    panel="pairing",
)
