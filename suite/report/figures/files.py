"""The figures of a comparison as png and svg."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from suite.comparison.records import Sweep
from suite.comparison.rows import Comparison
from suite.files import write_atomically
from suite.lettering import plain_style
from suite.report.figures.curves import QUANTITIES, draw, is_measured
from suite.report.figures.differences import draw_differences, has_differences
from suite.report.figures.sweeps import draw_sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def write_figures(comparison: Comparison, start: int, end: int, folder: Path) -> list[Path]:
    """Draw what there is to draw of `loss`, `accuracy`, `gap` and `differences`, each as png and svg.

    What an earlier call has left of the others is removed: nobody shall take it for today's.
    """
    group = comparison.group
    drawings: dict[str, Callable[[], Figure] | None] = {
        quantity.name: partial(draw, group, quantity, start, end) if is_measured(group, quantity, start, end) else None
        for quantity in QUANTITIES
    }
    drawings["differences"] = partial(draw_differences, comparison) if has_differences(comparison) else None
    _remove((name for name, drawing in drawings.items() if drawing is None), folder)
    return _write({name: drawing for name, drawing in drawings.items() if drawing}, folder)


def remove_figures(folder: Path) -> None:
    """Remove what `write_figures` has written there, and the folder unless others put something into it."""
    _remove((*(quantity.name for quantity in QUANTITIES), "differences"), folder)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _remove(names: Iterable[str], folder: Path) -> None:
    for name in names:
        for suffix in ("png", "svg"):
            (folder / f"{name}.{suffix}").unlink(missing_ok=True)


def write_sweep(sweep: Sweep, comparisons: Sequence[Comparison], folder: Path) -> list[Path]:
    """Draw `images_per_class` as png and svg, once a run is finished; `comparisons` are those of the sweep's steps."""
    return _write({"images_per_class": partial(draw_sweep, sweep, comparisons[0])} if sweep.arms else {}, folder)


def _write(drawings: Mapping[str, Callable[[], Figure]], folder: Path) -> list[Path]:
    """All atomically: with `--watch`, somebody may be looking at the picture before."""
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
