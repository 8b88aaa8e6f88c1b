"""When the files of a run are written: so seldom that it costs next to nothing, and always at the end.

A whole epoch is copied, and a thread writes the copy while training goes on. Both are done again when what they cost
the last time has been earned. Whatever ends the training, the latest copy is written first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from suite.machine import free_memory
from suite.runs.checkpoints import Checkpoint, save_checkpoint
from suite.runs.curves import write_curves
from suite.runs.facts import Facts, write_facts
from suite.runs.predictions import Predictions, write_predictions
from suite.stopping import at_work
from suite.training import provenance
from suite.training.lines import log, saving_line

if TYPE_CHECKING:
    from suite.training.loop import Training

EARNED = 33
"""A run trains so many times as long as a copy, or a writing, has taken before the next one: each costs below 3 %."""


class Snapshot(NamedTuple):
    """What the files of a run hold after a whole epoch. Training changes nothing in it any more."""

    predictions: Predictions
    last: Checkpoint
    best: Checkpoint | None
    """Weights; None where `best.npz` has them already."""
    facts: Facts


def snapshot(training: Training, facts: Facts, best: Checkpoint | None) -> Snapshot:
    """A copy of what the latest epoch has left; `facts` are those of the run's start."""
    judged_on = training.data.eval
    return Snapshot(
        Predictions(judged_on.labels, training.eval_logits, groups=judged_on.groups),
        provenance.with_sessions(training.state(), facts),
        best,
        provenance.with_progress(facts, training),
    )


def write_files(folder: Path, kept: Snapshot) -> None:
    """Write what an epoch has left. With `last.npz` the epochs up to it are done; `run.json` then says so."""
    write_curves(folder, kept.last.facts["curves"])
    write_predictions(folder, kept.predictions)
    if kept.best:
        save_checkpoint(folder / "best.npz", kept.best)
    save_checkpoint(folder / "last.npz", kept.last, keep_old=folder / "previous.npz")
    write_facts(folder, kept.facts)


class Saver:
    """Keeps the files of a run up to date. It is a context, at whose end the latest copy is written."""

    def __init__(self, folder: Path, training: Training, facts: Facts) -> None:
        """`facts` are those of the run's start."""
        self.folder, self.training = folder, training
        self.written = facts
        """The facts of what is in the files."""
        self._start = facts
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="saving")
        self._copying, self._writing = Price(), Price()
        self._under_way: Future[Facts] | None = None
        self._copy: Snapshot | None = None  # until its writing begins
        self._best: Checkpoint | None = None  # until the writing of a copy that has it begins
        self._bytes = 0  # of a copy

    def __enter__(self) -> Saver:
        return self

    def after_epoch(self) -> None:
        """Copy what the epoch has left, and begin to write it, each if that is earned. The last epoch is always copied.

        Raises:
            OSError: when an earlier copy could not be written.
        """
        training = self.training
        if training.latest_is_best:
            self._best = training.weights()
        if self._under_way and self._under_way.done():
            self._wait()
        if self._copying.is_earned or training.epochs_done == training.config.train.epochs:
            if free_memory() < 2 * self._bytes:
                self._wait()
                self._copy = None
            with self._copying.paid():
                self._copy = snapshot(training, self._start, self._best)
            self._bytes = sum(array.nbytes for array in self._copy.last.arrays.values())
        if self._copy and self._writing.is_earned and not self._under_way:
            self._under_way = self._thread.submit(copy_context().run, self._write, self._copy)
            self._copy = self._best = None

    def __exit__(self, *_: object) -> None:
        with at_work(), self.training.clock.measure("writing"), self._thread:
            self._wait()
            if self._copy:
                self.written = self._write(self._copy)

    def _write(self, kept: Snapshot) -> Facts:
        with self._writing.paid():
            write_files(self.folder, kept)
        return kept.facts

    def _wait(self) -> None:
        """Until nothing is being written. After a failure nothing more is, so that the files stay as they are."""
        if not self._under_way:
            return
        under_way, self._under_way = self._under_way, None
        is_first = self.written is self._start
        try:
            self.written = under_way.result()
        except BaseException:
            self._copy = None
            raise
        if is_first and (line := saving_line(self._writing.seconds, EARNED, self.training.seconds[-1])):
            log.info(line)


class Price:
    """What something has cost, and whether that has been earned since."""

    def __init__(self) -> None:
        self._began, self.seconds = -math.inf, 0.0

    @contextmanager
    def paid(self) -> Iterator[None]:
        """The block is what costs."""
        self._began = time.perf_counter()
        yield
        self.seconds = time.perf_counter() - self._began

    @property
    def is_earned(self) -> bool:
        """Whether enough time has passed since it began; also before the first time."""
        return time.perf_counter() - self._began >= EARNED * self.seconds
