"""Along the epochs: whether accuracy still rises, and where two curves meet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.comparison.course import smoothed, trend
from suite.comparison.records import Run
from tests.fixtures.runs import only_run, rows_over, write_arms, write_run

# --- whether accuracy still rises


def with_curves(run: Run, values: np.ndarray) -> list[Run]:
    """A run for each row of `values` [runs, epochs]."""
    return [replace(run, curves={**run.curves, "accEval": row}) for row in values]


@pytest.mark.parametrize("epochs", [8, 10, 19, 40, 100])
@pytest.mark.parametrize(("growth", "expected"), [(0.009, "not rising"), (0.011, "rising"), (-0.011, "not rising")])
def test_rising_is_a_point_in_a_tenth_of_the_epochs(tmp_path: Path, epochs: int, growth: float, expected: str) -> None:
    """Also in short runs, of which the first test could say nothing below 20 epochs."""
    curve = 0.3 + growth * 10 / epochs * np.arange(epochs)
    write_run(tmp_path / "seed0", epochs=epochs, curves={"accEval": curve})
    assert rows_over(tmp_path, "none")["none"].trend == expected


@pytest.mark.parametrize(
    ("mode", "epochs", "augment", "expected"),
    [
        ("none", 7, {}, "too short"),  # four epochs do not fit twice
        ("userDef", 20, {}, "rising"),
        ("samplePairing", 20, {}, "changed late"),  # unmixed from epoch 18 on: only two epochs are alike
        ("samplePairing", 36, {}, "rising"),
        ("samplePairing", 100, {}, "rising"),
        ("samplePairing", 100, {"schedule": {"end": 1.0}}, "changed late"),  # on and off to the end
        ("userDef", 100, {"finetune": 0.05}, "changed late"),
        ("userDef", 100, {"finetune": 0.1}, "rising"),
    ],
)
def test_a_jump_where_the_augmentation_changes_is_not_rising(
    tmp_path: Path, mode: str, epochs: int, augment: dict[str, Any], expected: str
) -> None:
    """Accuracy jumps there in every run, however long. The same curve rises in an arm that changes nothing."""
    curve = 0.3 + 0.2 / epochs * np.arange(epochs)
    write_run(tmp_path / "seed0", mode, epochs=epochs, curves={"accEval": curve}, augment=augment)
    assert rows_over(tmp_path, mode)[mode].trend == expected


@pytest.mark.parametrize("runs", [1, 3, 8])
@pytest.mark.parametrize("epochs", [20, 40, 100])
def test_noise_is_seldom_rising(tmp_path: Path, runs: int, epochs: int) -> None:
    """A single seed jumps by more than a point from epoch to epoch; every third flat curve would be called rising."""
    flat = only_run(write_run(tmp_path / "seed0", epochs=epochs))
    noise = 0.5 + 0.015 * np.random.default_rng(20260401).standard_normal((400, runs, epochs))
    rising = sum(trend(with_curves(flat, values)) == "rising" for values in noise)
    assert rising <= 400 * 0.05 + 3 * np.sqrt(400 * 0.05 * 0.95)


def test_equal_curves_have_equal_power(tmp_path: Path) -> None:
    """The article's pairing was looked at in half the epochs, and called rising less often than the others."""
    rng = np.random.default_rng(7)
    rates = []
    for mode in ("none", "userDef", "samplePairing", "mixup"):
        run = only_run(write_run(tmp_path / mode / "seed0", mode, epochs=100))
        curves = 0.3 + 0.0025 * np.arange(100) + 0.015 * rng.standard_normal((400, 3, 100))
        rates.append(np.mean([trend(with_curves(run, values)) == "rising" for values in curves]))
    assert min(rates) > 0.5 and max(rates) - min(rates) < 0.12  # four standard errors


# --- where two curves meet


def test_smoothing_trails(tmp_path: Path) -> None:
    """A centred mean would name an epoch for what only later ones have seen. 40 epochs: over two of them."""
    np.testing.assert_allclose(smoothed(np.array([2.0, 1, 1, 3]), 40), [2, 1.5, 1, 2])
    np.testing.assert_allclose(smoothed(np.array([0.0, 1, 5]), 19), [0, 1, 5])


def test_where_an_arm_reaches_and_overtakes_the_baseline(tmp_path: Path) -> None:
    """Counted from 1; above for a while, then behind, and only the second time is for good."""
    none = np.linspace(0.05, 0.5, 10)
    mixup = none + np.array([1, 1, -1, -1, -1, -1, -1, 1, 1, 1]) / 100
    seeds = np.arange(8)[:, None] / 10_000
    write_arms(tmp_path, epochs=10, none=[none] * 8, mixup=mixup + seeds, userDef=none - 0.01 + seeds)
    rows = rows_over(tmp_path, "none")
    assert (rows["mixup"].reaches, rows["mixup"].overtakes) == (10, 8)
    assert (rows["userDef"].reaches, rows["userDef"].overtakes) == (None, None)
    assert (rows["none"].reaches, rows["none"].overtakes) == (10, None)


@pytest.mark.parametrize(("seeds", "verdict", "overtakes"), [(1, "one seed", None), (8, "better", 1)])
def test_only_an_arm_that_is_better_overtakes(tmp_path: Path, seeds: int, verdict: str, overtakes: int | None) -> None:
    """Of two equal arms one is always ahead in the end: an epoch was told of every second such pair."""
    write_arms(tmp_path, none=[0.5] * seeds, mixup=0.6 + np.arange(seeds) / 1000)
    row = rows_over(tmp_path, "none")["mixup"]
    assert (row.verdict, row.reaches, row.overtakes) == (verdict, 1, overtakes)


def test_reaching_and_overtaking_are_about_the_paired_seeds(tmp_path: Path) -> None:
    """In the middle of a night the baseline has more seeds; here mixup is behind in both that it has."""
    write_arms(tmp_path, none=[0.5, 0.5, 0.4, 0.4], mixup=[0.48, 0.48])
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None and row.difference.mean == pytest.approx(-2.0)
    assert (row.reaches, row.overtakes, row.unpaired) == (None, None, (2, 3))
