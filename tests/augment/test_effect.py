"""What a section `augment` does: its keys that have an effect, and no others, tell arms apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from augment.batch import Augmenter
from augment.effect import effect
from augment.settings import AugmentConfig

EPOCHS = 10

BASES: list[dict[str, Any]] = [
    {"mode": "none"},
    {"mode": "userDef"},
    {"mode": "samplePairing"},
    {"mode": "samplePairing", "operations": "none", "partner": "dataset"},
    {"mode": "mixup"},
    {"mode": "mixup", "operations": "none", "lam": "sample"},
    {"mode": "mixup", "finetune": 0.3},
    {"mode": "mixup", "schedule": {"start": 0.5, "end": 0.5}},
    {"mode": "userDef", "ops": {"noise": 0.0}},
    {"mode": "userDef", "finetune": 1.0},
    {"mode": "erasing"},
    {"mode": "randAugment"},
    {"mode": "trivialAugment"},
    {"mode": "imgaugLib"},
    {"mode": "cutMix"},
    {"mode": "resizeMix", "operations": "none"},
    {"mode": "smote"},
    {"mode": "switch", "switch": ["resizeMix", "samplePairing"]},
]

CHANGES: list[dict[str, Any]] = [
    {"strength": "mild"},
    {"ops": {"brightness": [0.1, 0.2]}},
    {"ops": {"rotate": [90, 90]}},
    {"ops": {"noise": 1.0}},
    {"ops": {"noise_sigma": [40.0, 50.0]}},
    {"ops": {"flip_horizontal": 1.0}},
    {"alpha": 0.1},
    {"lam": "sample"},
    {"lam": "batch"},
    {"partner": "dataset"},
    {"partner": "batch"},
    {"finetune": 0.2},
    {"finetune": 0.04},  # of 10 epochs none
    {"schedule": {"end": 0.7}},
    {"schedule": {"start": 0.12}},  # rounds to the same epoch as 0.1
    {"schedule": {"on": 3}},
    {"schedule": {"off": 1}},
    {"standard": {"area": [0.1, 0.2]}},
    {"erasing": {"probability": 1.0}},
    {"randAugment": {"n": 3}},
    {"randAugment": {"magnitude": 20.0}},
    {"switch": ["cutMix", "resizeMix"]},
    {"partner": "neighbours"},
    {"neighbours": 1},
]


def section(base: dict[str, Any], change: dict[str, Any]) -> AugmentConfig:
    merged = {**base}
    for key, value in change.items():
        merged[key] = {**base.get(key, {}), **value} if isinstance(value, dict) else value
    return AugmentConfig.model_validate(merged)


def batches(augment: AugmentConfig) -> list[bytes]:
    """All that a short run trains on."""
    images = np.random.default_rng(0).integers(0, 256, (24, 8, 8, 3), np.uint8)
    augmenter = Augmenter(augment, 3, EPOCHS, images, np.arange(24) % 8)
    halves = np.arange(12), np.arange(12, 24)
    return [
        array.tobytes()
        for epoch in range(EPOCHS)
        for index, samples in enumerate(halves)
        for array in augmenter.batch(epoch, index, samples)
    ]


@pytest.mark.parametrize("base", BASES, ids=str)
def test_two_sections_have_one_effect_exactly_when_their_batches_are_equal(base: dict[str, Any]) -> None:
    """A dead key makes a second arm of one, and Holm's family larger; a live one that is missing hides an arm."""
    plain = section(base, {})
    trained_on, is_done = batches(plain), effect(plain, EPOCHS)
    wrong = [
        change
        for change in CHANGES
        if (effect(section(base, change), EPOCHS) == is_done) != (batches(section(base, change)) == trained_on)
    ]
    assert wrong == []


def test_a_mixer_that_is_never_on_is_none() -> None:
    never = section({"mode": "mixup"}, {"schedule": {"start": 0.5, "end": 0.5}})
    assert effect(never, EPOCHS) == effect(AugmentConfig(mode="userDef", operations=("userDef",)), EPOCHS)
    assert effect(section({"mode": "userDef"}, {"finetune": 1.0}), EPOCHS) == effect(AugmentConfig(), EPOCHS) == ()
