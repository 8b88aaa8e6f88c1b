"""`predictions.npz`: what a network says of every image of a list."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.files import DamagedFile
from suite.runs.arrays import read_arrays, write_arrays

FILE = "predictions.npz"


class Predictions(NamedTuple):
    """Labels and logits, and of what `evaluate.py` judged, what else is known of the images."""

    labels: NDArray[np.int64]  # [N]
    logits: NDArray[np.float32]  # [N, classes]
    judged: JudgedImages | None = None


class JudgedImages(NamedTuple):
    """The images of a list that `evaluate.py` judged a run by."""

    digests: list[str]
    """One for each image file."""
    trained_on: int | None
    """How many of them the run was trained on; None when its `data.txt` was damaged."""
    finished: bool
    """Whether the run was finished then."""


def write_predictions(folder: Path, predictions: Predictions) -> Path:
    """Replace `predictions.npz` in `folder`, atomically; returns the file."""
    labels, logits, judged = predictions
    arrays: dict[str, np.ndarray] = {"labels": labels, "logits": logits}
    if judged:
        arrays["digests"] = np.array(judged.digests)
        arrays["trained_on"] = np.array(-1 if judged.trained_on is None else judged.trained_on)
        arrays["finished"] = np.array(judged.finished)
    write_arrays(folder / FILE, arrays)
    return folder / FILE


def read_predictions(folder: Path) -> Predictions | None:
    """The predictions in `folder`, or None where there are none.

    Raises:
        DamagedFile: when the content is not what was written.
    """
    file = folder / FILE
    try:
        arrays = read_arrays(file)
    except FileNotFoundError:
        return None
    try:
        judged = None
        if "digests" in arrays:
            known = int(arrays["trained_on"])
            judged = JudgedImages(arrays["digests"].tolist(), None if known < 0 else known, bool(arrays["finished"]))
        return Predictions(arrays["labels"], arrays["logits"], judged)
    except KeyError as error:
        raise DamagedFile(f"{file} was not written by this suite: {error} is missing") from None
