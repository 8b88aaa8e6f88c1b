"""The curves of a run: one `.npy` file each, one float64 value an epoch."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from suite.files import DamagedFile, fingerprint, write_bytes
from suite.metrics import Metric, accuracy, balanced_accuracy, cross_entropy
from suite.runs.facts import Facts

Curve = NDArray[np.float64]

CURVES = (
    "lossTrain",
    "accTrain",
    "lossEval",
    "accEval",
    "lossTrainClean",
    "accTrainClean",
    "balancedEval",
    "balancedTrainClean",
)
"""Their names; clean values are NaN in epochs without a clean pass."""

EVAL: dict[Metric, str] = {"accuracy": "accEval", "balanced": "balancedEval"}
"""The curve that each metric has of the evaluation images ..."""

CLEAN: dict[Metric, str] = {"accuracy": "accTrainClean", "balanced": "balancedTrainClean"}
"""... and of the training images without augmentation."""


def measured(
    images: Literal["Eval", "TrainClean"], logits: NDArray[np.floating], labels: NDArray[np.integer]
) -> dict[str, float]:
    """The values of the three curves whose names end in `images`, from logits [N, K] and labels [N]."""
    return {
        f"loss{images}": float(cross_entropy(logits, labels).mean()),
        f"acc{images}": accuracy(logits, labels),
        f"balanced{images}": balanced_accuracy(logits, labels),
    }


def write_curves(folder: Path, curves: Mapping[str, Sequence[float]]) -> None:
    """Replace every `<name>.npy`, each atomically."""
    for name in CURVES:
        content = io.BytesIO()
        np.save(content, np.array(curves[name], np.float64))
        write_bytes(folder / f"{name}.npy", content.getvalue())


def curve_digests(curves: Mapping[str, Sequence[float] | Curve]) -> dict[str, str]:
    """What `Facts.curves` keeps of them."""
    return {name: fingerprint(np.array(curves[name], np.float64).tobytes()) for name in CURVES if name in curves}


def read_curves(folder: Path, facts: Facts) -> dict[str, Curve]:
    """The first `epochs_done` values of every curve.

    Those that an earlier version did not write are NaN. A run that is being trained writes its curves before
    `run.json`, so they may be ahead of it.

    Raises:
        DamagedFile: when a file is missing, or does not hold what was written.
    """
    curves = {name: _read_written(folder / f"{name}.npy", facts) for name in CURVES if name in facts.curves}
    return with_unmeasured(curves, facts.epochs_done)


def _read_written(file: Path, facts: Facts) -> Curve:
    values = read_curve(file)
    if not facts.finished:
        values = values[: facts.epochs_done]
    if fingerprint(values.tobytes()) != facts.curves[file.stem]:
        raise DamagedFile(f"{file} is damaged: its content does not match its digest in run.json")
    return values


def with_unmeasured(curves: Mapping[str, Curve], epochs: int) -> dict[str, Curve]:
    """All curves in order, with NaN in those that a run of another program, or of an earlier version, lacks."""
    return {name: curves.get(name, np.full(epochs, np.nan)) for name in CURVES}


def read_curve(file: Path) -> Curve:
    """The values in an `.npy` file, whatever program wrote it.

    Raises:
        DamagedFile: when it is missing, or does not hold one number an epoch.
    """
    if not file.is_file():  # also for a pipe: opening it would wait for its writer
        raise DamagedFile(f"{file} is missing")
    try:
        values = np.load(file, allow_pickle=False)  # a pickle may run any code
    except Exception as error:  # for an odd header NumPy raises what its parser does, or allocates what it claims
        raise DamagedFile(f"{file} cannot be read: {str(error).splitlines()[0]}") from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise DamagedFile(f"{file} does not hold numbers")
    # One column is a row too: old Paddle's losses have shape [1], and a list of them is saved as [epochs, 1].
    if values.shape not in ((values.size,), (values.size, 1)):
        raise DamagedFile(f"{file} is not one value an epoch, but of shape {list(values.shape)}")
    return values.reshape(-1).astype(np.float64)
