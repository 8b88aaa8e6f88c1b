"""Accuracy against images per class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from suite.comparison.records import Arm, Sweep
from suite.report.drawn import note_on_bands, step_names, swept_curves, with_bands
from suite.report.figures.style import (
    LINES,
    MARKS,
    blank_figure,
    dress_axes,
    height_of,
    name_lines,
    set_heading,
    wrapped,
)
from suite.report.language import Say
from suite.report.looks import looks_of
from suite.report.sentences import accuracy_label, compared, sweep_notes, sweep_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_sweep(sweep: Sweep, say: Say, baseline: Arm | None = None) -> Figure:
    """For every arm the mean and each seed over the number of training images, and for two the range.

    `baseline` is the arm of the last step that the others are compared with.
    """
    drawn = swept_curves(sweep)
    names = ["\n".join(wrapped(curve.label)) for curve in drawn]
    figure = blank_figure(height_of(names, 7))
    axes = figure.add_subplot()
    arms = [curve.arm for curve in drawn]
    looks, bands = looks_of(arms), with_bands(arms, baseline)
    for curve, shift in zip(drawn, _shifts(len(drawn)), strict=True):
        look = looks[curve.arm]
        mark = MARKS[look.marker]
        if curve.arm in bands:
            axes.fill_between(curve.places, curve.low, curve.high, color=look.colour, alpha=0.12, lw=0)
        axes.plot(curve.places, curve.mean, color=look.colour, ls=LINES[look.dash], lw=2.2, marker=mark, ms=7)
        places, _, accuracies = zip(*curve.dots, strict=True)
        axes.plot(np.add(places, shift), accuracies, mark, color=look.colour, ms=4.5, alpha=0.65, mew=0)
    dress_axes(axes)
    axes.set_xticks(sweep.places, step_names(sweep, say))
    axes.set_xlabel(say("training images per class"))
    group = sweep.last  # all groups of a sweep are compared by the same number
    axes.set_ylabel(accuracy_label(group, say))
    notes = [compared(group, say), *sweep_notes(say), *note_on_bands(arms, bands, say)]
    set_heading(axes, sweep_title(sweep, say), notes)
    ends = [(curve.places[-1], curve.mean[-1]) for curve in drawn]
    name_lines(axes, names, ends, [looks[arm] for arm in arms])
    return figure


def _shifts(count: int) -> Iterable[float]:
    """Dots of different arms stand side by side."""
    return np.linspace(-0.03, 0.03, count) if count > 1 else [0.0]
