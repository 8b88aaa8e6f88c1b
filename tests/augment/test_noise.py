"""Noise: its strength, and that it never repeats."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from augment.operations import banks
from augment.settings import OpsConfig
from tests.fixtures.operations import NEUTRAL, applied, drawn


def noisy(level: int, sigma: float, count: int = 4, size: int = 64) -> NDArray[np.float64]:
    ops = OpsConfig(**{**NEUTRAL, "noise": 1.0, "noise_sigma": (sigma, sigma)})
    images = np.full((count, size, size, 3), level, np.uint8)
    return applied(images, drawn(ops, count)).astype(np.float64) - level


def test_noise_never_wraps() -> None:
    """The article's own fault: noise cast before it was added turned 42 % of the black values into 200 and more."""
    assert noisy(0, 5.0).max() < 6 * 5
    assert noisy(255, 5.0).min() > -6 * 5


@pytest.mark.parametrize("sigma", [2.0, 5.0, 50.0])
def test_noise_has_the_drawn_strength_and_no_bias(sigma: float) -> None:
    """sigma taken for variance or for a share of 1, a bank that is off-centre, truncation in place of rounding."""
    added = noisy(128, sigma)
    clipping = 1.0 if sigma < 50 else 0.985  # of a normal distribution cut at 128 / 50 standard deviations
    assert added.std() == pytest.approx(np.hypot(sigma, 1 / np.sqrt(12)) * clipping, rel=0.02)
    assert abs(added.mean()) < 0.02 * sigma
    assert np.abs(added).mean() == pytest.approx(added.std() * np.sqrt(2 / np.pi), rel=0.03)


def test_noise_differs_by_pixel_channel_and_image() -> None:
    """Noise that is repeated over the channels, or the same in every image, is far easier to learn away."""
    added = noisy(128, 5.0, count=2)
    one, other = added

    def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return abs(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]))

    assert correlation(one[..., 0], one[..., 1]) < 0.06
    assert correlation(one[:, 1:], one[:, :-1]) < 0.06
    assert correlation(one, other) < 0.06


def test_noise_bank_is_standard_normal_and_always_the_same() -> None:
    """Two threads may both build the bank, and a resumed run builds it anew: they must all read the same numbers."""
    bank = banks.noise_bank(32)
    np.testing.assert_array_equal(bank, banks.noise_bank.__wrapped__(32))
    z = (bank.astype(np.float64) - banks.NOISE_ZERO) / banks.NOISE_UNIT
    within = [(np.abs(z) <= bound + 0.5 / banks.NOISE_UNIT).mean() for bound in (1, 2, 3)]
    assert within == pytest.approx([0.6925, 0.9566, 0.99760], abs=0.002)
