"""How far runs have come, and how long they will take, from the times that they note themselves. Nothing is written."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from suite.files import DamagedFile
from suite.runs.facts import Facts, read_facts
from suite.runs.inputs import read_config


class Standing(NamedTuple):
    """How far a run has come."""

    folder: Path
    facts: Facts | None
    """None before its first epoch begins, and where `run.json` is damaged."""
    epochs: int
    """How many it is to have; 0 where that is not known."""

    @property
    def done(self) -> int:
        """Epochs so far."""
        return self.facts.epochs_done if self.facts else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it: all epochs are done, or its loss has stopped it."""
        return self.facts is not None and (self.facts.diverged or self.done >= self.epochs)

    @property
    def pace(self) -> float | None:
        """Its mean seconds an epoch; None before the first."""
        return fmean(self.facts.seconds_per_epoch) if self.facts and self.facts.seconds_per_epoch else None


def standing(folder: Path, epochs: int | None = None) -> Standing:
    """What the folder of a run says; `epochs` is how many it is to have, where that is known already."""
    try:
        facts = read_facts(folder)
        if facts and epochs is None:
            epochs = facts.epochs_done if facts.finished else read_config(folder, facts).train.epochs
    except DamagedFile:
        facts = None
    return Standing(folder, facts, epochs or 0)


def seconds_to_go(runs: Sequence[Standing], at_a_time: int) -> float | None:
    """Until all of them are over, when so many are trained at a time, in this order; None where no time is known.

    A run that has no epoch yet will take what runs of its arm, which lie in the same folder, take on average; without
    any, what all do.
    """
    of_arm: dict[Path, list[float]] = {}
    for run in runs:
        if run.pace is not None:
            of_arm.setdefault(run.folder.parent, []).append(run.pace * run.epochs)
    if not of_arm:
        return None if any(not run.is_over for run in runs) else 0.0
    of_any = fmean(seconds for arm in of_arm.values() for seconds in arm)
    coming = (run for run in runs if not run.is_over)
    return in_parallel(
        (
            fmean(of_arm.get(run.folder.parent, [of_any])) if run.pace is None else run.pace * (run.epochs - run.done)
            for run in coming
        ),
        at_a_time,
    )


def in_parallel(seconds: Iterable[float], at_a_time: int) -> float:
    """How long runs of these lengths take together, each begun as soon as one of `at_a_time` places is free."""
    ends = [0.0] * at_a_time
    for each in seconds:
        heapq.heapreplace(ends, ends[0] + each)
    return max(ends)
