"""A trained run as other commands take it: what it says of itself, its weights, its network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from suite import backend
from suite.config.schema import Config
from suite.errors import UserError
from suite.files import DamagedFile
from suite.natural_order import natural
from suite.runs.checkpoints import Checkpoint, load_checkpoint
from suite.runs.facts import Facts, read_facts
from suite.runs.inputs import read_config

if TYPE_CHECKING:
    from paddle import nn

CHECKPOINTS = ("last", "best")
"""Those that every run has."""


class TrainedRun(NamedTuple):
    """A run, and which of its weights are meant."""

    folder: Path
    config: Config
    facts: Facts
    weights_file: Path

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.facts.data.class_names

    @property
    def short_name(self) -> str:
        """`mixup-seed0`, to name what is made from the run."""
        return "-".join(self.folder.resolve().parts[-2:])


def run_folders(folder: Path) -> list[Path]:
    """The folders of all runs in and below this one, in natural order. Links to folders are not followed."""
    found = []
    for place, subfolders, files in os.walk(folder):
        subfolders[:] = sorted((name for name in subfolders if not name.startswith(".")), key=natural)
        if "run.json" in files:
            found.append(Path(place))
            subfolders.clear()  # no run lies in another
    return found


def open_run(folder: Path, checkpoint: str = "last", overrides: Sequence[str] = ()) -> TrainedRun:
    """The run in `folder`; nothing large is read yet. `checkpoint` is last, best or a file; `overrides` as in `--set`.

    Raises:
        UserError: when there is no run in the folder, or a damaged one, or no such checkpoint.
    """
    try:
        facts = read_facts(folder) if folder.is_dir() else None
        config = read_config(folder, facts, overrides) if facts else None
    except DamagedFile as error:
        raise UserError(f"{error}; the command that trained the run writes it anew") from None
    if facts is None or config is None:
        below = run_folders(folder)
        hint = f"did you mean {below[0]}?" if below else "name a run folder, such as logs/googlenet_mixup/seed0"
        raise UserError(f"{folder}: {'no run in this folder' if folder.is_dir() else 'no such folder'}; {hint}")
    file = folder / f"{checkpoint}.npz" if checkpoint in CHECKPOINTS else Path(checkpoint)
    if not file.is_file():  # also for a pipe: opening it would wait for its writer
        raise UserError(f"{file}: no such checkpoint; train.py writes last.npz and best.npz after the first epoch")
    return TrainedRun(folder, config, facts, file)


def open_checkpoint(run: TrainedRun) -> Checkpoint:
    """The weights that are meant.

    Raises:
        UserError: when the file's content is not what was written.
    """
    try:
        return load_checkpoint(run.weights_file)
    except DamagedFile as error:
        raise UserError(f"{error}; choose another one with --checkpoint last|best|FILE") from None


def build_network(run: TrainedRun, checkpoint: Checkpoint, device: str) -> nn.Layer:
    """The run's network with the weights of `checkpoint`, in training mode, on device auto, cpu or gpu.

    Raises:
        UserError: when the weights are of another network, or the device cannot be used.
    """
    backend.start_paddle(device, run.config.train.threads)
    # Paddle takes seconds to import: the user's mistakes are found before.
    from models.building import build
    from models.weights import restore_model

    network = build(run.config.model, run.config.data.image_size, len(run.class_names))
    try:
        restore_model(network, checkpoint.arrays)
    except ValueError as error:
        raise UserError(
            f"{run.weights_file}: {error}; choose a checkpoint of a run with the same `model` and classes"
        ) from None
    return network
