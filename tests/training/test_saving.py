"""When a run's files are written, and that they agree whatever happens."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from suite.runs.checkpoints import Checkpoint
from suite.runs.predictions import Predictions
from suite.training import saving
from suite.training.clock import Clock
from suite.training.lines import saving_line
from suite.training.saving import Saver, Snapshot

EPOCHS = 50


class Time:
    """Stands for the clock: it passes only when something takes time."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


class MadeUp:
    """A training whose epochs take ten seconds, and are the best when they say so."""

    def __init__(self, time: Time, best: set[int]) -> None:
        self.time, self.best, self.clock = time, best, Clock()
        self.seconds: list[float] = []
        self.config = SimpleNamespace(train=SimpleNamespace(epochs=EPOCHS))

    @property
    def epochs_done(self) -> int:
        return len(self.seconds)

    @property
    def latest_is_best(self) -> bool:
        return self.epochs_done in self.best

    def one_epoch(self) -> None:
        self.time.now += 10
        self.seconds.append(10)

    def weights(self) -> Checkpoint:
        return Checkpoint({}, {"epochs_done": self.epochs_done})


class Written:
    """What would be in the files, and how long copying and writing take."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, copying: float = 0.0, writing: float = 0.0) -> None:
        self.time, self.epochs, self.best = Time(), list[int](), list[int]()
        self.may_write = threading.Event()
        self.may_write.set()

        def snapshot(training: Any, facts: Any, best: Checkpoint | None) -> Snapshot:
            self.time.now += copying
            done = training.epochs_done
            last = Checkpoint({"model/a": np.zeros(4)}, {"epochs_done": done})
            return Snapshot(Predictions(np.zeros(1, np.int64), np.zeros((1, 2), np.float32)), last, best, done)

        def write_files(folder: Path, kept: Snapshot) -> None:
            assert self.may_write.wait(60)
            self.time.now += writing
            self.epochs.append(kept.last.facts["epochs_done"])
            self.best += [kept.best.facts["epochs_done"]] if kept.best else []

        monkeypatch.setattr(saving, "snapshot", snapshot)
        monkeypatch.setattr(saving, "write_files", write_files)
        monkeypatch.setattr(saving, "time", self.time)


def trained(written: Written, best: set[int], epochs: int = EPOCHS, waits: bool = True) -> Saver:
    """`waits`: every writing ends before the next epoch, so that the order of two threads decides nothing."""
    training = MadeUp(written.time, best)
    saver = Saver(Path(), training, "the start")  # type: ignore[arg-type]
    with saver:
        for _ in range(epochs):
            training.one_epoch()
            saver.after_epoch()
            if waits:
                saver._wait()
    return saver


def test_a_writing_is_earned_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """4 seconds are earned in 132, which fourteen epochs take; the last epoch is always written."""
    written = Written(monkeypatch, writing=4)
    trained(written, {1})
    assert written.epochs == [1, 14, 27, 40, 50]
    assert written.time.now - 10 * EPOCHS == 4 * 5


def test_what_costs_nothing_is_written_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Written(monkeypatch, writing=0.1)
    trained(written, {1})
    assert written.epochs == [*range(1, EPOCHS + 1)]


def test_a_copy_is_earned_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a GPU, copying a large network after every epoch may cost more than training it."""
    written = Written(monkeypatch, copying=1)
    trained(written, {1})
    assert written.epochs == [1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 50]


def test_the_best_weights_are_not_lost_between_two_writings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Epoch 12 is the best of those up to the second writing, and 45 of all: neither is itself written."""
    written = Written(monkeypatch, writing=4)
    trained(written, {1, 3, 12, 45})
    assert written.best == [1, 12, 45]


def test_training_goes_on_while_an_epoch_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """One writing at a time; the end waits for it, and writes the latest epoch."""
    written = Written(monkeypatch)
    written.may_write.clear()
    training = MadeUp(written.time, {1, 2})
    with Saver(Path(), training, "the start") as saver:  # type: ignore[arg-type]
        for _ in range(3):
            training.one_epoch()
            saver.after_epoch()
        assert written.epochs == []
        written.may_write.set()
    assert (written.epochs, written.best, saver.written) == ([1, 3], [1, 2], 3)


def test_without_room_for_two_copies_the_first_is_written_before_the_second_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The system would end the process."""
    written = Written(monkeypatch)
    monkeypatch.setattr(saving, "free_memory", lambda: 63)  # two copies take 64
    trained(written, {1}, waits=False)
    assert written.epochs == [*range(1, EPOCHS + 1)]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_whatever_ends_the_training_the_latest_copy_is_written(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    written = Written(monkeypatch, writing=4)
    training = MadeUp(written.time, {1})
    with pytest.raises(error), Saver(Path(), training, "the start") as saver:  # type: ignore[arg-type]
        for _ in range(7):
            training.one_epoch()
            saver.after_epoch()
        raise error
    assert (written.epochs, saver.written) == ([1, 7], 7)


def test_an_error_of_the_thread_ends_the_run_and_nothing_more_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk would go unnoticed for a night; and without its best weights, a later epoch must not be written."""
    written = Written(monkeypatch)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "write_files", full)
    with pytest.raises(OSError, match="No space left"):
        trained(written, {1})
    assert written.epochs == []


def test_what_a_kill_may_lose_is_said_when_it_is_much() -> None:
    assert saving_line(7, 33, 20) == "saving takes 7 s, so it is done every 4 min: kill -9 may lose 4 min"
    assert saving_line(1, 33, 2) is None  # less than a minute
    assert saving_line(7, 33, 300) is None  # an epoch takes longer
