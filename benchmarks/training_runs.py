"""Rows of the table that train: what the loop, the environment and several runs at once cost."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import ROOT, NotMeasured, apart
from benchmarks.photos import CLASSES, photos, write_set
from suite import backend
from suite.config.schema import Config
from suite.data.decoding import ImageSet
from suite.data.loading import Data
from suite.training.clock import Clock

GOOGLENET = {"name": "googlenet", "stem_stride": 2}


def configured(model: Mapping[str, Any], mode: str, size: int) -> Config:
    """The article's settings, but for these, and without the pass over clean images."""
    return Config.model_validate(
        {
            "model": model,
            "augment": {"mode": mode},
            "data": {"image_size": size},
            "train": {"epochs": 1000, "clean_every": 1000, "device": "cpu"},
        }
    )


def made_up(train: int, evaluation: int, size: int) -> Data:
    """Arrays for a training, without files."""

    def images(count: int) -> ImageSet:
        some = photos(min(count, 64), size, size)
        return ImageSet(np.resize(some, (count, size, size, 3)), np.arange(count) % CLASSES, [""] * count)

    names = [str(label) for label in range(CLASSES)]
    return Data(images(train), images(evaluation), names, listing="", pool="", split="")


# --- the loop -------------------------------------------------------------------------------------------------------


def waiting_for_input(quick: bool) -> list[float]:
    """Per cent of an epoch in which the loop waits for a batch; in the first, it waits for the bank of noise too."""
    backend.start_paddle("cpu", 1)
    from suite.training.loop import Training

    training = Training(configured(GOOGLENET, "mixup", 96), made_up(16 if quick else 160, 16, 96))
    training.one_epoch()
    training.clock = Clock()
    training.one_epoch()
    return [100 * training.clock.shares()["input"]]


def epoch_start(quick: bool) -> list[float]:
    """Milliseconds from the call of a later epoch to its first step, with all eight operations."""
    backend.start_paddle("cpu", 1)
    from suite.training import loop

    class FirstStep(Exception):
        pass

    def step(*_: object) -> None:
        times.append(time.perf_counter())
        raise FirstStep

    loop.train_step = step  # type: ignore[assignment]
    trained = loop.Training(configured({"width": 0.1}, "mixup", 224), made_up(64 if quick else 1600, 1, 224))
    waits = []
    for _ in range(3 if quick else 20):
        times = [time.perf_counter()]
        try:
            trained.one_epoch()
        except FirstStep:
            waits.append(1000 * (times[1] - times[0]))
    return [statistics.median(waits[1:])]


