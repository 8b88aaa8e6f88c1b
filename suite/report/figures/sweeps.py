"""Accuracy against images per class."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from suite.comparison.records import Sweep
from suite.report.drawn import step_names, swept_curves
from suite.report.figures.style import add_legend, arm_styles, blank_figure, dress_axes, set_heading, wrapped
from suite.report.language import Say
from suite.report.sentences import accuracy_label, compared, sweep_notes, sweep_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_sweep(sweep: Sweep, say: Say) -> Figure:
    """For every arm the mean, the range and each seed over the number of training images."""
    drawn = swept_curves(sweep)
    legends = ["\n".join(wrapped(curve.label)) for curve in drawn]
    figure = blank_figure(max(7, 0.8 + 0.35 * sum(1 + text.count("\n") for text in legends)))
    axes = figure.add_subplot()
    styles = arm_styles([curve.arm for curve in drawn])
    for curve, style, shift in zip(drawn, styles, _shifts(len(drawn)), strict=True):
        axes.fill_between(curve.places, curve.low, curve.high, color=style.colour, alpha=0.1, lw=0)
        axes.plot(curve.places, curve.mean, color=style.colour, lw=2.2, marker=style.marker, ms=7)
        places, _, accuracies = zip(*curve.dots, strict=True)
        axes.plot(np.add(places, shift), accuracies, "o", color=style.colour, ms=4.5, alpha=0.65, mew=0)
    dress_axes(axes)
    axes.set_xticks(sweep.places, step_names(sweep, say))
    axes.set_xlabel(say("training images per class"))
    group = sweep.steps[0][1]  # all groups of a sweep are compared by the same number
    axes.set_ylabel(accuracy_label(group, say))
    set_heading(axes, sweep_title(sweep, say), [compared(group, say), *sweep_notes(say)])
    add_legend(figure, legends, styles)
    return figure


def _shifts(count: int) -> Iterable[float]:
    """Dots of different arms stand side by side."""
    return np.linspace(-0.03, 0.03, count) if count > 1 else [0.0]
