"""Differences between arms over several seeds."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.fixtures.runs import (
    comparison_over,
    rows_over,
    write_arms,
    write_article_files,
    write_run,
)


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
    assert math.isnan(difference.low) and math.isnan(difference.high)  # of two seeds
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
    assert (difference.n, difference.wins, difference.family) == (8, 8, 2)
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


def test_no_interval_goes_beyond_what_is_possible(tmp_path: Path) -> None:
    """Three seeds that jump from none to all right: t would have it that 250 points more are possible."""
    write_arms(tmp_path, none=[0.0, 0.0, 0.0], mixup=[0.1, 0.9, 1.0])
    difference = rows_over(tmp_path, "none")["mixup"].difference
    assert difference is not None and -100 < difference.low < 0 and difference.high == 100


def test_seeds_that_differ_by_the_same_have_no_interval_and_yet_a_verdict(tmp_path: Path) -> None:
    """An interval of width 0 would be surer than anything can be; but the test needs none."""
    write_arms(tmp_path, none=[0.4, 0.5] * 4, mixup=[0.5, 0.6] * 4)
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None and math.isnan(row.difference.low) and row.verdict == "better"


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
    assert row.unpaired == (3,) and len(row.runs) == 7 and row.compared.n == 4


def test_what_all_signs_alike_would_give_goes_through_holm(tmp_path: Path) -> None:
    """Six seeds against two arms: 0.031 * 2 is too much in Holm's first step; but the second step takes it as it is."""
    clear, unclear = 0.6 + np.arange(8) / 1000, 0.5 + np.array([1, -1, 1, -1, 1, -1]) / 100
    write_arms(tmp_path, none=[0.5] * 8, samplePairing=list(clear), mixup=list(unclear))
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None
    assert row.difference.least_p_holm == pytest.approx(2**-5) and row.verdict == "no evidence"


def test_the_articles_files_have_differences_of_means(tmp_path: Path) -> None:
    """They do not tell their seeds, so there are no pairs; what they did not measure is not known."""
    write_article_files(tmp_path, "userDefAug", accEval=0.5)
    write_article_files(tmp_path, "mixupAug", accEval=0.53)
    row = rows_over(tmp_path, "userDef")["mixup"]
    assert row.difference is not None and row.difference.n == 0 and row.difference.mean == pytest.approx(3.0)
    assert row.verdict == "unpaired" and row.unpaired == () and row.compared.n == 1
    assert math.isnan(row.gap.mean) and math.isnan(row.curves["accTrainClean"].mean) and not row.under_fitted
    assert math.isnan(row.seconds.mean) and math.isnan(row.ece.mean)
