"""What goes wrong in training itself: a loss that is not finite, a loader that hangs, growth over many epochs."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from suite.comparison.reading import find_runs
from suite.runs import checkpoints
from suite.runs.curves import CURVES
from suite.runs.facts import read_facts
from tests.reliability.bench import EPOCHS, Bench, Run


def diverge(bench: Bench) -> None:
    """Train with a learning rate that is far too high; go on as it was, which fails again, then with a lower one."""
    run = Run(bench, "none", "train.optimizer=momentum", "train.lr=1")
    code, said = run.go_on()
    assert (code, "Traceback" in said) == (1, False), said
    reason = r"the loss is not finite in epoch (\d+), batch \d of 6; .*images of that batch: (\w+/\d+\.png(, |$)){4}"
    found = re.search(f"^stopped: {reason}", said, re.M)
    assert found, said
    done = int(found[1]) - 1
    assert 0 < done == run.epochs_done()
    checkpoint = checkpoints.load_checkpoint(run.folder / "last.npz")
    assert all(np.isfinite(array).all() for array in checkpoint.arrays.values())
    facts = read_facts(run.folder)
    assert facts is not None
    assert facts.diverged
    assert facts.reason and re.match(reason, facts.reason)

    assert "to go on from there, lower train.lr or give --resume-after-nan" in run.refuses()
    assert "train.lr was 1.0 when this run began and is 2.0 now" in run.refuses("train.lr=2.0")
    code, said = run.go_on("--resume-after-nan")
    assert code == 1
    assert f"continuing after epoch {done} of {EPOCHS}" in said
    assert re.search(f"^stopped: {reason}", said, re.M)
    code, said = run.go_on("train.lr=0.001")
    assert code == 0, said
    assert f"continuing after epoch {done} of {EPOCHS}" in said
    facts = read_facts(run.folder)
    assert facts is not None
    assert facts.finished
    assert [(session.lr, session.after_epoch) for session in facts.sessions] == [
        (1, 0),
        (1, done),
        (0.001, done),
    ]
    assert all(np.isfinite(np.load(run.folder / f"{name}.npy")).all() for name in CURVES)
    assert [session.not_finite for session in facts.sessions] == [True, True, False]
    (lost,), (note,) = find_runs(run.folder)
    assert (lost.broken, lost.done, lost.leaves["train.lr"]) == (True, done, 1)
    assert note == f"{run.folder}: its epochs were not all made alike: train.lr 1, then 0.001"


class Use(NamedTuple):
    """What a process occupies."""

    kilobytes: int
    threads: int
    files: int


def use_of(pid: int) -> Use:
    """What a process occupies now."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Use(int(status["VmRSS"].split()[0]), int(status["Threads"]), len([*Path(f"/proc/{pid}/fd").iterdir()]))


def train_long(bench: Bench, mode: str, epochs: int) -> float:
    """Train for many epochs with few files allowed; the growth of its memory from epoch 10 on, as a fraction."""
    run = Run(bench, mode, f"train.epochs={epochs}")
    # It stops before the last epoch, to be looked at in peace.
    started = run.start(fault=f"hang {epochs - 1}", wrapper=["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"])
    line = f"epoch {{:{len(str(epochs))}}}/{epochs}"
    started.wait_for(line.format(10))
    early = [use_of(started.process.pid)]
    while line.format(20) not in started.said:
        early.append(use_of(started.process.pid))
        time.sleep(0.005)
    for epoch in (*range(40, epochs - 1, 20), epochs - 1):  # a busy machine has time for every few of them
        started.wait_for(line.format(epoch))
    time.sleep(0.2)
    late = use_of(started.process.pid)
    started.process.kill()
    assert started.end() == 137
    growth = late.kilobytes / early[0].kilobytes - 1
    assert growth < 0.05, (early, late)
    assert late.threads <= max(use.threads for use in early), (early, late)
    assert late.files <= max(use.files for use in early), (early, late)
    code, said = run.go_on()
    assert code == 0, said
    assert len(np.load(run.folder / "lossTrain.npy")) == epochs
    return growth


def hang(bench: Bench, mode: str) -> None:
    """Have the loader hang: the watchdog says where, and ends the run."""
    run = Run(bench, mode)
    started = run.start("data.patience=1", fault="hang 2")
    assert started.end() == 1
    assert "stopped: no batch came for 1 s (data.patience); above is what each thread did" in started.said
    assert "in batch_or_sleep" in started.said  # the place where it hangs
    assert "in main" in started.said
    assert run.epochs_done() == 2
    run.loses_nothing()
