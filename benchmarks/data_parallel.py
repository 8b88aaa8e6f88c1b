"""Two processes on one run, against one process, and against two runs side by side: why a run is never split.

    python -m benchmarks.data_parallel

Each way trains the same small GoogLeNet on made-up images, in batches of 8. Split, each process has half of a batch and
the gradients are averaged over gloo. The rounds alternate, and a ratio is formed within each of them. Wall time tells
little on a busy machine; processor time says what the work costs.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import ROOT, versions

STEPS, WARM, BATCH, SIZE, ROUNDS = 30, 3, 8, 64, 3


class Cost(NamedTuple):
    """Of the steps of all processes together."""

    wall: float
    """Images a second."""
    processor: float
    """Images a second of processor time."""


def train(batch: int, split: bool) -> tuple[int, float, float]:
    """The images of this process, which has `batch` of them in a step, and the seconds and processor seconds."""
    import numpy as np
    import paddle
    from paddle import distributed

    from models.building import build
    from models.settings import GoogLeNetConfig

    if split:
        distributed.init_parallel_env()
    network = build(GoogLeNetConfig(stem_stride=2), SIZE, 10)
    model = paddle.DataParallel(network) if split else network
    optimizer = paddle.optimizer.Adam(1e-4, parameters=model.parameters())
    rng = np.random.default_rng(0)
    images = paddle.to_tensor(rng.random((batch, 3, SIZE, SIZE), np.float32))
    labels = paddle.to_tensor(rng.integers(0, 10, batch))
    for step in range(STEPS + WARM):
        if step == WARM:
            began, worked = time.perf_counter(), time.process_time()
        loss = paddle.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
    float(loss)
    return STEPS * batch, time.perf_counter() - began, time.process_time() - worked


def cost(processes: int, split: bool) -> Cost:
    """Start so many processes, on one run that is `split` or on runs of their own."""
    task = ["benchmarks/data_parallel.py", str(BATCH // 2 if split else BATCH)]
    with tempfile.TemporaryDirectory() as place:  # where Paddle puts its logs, which hold the whole environment
        if split:
            launch = [sys.executable, "-m", "paddle.distributed.launch", "--nproc_per_node", str(processes)]
            more = ["--backend", "gloo", "--log_dir", place, *task, "split"]
            commands = [[*launch, *more]]
        else:
            commands = [[sys.executable, *task]] * processes
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        started = [
            subprocess.Popen(
                each, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            for each in commands
        ]
        said = "\n".join(process.communicate()[0] for process in started)
        said += "\n".join(log.read_text() for log in Path(place).glob("workerlog.*"))
    found = {line for line in said.splitlines() if line.startswith("measured ")}  # the launcher repeats the first log
    assert len(found) == processes, said
    rows = [[float(part) for part in line.split()[1:]] for line in found]
    return Cost(sum(row[0] / row[1] for row in rows), sum(row[0] for row in rows) / sum(row[2] for row in rows))


def main() -> int:
    """In a process with arguments: train. Else: start all ways in turn, and print the ratios."""
    if len(sys.argv) > 1:
        from suite import backend

        backend.start_paddle("cpu", 1)
        print("measured", *train(int(sys.argv[1]), "split" in sys.argv), flush=True)
        return 0
    alone, split, beside = [], [], []
    for _ in range(ROUNDS):
        alone.append(cost(1, False))
        split.append(cost(2, True))
        beside.append(cost(2, False))
    for name, found in (("split over two processes", split), ("two runs side by side", beside)):
        for what in Cost._fields:
            ratios = sorted(getattr(b, what) / getattr(a, what) for a, b in zip(alone, found, strict=True))
            print(f"{name}, {what}: {statistics.median(ratios):.2f} x ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    print(f"one process: {statistics.median(each.wall for each in alone):.1f} images a second of wall time")
    print(versions(["paddlepaddle", "numpy"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
