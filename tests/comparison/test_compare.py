"""The numbers that are compared, on folders written here, without any training."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.comparison.groups import baseline_arm, grouped
from suite.comparison.measures import UNITS, smoothed
from suite.comparison.predictions import judged_by
from suite.comparison.reading import find_runs
from suite.comparison.records import Arm, Group, Run
from suite.comparison.rows import Row, compare
from suite.config.schema import Config
from tests.fixtures.runs import (
    comparison_over,
    only_group,
    only_run,
    write_arms,
    write_article_files,
    write_evaluation,
    write_run,
)


def rows_over(folder: Path, baseline: str, unit: str = "mean") -> dict[str, Row]:
    """By label; of an arm with unfinished runs, the last of these."""
    return {row.arm.label: row for row in comparison_over(folder, baseline, unit).rows}


# --- a run as one number


def test_the_last_ten_epochs_are_ten_values(tmp_path: Path) -> None:
    """The article's slice [-10:-1] takes nine and leaves out the final one."""
    curve = np.zeros(100)
    curve[-10] = 0.3  # the first of the ten
    curve[-11] = 0.9  # the one before
    curve[-1] = 0.5  # the final one
    run = only_run(write_run(tmp_path / "seed0", epochs=100, curves={"accEval": curve}))
    assert {unit: number(run) for unit, number in UNITS.items() if unit != "evaluation"} == pytest.approx(
        {"mean": 0.08, "median": 0.0, "final": 0.5, "best": 0.9}
    )


def test_the_unit_decides_what_is_compared(tmp_path: Path) -> None:
    """A unit that reached the table but not the differences would name one number and judge by another."""
    peak = np.where(np.arange(20) == 3, 0.9, 0.5)
    write_arms(tmp_path, none=[0.5, 0.5], mixup=[peak, peak])
    for unit, points in (("mean", 0.0), ("best", 40.0)):
        row = rows_over(tmp_path, "none", unit)["mixup"]
        assert row.difference is not None and row.difference.mean == pytest.approx(points)
        assert row.unit.mean == pytest.approx(0.5 + points / 100)


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


# --- differences


def test_differences_are_paired_by_seed(tmp_path: Path) -> None:
    """Seeds differ by 10 points each, the modes by 2: only pairs of equal seed show the 2, without any spread."""
    for seed in (0, 1, 2):
        write_run(tmp_path / "a" / f"seed{seed}", "userDef", seed, curves={"accEval": 0.4 + 0.1 * seed})
    for seed in (1, 2, 3):
        write_run(tmp_path / "b" / f"seed{seed}", "mixup", seed, curves={"accEval": 0.42 + 0.1 * seed})
    rows = rows_over(tmp_path, "userDef")
    difference = rows["mixup"].difference
    assert difference is not None and [seed for seed, _ in difference.points] == [1, 2]
    assert (difference.mean, difference.sd, difference.wins) == pytest.approx((2.0, 0.0, 2), abs=1e-9)
    assert (difference.low, difference.high) == pytest.approx((2.0, 2.0))
    assert rows["mixup"].unpaired == (0, 3)
    assert rows["userDef"].difference is None and rows["userDef"].verdict == "baseline"


def test_eight_seeds_by_hand(tmp_path: Path) -> None:
    """All the numbers of one difference; p is 2 of 256 sign patterns, twice that after Holm."""
    points = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
    write_arms(tmp_path, none=[0.5] * 8, userDef=[0.5, 0.6] * 4, mixup=0.5 + points / 100)
    rows = rows_over(tmp_path, "none")
    difference = rows["mixup"].difference
    assert difference is not None and rows["mixup"].verdict == "better"
    half = 2.36462 * math.sqrt(6 / 8)  # t for 7 degrees of freedom, from a table; the variance is 6
    assert (difference.mean, difference.low, difference.high) == pytest.approx((4.5, 4.5 - half, 4.5 + half), abs=1e-4)
    assert (difference.method, difference.n, difference.wins, difference.family) == ("t", 8, 8, 2)
    assert (difference.p, difference.p_holm, difference.least_p_holm) == pytest.approx((2 / 256, 4 / 256, 4 / 256))
    other = rows["userDef"].difference  # four times 0 and four times 10: only the signs of the latter count
    assert other is not None and other.p == pytest.approx(2 / 16) and rows["userDef"].verdict == "no evidence"


