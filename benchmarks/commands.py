"""Rows of the table about the commands, as a user waits for them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from augment.settings import MODES
from benchmarks.measure import ROOT
from benchmarks.photos import write_set
from suite.config.schema import Config
from suite.runs.curves import CURVES, curve_digests, write_curves
from suite.runs.facts import write_facts
from suite.runs.inputs import config_fingerprint, write_inputs
from tests.fixtures.facts import made_up_facts


def answer(command: str, quick: bool) -> list[float]:
    """Seconds until this command has answered; the median of several starts."""
    line = [sys.executable, *command.split()]
    return [statistics.median(_seconds(line) for _ in range(1 if quick else 7))]


def _seconds(line: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(line, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def plot(quick: bool) -> list[float]:
    """Seconds for the figures and the table of 200 runs of 500 epochs: 2 networks, 4 modes, 25 seeds."""
    with tempfile.TemporaryDirectory() as folder:
        for network in ("googlenet", "vgg"):
            for mode in MODES:
                for seed in range(2 if quick else 25):
                    _write_run(Path(folder) / f"{network}_{mode}" / f"seed{seed}", network, mode, seed, epochs=500)
        return [_seconds([sys.executable, "plot_curves.py", folder]) for _ in range(1 if quick else 3)]


def _write_run(folder: Path, network: str, mode: str, seed: int, epochs: int) -> None:
    """A finished run, its curves made up."""
    folder.mkdir(parents=True)
    settings = {"model": {"name": network}, "augment": {"mode": mode}, "train": {"seed": seed, "epochs": epochs}}
    noise = np.random.default_rng(seed).normal(0, 0.02, epochs)
    curves = {name: (np.linspace(0.1, 0.6, epochs) + noise).tolist() for name in CURVES}
    config = Config.model_validate(settings)
    facts = made_up_facts(
        status="finished",
        model=network,
        mode=mode,
        seed=seed,
        config_fingerprint=config_fingerprint(config),
        epochs_done=epochs,
        curves=curve_digests(curves),
    )
    write_inputs(folder, config, "")
    write_curves(folder, curves)
    write_facts(folder, facts)


def first_batch(quick: bool) -> list[float]:
    """Seconds from the start of `train.py` to its first step, on 1,600 images of 224 pixels decoded by a run before."""
    with tempfile.TemporaryDirectory() as folder:
        root = write_set(Path(folder) / "set", 64 if quick else 1600, 16)
        fixed = ["--config", "configs/googlenet_mixup.yaml", "--logs", f"{folder}/logs"]
        line = [
            sys.executable,
            "-c",
            UNTIL_FIRST_STEP,
            *fixed,
            "--set",
            f"data.root={root}",
            f"data.cache={folder}/cache",
        ]
        _, *later = (_seconds(line) for _ in range(2 if quick else 4))
        return later  # the first one has decoded


UNTIL_FIRST_STEP = """
import os, sys
import train
from suite.training import loop
loop.train_step = lambda *arguments: os._exit(0)
sys.exit(train.main())
"""
"""The command, but that it ends where its first step would begin."""
