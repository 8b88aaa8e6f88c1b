"""What the networks saw: the same training images under every mode, with their labels and their partners."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from augment.batch import Batch
from augment.schedule import fullest_epoch
from suite.comparison.records import Group
from suite.errors import UserError
from suite.percent import per_cent
from suite.preview.images import TrainingImages, first_batch, partners_of
from suite.report.language import Say
from suite.report.page.html import box, element, picture, section

PANEL = 8
"""Images in a row."""


def panels(group: Group, say: Say) -> str:
    """A row for every arm, of an epoch in which most is on."""
    configs = [config for arm in group.arms if (config := arm.runs[0].config)]
    if not configs:  # the article's files record none
        return ""
    title = say("What the networks saw")
    try:
        training = TrainingImages(configs[0])
        epoch = fullest_epoch([config.augment for config in configs], configs[0].train.epochs)
        seed = configs[0].train.seed
        strips = []
        for arm, config in zip(group.arms, configs, strict=True):
            with_seed = config.model_copy(update={"train": config.train.model_copy(update={"seed": seed})})
            samples, batch = first_batch(with_seed, training, epoch)
            partners = partners_of(samples, with_seed, training, epoch) if (batch.lam < 1).any() else samples
            captions = _captions(training, batch, partners, say)
            strips += [element("p", arm.label), picture(batch.images[:PANEL], arm.label), captions]
        shown = samples[:PANEL]
        label = say("the images themselves")
        captions = _in_columns([[_named(training, sample)] for sample in shown])
        themselves = [element("p", label), picture(training[shown], label), captions]
    except UserError as error:
        return section(title, element("p", say("Not shown: {why}", why=error.problems[0]), "quiet"))
    hint = say(
        "The same training images in every row, in epoch {epoch} with seed {seed}. Below each: the label that the loss "
        "counts, then the image that was mixed into it and its share.",
        epoch=epoch + 1,
        seed=seed,
    )
    return section(title, element("p", hint, "quiet"), box(box(*themselves, *strips, classes="strips"), classes="wide"))


def _captions(training: TrainingImages, batch: Batch, partners: NDArray[np.int64], say: Say) -> str:
    """Of every image that is shown: its label, or its two labels, and its partner."""
    names = training.class_names
    columns = []
    for a, b, lam, partner in list(zip(batch.label_a, batch.label_b, batch.lam, partners, strict=True))[:PANEL]:
        rest = per_cent(1 - lam, 0)
        lines = [names[a] if a == b else f"{names[a]} {per_cent(lam, 0)}, {names[b]} {rest}"]
        if lam < 1:
            lines.append(say("with {share} of {partner}", share=rest, partner=_named(training, partner)))
        columns.append(lines)
    return _in_columns(columns)


def _named(training: TrainingImages, sample: int) -> str:
    """The class of a training image, and its file."""
    return f"{training.class_names[training.labels[sample]]} ({Path(training.samples[sample].path).name})"


def _in_columns(columns: list[list[str]]) -> str:
    """A few lines below each image of a row."""
    return box(*(box(*(element("div", line) for line in lines)) for lines in columns), classes="captions")
