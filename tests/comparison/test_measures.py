"""A run and an arm as numbers, along the epochs too, on folders written here."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.comparison.measures import compared_accuracy, smoothed, window
from suite.comparison.records import Arm, Group
from suite.comparison.rows import compare
from tests.fixtures.runs import (
    only_group,
    only_run,
    rows_over,
    write_arms,
    write_run,
)


@pytest.mark.parametrize(
    ("planned", "last"), [(500, 10), (100, 10), (99, 9), (45, 4), (40, 4), (20, 2), (19, 1), (9, 1), (1, 1)]
)
def test_window_is_ten_epochs_or_the_last_tenth(planned: int, last: int) -> None:
    """45 epochs: five values would reach into the epochs in which SamplePairing may still be mixing."""
    assert window(planned) == last


# --- a run as one number


def test_the_last_ten_epochs_are_ten_values(tmp_path: Path) -> None:
    """The article's slice [-10:-1] takes nine and leaves out the final one."""
    curve = np.zeros(100)
    curve[-10] = 0.3  # the first of the ten
    curve[-11] = 0.9  # the one before
    curve[-1] = 0.5  # the final one
    run = only_run(write_run(tmp_path / "seed0", epochs=100, curves={"accEval": curve}))
    assert compared_accuracy(run) == pytest.approx(0.08)


def test_epochs_without_a_clean_pass_do_not_count(tmp_path: Path) -> None:
    """NaN must neither spoil the mean nor count as zero, and the gap takes clean and eval from the same epochs."""
    clean, evaluated = np.full(40, np.nan), np.linspace(0.2, 0.7, 40)
    clean[[35, 37, 39]] = 0.1, 0.8, 1.0  # the window is the last four epochs, 36..39 by index
    write_run(tmp_path / "seed0", epochs=40, curves={"accTrainClean": clean, "accEval": evaluated})
    row = rows_over(tmp_path, "none")["none"]
    assert row.curves["accTrainClean"].mean == pytest.approx(0.9)
    assert row.gap.mean == pytest.approx(((0.8 - evaluated[37]) + (1.0 - evaluated[39])) / 2)


def test_mean_and_standard_deviation_over_seeds(tmp_path: Path) -> None:
    """n - 1 in the deviation; a single seed has none, which is not the same as zero."""
    write_arms(tmp_path, none=[0.5], mixup=[0.5, 0.6, 0.7])
    rows = rows_over(tmp_path, "none")
    assert rows["mixup"].curves["accEval"] == pytest.approx((0.6, 0.1, 3))
    assert math.isnan(rows["none"].curves["accEval"].sd)
    assert rows["mixup"].seconds == pytest.approx((2.0, 0.0, 3))


# --- along the epochs


@pytest.mark.parametrize(("clean", "expected"), [(0.79, True), (0.81, False), (math.nan, False)])
def test_under_fitted_looks_at_clean_training_images(tmp_path: Path, clean: float, expected: bool) -> None:
    """Accuracy on mixed images is low in a network that fits perfectly; what was not measured is not blamed."""
    write_run(tmp_path / "seed0", "mixup", curves={"accTrainClean": clean, "accTrain": 0.5})
    (row,) = compare(only_group(tmp_path), None).rows
    assert row.under_fitted is expected and row.verdict == "unpaired"


@pytest.mark.parametrize(("grows", "expected"), [(0.004, False), (0.006, True), (-0.006, False)])
def test_rising_is_a_point_more_than_the_tenth_before(tmp_path: Path, grows: float, expected: bool) -> None:
    """Of 20 epochs the last two against the two before: they differ by two steps."""
    write_run(tmp_path / "seed0", curves={"accEval": 0.5 + grows * np.arange(20)})
    assert rows_over(tmp_path, "none")["none"].rising is expected


