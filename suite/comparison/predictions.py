"""The predictions of runs: those of their last epoch, or what evaluate.py has made of another list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.comparison.records import Run, UnusableError
from suite.errors import UserError, shortened
from suite.files import fingerprint


def predictions_file(run: Run) -> Path:
    return run.folder / run.evaluation / "predictions.npz"


def read_predictions(run: Run) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
    """Labels [N] and logits [N, classes] of the images that were judged; None where there are none."""
    try:
        with np.load(predictions_file(run), allow_pickle=False) as arrays:
            labels, logits = arrays["labels"].astype(np.int64), arrays["logits"].astype(np.float32)
    except Exception:  # what is missing or damaged is not shown; NumPy raises whatever its parsers stumble over
        return None
    sound = logits.ndim == 2 and labels.shape == logits.shape[:1] and labels.size > 0 and np.isfinite(logits).all()
    return (labels, logits) if sound and labels.min() >= 0 and labels.max() < logits.shape[1] else None


def judged_by(runs: Iterable[Run], evaluation: str) -> tuple[list[Run], list[str]]:
    """Finished runs with what `evaluate.py` has written into their folder `evaluation` as their predictions.

    Only runs that were judged on the same images will be compared. The second list has a line for every run left out.

    Raises:
        UserError: when none is left.
    """
    judged: list[Run] = []
    notes: list[str] = []
    for run in runs:
        try:
            judged.append(_judged_by(run, evaluation))
        except UnusableError as reason:
            notes.append(f"{run.folder}: {reason}")
    if not judged:
        hint = "evaluate.py makes such folders, of many runs at once: python evaluate.py logs/*/*/seed* --list Test.txt"
        raise UserError([f"--evaluation {evaluation}: no run can be compared by it; {hint}", *shortened(notes)])
    return judged, notes


def _judged_by(run: Run, evaluation: str) -> Run:
    there = replace(run, evaluation=evaluation)
    found = read_predictions(there)
    if found is None or run.images is None:
        raise UnusableError(f"no {evaluation}/predictions.npz of evaluate.py that can be read")
    try:
        with np.load(predictions_file(there), allow_pickle=False) as arrays:
            digests, trained_on = arrays["digests"].astype(str).tolist(), int(arrays["trained_on"])
            finished = bool(arrays["finished"])
        listed = "\n".join(f"{label} {digest}" for label, digest in zip(found[0], digests, strict=True))
    except Exception as error:  # as in `read_predictions`
        raise UnusableError(f"{evaluation}/predictions.npz was not written by evaluate.py: {error}") from None
    if not finished:
        raise UnusableError(f"was not finished when evaluate.py wrote {evaluation}/; let it judge the run again")
    if trained_on < 0:
        raise UnusableError("its data.txt is gone or damaged, so nothing tells which images it was trained on")
    if trained_on:
        raise UnusableError(f"{trained_on:,} of the {len(digests):,} images of {evaluation}/ were trained on")
    training, _, classes = run.images
    return replace(
        there,
        images=(training, len(digests), classes),
        setting=(*run.setting, ("evaluation", evaluation), ("evaluation.images", fingerprint(listed.encode()))),
        name=f"{run.name}, {evaluation}",
    )
