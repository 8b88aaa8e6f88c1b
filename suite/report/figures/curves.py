"""Loss, accuracy and gap over the epochs."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from suite.comparison.records import Arm, Group, Run
from suite.lettering import writable
from suite.report import sentences
from suite.report.figures.style import (
    BAND_NOTE,
    QUIET,
    RING,
    Style,
    add_legend,
    arm_styles,
    blank_figure,
    dress_axes,
    set_heading,
    wrapped,
)
from suite.runs.curves import Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Panel:
    """One kind of curve."""

    meaning: str
    values: Callable[[Run], Curve]


@dataclass(frozen=True)
class Quantity:
    """What a figure over the epochs shows; the first panel is the large one."""

    name: str
    label: str
    panels: tuple[Panel, ...]


def _curve(name: str, scale: float) -> Callable[[Run], Curve]:
    return lambda run: scale * run.curves[name]


def _panels(name: str, scale: float) -> tuple[Panel, ...]:
    return (
        Panel("evaluation images, never augmented: what counts", _curve(f"{name}Eval", scale)),
        Panel("training images without augmentation", _curve(f"{name}TrainClean", scale)),
        # Jumps where a schedule turns mixing on or off are no mistake, and heights are not comparable.
        Panel("training images as seen: another task in every mode", _curve(f"{name}Train", scale)),
    )


LOSS = Quantity("loss", "loss (cross-entropy)", _panels("loss", 1))
ACCURACY = Quantity("accuracy", "accuracy, %", _panels("acc", 100))
GAP = Quantity(
    "gap",
    "gap, percentage points",
    (
        Panel(
            "accuracy on training images without augmentation minus evaluation images: the overfitting",
            lambda run: 100 * (run.curves["accTrainClean"] - run.curves["accEval"]),
        ),
    ),
)
QUANTITIES = (LOSS, ACCURACY, GAP)


def is_measured(group: Group, quantity: Quantity, start: int, end: int) -> bool:
    """Whether the large panel would hold anything."""
    return _has_values(group, quantity.panels[0], start, end)


# --- over the epochs ------------------------------------------------------------------------------------------------


def draw(group: Group, quantity: Quantity, start: int, end: int) -> Figure:
    """One figure: a large panel for what counts, smaller ones below for what is known of the training images."""
    panels = [panel for panel in quantity.panels if _has_values(group, panel, start, end)]
    # A line of the legend takes 0.2 inches, and the space between two arms 0.15.
    legend_height = sum(0.2 * (arm_legend(arm).count("\n") + 1) + 0.15 for arm in group.arms)
    figure = blank_figure(max(9 if panels[1:] else 7, 0.8 + legend_height))
    grid = figure.add_gridspec(2 if panels[1:] else 1, max(1, len(panels) - 1), height_ratios=[2, 1][: len(panels)])
    styles = arm_styles(group.arms)
    has_bands = any(len(arm.finished) > 1 for arm in group.arms)
    about = [*textwrap.wrap(sentences.about(group), 110), *([BAND_NOTE] if has_bands else [])]
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(grid[1, place - 1] if place else grid[0, :])
        for arm, style in zip(group.arms, styles, strict=True):
            _draw_arm(axes, arm, style, panel, start, end, bands=not place)
        cut = _fit_scale(axes, group, quantity, panel, start, end)
        dress_axes(axes, start, max(start + 1, min(end, group.reached)), nbins=5 if place else 11)
        if place:
            axes.set_title("\n".join([panel.meaning, *cut]), loc="left", fontsize=10.5, color=QUIET)
        else:
            axes.set_ylabel(quantity.label)
            heading = textwrap.fill(f"{quantity.name.capitalize()}: {group.title}", 66)
            set_heading(axes, heading, [*about, *cut, f"{panel.meaning[0].upper()}{panel.meaning[1:]}."])
    figure.axes[-1 if len(panels) > 1 else 0].set_xlabel("epoch (the first is 1)")
    add_legend(figure, [arm_legend(arm) for arm in group.arms], styles)
    return figure


def _draw_arm(axes: Axes, arm: Arm, style: Style, panel: Panel, start: int, end: int, bands: bool) -> None:
    """The mean and range of the finished runs, and every unfinished run as a thinner line that ends in a ring."""
    line: dict[str, Any] = {"color": style.colour, "lw": 2.0 if bands else 1.5}
    if arm.finished:
        epochs, values = shown([panel.values(run) for run in arm.finished], start, end)
        marker = "o" if len(epochs) == 1 else style.marker  # a line needs two points
        axes.plot(epochs, values.mean(axis=0), **line, marker=marker, ms=5, markevery=max(1, len(epochs) // 12))
        if bands and len(values) > 1:
            axes.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=style.colour, alpha=0.1, lw=0)
    for run in arm.unfinished:
        epochs, values = shown([panel.values(run)], start, end)
        axes.plot(epochs, values[0], **line | {"lw": 1.0})
        if bands:
            axes.plot(epochs[-1:], values[0, -1:], **RING, color=style.colour)


def shown(curves: Sequence[Curve], start: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The epochs of `start` to `end` in which all curves have a value, from 1, and the values [curve, epoch]."""
    values = np.stack(curves)[:, start - 1 : end]
    measured = ~np.isnan(values).any(axis=0)
    return start + np.flatnonzero(measured), values[:, measured]


def _has_values(group: Group, panel: Panel, start: int, end: int) -> bool:
    return bool(np.isfinite(_all_values(group, panel, start, end)).any())


def _all_values(group: Group, panel: Panel, start: int, end: int) -> Curve:
    return np.concatenate([panel.values(run)[start - 1 : end] for arm in group.arms for run in arm.runs])


def _fit_scale(axes: Axes, group: Group, quantity: Quantity, panel: Panel, start: int, end: int) -> list[str]:
    """Keep a few exploded losses from flattening everything else; say so when something is cut off."""
    values = _all_values(group, panel, start, end)
    values = values[np.isfinite(values)]
    usual = float(np.quantile(values, 0.98, method="lower"))
    # An ordinary start from a high loss is no explosion, and accuracy cannot explode.
    exploded = quantity is LOSS and bool(values.max() > 3 * usual)
    low, high = float(values.min()), 1.25 * usual if exploded else float(values.max())
    margin = 0.03 * (high - low) or 0.5
    axes.set_ylim(low - margin, high + margin)
    return [f"Values above {high:.3g} are cut off; the highest is {values.max():.3g}."] if exploded else []


def arm_legend(arm: Arm) -> str:
    """`mixup` and, below, how many seeds the line is the mean of."""
    lines = wrapped(arm.label)
    seeds = {run.seed for run in arm.finished} - {None}
    if seeds:
        lines.append(f"{len(seeds)} seed{'s' * (len(seeds) > 1)}")
    if arm.unfinished:
        lines.append(f"{len(arm.unfinished)} unfinished, thin up to ○")
    return writable("\n".join(lines))
