"""What `train.recalibrate` would have changed in runs that were trained without it.

    python -m benchmarks.recalibration logs/resnet_mixup/seed*

A network learns the same with and without it, so each network is judged twice: with the statistics that it has, and
with those of the clean training images.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from suite import backend
from suite.comparison.significance import interval, sign_flip
from suite.data.loading import Data, load_data
from suite.errors import run_command
from suite.runs.trained import TrainedRun, build_network, open_checkpoint, open_run


def main() -> int:
    """Judge the runs that the command line names, and compare them by seed."""
    backend.start_paddle("cpu", 1)
    gains = []
    for folder in map(Path, sys.argv[1:]):
        run = open_run(folder)
        before, after = accuracies(run, load_data(run.config.data))
        gains.append(after - before)
        print(f"{folder}: {before:.1%} with its own statistics, {after:.1%} with new ones", flush=True)
    points = 100 * np.array(gains)
    low, high = interval(points)
    print(f"{points.mean():+.2f} points, 95 % interval {low:+.2f} to {high:+.2f}, sign-flip p {sign_flip(points):.3f}")
    return 0


def accuracies(run: TrainedRun, data: Data) -> tuple[float, float]:
    """On the evaluation list, as trained and recalibrated."""
    from models.predicting import predict
    from models.statistics import recalibrate

    network = build_network(run, open_checkpoint(run), "cpu")
    how = run.config.model.normalise

    def accuracy() -> float:
        logits = predict(network, data.eval.images, how)
        return float(np.mean(logits.argmax(axis=1) == data.eval.labels))

    before = accuracy()
    recalibrate(network, data.train.images, run.config.train.batch_size, how)
    return before, accuracy()


if __name__ == "__main__":
    run_command(main)
