"""The numbers that are compared, on folders written here, without any training."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_discovery import only_group, only_run, write_article_files, write_run

from compare import Row, compare
from discovery import baseline_arm


def rows_over(folder: Path, baseline: str, unit: str = "mean") -> dict[str, Row]:
    group = only_group(folder)
    return {row.arm.label: row for row in compare(group, baseline_arm(group, baseline), unit).rows}


# --- numbers


@pytest.mark.parametrize(
    ("planned", "last"), [(500, 10), (100, 10), (99, 9), (45, 4), (40, 4), (20, 2), (19, 1), (9, 1), (1, 1)]
)
def test_window_is_ten_epochs_or_the_last_tenth(planned: int, last: int) -> None:
    """45 epochs: five values would reach into the epochs in which SamplePairing may still be mixing."""
    assert window(planned) == last


def test_the_last_ten_epochs_are_ten_values(tmp_path: Path) -> None:
    """The article's slice [-10:-1] takes nine and leaves out the final one."""
    curve = np.zeros(100)
    curve[-10] = 0.3  # the first of the ten
    curve[-11] = 0.9  # the one before
    curve[-1] = 0.5  # the final one
    write_run(tmp_path / "seed0", epochs=100, curves={"accEval": curve})
    run = measure(only_run(tmp_path))
    assert run.curves["accEval"] == pytest.approx((0.3 + 0.5) / 10)
    assert run.best == 0.9  # of any epoch


def test_epochs_without_a_clean_pass_do_not_count(tmp_path: Path) -> None:
    """NaN must neither spoil the mean nor count as zero, and the gap takes clean and eval from the same epochs."""
    clean, evaluated = np.full(40, np.nan), np.linspace(0.2, 0.7, 40)
    clean[[35, 37, 39]] = 0.1, 0.8, 1.0  # the window is the last four epochs, 36..39 by index
    write_run(tmp_path / "seed0", epochs=40, curves={"accTrainClean": clean, "accEval": evaluated})
    run = measure(only_run(tmp_path))
    assert run.curves["accTrainClean"] == pytest.approx(0.9)
    assert run.gap == pytest.approx(((0.8 - evaluated[37]) + (1.0 - evaluated[39])) / 2)


def test_mean_and_standard_deviation_over_seeds(tmp_path: Path) -> None:
    """n - 1 in the deviation; a single seed has none, which is not the same as zero."""
    for seed, accuracy in enumerate((0.5, 0.6, 0.7)):
        write_run(tmp_path / "vgg_mixup" / f"seed{seed}", "mixup", seed, curves={"accEval": accuracy})
    write_run(tmp_path / "vgg_none" / "seed0", "none", 0)
    rows = rows_over(tmp_path, "none")
    assert rows["mixup"].curves["accEval"] == pytest.approx((0.6, 0.1, 3))
    assert math.isnan(rows["none"].curves["accEval"].sd)


def test_points_are_paired_by_seed(tmp_path: Path) -> None:
    """Seeds differ by 10 points each, the modes by 2: only pairs of equal seed show the 2, without any spread."""
    for seed in (0, 1, 2):
        write_run(tmp_path / "a" / f"seed{seed}", "userDef", seed, curves={"accEval": 0.4 + 0.1 * seed})
    for seed in (1, 2, 3):
        write_run(tmp_path / "b" / f"seed{seed}", "mixup", seed, curves={"accEval": 0.42 + 0.1 * seed})
    rows = rows_over(tmp_path, "userDef")
    assert rows["mixup"].points == pytest.approx((2.0, 0.0, 2), abs=1e-9)
    assert rows["userDef"].points is None


def test_points_without_a_common_seed_say_so(tmp_path: Path) -> None:
    """A difference of means is no paired difference: n is 0 and there is no deviation."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, curves={"accEval": 0.4})
    write_run(tmp_path / "b" / "seed1", "mixup", 1, curves={"accEval": 0.45})
    points = rows_over(tmp_path, "userDef")["mixup"].points
    assert points is not None and points.mean == pytest.approx(5.0)
    assert points.n == 0 and math.isnan(points.sd)


def test_an_unfinished_run_is_neither_averaged_nor_set_against_others(tmp_path: Path) -> None:
    """Its accuracy at epoch 12 of 40 would pull the arm down and look like an effect."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, epochs=40)
    write_run(tmp_path / "b" / "seed0", "mixup", 0, epochs=40, curves={"accEval": 0.6})
    write_run(tmp_path / "b" / "seed1", "mixup", 1, epochs=40, done=12, curves={"accEval": np.arange(12) / 100})
    group = only_group(tmp_path)
    _, finished, unfinished = table(group, baseline_arm(group, "userDef"))
    assert finished.curves["accEval"].mean == pytest.approx(0.6)
    assert finished.points is not None and finished.points.n == 1
    assert unfinished.points is None
    assert (unfinished.first, unfinished.last) == (9, 12)
    assert unfinished.curves["accEval"].mean == pytest.approx(np.mean([0.08, 0.09, 0.10, 0.11]))


def test_an_unfinished_baseline_is_no_baseline(tmp_path: Path) -> None:
    """A finished mode against a baseline that has just begun would look like a triumph."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, epochs=40, done=3)
    write_run(tmp_path / "b" / "seed0", "mixup", 0, epochs=40)
    assert rows_over(tmp_path, "userDef")["mixup"].points is None


@pytest.mark.parametrize(("clean", "expected"), [(0.79, True), (0.81, False), (math.nan, False)])
def test_under_fitted_looks_at_clean_training_images(tmp_path: Path, clean: float, expected: bool) -> None:
    """Accuracy on mixed images is low in a network that fits perfectly; what was not measured is not blamed."""
    write_run(tmp_path / "seed0", "mixup", curves={"accTrainClean": clean, "accTrain": 0.5})
    (row,) = table(only_group(tmp_path), None)
    assert row.under_fitted is expected


