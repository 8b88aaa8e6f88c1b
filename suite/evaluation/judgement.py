"""What a checkpoint makes of a list, in numbers and words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from suite.data.loading import ImageSet
from suite.evaluation.request import Asked
from suite.metrics import accuracy, confusion_matrix, cross_entropy


@dataclass(frozen=True)
class Judged:
    """Images and what the network takes them for."""

    images: ImageSet
    logits: NDArray[np.float32]  # [N, classes]
    class_names: Sequence[str]

    @cached_property
    def guesses(self) -> NDArray[np.int64]:
        """The most probable class of every image, [N]."""
        guesses: NDArray[np.int64] = self.logits.argmax(axis=1)
        return guesses

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """Cross-entropy of every image in nats, [N]; exp(-loss) is the probability of the right class."""
        return cross_entropy(self.logits, self.images.labels)

    @cached_property
    def confidences(self) -> NDArray[np.float64]:
        """Probability of every guess, [N]."""
        return np.exp(-cross_entropy(self.logits, self.guesses))

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """How many images of class `row` were taken for class `column`, [classes, classes]."""
        return confusion_matrix(self.logits, self.images.labels)

    @cached_property
    def class_accuracies(self) -> list[float]:
        """Share of right guesses of every class, NaN for a class without images in the list."""
        return [float(row[label] / row.sum()) if row.any() else math.nan for label, row in enumerate(self.confusion)]

    @property
    def accuracy(self) -> float:
        """Share of right guesses."""
        return accuracy(self.logits, self.images.labels)

    @property
    def mean_class_accuracy(self) -> float:
        """Every class counts the same here, however many images it has; classes without images do not."""
        return float(np.nanmean(self.class_accuracies))


def summary(judged: Judged) -> Iterator[str]:
    """The lines for the screen."""
    present = int(np.count_nonzero(judged.confusion.sum(axis=1)))
    yield f"  images               {len(judged.images.labels):,} of {present} classes"
    yield f"  loss                 {judged.losses.mean():.4f}"
    yield f"  accuracy (top-1)     {judged.accuracy:.1%}"
    yield f"  mean class accuracy  {judged.mean_class_accuracy:.1%}"


def in_short(judged: Judged) -> str:
    """The same of one of many runs."""
    return f"{judged.accuracy:.1%} of {len(judged.images.labels):,} images right, loss {judged.losses.mean():.4f}"


def notes(asked: Asked, images: int, known: int | None) -> Iterator[str]:
    """What to keep in mind when reading the numbers; so many of the images are `known` from training."""
    if not asked.finished:
        done, planned = asked.facts["epochs_done"], asked.config.train.epochs
        yield f"{asked.folder}: the run is not finished: {done} of {planned} epochs are done"
    if known is None:
        yield f"{asked.folder}/data.txt is gone or damaged, so nothing tells which of the images were trained on"
    elif known:
        yield f"{asked.folder}: {known:,} of the {images:,} images were trained on: this is no accuracy on new images"
    if asked.choice == (asked.config.data.eval_list, "best.npz"):
        yield (
            "the epoch of best.npz was chosen on this very list, so the accuracy is too high by a little; "
            "last.npz, or a list that nobody has looked at, tells the truth"
        )
