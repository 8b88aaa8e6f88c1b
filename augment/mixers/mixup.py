"""mixup: a sum of two images with random weights, and their labels with the same weights.

Source: arXiv 1710.09412, section 2.
"""

from __future__ import annotations

import numpy as np

from augment.mixers.mixer import Mixer, weighted_sum
from augment.settings import AugmentConfig


def beta(augment: AugmentConfig, count: int, rng: np.random.Generator) -> np.ndarray:
    """lambda ~ Beta(alpha, alpha), one for the batch or one a sample, float32 [count].

    With a small alpha many draws lie so near to 1 that they are rounded to it, with alpha 0.1 in 9 of 100: images that
    are not mixed. They are kept, unlike in the article. Its mean of lambda is below 0.5, since numbers near 0 are not
    rounded to 0.
    """
    lam = rng.beta(augment.alpha, augment.alpha, 1 if augment.lam == "batch" else count)
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
