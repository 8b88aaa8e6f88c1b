"""The run folder: the names in it, and how it is cleared and entered.

Every file is written by `suite.files`, so a reader, or a run that was killed, finds either the old file or the new one.
`last.npz` closes an epoch and holds the curves too: a run continues from it, and with it the curves, `config.yaml`,
`run.json` and `data.txt` are made again. The one before it stays as `previous.npz`, in case `last.npz` is damaged.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from suite.errors import UserError
from suite.runs.curves import CURVES
from suite.runs.lock import locked

RUN_FILES = (
    "config.yaml",
    "data.txt",
    "run.json",
    "train.log",
    "last.npz",
    "previous.npz",
    "best.npz",
    "predictions.npz",
    *(f"{name}.npy" for name in CURVES),
)

SCALARS = "visualdl"
"""Folder of the curves for VisualDL."""

MADE_FROM_A_RUN = (SCALARS, "evaluation*")
"""Folders, as patterns: a log and judgements of the training that is over when a run starts over."""


def clear(folder: Path) -> None:
    """Remove what a run has written, what was made from it, and what an interrupted writing has left."""
    for name in RUN_FILES:
        (folder / name).unlink(missing_ok=True)
    for pattern in MADE_FROM_A_RUN:
        for made in folder.glob(pattern):
            shutil.rmtree(made, ignore_errors=True)
    clear_temporaries(folder)


def clear_temporaries(folder: Path) -> None:
    """Remove what a killed process was writing."""
    for name in RUN_FILES:
        for left in folder.glob(f".{name}.*.new"):
            left.unlink(missing_ok=True)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Make the run folder and keep other processes out of it, as `locked` does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {error.strerror}; choose another place with --logs") from None
    with locked(folder):
        clear_temporaries(folder)
        yield
