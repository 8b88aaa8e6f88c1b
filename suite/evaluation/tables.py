"""The tables that evaluate.py writes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from suite.evaluation.judgement import Judgement
from suite.spreadsheets import write_csv


def write_tables(judgement: Judgement, out: Path) -> Iterator[Path]:
    """The CSV files: with a header; probabilities and accuracies lie between 0 and 1."""
    names = judgement.class_names
    yield write_csv(
        out / "confusion.csv",
        ["class \\ taken for", *names],
        ([name, *row] for name, row in zip(names, judgement.confusion.tolist(), strict=True)),
    )
    yield write_csv(
        out / "per_class.csv",
        ["class", "images", "correct", "accuracy", "most_often_taken_for", "times"],
        class_rows(judgement),
    )
    yield write_csv(
        out / "predictions.csv",
        ["file", "label", "class", "guess", "probability_of_guess", "probability_of_class", "loss", "verdict"],
        prediction_rows(judgement),
    )


def class_rows(judgement: Judgement) -> Iterator[list[Any]]:
    for label, (name, counts) in enumerate(zip(judgement.class_names, judgement.confusion, strict=True)):
        share = judgement.class_accuracies[label]
        wrong = np.where(np.arange(len(counts)) == label, 0, counts)
        taken_for = judgement.class_names[int(wrong.argmax())] if wrong.any() else ""
        yield [name, counts.sum(), counts[label], "" if math.isnan(share) else f"{share:.6f}", taken_for, wrong.max()]


def prediction_rows(judgement: Judgement) -> Iterator[list[Any]]:
    names = judgement.class_names
    for path, label, guess, confidence, loss in zip(
        judgement.images.paths,
        judgement.images.labels,
        judgement.guesses,
        judgement.confidences,
        judgement.losses,
        strict=True,
    ):
        numbers = (f"{value:.6g}" for value in (confidence, math.exp(-loss), loss))
        yield [Path(path), label, names[label], names[guess], *numbers, "right" if guess == label else "wrong"]
