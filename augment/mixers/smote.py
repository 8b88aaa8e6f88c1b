"""SMOTE: a random place on the line from an image to one of its neighbours in the class.

Source: Chawla 2002, "SMOTE: synthetic minority over-sampling technique", doi 10.1613/jair.953, section 4.2. There only
small classes are added to; `augment.balance` does that part.
"""

from __future__ import annotations

import numpy as np

from augment.mixers.mixer import Mixer, weighted_sum
from augment.settings import AugmentConfig


def uniform(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """lambda ~ U(0, 1), one a sample, float32 [count]."""
    return rng.random(count, dtype=np.float32)


SMOTE = Mixer(
    mix=weighted_sum,
    draw_lam=uniform,
    settings=lambda augment: {},
    second_label=False,
    title="SMOTE: λ · {first} + (1 - λ) · a neighbour of the same class",
    panel="smote",
    lam_from=lambda augment: "U(0, 1)",
)
