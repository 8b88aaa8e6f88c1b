"""Runs that are killed or stopped by a signal."""

from __future__ import annotations

import re
import shlex
import signal
import time

from suite.runs.facts import read_facts
from suite.training.run import GRACE
from tests.fixtures.commands import ROOT
from tests.reliability.bench import EPOCHS, Bench, Run, Started


def kill_while_writing(bench: Bench, mode: str, *points: str) -> None:
    """Kill one run at several points of `faults.py`, one after the other."""
    run = Run(bench, mode)
    for point in points:
        started = run.start(fault=f"kill {point}")
        assert started.end() == 137, f"{point}: {started.said}"
    run.loses_nothing()


def kill_at_some_time(bench: Bench, mode: str, fraction: float) -> None:
    """Kill a run when about this fraction of its time has passed."""
    run, _, _ = interrupted(bench, mode, fraction, signal.SIGKILL)
    run.loses_nothing()


def interrupted(bench: Bench, mode: str, fraction: float, signum: signal.Signals) -> tuple[Run, str, float]:
    """A run that was sent a signal on its way, what it printed, and the seconds from the signal to its end."""
    facts = read_facts(bench.straight(mode).folder)
    assert facts is not None
    moment = fraction * sum(facts.seconds_per_epoch)
    for _ in range(9):
        run = Run(bench, mode)
        started = run.start()
        started.wait_for("  epochs  ")
        time.sleep(moment)
        done = started.said.count("\nepoch ")
        sent = time.monotonic()
        started.process.send_signal(signum)
        code = started.end()
        if "\nfinished\n" not in started.said:
            assert code == 128 + signum, started.said
            assert run.epochs_done() >= done
            return run, started.said, time.monotonic() - sent
        moment *= 0.7  # it had ended before: the machine was slower when the straight run was timed
    raise AssertionError(f"it always ends before {signum.name} comes")


def stop(bench: Bench, mode: str, fraction: float, signum: signal.Signals) -> float:
    """Stop a run by a signal, and continue with the command that it prints; the seconds it took to end."""
    run, said, seconds = interrupted(bench, mode, fraction, signum)
    [command] = re.findall(rf"^stopped by {signum.name}; continue with: (.*)$", said, re.MULTILINE)
    assert shlex.split(command)[1:] == [str(ROOT / "train.py"), *run.arguments]
    assert "Traceback" not in said
    run.loses_nothing()
    return seconds


def hanging(bench: Bench, mode: str) -> tuple[Run, Started]:
    """A run whose loader hangs in its third epoch."""
    run = Run(bench, mode)
    started = run.start(fault="hang 2")
    started.wait_for(f"epoch  2/{EPOCHS}")
    time.sleep(0.2)  # until it waits for a batch that never comes
    return run, started


def stop_twice(bench: Bench, mode: str) -> float:
    """A Ctrl-C that cannot end the run, and a second one; the seconds that one took."""
    run, started = hanging(bench, mode)
    started.process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert started.process.poll() is None  # it waits for the thread that hangs
    sent = time.monotonic()
    started.process.send_signal(signal.SIGINT)
    assert started.end() == 130
    seconds = time.monotonic() - sent
    assert seconds < GRACE - 2  # it has not waited to be ended
    run.loses_nothing()
    return seconds


def stop_what_hangs(bench: Bench, mode: str) -> float:
    """A SIGTERM that cannot end the run, and no second one; the seconds until it ended all the same."""
    run, started = hanging(bench, mode)
    sent = time.monotonic()
    started.process.send_signal(signal.SIGTERM)
    assert started.end() == 143
    seconds = time.monotonic() - sent
    assert seconds > GRACE - 1
    run.loses_nothing()
    return seconds


def hang_up_under_nohup(bench: Bench, mode: str) -> None:
    """Log out from a run that was started with nohup: it does not notice."""
    run = Run(bench, mode)
    started = run.start(wrapper=["nohup"])
    started.wait_for("  epochs  ")
    started.process.send_signal(signal.SIGHUP)
    assert started.end() == 0, started.said
    run.equals_straight()
