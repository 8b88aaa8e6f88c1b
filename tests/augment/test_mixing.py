"""Mixing: what goes into an image must go into its label."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from augment.batch import Augmenter
from augment.mixers.mixer import beta, weighted_sum
from augment.mixers.partners import partners_in_batch, partners_in_dataset
from augment.schedule import Phase, mixing_is_on
from augment.settings import AugmentConfig, ScheduleConfig
from suite.randomness import Purpose, generator

SEED, EPOCHS = 3, 10


def augmenter_of(images: np.ndarray, labels: np.ndarray, seed: int = SEED, **augment: object) -> Augmenter:
    return Augmenter(AugmentConfig.model_validate(augment), seed, EPOCHS, images, labels)


def one_colour_set(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Image i is 10 * i all over and has label i: a mixed pixel tells who was mixed, and how strongly."""
    grey = (np.arange(count) * 10).astype(np.uint8)
    return np.broadcast_to(grey[:, None, None, None], (count, 8, 8, 3)).copy(), np.arange(count)


@pytest.mark.parametrize("count", [2, 3, 7, 8])
def test_partners_in_batch_are_others_and_serve_once(count: int) -> None:
    for seed in range(200):
        partners = partners_in_batch(count, np.random.default_rng(seed))
        assert sorted(partners) == list(range(count))
        assert (partners != np.arange(count)).all()


def test_partners_in_batch_are_uniform_over_the_others() -> None:
    rng = np.random.default_rng(0)
    counts = np.zeros((5, 5))
    for _ in range(4000):
        counts[np.arange(5), partners_in_batch(5, rng)] += 1
    off_diagonal = counts[~np.eye(5, dtype=bool)]
    assert abs(off_diagonal / 1000 - 1).max() < 0.15


def test_partners_in_dataset_are_all_others() -> None:
    samples = np.array([0, 3, 9])
    rng = np.random.default_rng(0)
    drawn = np.stack([partners_in_dataset(samples, 10, rng) for _ in range(2000)])
    for column, sample in zip(drawn.T, samples, strict=True):
        assert set(column) == set(range(10)) - {sample}
    assert abs(np.bincount(drawn[:, 1], minlength=10)[[0, 9]] / (2000 / 9) - 1).max() < 0.25


@pytest.mark.parametrize("alpha", [0.1, 1.0, 1.5])
def test_lambda_follows_its_distribution(alpha: float) -> None:
    augment = AugmentConfig(alpha=alpha, lam="sample")
    lam = beta(augment, 20_000, np.random.default_rng(0))
    assert lam.dtype == np.float32
    assert ((lam >= 0) & (lam <= 1)).all()
    assert lam.mean() == pytest.approx(0.5, abs=0.02)
    assert lam.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.05)  # the variance of Beta(alpha, alpha)
    assert (lam == 1).mean() == pytest.approx(0.08 if alpha == 0.1 else 0, abs=0.01)  # rounded to 32 bits


def test_a_lambda_of_exactly_0_or_1_is_drawn_again() -> None:
    """As often as it takes, and no other lambda with it: a draw more or less would change the results of every seed."""
    drawn = iter([[0, 1, 0.25], [1, 0.5], [0.75]])
    rng: Any = SimpleNamespace(beta=lambda a, b, count: next(drawn))
    assert beta(AugmentConfig(lam="sample"), 3, rng).tolist() == [0.75, 0.5, 0.25]


def test_lambda_of_a_batch_is_one_number() -> None:
    lam = beta(AugmentConfig(lam="batch"), 8, np.random.default_rng(0))
    assert lam.shape == (8,)
    assert len(set(lam)) == 1


def test_mix_images_weighs_as_lambda_says_and_leaves_its_inputs() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 256, (2, 6, 16, 16, 3), np.uint8)
    before = first.copy(), second.copy()
    lam = np.array([1.0, 0.25, 0.25, 0.5, 0.9, 0.0], np.float32)
    mixed, _ = weighted_sum(first, second, lam, rng)
    wanted = lam[:, None, None, None] * first + (1 - lam[:, None, None, None]) * second
    assert abs(mixed - wanted).max() <= 0.51  # rounded once
    assert (mixed[0] == first[0]).all()  # lambda 1 is no mixing at all
    assert (first == before[0]).all()
    assert (second == before[1]).all()


@pytest.mark.parametrize("partner", ["batch", "dataset"])
@pytest.mark.parametrize("lam", ["batch", "sample"])
@pytest.mark.parametrize("count", [2, 5, 8])
def test_mixup_labels_weigh_what_the_pixels_weigh(partner: str, lam: str, count: int) -> None:
    """The article mixed in place: images held a third picture that no label knew of."""
    images, labels = one_colour_set(20)
    augmenter = augmenter_of(images, labels, mode="mixup", operations=[], partner=partner, lam=lam)
    for index in range(50):
        samples = np.random.default_rng(index).permutation(20)[:count]
        batch = augmenter.batch(0, index, samples)
        assert (batch.label_a == samples).all()
        assert (batch.label_b != batch.label_a).all()
        told_by_labels = batch.lam * batch.label_a * 10 + (1 - batch.lam) * batch.label_b * 10
        assert abs(batch.images.reshape(count, -1) - told_by_labels[:, None]).max() <= 0.51


@pytest.mark.parametrize("partner", ["batch", "dataset"])
def test_sample_pairing_is_the_average_with_the_first_label(partner: str) -> None:
    images, labels = one_colour_set(20)
    augmenter = augmenter_of(images, labels, mode="samplePairing", operations=[], partner=partner)
    batch = augmenter.batch(1, 0, np.arange(7))
    assert (batch.label_a == np.arange(7)).all()
    assert (batch.label_b == np.arange(7)).all()
    partners = (2.0 * batch.images[:, 0, 0, 0] - 10 * np.arange(7)) / 10  # what the other half must have been
    assert (abs(partners - np.round(partners)) <= 0.1).all()
    assert (np.round(partners) != np.arange(7)).all()


