"""Several runs of one command: stopped, killed, and one that fails."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from suite.runs import checkpoints
from suite.training.run import GRACE
from tests.reliability.bench import EPOCHS, Bench, Run, Started, wait_until


class Sweep:
    """A process that trains seeds 0, 1 and 2, two at a time."""

    def __init__(self, bench: Bench, mode: str, *overrides: str, fault: str = "") -> None:
        self.run, self.fault = Run(bench, mode, *overrides), fault
        self.folders = [self.run.logs / f"vgg_{mode}/seed{seed}" for seed in range(3)]
        self.started = self.begin(fault)

    def begin(self, fault: str = "") -> Started:
        """Start it, or start it again."""
        return self.run.start("--seed", "0", "1", "2", "--jobs", "2", fault=fault)

    def wait_for_two(self) -> list[int]:
        """Until the first two have done two epochs; their process ids."""
        for folder in self.folders[:2]:
            self.started.wait_for(f"{folder} | epoch  2/" if self.fault else f"{folder} | epoch")
        locks = [(folder / "run.lock").read_text() for folder in self.folders[:2]]
        return [int(lock.split()[1]) for lock in locks]


def gone(pids: Sequence[int]) -> bool:
    """Whether none of these processes is at work."""
    return not any(Path(f"/proc/{pid}/exe").exists() for pid in pids)


def stop_many(bench: Bench, mode: str) -> float:
    """Ctrl-C for a process that trains several runs; the seconds until all have ended."""
    sweep = Sweep(bench, mode, "train.epochs=100000")
    pids = sweep.wait_for_two()
    sent = time.monotonic()
    sweep.started.process.send_signal(signal.SIGINT)
    assert sweep.started.end() == 130
    seconds = time.monotonic() - sent
    assert gone(pids)
    first, second, third = sweep.folders
    *_, one, two, three, last = sweep.started.said.splitlines()
    assert [one, two, three] == [f"{first}: left: stopped", f"{second}: left: stopped", f"{third}: left: not begun"]
    assert last == "the same command, without --fresh, continues what is left"
    for folder in (first, second):
        assert "stopped by SIGTERM; continue with: " in (folder / "train.log").read_text()
        assert checkpoints.load_checkpoint(folder / "last.npz").facts["epochs_done"] >= 1
    return seconds


def stop_many_twice(bench: Bench, mode: str) -> float:
    """Ctrl-C for runs that hang, a second one, then the same command twice: it continues, then finds nothing to do.

    The seconds that the second Ctrl-C took.
    """
    sweep = Sweep(bench, mode, fault="hang 2")
    pids = sweep.wait_for_two()
    time.sleep(0.2)
    sweep.started.process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert sweep.started.process.poll() is None
    sent = time.monotonic()
    sweep.started.process.send_signal(signal.SIGINT)
    assert sweep.started.end() == 130
    wait_until(lambda: gone(pids))
    seconds = time.monotonic() - sent
    assert seconds < GRACE - 2  # nobody has waited to be ended

    again = sweep.begin()
    assert again.end() == 0, again.said
    *results, following = again.said.splitlines()[-4:]
    assert all(": done in " in line for line in results) and following.startswith("next: ")
    sweep.run.equals_straight()
    trained = {file: file.stat().st_mtime_ns for folder in sweep.folders for file in folder.iterdir()}
    third = sweep.begin()
    assert third.end() == 0
    assert third.said.count(" is finished and left as it is; --fresh starts over") == 3
    assert trained == {file: file.stat().st_mtime_ns for folder in sweep.folders for file in folder.iterdir()}
    return seconds


def kill_parent(bench: Bench, mode: str, fault: str = "") -> float:
    """Kill -9 for the process that trains several runs; the seconds until they have ended as well."""
    sweep = Sweep(bench, mode, f"train.epochs={EPOCHS if fault else 100000}", fault=fault)
    pids = sweep.wait_for_two()
    time.sleep(0.2)
    sweep.started.process.kill()
    sent = time.monotonic()
    assert sweep.started.end() == 137
    try:
        wait_until(lambda: gone(pids))
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    seconds = time.monotonic() - sent
    if fault:
        assert seconds > GRACE / 2  # they were told once: at a second signal they would have ended at once
    for folder in sweep.folders[:2]:
        assert checkpoints.load_checkpoint(folder / "last.npz").facts["epochs_done"] >= 1
        assert fault or "stopped by SIGTERM; continue with: " in (folder / "train.log").read_text()
    return seconds


def fail_one_of_many(bench: Bench, mode: str) -> None:
    """A run that cannot begin, between two that can: they are trained, and the last lines tell."""
    sweep = Run(bench, mode)
    blocked = sweep.folder.with_name("seed1")
    blocked.mkdir(parents=True)
    (blocked / "last.npz").write_bytes(b"hello\n")
    started = sweep.start("--seed", "0", "1", "2", "--jobs", "2")
    assert started.end() == 1
    first, second, third = started.said.splitlines()[-3:]
    assert first.startswith(f"{sweep.folder}: done in ")
    assert second.startswith(f"{blocked}: failed (exit code 2): error: {blocked}/last.npz is damaged")
    assert third.startswith(f"{sweep.folder.with_name('seed2')}: done in ")
    sweep.equals_straight()
