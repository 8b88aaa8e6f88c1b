"""Differences over images: one pair of runs, several pairs, and another list."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.comparison.groups import baseline_arm, grouped
from suite.comparison.predictions import judged_by
from suite.comparison.reading import find_runs
from suite.comparison.rows import compare
from tests.fixtures.runs import (
    rows_over,
    write_evaluation,
    write_run,
)


def test_a_single_pair_is_judged_over_its_images(tmp_path: Path) -> None:
    """Of ten images mixup alone has five right, none alone one: exact McNemar p 14/64, and nothing about seeds."""
    labels = np.array([0] * 10)
    right, wrong = [1.0, 0.0], [0.0, 1.0]
    none, mixup = [right] * 4 + [wrong] * 6, [wrong] + [right] * 8 + [wrong]
    write_run(tmp_path / "a" / "seed0", "none", 0, predictions=(labels, none))
    write_run(tmp_path / "b" / "seed0", "mixup", 0, predictions=(labels, mixup))
    row = rows_over(tmp_path, "none")["mixup"]
    found = row.over_images
    assert row.verdict == "one seed" and found is not None
    assert (found.images, found.only_arm, found.only_baseline) == (10, 5, 1)
    assert (found.points, found.p) == pytest.approx((40.0, 14 / 64))
    assert found.low < 40 < found.high < 100


def test_several_pairs_are_judged_over_the_images_together(tmp_path: Path) -> None:
    """An image that mixup gains with both seeds counts once; without the predictions of one run nothing is said."""
    right, wrong = [1.0, 0.0], [0.0, 1.0]
    labels = np.array([0] * 4)
    for seed, mixup in enumerate(([right, right, right, wrong], [right, wrong, wrong, wrong])):
        write_run(tmp_path / "a" / f"seed{seed}", "none", seed, predictions=(labels, [wrong, wrong, right, wrong]))
        write_run(tmp_path / "b" / f"seed{seed}", "mixup", seed, predictions=(labels, mixup))
    found = rows_over(tmp_path, "none")["mixup"].over_images
    assert found is not None and (found.images, found.only_arm, found.only_baseline) == (4, 2, 1)
    assert found.points == pytest.approx(100 * (2 + 1 - 1) / 8) and math.isnan(found.p)
    assert found.low < 0 < found.high
    (tmp_path / "a" / "seed1" / "predictions.npz").unlink()
    assert rows_over(tmp_path, "none")["mixup"].over_images is None


def test_over_images_the_metric_counts_too(tmp_path: Path) -> None:
    """Mixup gains 9 of 90 images of the one class and loses 2 of 10 of the other: 7 points over images, but -5 over
    classes. The interval is as wide as that of the two means together."""
    labels = np.repeat([0, 1], [90, 10])
    guess = np.eye(2)
    none = np.concatenate([guess[[0] * 45 + [1] * 45], guess[[1] * 6 + [0] * 4]])
    mixup = np.concatenate([guess[[0] * 54 + [1] * 36], guess[[1] * 4 + [0] * 6]])
    for mode, logits in (("none", none), ("mixup", mixup)):
        folder = tmp_path / mode / "seed0"
        write_run(folder, mode, predictions=(labels, logits), train={"metric": "balanced"})
    found = rows_over(tmp_path, "none")["mixup"].over_images
    assert found is not None and found.points == pytest.approx(100 * (9 / 90 - 2 / 10) / 2)
    error = 100 * math.sqrt(0.1 * 0.9 / 90 + 0.2 * 0.8 / 10) / 2
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=0.05)
    assert (found.only_arm, found.only_baseline) == (9, 2)


def test_a_single_pair_over_folds_is_judged_over_the_images_of_all(tmp_path: Path) -> None:
    """The first fold alone would do for a test that sees nothing but numbers."""
    right, wrong = [1.0, 0.0], [0.0, 1.0]
    for fold, labels, hits in (("f1", [0, 0], [wrong, right]), ("f2", [0, 0, 0], [right, right, right])):
        given: dict[str, Any] = {"fingerprint": fold, "pool": "all"}
        misses = (np.array(labels), [wrong] * len(labels))
        write_run(tmp_path / f"none-{fold}" / "seed0", "none", 0, predictions=misses, **given)
        write_run(tmp_path / f"mixup-{fold}" / "seed0", "mixup", 0, predictions=(np.array(labels), hits), **given)
    found = rows_over(tmp_path, "none")["mixup"].over_images
    assert found is not None and (found.images, found.only_arm, found.only_baseline) == (5, 4, 0)


def test_on_another_list_its_predictions_are_the_number(tmp_path: Path) -> None:
    """Whatever the curves say: none is ahead in training, mixup on the images that were kept aside."""
    wrong, right = np.eye(16)[[1]], np.eye(16)[[0]]
    for seed in range(8):
        for mode, hits, curve in (("none", 1 + seed % 2, 0.9), ("mixup", 4, 0.2)):
            folder = write_run(tmp_path / mode / f"seed{seed}", mode, seed, curves={"accEval": curve})
            write_evaluation(folder, np.concatenate([right] * hits + [wrong] * (6 - hits)))
    (group,) = grouped(judged_by(find_runs(tmp_path)[0], "evaluation-Test-last")[0])
    comparison = compare(group, baseline_arm(group, "none"))
    none, mixup = comparison.rows
    assert none.compared.mean == pytest.approx(1.5 / 6)
    assert mixup.compared.mean == pytest.approx(4 / 6) and mixup.verdict == "better"
    assert mixup.difference is not None and mixup.difference.mean == pytest.approx(250 / 6)
    assert mixup.over_images is not None and mixup.over_images.points == pytest.approx(250 / 6)
    # Nothing is of the evaluation list, in which the loss is 0.5 and the best accuracy 0.9 and 0.2.
    right, wrong = (-math.log(math.exp(x) / (math.e + 15)) for x in (1, 0))
    assert mixup.curves["accEval"].mean == pytest.approx(4 / 6)
    assert mixup.curves["lossEval"].mean == pytest.approx((4 * right + 2 * wrong) / 6)
    assert math.isnan(mixup.gap.mean) and math.isnan(mixup.best.mean)
    assert (mixup.reaches, mixup.overtakes) == (None, None)


def test_folds_judged_on_one_list_do_not_multiply_its_images(tmp_path: Path) -> None:
    """Twice the images would make of the same photos an interval that is too narrow."""
    wrong, right = np.eye(16)[[1]], np.eye(16)[[0]]
    for fold in ("f1", "f2"):
        for mode, hits in (("none", 2), ("mixup", 3 if fold == "f1" else 5)):
            folder = write_run(tmp_path / f"{mode}-{fold}" / "seed0", mode, fingerprint=fold, pool="all")
            write_evaluation(folder, np.concatenate([right] * hits + [wrong] * (6 - hits)))
    (group,) = grouped(judged_by(find_runs(tmp_path)[0], "evaluation-Test-last")[0])
    assert group.folds == 2
    found = compare(group, baseline_arm(group, "none")).rows[1].over_images
    assert found is not None and (found.images, found.only_arm, found.only_baseline) == (6, 3, 0)
    assert found.points == pytest.approx(200 / 6) and math.isnan(found.p)


@pytest.mark.parametrize("missing", ["none", "mixup"])
def test_without_both_predictions_nothing_is_said_of_images(tmp_path: Path, missing: str) -> None:
    for mode in ("none", "mixup"):
        given = None if mode == missing else (np.array([0, 1]), np.eye(2))
        write_run(tmp_path / mode / "seed0", mode, 0, predictions=given)
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.verdict == "one seed" and row.over_images is None


def test_predictions_for_other_images_are_not_compared(tmp_path: Path) -> None:
    for mode, labels in (("none", [0, 1]), ("mixup", [1, 0])):
        write_run(tmp_path / mode / "seed0", mode, 0, predictions=(np.array(labels), np.eye(2)))
    assert rows_over(tmp_path, "none")["mixup"].over_images is None


def test_calibration_is_a_mean_over_seeds(tmp_path: Path) -> None:
    """Even logits: sure to a half; right in all, and in half of the images."""
    for seed, labels in enumerate(([0, 0], [0, 1])):
        write_run(tmp_path / f"seed{seed}", seed=seed, predictions=(np.array(labels), np.zeros((2, 2))))
    assert rows_over(tmp_path, "none")["none"].ece.mean == pytest.approx((0.5 + 0.0) / 2)
