"""Made-up nights: groups of runs with given accuracies, for the comparison to judge as it judges real ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from suite.comparison.declared import Beforehand, DeclaredPair
from suite.comparison.differences import Pair, tested_together
from suite.comparison.reading import find_runs
from suite.comparison.records import Arm, Group, Run
from suite.config.schema import Config
from suite.config.study import Claim
from suite.runs.declaration import Declaration
from tests.fixtures.runs import write_run

MODES = ("none", "userDef", "samplePairing", "mixup")


class Night:
    """Makes groups with an arm for each mode, like the runs that `train.py` writes."""

    def __init__(self, epochs: int) -> None:
        self.runs: dict[str, Run] = {}
        for mode in MODES:
            with TemporaryDirectory() as folder:
                write_run(Path(folder) / "seed0", mode, epochs=epochs)
                [self.runs[mode]] = find_runs(Path(folder))[0]

    def group(self, accuracies: NDArray[np.float64]) -> Group:
        """One run for each mode and seed, from eval accuracies [mode, seed], or curves of them [mode, seed, epoch]."""
        arms = []
        for mode, seeds in zip(MODES, accuracies, strict=False):
            run = self.runs[mode]
            arms.append(
                Arm(
                    mode,
                    mode,
                    tuple(self._with(run, seed, np.broadcast_to(v, run.done)) for seed, v in enumerate(seeds)),
                )
            )
        return Group("night", "night", run.planned, tuple(arms), folds=1)

    def _with(self, run: Run, seed: int, accuracy: NDArray[np.float64]) -> Run:
        return replace(run, config=_with_seed(run, seed), curves={**run.curves, "accEval": accuracy})


def _with_seed(run: Run, seed: int) -> Config:
    assert run.config
    return run.config.model_copy(update={"train": run.config.train.model_copy(update={"seed": seed})})


def declare(group: Group, arm: Arm, over: Arm) -> Beforehand:
    """One claim, made before the runs of this group, all of whose seeds were declared."""
    seeds = tuple(run.seed for run in arm.runs if run.seed is not None)
    claim = Claim(arm=arm.label, over=over.label, arm_cells=(arm.label,), over_cells=(over.label,))
    declaration = Declaration(
        declared="", question="", claims=(claim,), metric="accuracy", cells=(), seeds=seeds, runs=len(seeds)
    )
    differences = tested_together({claim: Pair(arm, over, group.folds)})
    pair = DeclaredPair(replace(group, arms=(over, arm)), arm, over, differences[claim])
    return Beforehand("night", declaration, len(seeds), (pair,))