def test_a_last_batch_of_one_has_nobody_to_mix_with() -> None:
    images, labels = one_colour_set(5)
    alone = augmenter_of(images, labels, mode="mixup", operations=[]).batch(0, 0, np.array([3]))
    assert (alone.images == images[3]).all()
    assert alone.lam == 1
    assert alone.label_b == 3
    anybody = augmenter_of(images, labels, mode="mixup", operations=[], partner="dataset")
    paired = anybody.batch(0, 0, np.array([3]))
    assert paired.label_b != 3


def test_partner_of_the_whole_set_is_augmented_on_its_own() -> None:
    """A flat set cannot tell, so: one bright corner, red and green, and flips only, of their own for both."""
    images = np.zeros((2, 8, 8, 3), np.uint8)
    images[0, 0, 0, 0] = images[1, 0, 0, 1] = 200
    ops = {"flip_horizontal": 0.5, "flip_vertical": 0, "crop": [1, 1], "rotate": [0, 0], "noise": 0}
    ops |= {name: [1, 1] for name in ("brightness", "contrast", "color", "sharpness")}
    augmenter = augmenter_of(images, np.arange(2), mode="samplePairing", partner="dataset", ops=ops)
    mixed = np.stack([augmenter.batch(1, index, np.array([0])).images[0] for index in range(40)])
    left, right = mixed[:, 0, 0, :2] > 50, mixed[:, 0, -1, :2] > 50
    assert (left ^ right).all()
    first, partner = left.T
    for often in (first, partner, first == partner):
        assert 8 < often.sum() < 32


@pytest.mark.parametrize("partner", ["batch", "dataset"])
def test_partners_and_lambda_are_drawn_at_addresses_of_their_own(partner: str) -> None:
    """One lambda for all batches, epochs or seeds; a lambda that says who is mixed."""
    images, labels = one_colour_set(20)
    samples = np.arange(8)
    for seed, epoch, index in product((0, 1), repeat=3):
        augmenter = augmenter_of(images, labels, seed, mode="mixup", operations=[], partner=partner)
        batch = augmenter.batch(epoch, index, samples)
        for_partners, for_lambda = (
            generator(seed, purpose, epoch, index) for purpose in (Purpose.PARTNER, Purpose.LAMBDA)
        )
        partners = (
            partners_in_batch(8, for_partners) if partner == "batch" else partners_in_dataset(samples, 20, for_partners)
        )
        assert (batch.label_b == partners).all()
        assert (batch.lam == beta(augmenter.augment, 8, for_lambda)).all()


def test_batches_depend_on_their_address_alone() -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (12, 16, 16, 3), np.uint8), np.arange(12)
    one, other = (augmenter_of(images, labels, mode="mixup") for _ in range(2))
    samples = np.arange(8)
    first = one.batch(4, 2, samples)
    for index in (0, 1, 3):
        other.batch(4, index, samples)
    again = other.batch(4, 2, samples)
    for a, b in zip(first, again, strict=True):
        assert (a == b).all()
    assert (first.images != other.batch(5, 2, samples).images).any()


def test_modes_of_one_seed_share_the_basic_augmentation() -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (12, 16, 16, 3), np.uint8), np.arange(12)
    plain = augmenter_of(images, labels, mode="userDef").batch(1, 0, np.arange(6))
    mixed = augmenter_of(images, labels, mode="mixup").batch(1, 0, np.arange(6))
    partners = mixed.label_b
    rebuilt, _ = weighted_sum(plain.images, plain.images[partners], mixed.lam, rng)
    assert (rebuilt == mixed.images).all()


def test_schedule_of_the_article() -> None:
    """500 epochs: on in 8 of 10 within 50..449, 320 in all."""
    schedule = AugmentConfig(mode="samplePairing").schedule
    on = [epoch for epoch in range(500) if mixing_is_on(schedule, epoch, 500)]
    assert len(on) == 320
    assert (on[0], on[-1]) == (50, 447)
    assert all(epoch % 10 < 8 for epoch in on)


@pytest.mark.parametrize(
    ("schedule", "epochs", "on"),
    [
        ({}, 5, [0, 1, 2, 3, 4]),
        ({"start": 0.1, "end": 0.9, "on": 8, "off": 2}, 10, [1, 2, 3, 4, 5, 6, 7]),
        (
            {"start": 0.1, "end": 0.9, "on": 8, "off": 2},
            40,
            [*range(4, 8), *range(10, 18), *range(20, 28), *range(30, 36)],
        ),
        ({"start": 0.5, "end": 0.5}, 10, []),
        ({"start": 0.7, "end": 1.0}, 10, [7, 8, 9]),  # 0.7 * 10 is a little less than 7 in floating point
        ({"on": 1, "off": 2}, 7, [0, 3, 6]),
    ],
)
def test_schedule_table(schedule: dict[str, float], epochs: int, on: list[int]) -> None:
    is_on = [epoch for epoch in range(epochs) if mixing_is_on(ScheduleConfig(**schedule), epoch, epochs)]  # type: ignore[arg-type]
    assert is_on == on


def test_finetuning_switches_everything_off_at_the_end() -> None:
    phases = [Phase(AugmentConfig(mode="mixup", finetune=0.3), epoch, 10) for epoch in range(10)]
    assert [phase.operations for phase in phases] == [True] * 7 + [False] * 3
    assert [phase.mixing for phase in phases] == [True] * 7 + [False] * 3
