"""A run and an arm as numbers, on folders written here."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from suite.comparison.groups import grouped, kept_apart
from suite.comparison.measures import compared_accuracy, window
from suite.comparison.reading import find_runs
from suite.comparison.rows import compare
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import comparison_over, only_group, only_run, rows_over, write_arms, write_run


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


# --- what counts, and what a guess has


@pytest.mark.parametrize(("clean", "expected"), [(0.81, True), (0.82, False), (math.nan, False)])
def test_under_fitted_looks_at_clean_training_images(tmp_path: Path, clean: float, expected: bool) -> None:
    """Accuracy on mixed images is low in a network that fits perfectly; what was not measured is not blamed. Sixteen
    classes of one size: 1/16 and four fifths of the rest are 0.8125."""
    write_run(tmp_path / "seed0", "mixup", curves={"accTrainClean": clean, "accTrain": 0.5})
    (row,) = compare(only_group(tmp_path), None).rows
    assert row.under_fitted is expected and row.verdict == "unpaired"


def write_imbalanced(folder: Path, metric: str = "accuracy", **curves: float) -> None:
    """Nine of ten images are of one class. Balanced accuracy, which no curve gives, is 0.5."""
    for mode in ("none", "mixup"):
        given = {"accEval": 0.9, "accTrainClean": 0.9, **(curves if mode == "mixup" else {})}
        run = write_run(folder / mode / "seed0", mode, curves=given, train={"metric": metric})
        change_facts(run, data={"class_names": ["cat", "dog"], "train_per_class": [90, 10]})


@pytest.mark.parametrize(
    ("metric", "curves", "expected"),
    [
        ("accuracy", {"accTrainClean": 0.97}, True),  # below 0.9 + 0.8 * 0.1
        ("accuracy", {"accTrainClean": 0.99}, False),
        ("balanced", {"accTrainClean": 0.99, "balancedTrainClean": 0.89}, True),  # below 0.5 + 0.8 * 0.5
        ("balanced", {"accTrainClean": 0.6, "balancedTrainClean": 0.91}, False),
    ],
)
def test_who_guesses_the_largest_class_is_under_fitted(
    tmp_path: Path, metric: str, curves: dict[str, float], expected: bool
) -> None:
    """On classes of 90 and 10 that are noise all arms "have" 90 %, and none would be called under-fitted."""
    write_imbalanced(tmp_path, metric, **curves)
    rows = rows_over(tmp_path, "none")
    assert rows["mixup"].under_fitted is expected and rows["none"].under_fitted


def test_the_metric_is_what_counts(tmp_path: Path) -> None:
    """The unit, the gap, the best epoch and what is fitted are of one kind; the other accuracy is known too."""
    write_imbalanced(tmp_path, "balanced", balancedEval=0.7, balancedTrainClean=0.95)
    comparison = comparison_over(tmp_path, "none")
    row = {row.arm.label: row for row in comparison.rows}["mixup"]
    assert comparison.group.metric == "balanced"
    assert (row.compared.mean, row.clean.mean, row.best.mean, row.gap.mean) == pytest.approx((0.7, 0.95, 0.7, 0.25))
    assert row.difference is not None and row.difference.mean == pytest.approx(20)
    assert row.curves["accEval"].mean == pytest.approx(0.9)


def test_runs_of_two_metrics_are_not_compared(tmp_path: Path) -> None:
    for metric in ("accuracy", "balanced"):
        write_run(tmp_path / metric / "seed0", train={"metric": metric})
    groups = grouped(find_runs(tmp_path)[0])
    assert [group.metric for group in groups] == ["accuracy", "balanced"]
    assert "they differ in train.metric" in kept_apart(groups)[0]
