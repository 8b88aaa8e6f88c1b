"""The set `randAugment`: `n` of fourteen operations, one after the other, all at one strength.

Source: Cubuk 2019, arXiv 1909.13719, with the ranges of AutoAugment, arXiv 1805.09501, table 6. A translation is a
share of the side: there 150 of 331 pixels.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from augment.operations.columns import whole_between
from augment.operations.fourteen import FOURTEEN, Draws, alone, apply, signed
from augment.operations.operation_set import OperationSet
from augment.settings import LARGEST_MAGNITUDE, RandAugmentConfig

FULL = {
    "shear_x": 0.3,
    "shear_y": 0.3,
    "translate_x": 150 / 331,
    "translate_y": 150 / 331,
    "rotate": 30.0,
    "brightness": 0.9,
    "color": 0.9,
    "contrast": 0.9,
    "sharpness": 0.9,
    "posterize": 4.0,
    "solarize": 256.0,
}


def draw(settings: RandAugmentConfig, count: int, rng: np.random.Generator) -> Draws:
    """Draw the parameters of `count` images; the first rows do not depend on `count`."""
    operation, side = np.moveaxis(rng.random((count, settings.n, 2)), 2, 0)
    strength = np.full(side.shape, settings.magnitude / LARGEST_MAGNITUDE)
    return Draws(operation=whole_between((0, len(FOURTEEN) - 1), operation), strength=signed(strength, side))


RAND_AUGMENT = OperationSet(
    stream=4,
    draw=lambda augment, count, rng: draw(augment.randAugment, count, rng),
    apply=partial(apply, FULL),
    settings=lambda augment: {f"randAugment.{key}": value for key, value in augment.randAugment},
    in_words=lambda augment: f"{augment.randAugment.n} of 14, magnitude {augment.randAugment.magnitude:g}",
    alone=alone(FULL),
)
