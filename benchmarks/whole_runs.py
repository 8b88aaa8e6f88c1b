"""Rows of the table about what a verdict costs: everything that a run does beside its training steps."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.commands import seconds_to_first_step
from benchmarks.photos import write_set
from benchmarks.training_runs import GOOGLENET, BareLoop, clocked, configured, made_up
from suite import backend
from suite.config.schema import Config, DataConfig
from suite.runs.curves import clean_passes

ONE_CHANNEL = {"name": "vgg", "conv_arch": [[1, 1], [1, 1], [1, 1]], "fc": [8]}
"""A network whose steps Python bounds, not arithmetic."""


def beyond_bare(model: Mapping[str, Any], images: int, quick: bool) -> list[float]:
    """Per cent that ten epochs take longer than bare training with a pass over the evaluation images after each.

    Ours also has clean passes, copies and writes all files, and warms up. Epochs of both sides alternate.
    """
    backend.start_paddle("cpu", 1)
    from suite.training import provenance
    from suite.training.loop import Training
    from suite.training.saving import Saver

    count = 16 if quick else images
    config = configured(model, "none", 64)
    config = config.model_copy(update={"train": config.train.model_copy(update={"epochs": 10, "clean_every": None})})
    data = made_up(count, count // 5, 64)
    bare, training = BareLoop(config, data), Training(config, data)
    bare.steps(np.arange(8))  # Paddle prepares itself in the first steps
    order, theirs, ours = np.random.default_rng(0).permutation(count), 0.0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        saver = Saver(Path(folder), training, provenance.run_facts(config, data, training, ()))
        for _ in range(config.train.epochs):
            theirs += clocked(lambda: bare.steps(order)) + clocked(bare.predictions)
            ours += clocked(training.one_epoch) + clocked(saver.after_epoch)
        ours += clocked(lambda: saver.__exit__())
    return [100 * (ours / theirs - 1)]


def clean_share(quick: bool) -> list[float]:
    """Per cent of a run that its clean passes take, by the default settings: those of 500 epochs."""
    backend.start_paddle("cpu", 1)
    from models import predicting
    from suite.training.loop import Training

    epochs, count = Config().train.epochs, 32 if quick else 320
    training = Training(configured(GOOGLENET, "userDef", 64), made_up(count, count // 5, 64))
    training.one_epoch()
    shares = []
    for _ in range(1 if quick else 3):
        epoch = clocked(training.one_epoch)
        one = clocked(lambda: predicting.predict(training.model, training.data.train.images))
        passes = one * clean_passes(epochs, None)
        shares.append(100 * passes / (epochs * epoch + passes))
    return [float(np.median(shares))]


def saving_share(quick: bool) -> list[float]:
    """Per cent of five minutes that a run waits for copies and writings: 134 million weights with Adam's moments.

    Its epochs only sleep, for 5 seconds, about as long as those of a fast GPU.
    """
    backend.start_paddle("cpu", 1)
    from suite.training import provenance
    from suite.training.loop import Training
    from suite.training.saving import Saver

    size = 32 if quick else 224
    config, data = configured({"name": "vgg"}, "none", size), made_up(8, 8, size)
    training = Training(config, data)
    training.one_epoch()  # now the optimiser has its state
    epochs, waited = 2 if quick else 60, 0.0
    with tempfile.TemporaryDirectory() as folder:
        saver = Saver(Path(folder), training, provenance.run_facts(config, data, training, ()))
        began = time.perf_counter()
        for _ in range(epochs):
            time.sleep(5)
            waited += clocked(saver.after_epoch)
        waited += clocked(lambda: saver.__exit__())
        return [100 * waited / (time.perf_counter() - began)]


def loader_beside(quick: bool) -> list[float]:
    """Per cent that steps bound by Python take longer with a thread that makes their batches than with batches made
    beforehand: 64 px, batch 8, mixup. Rounds alternate."""
    backend.start_paddle("cpu", 1)
    from suite.data.batches import prefetch
    from suite.training.loop import Training

    training = Training(configured(ONE_CHANNEL, "mixup", 64), made_up(160, 8, 64))
    batches = np.arange(160).reshape(-1, 8)
    made = [training.augmenter.batch(0, index, samples) for index, samples in enumerate(batches)]
    training.model.train()

    def from_thread() -> None:
        for batch in prefetch(lambda index: training.augmenter.batch(0, index, batches[index]), len(batches), 1):
            training._step(batch).numpy()

    def from_list() -> None:
        for batch in made:
            training._step(batch).numpy()

    from_thread()
    from_list()
    return [100 * (np.median([clocked(from_thread) / clocked(from_list) for _ in range(2 if quick else 15)]) - 1)]


def start_on_many(quick: bool) -> list[float]:
    """Seconds from the start of `train.py` to its first step, on 100,000 images of 64 pixels decoded before."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_set(Path(folder) / "set", 100 if quick else 100_000, 16, 64, 64)
        time.sleep(2)  # files that have just been written are not remembered
        return seconds_to_first_step(Path(folder), root, 2 if quick else 4, "data.image_size=64")


def decoded_for_many(quick: bool) -> list[float]:
    """Bytes of decoded images that five folds and two subsets of a set share, times those of the set."""
    from suite.data.loading import load_data

    count, folds = 160 if quick else 400, 5
    with tempfile.TemporaryDirectory() as folder:
        root = write_set(Path(folder) / "set", count, 0, 64, 64)
        lines = (root / "Train.txt").read_text().splitlines(keepends=True)
        for fold in range(folds):
            held_out = set(lines[fold::folds])
            (root / f"Train-fold{fold}.txt").write_text("".join(line for line in lines if line not in held_out))
            (root / f"Eval-fold{fold}.txt").write_text("".join(line for line in lines if line in held_out))
        for fold, per_class in ((fold, few) for fold in range(folds) for few in (1, 2, None)):
            lists = {"train_list": f"Train-fold{fold}.txt", "eval_list": f"Eval-fold{fold}.txt"}
            settings = {"root": str(root), "cache": f"{folder}/cache", "image_size": 64, **lists}
            load_data(DataConfig.model_validate({**settings, "images_per_class": per_class}))
        kept = sum(part.stat().st_size for part in Path(folder, "cache").glob("*.npy"))
    return [kept / (count * 64 * 64 * 3)]
