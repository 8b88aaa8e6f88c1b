"""What a checkpoint makes of a list, in numbers and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from suite.data.decoding import ImageSet
from suite.evaluation.request import Request
from suite.metrics import accuracy, balanced_accuracy, class_accuracies, confusion_matrix, cross_entropy
from suite.percent import per_cent


@dataclass(frozen=True)
class Judgement:
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
        return class_accuracies(self.logits, self.images.labels).tolist()

    @property
    def accuracy(self) -> float:
        """Share of right guesses."""
        return accuracy(self.logits, self.images.labels)

    @property
    def balanced_accuracy(self) -> float:
        """Every class counts the same here, however many images it has; classes without images do not."""
        return balanced_accuracy(self.logits, self.images.labels)


def summary(judgement: Judgement) -> Iterator[str]:
    """The lines for the screen."""
    present = int(np.count_nonzero(judgement.confusion.sum(axis=1)))
    yield f"  images               {len(judgement.images.labels):,} of {present} classes"
    yield f"  loss                 {judgement.losses.mean():.4f}"
    yield f"  accuracy (top-1)     {per_cent(judgement.accuracy)}"
    yield f"  balanced accuracy    {per_cent(judgement.balanced_accuracy)}"


def in_short(judgement: Judgement) -> str:
    """The same of one of many runs."""
    images, loss = len(judgement.images.labels), judgement.losses.mean()
    return f"{per_cent(judgement.accuracy)} of {images:,} images right, loss {loss:.4f}"


def notes(request: Request, images: int, trained_on: int | None) -> Iterator[str]:
    """What to keep in mind when reading the numbers; the run was trained on so many of the images."""
    folder, config, facts, _ = request.run
    if not facts.finished:
        yield f"{folder}: the run is not finished: {facts.epochs_done} of {config.train.epochs} epochs are done"
    if trained_on is None:
        yield f"{folder}/data.txt is gone or damaged, so nothing tells which of the images were trained on"
    elif trained_on:
        yield f"{folder}: {trained_on:,} of the {images:,} images were trained on: this is no accuracy on new images"
    if request.choice == (config.data.eval_list, "best.npz"):
        yield (
            "the epoch of best.npz was chosen on this very list, so the accuracy is too high by a little; "
            "use last.npz, or a list that was not looked at before"
        )
