"""mixup: a sum of two images with random weights, and their labels with the same weights.

Source: arXiv 1710.09412, section 2.
"""

from __future__ import annotations

from augment.mixers.mixer import Mixer, beta, beta_in_words, beta_settings, weighted_sum

MIXUP = Mixer(
    mix=weighted_sum,
    draw_lam=beta,
    settings=beta_settings,
    second_label=True,
    title="mixup: λ · {first} + (1 - λ) · {second}",
    panel="mixup",
    lam_from=beta_in_words,
)
