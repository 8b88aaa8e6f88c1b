"""The table of predictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from suite.prediction.predicting import Prediction
from suite.spreadsheets import write_csv


def write_table(predictions: Iterable[Prediction], class_names: Sequence[str], file: Path) -> Path:
    """A row for every image, written while they come; probabilities lie between 0 and 1."""
    header = ["file", "guess", "probability", "runs_agreeing", *(f"probability of {name}" for name in class_names)]

    def rows() -> Iterator[list[object]]:
        for each in predictions:
            numbers = [f"{value:.7f}" for value in each.probabilities]
            yield [each.file, class_names[each.guess], numbers[each.guess], each.agreeing, *numbers]

    return write_csv(file, header, rows())