def loop_overhead(quick: bool) -> list[float]:
    """Per cent that an epoch of 1,600 images takes longer than a bare Paddle loop that trains and predicts the same.

    Ours also counts, checks, and writes curves, predictions and both checkpoints.
    """
    backend.start_paddle("cpu", 1)
    from suite.training import provenance
    from suite.training.loop import Training
    from suite.training.run import write_epoch

    size, count = 64, 64 if quick else 1600
    config, data = configured(GOOGLENET, "none", size), made_up(count, count // 5, size)
    bare = BareLoop(config, data)
    bare.steps(np.arange(16))  # Paddle prepares itself in the first steps
    training = Training(config, data)
    with tempfile.TemporaryDirectory() as folder:
        half = np.random.default_rng(0).permutation(count).reshape(2, -1)
        theirs = clocked(lambda: bare.steps(half[0]))
        suite = clocked(training.one_epoch)
        facts = provenance.run_facts(config, data, training, ())
        suite += clocked(lambda: write_epoch(training, Path(folder), facts))
        theirs += clocked(lambda: bare.steps(half[1])) + clocked(bare.predictions)
    return [100 * (suite / theirs - 1)]


class BareLoop:
    """As little as a program that trains the same network on the same arrays can do."""

    def __init__(self, config: Config, data: Data) -> None:
        from models.building import build
        from suite.training.optimizer import build_optimizer

        self.data, self.batch_size = data, config.train.batch_size
        self.model = build(config.model, config.data.image_size, CLASSES)
        self.optimizer = build_optimizer(config.train, self.model)

    def steps(self, order: np.ndarray) -> None:
        import paddle
        import paddle.nn.functional as F  # noqa: N812 (Paddle's own habit)

        from models.predicting import normalise

        for start in range(0, len(order), self.batch_size):
            samples = order[start : start + self.batch_size]
            images = normalise(paddle.to_tensor(self.data.train.images[samples]))
            labels = paddle.to_tensor(self.data.train.labels[samples])
            F.cross_entropy(self.model(images), labels).backward()
            self.optimizer.step()
            self.optimizer.clear_grad()

    def predictions(self) -> None:
        from models.predicting import predict

        predict(self.model, self.data.eval.images)


def clocked(call: Any) -> float:
    """Seconds that `call` takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


# --- the environment ------------------------------------------------------------------------------------------------


def against_paddle_as_shipped(quick: bool) -> list[float]:
    """A training step, times faster than with the environment that Paddle's wheel comes with.

    Raises:
        NotMeasured: when the processor is not AMD's, where the suite changes nothing.
    """
    if not backend._is_amd():
        raise NotMeasured("the processor is not AMD's, and the suite changes nothing on others")
    shipped = {key: value for key, value in os.environ.items() if not key.startswith(("MKL_", "OMP_"))}
    taken = []
    for _ in range(1 if quick else 3):
        theirs, ours = (
            apart("training_runs.step", {"through_backend": ours, "quick": quick}, 1, environment=shipped)
            for ours in (False, True)
        )
        taken.append(theirs / ours)
    return taken


def step(through_backend: bool, quick: bool) -> float:
    """Seconds of a step, GoogLeNet with stem stride 2 at 96 pixels, batch of 8."""
    if through_backend:
        backend.start_paddle("cpu", 1)
    import paddle

    paddle.set_device("cpu")
    bare = BareLoop(configured(GOOGLENET, "none", 96), made_up(8, 1, 96))
    bare.steps(np.arange(8))
    return statistics.median(clocked(lambda: bare.steps(np.arange(8))) for _ in range(2 if quick else 7))


# --- whole runs -----------------------------------------------------------------------------------------------------


def two_jobs(quick: bool) -> list[float]:
    """Two runs with `--jobs 2`, times faster than with `--jobs 1`, from the start of the command to its end."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_set(Path(folder) / "set", 32 if quick else 320, 32, 64, 64)
        settings = ["model.stem_stride=2", "data.image_size=64", "train.epochs=1", f"data.cache={folder}/cache"]
        alternately = (0, 1, 2) if quick else (0, 1, 2, 1, 2, 1, 2)
        seconds = [
            clocked(
                lambda jobs=jobs: run_train(
                    Path(folder), root, "--fresh", "--seed", "0", "1", "--jobs", str(jobs or 2), "--set", *settings
                )
            )
            for jobs in alternately
        ]
        # The first command has decoded the images for the others.
        return [one / two for one, two in zip(seconds[1::2], seconds[2::2], strict=True)]


def memory_of_a_run(quick: bool) -> list[float]:
    """Gigabytes at the most that a run of GoogLeNet at 224 pixels in batches of 8 holds, beyond the decoded images."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_set(Path(folder) / "set", 16, 16)
        settings = [
            "train.epochs=1",
            f"data.cache={folder}/cache",
            "model.stem_stride=2" if quick else "model.stem_stride=1",
        ]
        run_train(Path(folder), root, "--set", *settings)
        decoded = 32 * 224 * 224 * 3
    return [(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 - decoded) / 1e9]


def run_train(folder: Path, root: Path, *arguments: str) -> None:
    """Run the command on GoogLeNet and mixup, its run folders below `folder`."""
    fixed = ["--config", "configs/googlenet_mixup.yaml", "--logs", str(folder / "logs")]
    command = [sys.executable, "train.py", *fixed, *arguments, f"data.root={root}"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
