"""The set `trivialAugment`: one of fourteen operations, at a random strength. It has no settings.

Source: Müller and Hutter 2021, arXiv 2103.10158, the wide table. A translation there is at most 32 pixels, a seventh
of 224 and all of a small image; here it is at most a seventh of the side.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from augment.operations.columns import whole_between
from augment.operations.fourteen import FOURTEEN, Draws, alone, apply, signed
from augment.operations.operation_set import OperationSet

LEVELS = 30
"""Strengths are whole numbers of this part, from 0 on."""

FULL = {
    "shear_x": 0.99,
    "shear_y": 0.99,
    "translate_x": 32 / 224,
    "translate_y": 32 / 224,
    "rotate": 135.0,
    "brightness": 0.99,
    "color": 0.99,
    "contrast": 0.99,
    "sharpness": 0.99,
    "posterize": 6.0,
    "solarize": 256.0,
}


def draw(count: int, rng: np.random.Generator) -> Draws:
    """Draw the parameters of `count` images; the first rows do not depend on `count`."""
    operation, strength, side = rng.random((count, 3)).T[:, :, None]
    return Draws(
        operation=whole_between((0, len(FOURTEEN) - 1), operation),
        strength=signed(whole_between((0, LEVELS), strength) / LEVELS, side),
    )


TRIVIAL_AUGMENT = OperationSet(
    stream=3,
    draw=lambda augment, count, rng: draw(count, rng),
    apply=partial(apply, FULL),
    settings=lambda augment: {},
    in_words=lambda augment: "one of 14",
    alone=alone(FULL),
)
