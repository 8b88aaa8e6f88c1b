"""`predictions.npz`, as training and as evaluate.py write it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from suite.files import DamagedFile
from suite.runs.predictions import JudgedImages, Predictions, read_predictions, write_predictions

LABELS, LOGITS = np.array([0, 1, 1]), np.array([[2, 1], [0, 1], [3, 1]], np.float32)


@pytest.mark.parametrize(
    "judged", [None, JudgedImages(["a", "b", "猫"], 2, True), JudgedImages(["a", "b", "c"], None, False)]
)
def test_they_come_back_as_they_were(tmp_path: Path, judged: JudgedImages | None) -> None:
    """Of images whose training is unknown, none would have been trained on."""
    assert read_predictions(tmp_path) is None
    write_predictions(tmp_path, Predictions(LABELS, LOGITS, judged))
    predictions = read_predictions(tmp_path)
    assert predictions is not None and predictions.judged == judged
    np.testing.assert_array_equal(predictions.labels, LABELS)
    np.testing.assert_array_equal(predictions.logits, LOGITS)
    assert (predictions.labels.dtype, predictions.logits.dtype) == (np.int64, np.float32)


def test_an_edited_label_is_noticed(tmp_path: Path) -> None:
    """A zip has checksums of its own, and whoever edits the file with NumPy renews them."""
    file = write_predictions(tmp_path, Predictions(LABELS, LOGITS))
    with np.load(file) as arrays:
        np.savez(file, **{**arrays, "labels": 1 - LABELS})
    with pytest.raises(DamagedFile, match=r"predictions\.npz is damaged: its content does not match its digest"):
        read_predictions(tmp_path)
