"""The figures of a comparison as png and svg."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from suite.comparison.records import Arm, Sweep
from suite.comparison.rows import Comparison
from suite.files import write_atomically
from suite.lettering import plain_style
from suite.report.figures.curves import draw, is_measured, sheets
from suite.report.figures.differences import draw_differences
from suite.report.figures.sweeps import draw_sweep
from suite.report.language import ENGLISH, Say

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_figures(comparison: Comparison, start: int, end: int, folder: Path, say: Say) -> list[Path]:
    """Draw what there is to draw of `loss`, `accuracy`, `gap` and `differences`, each as png and svg.

    What an earlier call has left of the others is removed, so that it is not taken for today's.
    """
    group = comparison.group
    drawings: dict[str, Callable[[], Figure]] = {
        sheet.file: partial(draw, group, sheet, start, end, say, comparison.baseline)
        for sheet in sheets(group.metric, say)
        if is_measured(group, sheet, start, end)
    }
    if comparison.paired:
        drawings["differences"] = partial(draw_differences, comparison, say)
    _remove(_names() - drawings.keys(), folder)
    return _write(drawings, folder)


def remove_figures(folder: Path) -> None:
    """Remove what `write_figures` has written there, and the folder unless others put something into it."""
    _remove(_names(), folder)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _names() -> set[str]:
    return {*(sheet.file for sheet in sheets("accuracy", ENGLISH)), "differences"}


def _remove(names: Iterable[str], folder: Path) -> None:
    for name in names:
        for suffix in ("png", "svg"):
            (folder / f"{name}.{suffix}").unlink(missing_ok=True)


def write_sweep(sweep: Sweep, folder: Path, say: Say, baseline: Arm | None = None) -> list[Path]:
    """Draw `images_per_class` as png and svg, once a run is finished; `baseline` is that of the last step."""
    drawing = partial(draw_sweep, sweep, say, baseline)
    return _write({"images_per_class": drawing} if sweep.arms else {}, folder)


def _write(drawings: Mapping[str, Callable[[], Figure]], folder: Path) -> list[Path]:
    """All atomically: with `--watch`, the picture before may be open in a viewer."""
    if drawings:
        folder.mkdir(parents=True, exist_ok=True)
    paths = []
    # The salt and the missing date make an svg that changes only when what it shows has changed.
    with plain_style(**{"font.size": 12, "svg.hashsalt": "comparison", "path.simplify_threshold": 0.5}):
        for name, drawing in drawings.items():
            figure = drawing()
            for suffix, metadata in (("png", {}), ("svg", {"Date": None})):
                paths.append(folder / f"{name}.{suffix}")
                save = partial(figure.savefig, format=suffix, metadata=metadata)
                write_atomically(paths[-1], save)
                figure.set_layout_engine("none")  # the layout is settled by the first, and takes most of the time
    return paths
