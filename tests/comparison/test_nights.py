"""A thousand simulated nights: how often a verdict claims what is not there, or finds what is."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from suite.comparison.records import Arm, Group, Run
from suite.comparison.rows import compare
from suite.config.schema import Config
from tests.fixtures.runs import (
    only_run,
    write_run,
)

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
