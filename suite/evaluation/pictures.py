"""The pictures that evaluate.py draws: the confusion matrix and the worst mistakes."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from suite.evaluation.judgement import Judgement
from suite.evaluation.originals import Originals
from suite.lettering import class_labels, elided, plain_style, writable
from suite.percent import per_cent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WORST = 24
"""How many mistakes the contact sheet shows."""


def write_pictures(judgement: Judgement, subject: str, originals: Originals, out: Path) -> Iterator[Path]:
    """The confusion matrix, and a contact sheet where there are mistakes."""
    with plain_style():
        names = class_labels(tuple(judgement.class_names))
        draw_confusion(judgement, names, subject).savefig(out / "confusion.png", dpi=100)
        yield out / "confusion.png"
        worst = worst_mistakes(judgement)
        (out / "mistakes.png").unlink(missing_ok=True)  # of an earlier evaluation, which may have found some
        if len(worst):
            draw_mistakes(judgement, worst, names, subject, originals).savefig(
                out / "mistakes.png", dpi=100, pil_kwargs={"optimize": True}
            )
            yield out / "mistakes.png"


def draw_confusion(judgement: Judgement, names: Sequence[str], subject: str) -> Figure:
    """Counts in cells, coloured by their share of the class; accuracies at the right edge."""
    from matplotlib.figure import Figure

    count = len(names)
    cell = min(0.5, 14 / count)  # inches
    every = math.ceil(0.14 / cell)  # with hundreds of classes there is no room for all names
    ticks, size = range(0, count, every), min(11.0, 72 * cell * every * 0.7)
    figure = Figure(figsize=(cell * count + 3.4, cell * count + 3.0), layout="constrained")
    axes = figure.add_subplot()
    totals = judgement.confusion.sum(axis=1, keepdims=True)
    shares = judgement.confusion / np.maximum(totals, 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if cell > 0.24:
        for row, column in zip(*judgement.confusion.nonzero(), strict=True):
            colour = "white" if shares[row, column] > 0.5 else "#303030"
            number = judgement.confusion[row, column]
            axes.text(column, row, number, ha="center", va="center", color=colour, fontsize=min(10.0, 72 * cell * 0.4))
    labels = [elided(names[label], 20) for label in ticks]
    axes.set_xticks(ticks, labels, fontsize=size, rotation=45 if every == 1 else 90, ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, labels, fontsize=size)
    axes.set_xticks(np.arange(count + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(count + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e4e4e4", linewidth=min(0.8, 3 * cell))
    axes.tick_params(which="both", length=0)
    axes.set_ylabel("what it is", fontsize=12)
    axes.set_xlabel("what it was taken for", fontsize=12)
    right = axes.secondary_yaxis("right")
    accuracies = ["" if math.isnan(share) else per_cent(share, 0) for share in judgement.class_accuracies]
    right.set_yticks(ticks, [accuracies[label] for label in ticks], fontsize=size)
    right.tick_params(length=0)
    figure.suptitle(
        f"{titled(judgement, subject, 8 * count + 20)}\nnumbers: images; colour: share of their class; right: accuracy",
        fontsize=10,
    )
    return figure


def worst_mistakes(judgement: Judgement) -> NDArray[np.int64]:
    """Positions of the wrongly taken images, the surest guess first, at most `WORST`."""
    wrong = np.flatnonzero(judgement.guesses != judgement.images.labels)
    return wrong[np.argsort(-judgement.confidences[wrong], kind="stable")][:WORST]


def draw_mistakes(
    judgement: Judgement, worst: NDArray[np.int64], names: Sequence[str], subject: str, originals: Originals
) -> Figure:
    """A contact sheet of pairs: the picture as the network saw it and the original; above, what it is; below, what it
    was taken for, and how surely."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = min(4, len(worst))
    rows = math.ceil(len(worst) / columns)
    layout = ConstrainedLayoutEngine(hspace=0.04, wspace=0.0)
    figure = Figure(figsize=(max(2.7 * columns, 6), 1.95 * rows + 0.8), layout=layout)
    images = judgement.images
    for place, image in enumerate(worst):
        pair = [figure.add_subplot(rows, 2 * columns, 2 * place + side, xticks=[], yticks=[]) for side in (1, 2)]
        for axes, pixels in zip(pair, (images.images[image], originals.read(images.paths[image])), strict=True):
            axes.imshow(pixels)
            axes.spines[:].set_color("#d0d0d0")
        seen, original = pair
        guess, confidence = judgement.guesses[image], per_cent(judgement.confidences[image])
        seen.set_title(elided(names[images.labels[image]], 19), fontsize=8.5, pad=3)
        seen.set_xlabel(f"{elided(names[guess], 13)} {confidence}", fontsize=8.5, color="#b00020", labelpad=3)
        file = elided(writable(Path(images.paths[image]).name), 20)
        original.set_xlabel(file, fontsize=6.5, color="#808080", labelpad=3)
    wrong = np.count_nonzero(judgement.guesses != images.labels)
    what = (
        f"The {len(worst)} surest of {wrong} mistakes: what it is, in red what it was taken for and how surely\n"
        "left: what the network saw; right: the original"
    )
    figure.suptitle(f"{titled(judgement, subject, 80)}\n{what}", fontsize=10)
    return figure


def titled(judgement: Judgement, subject: str, width: int) -> str:
    right = f"{per_cent(judgement.accuracy)} of {len(judgement.images.labels):,} right"
    return "\n".join(textwrap.wrap(f"{writable(subject)}: {right}", width))
