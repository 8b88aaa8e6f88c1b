"""Checkpoints: weights and more as named arrays, and some facts about them, in one file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from suite.files import DamagedFile
from suite.runs.arrays import read_arrays, write_arrays

FACTS = "facts"
"""Name of the array that holds the facts, as JSON."""


class Checkpoint(NamedTuple):
    """A named set of arrays and some facts about them."""

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]


def save_checkpoint(file: Path, checkpoint: Checkpoint, keep_old: Path | None = None) -> None:
    """Replace `file` by this checkpoint, atomically; `keep_old` gets the old file."""
    facts = np.frombuffer(json.dumps(checkpoint.facts).encode(), np.uint8)
    write_arrays(file, {**checkpoint.arrays, FACTS: facts}, keep_old)


def load_checkpoint(file: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises:
        FileNotFoundError: when there is no such file.
        DamagedFile: when its content is not exactly what was written.
    """
    arrays = read_arrays(file)
    try:
        facts = json.loads(arrays.pop(FACTS).tobytes())
        facts["epochs_done"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise DamagedFile(f"{file} is damaged or not a checkpoint ({type(error).__name__}: {error})") from None
    return Checkpoint(arrays, facts)