@pytest.mark.parametrize(
    ("mode", "augment", "expected"),
    [("userDef", {}, True), ("samplePairing", {}, False), ("userDef", {"finetune": 0.1}, False)],
)
def test_a_jump_where_the_schedule_changes_is_not_rising(
    tmp_path: Path, mode: str, augment: dict[str, Any], expected: bool
) -> None:
    """The last tenth of SamplePairing is unmixed: higher than the one before in every run, however long."""
    curve = np.where(np.arange(100) < 90, 0.5, 0.56)
    write_run(tmp_path / "seed0", mode, epochs=100, curves={"accEval": curve}, augment=augment)
    assert rows_over(tmp_path, mode)[mode].rising is expected


def test_noise_is_not_rising(tmp_path: Path) -> None:
    """A single seed jumps by more than a point from epoch to epoch; every third flat curve would be called rising."""
    flat = only_run(write_run(tmp_path / "seed0", "samplePairing", epochs=40))
    rng, rising = np.random.default_rng(20260401), 0
    for _ in range(200):
        run = replace(flat, curves={**flat.curves, "accEval": 0.5 + 0.015 * rng.standard_normal(40)})
        (row,) = compare(Group("one", "one", 40, (Arm("one", run.mode, (run,)),), folds=1), None).rows
        rising += row.rising
    assert rising < 40


@pytest.mark.parametrize(("grows", "expected"), [(0.0009, False), (0.0011, True)])
def test_rising_after_the_schedule_is_a_point_a_tenth_too(tmp_path: Path, grows: float, expected: bool) -> None:
    """Half the epochs to look at must not halve what counts as rising."""
    curve = 0.5 + grows * np.arange(100)
    write_run(tmp_path / "seed0", "samplePairing", epochs=100, curves={"accEval": curve})
    assert rows_over(tmp_path, "samplePairing")["samplePairing"].rising is expected


def test_smoothing_trails(tmp_path: Path) -> None:
    """A centred mean would name an epoch for what only later ones have seen. 40 epochs: over two of them."""
    np.testing.assert_allclose(smoothed(np.array([2.0, 1, 1, 3]), 40), [2, 1.5, 1, 2])
    np.testing.assert_allclose(smoothed(np.array([0.0, 1, 5]), 19), [0, 1, 5])


def test_where_an_arm_reaches_and_overtakes_the_baseline(tmp_path: Path) -> None:
    """Counted from 1; above for a while, then behind, and only the second time is for good."""
    none = np.linspace(0.05, 0.5, 10)
    mixup = none + np.array([1, 1, -1, -1, -1, -1, -1, 1, 1, 1]) / 100
    behind = none - 0.01
    for mode, curve in (("none", none), ("mixup", mixup), ("userDef", behind)):
        write_run(tmp_path / mode / "seed0", mode, 0, epochs=10, curves={"accEval": curve})
    rows = rows_over(tmp_path, "none")
    assert (rows["mixup"].reaches, rows["mixup"].overtakes) == (10, 8)
    assert (rows["userDef"].reaches, rows["userDef"].overtakes) == (None, None)
    assert (rows["none"].reaches, rows["none"].overtakes) == (10, None)


def test_reaching_and_overtaking_are_about_the_paired_seeds(tmp_path: Path) -> None:
    """In the middle of a night the baseline has more seeds; here mixup is behind in both that it has."""
    write_arms(tmp_path, none=[0.5, 0.5, 0.4, 0.4], mixup=[0.48, 0.48])
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None and row.difference.mean == pytest.approx(-2.0)
    assert (row.reaches, row.overtakes, row.unpaired) == (None, None, (2, 3))


def test_two_equal_means_overtake_nowhere(tmp_path: Path) -> None:
    """0.1 + 0.2 is more than 0.3 for a computer: no lead."""
    write_arms(tmp_path, none=[0.3, 0.3], mixup=[0.1 + 0.2, 0.1 + 0.2])
    assert rows_over(tmp_path, "none")["mixup"].overtakes is None


def test_ahead_from_the_first_epoch_on(tmp_path: Path) -> None:
    write_arms(tmp_path, none=[0.5], mixup=[0.6])
    row = rows_over(tmp_path, "none")["mixup"]
    assert (row.reaches, row.overtakes) == (1, 1)
