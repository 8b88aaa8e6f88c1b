"""The statistics, against published examples and numbers that can be worked out by hand."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from suite import metrics
from suite.comparison import significance
from suite.config.reading import load_config
from suite.config.study import load_study
from suite.data.groups import ALONE
from tests.fixtures.commands import ROOT

DARWIN = np.array([49.0, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48])
"""Crossed minus self-fertilised maize, in eighths of an inch. Fisher, The Design of Experiments (1935), section 21,
counts 863 of the 2^15 sign patterns whose sum is at least 314."""

SLEEP = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
"""Additional hours of sleep, one drug minus the other: Student, The Probable Error of a Mean (1908)."""


def test_scipy_is_not_imported_before_it_is_needed() -> None:
    """It takes half a second, which `--help` and a mistyped folder should not."""
    program = "import suite.comparison.rows, suite.report.sentences, sys; sys.exit('scipy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


# --- tests


def test_sign_flip_counts_as_fisher_did() -> None:
    """One-sided, or without the patterns that give just the observed sum, it is another number."""
    assert significance.sign_flip(DARWIN) == 2 * 863 / 2**15


def test_sign_flip_sees_ties_through_rounding() -> None:
    """Tenths are not exact in binary: without a tolerance, equal sums fall on either side of each other."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        whole = rng.integers(-6, 7, 9).astype(float)
        assert significance.sign_flip(whole / 10) == significance.sign_flip(whole)


def test_sign_flip_of_nothing_but_zeros() -> None:
    assert significance.sign_flip(np.zeros(6)) == 1.0


