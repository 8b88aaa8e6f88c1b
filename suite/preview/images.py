"""Training images for a preview, and the batch that a network gets of them. Needs no Paddle."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.batch import Augmenter, Batch
from augment.mixers.partners import PARTNER_RULES
from suite.config.schema import Config
from suite.data.batches import batches_of_epoch
from suite.data.decoding import decode
from suite.data.depth import refuse_unknown_white
from suite.data.images import Images
from suite.data.lists import (
    balanced_subset,
    find_root,
    image_folder,
    labels_out_of_range,
    name_classes,
    read_list,
)
from suite.errors import UserError, shortened
from suite.randomness import Purpose, generator


class TrainingImages:
    """The training images as an `ImageSource`: an image is decoded when it is taken."""

    def __init__(self, config: Config) -> None:
        """Read the training list.

        Raises:
            UserError: with a line for every problem in the list, or when nothing says what is white.
        """
        self.config = config.data
        root = find_root(config.data.root)
        self.list_file = root / config.data.train_list
        self.folder = image_folder(config.data, self.list_file)
        samples, problems = read_list(self.list_file, self.folder)
        self.class_names = name_classes(root, samples) if samples else []
        problems += labels_out_of_range(self.list_file, samples, len(self.class_names))
        if problems:
            raise UserError(shortened(problems))
        refuse_unknown_white([self.folder / sample.path for sample in samples], config.data.white)
        self.samples = balanced_subset(samples, config.data, self.class_names)
        self.labels = np.array([sample.label for sample in self.samples], np.int64)
        self.shape = (len(self.samples), config.data.image_size, config.data.image_size, 3)

    def at_size(self, image_size: int) -> TrainingImages:
        """The same images at so many pixels a side."""
        other = copy(self)
        other.config = self.config.model_copy(update={"image_size": image_size})
        other.shape = (len(self.samples), image_size, image_size, 3)
        return other

    def __getitem__(self, which: Any, /) -> Images:
        """One image [S, S, 3] for an index, several [B, S, S, 3] for an array of indices."""
        wanted = [self.samples[index] for index in np.atleast_1d(which)]
        [(decoded, _)] = decode({self.list_file: wanted}, self.config)
        return decoded.images[:] if np.ndim(which) else decoded.images[0]


def find(training: TrainingImages, wanted: str) -> int:
    """The index of the image `wanted`: a path as in the list, or a path from the current folder.

    Raises:
        UserError: when it is not among the training images.
    """
    list_file = training.list_file
    for index, sample in enumerate(training.samples):
        if wanted in (sample.path, str(training.folder / sample.path)):
            return index
    raise UserError(f"--images {wanted}: not among the training images; name two as they stand in {list_file}")


def two_of(training: TrainingImages, config: Config) -> list[int]:
    """Any training image, and a partner for it: of another class where there are several, or as the partners are."""
    rng = generator(config.train.seed, Purpose.PREVIEW)
    order = rng.permutation(len(training.samples)).tolist()
    rule = PARTNER_RULES[config.augment.partner]
    if config.augment.mixers and rule.alike:
        partners = rule.within(config.augment, training, training.labels)(np.array(order[:1]), rng)
        return [order[0], int(partners[0])]
    others = (index for index in order if training.labels[index] != training.labels[order[0]])
    return [order[0], next(others, order[-1])]


def first_batch(config: Config, training: TrainingImages, epoch: int) -> tuple[NDArray[np.int64], Batch]:
    """The first batch of `epoch` (from 0): the indices [B] of the images that it is made of, and the batch itself."""
    labels, train = training.labels, config.train
    balance = labels if config.augment.balance else None
    samples = batches_of_epoch(train.seed, epoch, len(labels), train.batch_size, balance, config.model.least_batch)[0]
    augmenter = Augmenter(config.augment, train.seed, train.epochs, training, labels)
    return samples, augmenter.batch(epoch, 0, samples)


def partners_of(samples: NDArray[np.int64], config: Config, training: TrainingImages, epoch: int) -> NDArray[np.int64]:
    """The training images [B] that the `samples` [B] of a mixed first batch of `epoch` are mixed with.

    They are drawn again, from the address at which the batch has drawn them.
    """
    augmenter = Augmenter(config.augment, config.train.seed, config.train.epochs, training, training.labels)
    assert augmenter.draw_partners, "nothing is mixed"
    drawn = augmenter.draw_partners(samples, generator(config.train.seed, Purpose.PARTNER, epoch))
    partners: NDArray[np.int64] = samples[drawn] if augmenter.rule.in_batch else drawn
    return partners
