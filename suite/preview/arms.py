"""The sheet of a study: what each of its arms makes of the same photos."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from augment.batch import Augmenter
from augment.effect import effect
from augment.schedule import fullest_epoch
from augment.words import describe_augment
from suite.config.reading import load_config
from suite.config.schema import Config
from suite.config.study import Study
from suite.lettering import class_labels, elided, plain_style
from suite.preview.images import TrainingImages
from suite.preview.panels import in_captions
from suite.preview.sheet import Picture, sheet
from suite.randomness import Purpose, generator

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PHOTOS = 6
"""Rows of the sheet."""

MOST_COLUMNS = 8
"""More arms go into further blocks of rows."""

PHOTO_SIZE = 160
"""Pixels a side of the photo itself, beside which the arms have the size of training."""

WIDTH = 1.6
"""Inches of a picture."""

COLUMNS_OF_TEXT = 24
"""So many characters of a heading fit above a picture."""


class ShownArm(NamedTuple):
    """An arm of a study, with the configuration of its first cell."""

    name: str
    config: Config

    @property
    def words(self) -> str:
        """What it does, without the name of its mode."""
        return describe_augment(self.config.augment).partition(": ")[2]


def arms_of(study: Study, overrides: Sequence[str]) -> list[ShownArm]:
    """The arms in the order of the study. Cells that only differ in other sections than `augment` are one arm.

    Raises:
        UserError: with the problems of a configuration.
    """
    cells = [(cell, load_config(study.base, [*cell.overrides, *overrides])) for cell in study.cells]
    by_effect: dict[object, list[int]] = {}
    for number, (_, config) in enumerate(cells):
        by_effect.setdefault(effect(config.augment, config.train.epochs), []).append(number)
    arms = []
    for numbers in by_effect.values():
        config = cells[numbers[0]][1]
        arms.append(ShownArm(_name([cells[number][0].labels for number in numbers]) or config.augment.mode, config))
    return arms


def _name(labels: Sequence[tuple[str, ...]]) -> str:
    """What the labels of all cells of an arm have in common."""
    return "-".join(label for label, *others in zip(*labels, strict=True) if {label} == {label, *others})


def some_of(training: TrainingImages, seed: int) -> list[int]:
    """Any training images, of as many classes as there are, in the order of the classes."""
    order = generator(seed, Purpose.PREVIEW).permutation(len(training.samples)).tolist()
    earlier: Counter[int] = Counter()  # images of the class that come before
    ranks = {}
    for index in order:
        label = int(training.labels[index])
        ranks[index] = earlier[label]
        earlier[label] += 1
    chosen = sorted(order, key=ranks.__getitem__)[:PHOTOS]
    return sorted(chosen, key=lambda index: int(training.labels[index]))


class Column(NamedTuple):
    """A column of the sheet, with the lines that say what it shows."""

    name: str
    words: Sequence[str]
    pictures: Sequence[Picture]


def arms_sheet(title: str, arms: Sequence[ShownArm], photos: Sequence[int], training: TrainingImages) -> Figure:
    """A row for each of the photos, which are indices of training images, and a column for each arm."""
    with plain_style():
        names = [elided(name, 16) for name in class_labels(tuple(training.class_names))]
        lefts = [names[training.labels[index]] for index in photos]
        originals = training.at_size(PHOTO_SIZE)[np.array(photos)]
        rows: list[Sequence[Picture]] = []
        for block in np.array_split(np.arange(len(arms)), ceil(len(arms) / (MOST_COLUMNS - 1))):
            pictures = [Picture(image, left=left) for image, left in zip(originals, lefts, strict=True)]
            shown = [_column(arms[number], photos, training, names) for number in block]
            rows += _rows([Column("photo", [], pictures), *shown])
        size = arms[0].config.data.image_size
        subtitle = f"as the network gets them, at {size} pixels; above a mixture: what its loss counts"
        return sheet(rows, f"{title}\n{subtitle}", WIDTH)


def _column(arm: ShownArm, photos: Sequence[int], training: TrainingImages, names: Sequence[str]) -> Column:
    """The photos as one batch of the first epoch in which as much as possible is on."""
    config = arm.config
    epochs, augment = config.train.epochs, config.augment
    augmenter = Augmenter(augment, config.train.seed, epochs, training, training.labels)
    batch = augmenter.batch(fullest_epoch([augment], epochs), 0, np.array(photos))
    captions = in_captions(config, batch, names)[1] if (batch.lam < 1).any() else [""] * len(photos)
    pictures = [Picture(*each) for each in zip(batch.images, captions, strict=True)]
    return Column(arm.name, textwrap.wrap(arm.words, COLUMNS_OF_TEXT), pictures)


def _rows(columns: Sequence[Column]) -> list[Sequence[Picture]]:
    """Columns as rows. Above the first, all names are at one height, and so are the words below them."""
    words = max(len(column.words) for column in columns)
    captions = [column.pictures[0].above.splitlines() for column in columns]
    height = words + max(map(len, captions))
    headed = []
    for column, caption in zip(columns, captions, strict=True):
        room = [""] * (height - len(column.words) - len(caption))
        above = "\n".join([*column.words, *room, *caption])
        headed.append([column.pictures[0]._replace(above=above, heading=column.name), *column.pictures[1:]])
    return list(zip(*headed, strict=True))
