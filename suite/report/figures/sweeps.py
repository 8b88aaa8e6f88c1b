"""Accuracy against images per class."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from suite.comparison.measures import seed_numbers
from suite.comparison.records import Sweep
from suite.comparison.rows import Comparison
from suite.lettering import writable
from suite.report.figures.style import (
    BAND_NOTE,
    add_legend,
    arm_styles,
    blank_figure,
    dress_axes,
    set_heading,
    unit_text,
    wrapped,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_sweep(sweep: Sweep, comparison: Comparison) -> Figure:
    """For every arm the mean, the range and each seed over the number of training images; in any step's unit."""
    places = sweep.places
    arms = sweep.arms
    legends = ["\n".join(wrapped(arm.label)) for arm in arms]
    figure = blank_figure(max(7, 0.8 + 0.35 * sum(1 + text.count("\n") for text in legends)))
    axes = figure.add_subplot()
    styles = arm_styles([arm.last for arm in arms])
    for swept, style, shift in zip(arms, styles, _shifts(len(arms)), strict=True):
        values = [[100 * number for number in seed_numbers(arm, comparison.unit).values()] for _, arm in swept.steps]
        x = [places[step] for step, _ in swept.steps]
        axes.fill_between(x, [min(v) for v in values], [max(v) for v in values], color=style.colour, alpha=0.1, lw=0)
        axes.plot(x, [np.mean(v) for v in values], color=style.colour, lw=2.2, marker=style.marker, ms=7)
        dots = [(place + shift, value) for place, seeds in zip(x, values, strict=True) for value in seeds]
        axes.plot(*zip(*dots, strict=True), "o", color=style.colour, ms=4.5, alpha=0.65, mew=0)
    dress_axes(axes)
    axes.set_xticks(places, ["all" if count is None else str(count) for count, _ in sweep.steps])
    axes.set_xlabel("training images per class (logarithmic; all of them one step further)")
    axes.set_ylabel("eval accuracy, %")
    notes = [f"{unit_text(comparison)}.", f"{BAND_NOTE} Dots: single seeds."]
    set_heading(axes, textwrap.fill(f"Images per class: {sweep.title}", 66), notes)
    add_legend(figure, [writable(text) for text in legends], styles)
    return figure


def _shifts(count: int) -> Iterable[float]:
    """Dots of different arms stand side by side."""
    return np.linspace(-0.03, 0.03, count) if count > 1 else [0.0]
