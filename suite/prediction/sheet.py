"""Contact sheets of predictions: pages of pictures with what the runs take them for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from suite.data.images import ImageError, quiet_pillow, read_image
from suite.lettering import class_labels, elided, plain_style, writable
from suite.percent import per_cent
from suite.prediction.overview import Overview
from suite.prediction.predicting import Prediction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS, ROWS = 8, 6
A_PAGE = COLUMNS * ROWS

PAGES = 5
"""As many pages as people look at; what is least sure comes first."""

SIZE = 128
"""Pixels a side of a picture on the sheet."""

UNSURE = 0.5
"""A guess below this probability is in another colour."""


def write_sheets(overview: Overview, white: int, out: Path) -> Iterator[Path]:
    """sheet-1.png and so on with the least sure images, at most `PAGES`; sheets of an earlier time are removed.

    `white` is the value of a 16-bit file that is white.
    """
    for old in out.glob("sheet-*.png"):
        old.unlink()
    shown = overview.least_sure
    with plain_style(), quiet_pillow():
        names = class_labels(tuple(overview.class_names))
        for number, start in enumerate(range(0, len(shown), A_PAGE), 1):
            page = shown[start : start + A_PAGE]
            which = f"{start + 1} to {start + len(page)} of {overview.count:,} images, the least sure first"
            file = out / f"sheet-{number}.png"
            draw_sheet(page, names, white, which).savefig(file, dpi=100, pil_kwargs={"optimize": True})
            yield file


def draw_sheet(page: Sequence[Prediction], names: Sequence[str], white: int, which: str) -> Figure:
    """One page, in rows of `COLUMNS`."""
    from matplotlib.figure import Figure

    rows = math.ceil(len(page) / COLUMNS)
    height = 2.0 * rows + 0.8  # inches
    figure = Figure(figsize=(1.6 * COLUMNS, height))
    grid = figure.subplots(rows, COLUMNS, squeeze=False).flat
    figure.subplots_adjust(0.01, 0.5 / height, 0.99, 1 - 0.75 / height, wspace=0.12, hspace=0.42)
    figure.suptitle(f"{which}; below each its second guess", fontsize=11, y=1 - 0.2 / height)
    for axes in grid:
        axes.set_axis_off()
    for axes, prediction in zip(figure.axes, page, strict=False):
        draw_one(axes, prediction, names, white)
    return figure


def draw_one(axes: Axes, prediction: Prediction, names: Sequence[str], white: int) -> None:
    """The picture; above it the guess, below it the second guess and the file."""
    guess, *others = prediction.probabilities.argsort()[::-1][:2]
    probability = prediction.probabilities[guess]
    try:
        axes.imshow(read_image(prediction.file, SIZE, white))
    except ImageError:  # it has gone since it was predicted
        axes.imshow([[[255, 255, 255]]])
    colour = "#b00020" if probability < UNSURE else "black"
    axes.set_title(f"{elided(names[guess], 16)} {per_cent(probability, 0)}", fontsize=9, pad=3, color=colour)
    second = [f"{elided(names[other], 16)} {per_cent(prediction.probabilities[other], 0)}" for other in others]
    below = "\n".join([*second, elided(writable(prediction.file.name), 24)])
    axes.text(0.5, -0.03, below, fontsize=7, color="#606060", ha="center", va="top", transform=axes.transAxes)
