"""A sheet of pictures in rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from suite.data.images import Images

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4


class Picture(NamedTuple):
    """A place in a sheet, and what is written above and to the left of it."""

    image: Images
    above: str = ""
    left: str = ""


def in_rows(pictures: Sequence[Picture]) -> list[Sequence[Picture]]:
    return [pictures[start : start + COLUMNS] for start in range(0, len(pictures), COLUMNS)]


def sheet(rows: Sequence[Sequence[Picture]], title: str, inches: float = 1.45) -> Figure:
    """Pictures in rows, `inches` each; one that stands in several neighbouring places fills them all."""
    from matplotlib.figure import Figure

    columns = max(map(len, rows))
    lines = max(picture.above.count("\n") + 1 if picture.above else 0 for row in rows for picture in row)
    left = 0.5 if rows[0][0].left else 0.0
    figure = Figure(
        (inches * columns + left, (inches + 0.16 * lines) * len(rows) + 0.2 * (title.count("\n") + 1)),
        layout="constrained",
    )
    places = [[*map(id, row), *["."] * (columns - len(row))] for row in rows]
    axes_of: dict[int | str, Axes] = figure.subplot_mosaic(places)
    for picture in {id(picture): picture for row in rows for picture in row}.values():
        axes = axes_of[id(picture)]
        axes.imshow(picture.image)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("#d0d0d0")
        axes.set_title(picture.above, fontsize=8, pad=3)
        axes.set_ylabel(picture.left, fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure
