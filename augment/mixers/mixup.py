"""mixup: a sum of two images with random weights, and their labels with the same weights.

Source: arXiv 1710.09412, section 2.
"""

from __future__ import annotations

import numpy as np

from augment.mixers.mixer import Mixer, weighted_sum
from augment.settings import AugmentConfig


def beta(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """lambda ~ Beta(alpha, alpha), one for the batch or one a sample, float32 [count].

    As in the article, what is exactly 0 or 1 is drawn again. It still may become 1 when it is rounded to 32 bits, with
    alpha 0.1 in 8 of 100 draws: an image that is not mixed.
    """
    draws = 1 if augment.lam == "batch" else count
    lam = np.zeros(draws)
    while (outside := (lam <= 0) | (lam >= 1)).any():
        lam[outside] = rng.beta(augment.alpha, augment.alpha, int(outside.sum()))
    return np.broadcast_to(lam.astype(np.float32), count).copy()


MIXUP = Mixer(
    mix=weighted_sum,
    draw_lam=beta,
    settings=lambda augment: {"alpha": augment.alpha, "lam": augment.lam},
    second_label=True,
    title="mixup: λ · {first} + (1 - λ) · {second}",
    panel="mixup",
    lam_from=lambda augment: f"Beta({augment.alpha:g}, {augment.alpha:g})",
)
