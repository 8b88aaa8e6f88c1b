"""A sheet of pictures in rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from suite.data.images import Images

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 4


class Picture(NamedTuple):
    """A place in a sheet, and what is written above and to the left of it; the heading in bold above all else."""

    image: Images
    above: str = ""
    left: str = ""
    heading: str = ""


def in_rows(pictures: Sequence[Picture]) -> list[Sequence[Picture]]:
    return [pictures[start : start + COLUMNS] for start in range(0, len(pictures), COLUMNS)]


def sheet(rows: Sequence[Sequence[Picture]], title: str, inches: float = 1.45) -> Figure:
    """Pictures in rows, `inches` each; one that stands in several neighbouring places fills them all."""
    from matplotlib.figure import Figure

    columns = max(map(len, rows))
    lines = sum(max(_lines(picture.above) + 1.5 * _lines(picture.heading) for picture in row) for row in rows)
    left = 0.5 if rows[0][0].left else 0.0
    figure = Figure(
        (inches * columns + left, inches * len(rows) + 0.16 * lines + 0.2 * _lines(title)),
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
        over = (0, 6 + 9.6 * _lines(picture.above))  # points, lines of 8 points with their distance
        axes.annotate(
            picture.heading, (0.5, 1), over, "axes fraction", "offset points", ha="center", fontsize=9, weight="bold"
        )
        axes.set_ylabel(picture.left, fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


def write_sheet(figure: Figure, file: Path) -> Path:
    """The sheet as a PNG file, as it came from `sheet`."""
    figure.savefig(file, dpi=100, pil_kwargs={"optimize": True})
    return file


def _lines(text: str) -> int:
    return text.count("\n") + 1 if text else 0