@pytest.mark.parametrize(
    ("seeds", "arms", "expected", "needed"),
    [(5, 1, "too few seeds", 6), (6, 1, "worse", 6), (6, 2, "too few seeds", 7), (7, 3, "worse", 7)],
)
def test_too_few_seeds_for_so_many_comparisons(
    tmp_path: Path, seeds: int, arms: int, expected: str, needed: int
) -> None:
    """Five seeds that all agree reach p = 0.0625: to call that "no evidence" would blame the mode for the night."""
    step = np.arange(seeds) / 1000
    modes = dict.fromkeys(["userDef", "samplePairing", "mixup"][:arms], 0.4 + step)
    write_arms(tmp_path, none=[0.5] * seeds, **modes)
    comparison = comparison_over(tmp_path, "none")
    assert {row.verdict for row in comparison.rows} == {"baseline", expected}
    assert comparison.seeds_needed == needed


def test_rounding_is_no_lead(tmp_path: Path) -> None:
    """The mean of 0.1 and 0.2 lies above 0.15 by a bit; three such seeds would be ahead three times."""
    last_two = np.r_[np.zeros(18), 0.1, 0.2]
    write_arms(tmp_path, none=[0.15] * 3, mixup=[last_two] * 3)
    difference = rows_over(tmp_path, "none")["mixup"].difference
    assert difference is not None and (difference.mean, difference.wins, difference.p) == (0.0, 0, 1.0)


def test_no_difference_of_means_is_taken_for_a_pair(tmp_path: Path) -> None:
    """Without a common seed n is 0 and there is neither deviation nor interval."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, curves={"accEval": 0.4})
    write_run(tmp_path / "b" / "seed1", "mixup", 1, curves={"accEval": 0.45})
    row = rows_over(tmp_path, "userDef")["mixup"]
    assert row.difference is not None and row.difference.mean == pytest.approx(5.0)
    assert row.difference.n == 0 and math.isnan(row.difference.sd) and math.isnan(row.difference.low)
    assert row.verdict == "unpaired"


def test_an_unfinished_run_is_neither_averaged_nor_set_against_others(tmp_path: Path) -> None:
    """Its accuracy at epoch 12 of 40 would pull the arm down and look like an effect."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, epochs=40)
    write_run(tmp_path / "b" / "seed0", "mixup", 0, epochs=40, curves={"accEval": 0.6})
    write_run(tmp_path / "b" / "seed1", "mixup", 1, epochs=40, done=12, curves={"accEval": np.arange(12) / 100})
    _, finished, unfinished = comparison_over(tmp_path, "userDef").rows
    assert finished.curves["accEval"].mean == pytest.approx(0.6)
    assert finished.difference is not None and finished.difference.n == 1
    assert unfinished.difference is None and unfinished.verdict == "unfinished" and unfinished.reaches is None
    assert (unfinished.first, unfinished.last) == (9, 12)
    assert unfinished.curves["accEval"].mean == pytest.approx(np.mean([0.08, 0.09, 0.10, 0.11]))


def test_an_unfinished_baseline_is_no_baseline(tmp_path: Path) -> None:
    """A finished mode against a baseline that has just begun would look like a triumph."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, epochs=40, done=3)
    write_run(tmp_path / "b" / "seed0", "mixup", 0, epochs=40)
    row = rows_over(tmp_path, "userDef")["mixup"]
    assert row.difference is None and row.verdict == "unpaired"


def test_a_seed_is_the_mean_of_its_folds(tmp_path: Path) -> None:
    """Folds counted as seeds would make n = 6 of 3; a seed that lacks a fold would be judged on easier images."""
    for fold, level, ahead in (("f1", 0.8, 0.01), ("f2", 0.5, 0.03)):
        for seed in range(4):
            place = {"seed": seed, "fingerprint": fold, "pool": "all"}
            write_run(tmp_path / f"none-{fold}" / f"seed{seed}", "none", curves={"accEval": level}, **place)
            if (fold, seed) != ("f2", 3):
                curves = {"accEval": level + ahead + 0.01 * seed}
                write_run(tmp_path / f"mixup-{fold}" / f"seed{seed}", "mixup", curves=curves, **place)
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None
    assert dict(row.difference.points) == pytest.approx({0: 2.0, 1: 3.0, 2: 4.0})
    assert row.unpaired == (3,) and len(row.runs) == 7 and row.unit.n == 4


def test_what_all_signs_alike_would_give_goes_through_holm(tmp_path: Path) -> None:
    """Six seeds against two arms: 0.031 * 2 is too much in Holm's first step; but the second step takes it as it is."""
    clear, unclear = 0.6 + np.arange(8) / 1000, 0.5 + np.array([1, -1, 1, -1, 1, -1]) / 100
    write_arms(tmp_path, none=[0.5] * 8, samplePairing=list(clear), mixup=list(unclear))
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None
    assert row.difference.least_p_holm == pytest.approx(2**-5) and row.verdict == "no evidence"


# --- one pair of runs


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
    assert comparison.unit == "evaluation" and none.unit.mean == pytest.approx(1.5 / 6)
    assert mixup.unit.mean == pytest.approx(4 / 6) and mixup.verdict == "better"
    assert mixup.difference is not None and mixup.difference.mean == pytest.approx(250 / 6)
    assert mixup.over_images is not None and mixup.over_images.points == pytest.approx(250 / 6)
    assert mixup.curves["accEval"].mean == pytest.approx(0.2)


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


def test_the_articles_files_have_differences_of_means(tmp_path: Path) -> None:
    """They do not tell their seeds, so there are no pairs; what they did not measure is not known."""
    write_article_files(tmp_path, "userDefAug", accEval=0.5)
    write_article_files(tmp_path, "mixupAug", accEval=0.53)
    row = rows_over(tmp_path, "userDef")["mixup"]
    assert row.difference is not None and row.difference.n == 0 and row.difference.mean == pytest.approx(3.0)
    assert row.verdict == "unpaired" and row.unpaired == () and row.unit.n == 1
    assert math.isnan(row.gap.mean) and math.isnan(row.curves["accTrainClean"].mean) and not row.under_fitted
    assert math.isnan(row.seconds.mean) and math.isnan(row.ece.mean)


# --- a thousand nights

MODES = ("none", "userDef", "samplePairing", "mixup")
NIGHTS = 1_000


def with_seed(run: Run, seed: int) -> Config:
    assert run.config
    return run.config.model_copy(update={"train": run.config.train.model_copy(update={"seed": seed})})


def simulated_night(run: Run, accuracies: np.ndarray) -> Group:
    """One run for each mode and seed, like `run`, from eval accuracies [mode, seed]."""
    arms = []
    for mode, values in zip(MODES, accuracies, strict=True):
        runs = (
            replace(run, config=with_seed(run, seed), curves={**run.curves, "accEval": np.full(run.done, value)})
            for seed, value in enumerate(values)
        )
        arms.append(Arm(mode, mode, tuple(runs)))
    return Group("night", "night", run.planned, tuple(arms), folds=1)


def test_a_night_without_differences_makes_no_claims(tmp_path: Path) -> None:
    """Three modes like the baseline, 8 seeds: in at most 5 % of all nights a claim, whichever mode it is about.

    The test guarantees it up to the chance of this simulation, for which two standard errors are added. Without Holm
    there are claims in more than a tenth of the nights.
    """
    run = only_run(write_run(tmp_path / "seed0", epochs=10))
    rng = np.random.default_rng(5)
    claims = 0
    for _ in range(NIGHTS):
        seeds, spread = rng.normal(0.6, 0.03, 8), rng.normal(0, 0.01, (4, 8))
        group = simulated_night(run, seeds + spread)
        verdicts = {row.verdict for row in compare(group, group.arms[0]).rows}
        claims += not verdicts.isdisjoint({"better", "worse"})
    assert claims / NIGHTS <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / NIGHTS)


def test_a_difference_that_was_called_detectable_is_found(tmp_path: Path) -> None:
    """Four nights of five are promised; much more or less would mislead whoever plans the next night."""
    run = only_run(write_run(tmp_path / "seed0", epochs=10))
    rng = np.random.default_rng(6)
    nights, found, sd = 300, 0, 0.01
    for _ in range(nights):
        spread = rng.normal(0, sd / math.sqrt(2), (4, 8))
        group = simulated_night(run, 0.6 + spread)
        difference = compare(group, group.arms[0]).rows[3].difference
        assert difference is not None
        spread[3] += difference.detectable / 100 * sd / (difference.sd / 100)  # as if its sd were known exactly
        group = simulated_night(run, 0.6 + spread)
        found += compare(group, group.arms[0]).rows[3].verdict == "better"
    assert 0.7 <= found / nights <= 0.9
