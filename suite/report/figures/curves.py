"""Loss, accuracy and gap over the epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from suite.comparison.records import Arm, Group
from suite.lettering import writable
from suite.metrics import Metric
from suite.report.drawn import ArmCurves, curves_of, known_values, note_on_bands, with_bands
from suite.report.figures.style import (
    LINES,
    MARKS,
    QUIET,
    RING,
    blank_figure,
    dress_axes,
    height_of,
    name_lines,
    set_heading,
    wrapped,
)
from suite.report.language import Say
from suite.report.looks import Look, looks_of
from suite.report.sentences import about, band_note
from suite.runs.curves import CLEAN, EVAL, Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Panel:
    """One quantity of `drawn.values_of`, and what it tells."""

    quantity: str
    meaning: str


@dataclass(frozen=True)
class Sheet:
    """A figure over the epochs; the first panel is the large one."""

    file: str
    title: str
    unit: str
    panels: tuple[Panel, ...]


def sheets(metric: Metric, say: Say) -> list[Sheet]:
    """All figures over the epochs, of the accuracy that decides."""
    meanings = (
        say("Evaluation images, never augmented: what counts"),
        say("Training images without augmentation"),
        # Jumps where a schedule turns mixing on or off are no mistake, and heights are not comparable.
        say("Training images as seen: another task in every mode"),
    )

    def panels(*quantities: str) -> tuple[Panel, ...]:
        return tuple(Panel(quantity, meaning) for quantity, meaning in zip(quantities, meanings, strict=True))

    accuracy = say("balanced accuracy, %") if metric == "balanced" else say("accuracy, %")
    overfitting = say("Training images without augmentation minus evaluation images: the overfitting")
    return [
        Sheet("loss", say("Loss"), say("loss (cross-entropy)"), panels("lossEval", "lossTrainClean", "lossTrain")),
        Sheet("accuracy", say("Accuracy"), accuracy, panels(EVAL[metric], CLEAN[metric], "accTrain")),
        Sheet("gap", say("Gap"), say("gap, percentage points"), (Panel("gap", overfitting),)),
    ]


def is_measured(group: Group, sheet: Sheet, start: int, end: int) -> bool:
    """Whether the large panel would hold anything."""
    return known_values(group, sheet.panels[0].quantity, start, end).size > 0


def draw(group: Group, sheet: Sheet, start: int, end: int, say: Say, baseline: Arm | None = None) -> Figure:
    """A large panel for what counts, smaller ones below for what is known of the training images."""
    panels = [panel for panel in sheet.panels if known_values(group, panel.quantity, start, end).size]
    names = {arm: _name(arm, say) for arm in group.arms}
    large = height_of(list(names.values()), 6)
    figure = blank_figure(1.5 * large if panels[1:] else large + 1)
    grid = figure.add_gridspec(2 if panels[1:] else 1, max(1, len(panels) - 1), height_ratios=[2, 1][: len(panels)])
    looks, bands = looks_of(group.arms), with_bands(group.arms, baseline)
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(grid[1, place - 1] if place else grid[0, :])
        drawn = curves_of(group, panel.quantity)
        for curves in drawn:
            _draw_arm(axes, curves, looks[curves.arm], start, end, is_large=not place)
            if not place and curves.arm in bands:
                _draw_band(axes, curves, looks[curves.arm], start, end)
        cut = _fit_scale(axes, known_values(group, panel.quantity, start, end), sheet, say)
        dress_axes(axes, start, max(start + 1, min(end, group.reached)), nbins=5 if place else 11)
        if place:
            axes.set_title(writable("\n".join([panel.meaning, *cut])), loc="left", fontsize=10.5, color=QUIET)
        else:
            on_bands = [band_note(say), *note_on_bands(group.arms, bands, say)] if bands else []
            notes = [about(group, say), *on_bands, *cut, f"{panel.meaning}{say('.')}"]
            axes.set_ylabel(sheet.unit)
            set_heading(axes, f"{sheet.title}{say(': ')}{group.title}", notes)
    figure.axes[-1 if panels[1:] else 0].set_xlabel(say("epoch (the first is 1)"))
    ends = {curves.arm: last for curves in curves_of(group, panels[0].quantity) if (last := curves.end(start, end))}
    name_lines(figure.axes[0], [names[arm] for arm in ends], list(ends.values()), [looks[arm] for arm in ends])
    return figure


def _draw_arm(axes: Axes, curves: ArmCurves, look: Look, start: int, end: int, is_large: bool) -> None:
    """The mean of the finished runs, and every unfinished run as a thinner line; in a large panel with a ring where it
    has come to."""
    line: dict[str, Any] = {"color": look.colour, "ls": LINES[look.dash], "lw": 2.0 if is_large else 1.5}
    if curves.arm.finished:
        epochs, mean = _measured(start, end, curves.mean)
        # Without a marker, one point would be no line.
        axes.plot(epochs, mean, **line, marker=MARKS[look.marker], ms=5, markevery=max(1, len(epochs) // 8))
    for run in curves.arm.unfinished:
        epochs, values = _measured(start, end, curves.of_runs[run])
        axes.plot(epochs, values, **line | {"lw": 1.0})
        if is_large:
            axes.plot(epochs[-1:], values[-1:], **RING, color=look.colour)


def _draw_band(axes: Axes, curves: ArmCurves, look: Look, start: int, end: int) -> None:
    """From the lowest to the highest seed."""
    epochs, low, high = _measured(start, end, curves.low, curves.high)
    axes.fill_between(epochs, low, high, color=look.colour, alpha=0.12, lw=0)


def _measured(start: int, end: int, *curves: Curve) -> list[Any]:
    """The epochs of `start` to `end` that were measured, counted from 1, and the values of each curve in them.

    A line over NaN would be invisible where clean passes are rare.
    """
    measured = np.flatnonzero(~np.isnan(curves[0][start - 1 : end]))
    return [start + measured, *(curve[start - 1 : end][measured] for curve in curves)]


def _fit_scale(axes: Axes, values: Curve, sheet: Sheet, say: Say) -> Sequence[str]:
    """Keep a few exploded losses from flattening everything else; say so when something is cut off."""
    usual = float(np.quantile(values, 0.98, method="lower"))
    # An ordinary start from a high loss is no explosion, and accuracy cannot explode.
    has_exploded = sheet.file == "loss" and bool(values.max() > 3 * usual)
    low, high = float(values.min()), 1.25 * usual if has_exploded else float(values.max())
    margin = 0.03 * (high - low) or 0.5
    axes.set_ylim(low - margin, high + margin)
    if not has_exploded:
        return []
    text = "Values above {high} are cut off; the highest is {highest}."
    return [say(text, high=f"{high:.3g}", highest=f"{values.max():.3g}")]


def _name(arm: Arm, say: Say) -> str:
    """`mixup, 3 seeds`: how many the line is the mean of, and how many are still training."""
    parts = [arm.label]
    seeds = {run.seed for run in arm.finished} - {None}
    if seeds:
        parts.append(say("{count} seeds", count=len(seeds)) if len(seeds) > 1 else say("1 seed"))
    if arm.unfinished:
        parts.append(say("{count} unfinished, thin up to ○", count=len(arm.unfinished)))
    return "\n".join(wrapped(say(", ").join(parts)))
