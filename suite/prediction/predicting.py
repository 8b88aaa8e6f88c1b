"""Probabilities of images: decoded as evaluate.py decodes them, a few at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from suite.backend import trouble_in_words
from suite.config.schema import Config
from suite.data.batches import prefetch
from suite.data.images import WHITE, ImageError, Images, quiet_pillow, read_image
from suite.runs.trained import TrainedRun, build_network, open_checkpoint

if TYPE_CHECKING:
    from paddle import nn

AT_A_TIME = 64
"""Images that are in memory at once, beside the few that are decoded ahead."""


class Prediction(NamedTuple):
    """What the runs make of an image."""

    file: Path
    probabilities: NDArray[np.float64]
    """[classes], the mean over the runs."""
    agreeing: int
    """How many of the runs take it for the class with the highest mean."""

    @property
    def guess(self) -> int:
        """The most probable class."""
        return int(self.probabilities.argmax())


class Skipped(NamedTuple):
    """An image that cannot be read."""

    file: Path
    why: str


class View(NamedTuple):
    """How a network wants an image file read."""

    size: int
    white: int

    @classmethod
    def of(cls, config: Config) -> View:
        """As the run with this configuration read its own."""
        return cls(config.data.image_size, config.data.white or WHITE)


Decoded: TypeAlias = "tuple[Path, dict[View, Images] | str]"
"""A file as every view wants it, or why it cannot be read."""


def load_networks(runs: Sequence[TrainedRun], device: str) -> list[nn.Layer]:
    """The networks of the runs, with their weights.

    Raises:
        UserError: when a checkpoint is damaged or of another network, or the device cannot be used.
    """
    return [build_network(run, open_checkpoint(run), device) for run in runs]


def predict_all(
    runs: Sequence[TrainedRun], networks: Sequence[nn.Layer], files: Sequence[Path]
) -> Iterator[Prediction | Skipped]:
    """What the runs make of every file, in order. Runs may want images of different sizes."""
    views = dict.fromkeys(View.of(run.config) for run in runs)

    def read(index: int) -> Decoded:
        file = files[index]
        try:
            return file, {view: read_image(file, view.size, view.white) for view in views}
        except ImageError as reason:
            return file, str(reason)

    with quiet_pillow(), closing(prefetch(read, len(files), os.cpu_count() or 1)) as decoded:
        while some := list(islice(decoded, AT_A_TIME)):
            yield from _predict(runs, networks, some)


def _predict(
    runs: Sequence[TrainedRun], networks: Sequence[nn.Layer], some: Sequence[Decoded]
) -> Iterator[Prediction | Skipped]:
    """The same of images that are decoded."""
    from scipy.special import softmax

    from models.predicting import predict  # imports Paddle

    seen = [image for _, image in some if not isinstance(image, str)]
    each = np.empty((len(runs), len(seen), len(runs[0].class_names)))
    if seen:
        for number, (run, network) in enumerate(zip(runs, networks, strict=True)):
            pixels = np.stack([image[View.of(run.config)] for image in seen])
            with trouble_in_words("name fewer runs, or --device cpu"):
                logits = predict(network, pixels, run.config.model.normalise)
            each[number] = softmax(logits.astype(np.float64), axis=1)
    mean = each.mean(axis=0)
    agreeing = (each.argmax(axis=2) == mean.argmax(axis=1)).sum(axis=0)
    predicted = iter(zip(mean, agreeing.tolist(), strict=True))
    for file, image in some:
        yield Skipped(file, image) if isinstance(image, str) else Prediction(file, *next(predicted))