def test_many_values_are_flipped_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within four standard errors of the exact number; repeatable; never 0, for the observed pattern is one of all."""
    monkeypatch.setattr(significance, "EXACT_UP_TO", 10)
    exact = 2 * 863 / 2**15
    found = significance.sign_flip(DARWIN)
    assert found == pytest.approx(exact, abs=4 * math.sqrt(exact / significance.FLIPS))
    assert found == significance.sign_flip(DARWIN)
    assert significance.sign_flip(np.ones(40)) == 1 / (significance.FLIPS + 1)


def test_least_p_is_that_of_equal_signs() -> None:
    for n in range(2, 8):
        assert significance.sign_flip(np.arange(1.0, n + 1)) == significance.least_p(n)


@pytest.mark.parametrize("family", range(1, 12))
def test_seeds_needed_is_the_smallest_number_that_will_do(family: int) -> None:
    """One less than told, and a whole night cannot show anything."""
    needed = significance.seeds_needed(family, 0.05)
    assert family * significance.least_p(needed) < 0.05 < family * significance.least_p(needed - 1)


def test_holm_by_hand() -> None:
    """4 x 0.005, 3 x 0.01, 2 x 0.03; and 0.04 not below the one before it."""
    p = {"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}
    assert significance.holm(p) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02})
    assert significance.holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert significance.holm({}) == {}


@pytest.mark.parametrize(("one", "other", "p"), [(5, 1, 14 / 64), (1, 5, 14 / 64), (3, 3, 1.0), (0, 0, 1.0)])
def test_mcnemar_by_hand(one: int, other: int, p: float) -> None:
    """Of six tosses at least five alike: 2 (6 + 1) of 64. Two networks that are right in the same images are equal."""
    assert significance.mcnemar(one, other) == pytest.approx(p)


# --- intervals


def test_t_interval_of_students_example() -> None:
    """n in place of n - 1, or the normal distribution, would make it too narrow."""
    assert significance.interval(SLEEP) == pytest.approx((0.7001142, 2.4598858))


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [0.1] * 3, [0.1] * 100])
def test_values_without_a_spread_to_judge_by_have_no_interval(values: list[float]) -> None:
    """Two values would have one of many times their distance, equal ones one that has no width."""
    low, high = significance.interval(np.array(values))
    assert math.isnan(low) and math.isnan(high)


def test_interval_over_images() -> None:
    """As the normal distribution has it for so many images; the images both have right must count too."""
    half = 1.96 * math.sqrt((0.2 - 0.04**2) / 1000)
    gains = np.repeat([1.0, -1.0, 0.0], [120, 80, 800])
    assert significance.interval_over_images(gains) == pytest.approx((0.04 - half, 0.04 + half), abs=0.0015)
    assert all(map(math.isnan, significance.interval_over_images(np.zeros(50))))


# --- slopes


def test_slope_by_hand() -> None:
    """Rises of 1 and 3 an epoch; off their lines by (1, -1, -1, 1) and by nothing: 4 over 4 degrees of freedom."""
    curves = np.array([[1.0, 0, 1, 4], [0, 3, 6, 9]])
    mean, least = significance.slope(curves)
    error = math.sqrt(4 / 4 / (2 * 5))  # of the mean of two; 5 is the sum of squares of -1.5, -0.5, 0.5, 1.5
    assert (mean, least) == pytest.approx((2, 2 - 2.13185 * error))  # t for 4 degrees of freedom, from a table


@pytest.mark.parametrize("size", [1, 4])
def test_interval_over_images_that_belong_together(size: int) -> None:
    """Four photos of one person are hardly more than one: drawn singly, 95 % intervals held the truth in 63 % of cases.

    The gains of a group are alike: 1, -1 or 0 with probability 0.12, 0.1 and 0.78, so their true mean is 0.02.
    """
    rng = np.random.default_rng(size)
    cases, groups, held = 400, 70, 0
    for _ in range(cases):
        gains = np.repeat(rng.choice([1.0, -1.0, 0.0], groups, p=[0.12, 0.1, 0.78]), size)
        low, high = significance.interval_over_images(gains, np.repeat(np.arange(groups), size))
        held += low <= 0.02 <= high
    assert 0.93 - 0.02 <= held / cases <= 0.97 + 0.02  # two standard errors of the simulation


def test_images_without_a_group_stand_alone() -> None:
    """Taken for one group, they would make an interval of luck alone."""
    gains = np.repeat([1.0, -1.0, 0.0], [12, 8, 80])
    alone = significance.interval_over_images(gains)
    assert significance.interval_over_images(gains, np.full(100, ALONE)) == alone
    assert significance.interval_over_images(gains, np.arange(100)) == alone
    halves = np.where(np.arange(100) < 50, ALONE, 7)
    assert significance.interval_over_images(gains, halves) != alone


# --- what a night can show


@pytest.mark.parametrize(("n", "family"), [(6, 1), (8, 1), (8, 3), (12, 1), (12, 3), (16, 1), (16, 3)])
def test_what_would_have_been_found_would_have_been_found(n: int, family: int) -> None:
    """A night of n seeds estimates its noise, and quotes a difference by it. Other nights in which that is the truth
    find it in about 4 of 5 cases: as if the estimate were the truth, it was 0.67 to 0.75."""
    rng, nights, found = np.random.default_rng([n, family]), 1500, 0
    for _ in range(nights):
        quoted = significance.detectable(rng.standard_normal(n), 0.05 / family)
        night = quoted + rng.standard_normal(n)
        found += significance.sign_flip(night) * family < 0.05 and significance.interval(night)[0] > 0
    assert 0.78 - 2 * 0.0105 < found / nights < 0.84 + 2 * 0.0105  # standard errors


def test_detectable_differences_are_in_units_of_the_noise() -> None:
    """Twenty pairs need more than the 0.66 standard deviations of the tables, which take them as known."""
    values = np.tile([1.0, -1.0], 10) / math.sqrt(20 / 19)  # standard deviation 1
    found = significance.detectable(values, 0.05)
    assert 0.66 < found < 0.76
    assert significance.detectable(3 * values, 0.05) == pytest.approx(3 * found)


@pytest.mark.parametrize(("n", "family"), [(1, 1), (5, 1), (6, 2), (8, 7)])
def test_nothing_is_detectable_with_too_few_seeds(n: int, family: int) -> None:
    assert math.isnan(significance.detectable(np.arange(float(n)), 0.05 / family))


# --- calibration


def test_calibration_error_by_hand() -> None:
    """In one bin 0.62 and right, 0.65 and wrong; in the next 0.55 and right; in the last 0.95, wrong, and 1, right."""
    sure = np.array([0.62, 0.65, 0.55, 0.95])
    logits = np.concatenate([np.log(np.stack([sure, 1 - sure], axis=1)), [[900.0, -900.0]]]).astype(np.float32)
    labels = np.array([0, 1, 0, 1, 0])
    assert metrics.calibration_error(labels, logits) == pytest.approx((0.65 - 0.38 + 0.45 + 0.95) / 5, abs=1e-6)


@pytest.mark.parametrize("file", sorted((ROOT / "configs/studies").glob("*.yaml")), ids=lambda file: file.stem)
def test_shipped_studies_have_the_seeds_that_a_verdict_needs(file: Path) -> None:
    """A hundred runs that can only say "too few seeds" are a lost week.

    What is declared is a family of its own. A file may also say that arms are to be chosen.
    """
    study = load_study(file)
    arms = {load_config(study.base, cell.overrides).augment.model_dump_json() for cell in study.cells}
    chosen = "--arms" in file.read_text(encoding="utf-8")
    family = len(study.claims) or len(arms) - 1
    assert chosen or len(study.seeds) >= significance.seeds_needed(family, 0.05)
