"""Machines that share the folder of a run and do not see each other's locks, as over NFS with local locks."""

from __future__ import annotations

import signal

from suite.errors import RunTaken
from tests.reliability.bench import EPOCHS, Bench, Run

APART = "apart 3"


def train_on_two_machines(bench: Bench, mode: str) -> None:
    """Start a run that is at work on another machine, and again when that one has lost its power."""
    run = Run(bench, mode)
    first = run.start(fault=f"{APART}, hang 3")
    first.wait_for(f"epoch  3/{EPOCHS}")
    second = run.start(fault=APART)
    assert second.end() == RunTaken.exit_code, second.said
    assert f"error: {run.folder}: another process is at work here: pid {first.process.pid} on " in second.said
    first.process.kill()
    assert first.end() == 137
    third = run.start(fault=APART)
    assert third.end() == 0, third.said
    assert f"continuing after epoch 3 of {EPOCHS}" in third.said
    run.equals_straight()


def come_back(bench: Bench, mode: str) -> None:
    """Cut a machine off until another one has taken its run over and ended it: it may write nothing any more."""
    run = Run(bench, mode)
    first = run.start(fault=APART)
    first.wait_for(f"epoch  3/{EPOCHS}")
    first.process.send_signal(signal.SIGSTOP)
    second = run.start(fault=APART)
    assert second.end() == 0, second.said
    run.equals_straight()
    before = run.contents() | {"train.log": b""}
    first.process.send_signal(signal.SIGCONT)
    assert first.end() == RunTaken.exit_code, first.said
    assert "another process has taken this run over" in first.said
    assert run.contents() | {"train.log": b""} == before
