"""The eight operations: what is drawn follows the configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from augment.operations import userdef
from augment.operations.userdef import Draws
from augment.settings import STRENGTHS, OpsConfig
from tests.fixtures.operations import NEUTRAL, PHOTOMETRIC, drawn


def uniformity(values: NDArray[Any], low: float, high: float) -> float:
    """Kolmogorov-Smirnov distance from the uniform distribution times sqrt(n): above 1.95 once in a thousand times."""
    expected = (np.arange(len(values)) + 0.5) / len(values)
    return float(np.abs((np.sort(values) - low) / (high - low) - expected).max() * np.sqrt(len(values)))


@pytest.mark.parametrize("strength", STRENGTHS)
def test_continuous_parameters_are_uniform_in_their_range(strength: str) -> None:
    """A range read from the wrong key, or m used for n, shows here; `mild` differs from the defaults."""
    ops = OpsConfig(**STRENGTHS[strength])
    draws = drawn(ops, 4000)
    columns = [(getattr(draws, name), getattr(ops, name)) for name in PHOTOMETRIC]
    columns += [(draws.crop[:, axis], ops.crop) for axis in (0, 1)]
    columns += [(draws.sigma[draws.sigma > 0], ops.noise_sigma)]
    for values, (low, high) in columns:
        assert low <= values.min() and values.max() <= high
        assert uniformity(values, low, high) < 1.95


@pytest.mark.parametrize(("low", "high"), [(0, 359), (-15, 15), (-1, 0), (7, 7)])
def test_every_whole_degree_is_drawn_with_both_ends(low: int, high: int) -> None:
    """`integers(low, high)` would never draw the last degree, truncation towards zero would draw 0 twice as often."""
    draws = drawn(OpsConfig(rotate=(low, high)), 40_000)
    degrees, counts = np.unique(draws.angle, return_counts=True)
    assert degrees.tolist() == list(range(low, high + 1))
    expected = 40_000 / len(degrees)
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_resamplings_are_equally_likely() -> None:
    """The article chooses among four filters."""
    counts = np.bincount(drawn(OpsConfig(), 4000).resampling, minlength=4)
    assert len(counts) == len(userdef.RESAMPLINGS)
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000)


@pytest.mark.parametrize("probability", [0.0, 0.25, 1.0])
def test_probabilities_are_kept_and_separate(probability: float) -> None:
    """0 must mean never and 1 always (`<=` or `>` in place of `<` breaks one of them), and no key may serve another."""
    for key in ("flip_horizontal", "flip_vertical", "noise"):
        draws = drawn(OpsConfig(**{**NEUTRAL, key: probability, "noise_sigma": (1.0, 5.0)}), 4000)
        happened = {
            "flip_horizontal": draws.flip[:, 0].mean(),
            "flip_vertical": draws.flip[:, 1].mean(),
            "noise": (draws.sigma > 0).mean(),
        }
        tolerance = 4 * np.sqrt(probability * (1 - probability) / 4000)
        assert abs(happened.pop(key) - probability) <= tolerance
        assert list(happened.values()) == [0, 0]


def test_degenerate_ranges_give_their_value() -> None:
    """A range of one value switches an operation to that value; a division by its width would give NaN."""
    draws = drawn(OpsConfig(brightness=(0.7, 0.7), crop=(1.2, 1.2), noise=1.0, noise_sigma=(3.0, 3.0)), 50)
    assert (draws.brightness == 0.7).all() and (draws.crop == 1.2).all() and (draws.sigma == 3.0).all()


def test_order_is_a_uniform_permutation() -> None:
    """Every operation once per image, each as often in each place, each pair as often one way as the other."""
    count = 8000
    order = drawn(OpsConfig(), count).order
    assert (np.sort(order, axis=1) == np.arange(8)).all()
    place = order.argsort(axis=1)
    in_place = np.stack([np.bincount(column, minlength=8) for column in place.T])
    assert np.abs(in_place - count / 8).max() < 5 * np.sqrt(count / 8)
    before = (place[:, :, None] < place[:, None, :]).mean(axis=0)[~np.eye(8, dtype=bool)]
    assert np.abs(before - 0.5).max() < 5 * 0.5 / np.sqrt(count)


def test_parameters_are_independent() -> None:
    """One number used for two columns (m for n, one flip for both) would tie them together."""
    draws = drawn(OpsConfig(noise=1.0), 8000)
    columns = np.column_stack([np.asarray(column, dtype=float) for column in draws])
    correlation = np.corrcoef(columns.T)
    np.fill_diagonal(correlation[8:, 8:], 0)
    assert np.abs(correlation[8:]).max() < 5 / np.sqrt(8000)  # the places in an order do depend on one another


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"brightness": (0.9, 1.0)}, "brightness"),
        ({"crop": (1.0, 1.0)}, "crop"),
        ({"flip_vertical": 0.0}, "flip"),
        ({"rotate": (0, 0)}, "angle"),
        ({"noise": 0.0}, "sigma"),
    ],
)
def test_a_changed_range_leaves_the_other_columns_alone(changed: dict[str, Any], column: str) -> None:
    """Two runs that differ in one range must differ by that range: no draw may be skipped where it is not needed."""
    before, after = drawn(OpsConfig(), 40), drawn(OpsConfig(**changed), 40)
    assert [name for name in Draws._fields if (getattr(before, name) != getattr(after, name)).any()] == [column]


def test_rows_do_not_depend_on_the_count() -> None:
    """The last, short batch of an epoch draws like a full one."""
    few, many = drawn(OpsConfig(), 3), drawn(OpsConfig(), 8)
    for short, full in zip(few, many, strict=True):
        np.testing.assert_array_equal(short, full[:3])
