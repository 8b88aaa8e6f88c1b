"""Pictures of a comparison: curves over the epochs, differences from the baseline, accuracy against images per class.

The colour tells the arm, in all of them alike; legends stand outside of the axes, where they can cover nothing.
"""

from __future__ import annotations

import colorsys
import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import wording
from compare import Comparison, Row, seed_numbers
from discovery import Arm, Curve, Group, Run, Sweep, window
from lettering import plain_text, writable
from runs import write_atomically

if TYPE_CHECKING:  # matplotlib is slow to import; --help and the user's errors do without it
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"none": "#707070", "userDef": "#1f9a3d", "samplePairing": "#1f6fd1", "mixup": "#d62a2a"}
MARKERS = ("", "o", "s", "^", "D", "v", "P", "X")
"""For the arms of one mode, one after the other."""

INK, QUIET = "#24292f", "#555555"

RING: dict[str, Any] = {"marker": "o", "markersize": 9, "markerfacecolor": "white", "markeredgewidth": 2, "zorder": 3}
"""How far an unfinished run has come."""

ENDS: dict[str, Any] = {"solid_capstyle": "butt"}
"""Of a bar that stands for an interval: by default its ends would stick out."""

BAND_NOTE = "Line: mean over the seeds. Band: from the lowest to the highest seed."

UNIT_NAMES = {"mean": "mean", "median": "median", "final": "the final epoch", "best": "the best epoch"}


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


@dataclass(frozen=True)
class Style:
    """How an arm is drawn."""

    colour: tuple[float, float, float]
    marker: str


# --- files ----------------------------------------------------------------------------------------------------------


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


def is_measured(group: Group, quantity: Quantity, start: int, end: int) -> bool:
    """Whether the large panel would hold anything."""
    return _has_values(group, quantity.panels[0], start, end)


def has_differences(comparison: Comparison) -> bool:
    """Whether any arm has a seed in common with the baseline."""
    return any(row.difference and row.difference.n for row in comparison.rows)


def _write(drawings: Mapping[str, Callable[[], Figure]], folder: Path) -> list[Path]:
    """All atomically: with `--watch`, somebody may be looking at the picture before."""
    from matplotlib import rc_context

    if drawings:
        folder.mkdir(parents=True, exist_ok=True)
    paths = []
    # The salt and the missing date make an svg that changes only when what it shows has changed.
    with rc_context(plain_text() | {"font.size": 12, "svg.hashsalt": "comparison", "path.simplify_threshold": 0.5}):
        for name, drawing in drawings.items():
            figure = drawing()
            for suffix, metadata in (("png", {}), ("svg", {"Date": None})):
                paths.append(folder / f"{name}.{suffix}")
                save = partial(figure.savefig, format=suffix, metadata=metadata)
                write_atomically(paths[-1], save)
                figure.set_layout_engine("none")  # the layout is settled by the first, and takes most of the time
    return paths


# --- over the epochs ------------------------------------------------------------------------------------------------


def draw(group: Group, quantity: Quantity, start: int, end: int) -> Figure:
    """One figure: a large panel for what counts, smaller ones below for what is known of the training images."""
    panels = [panel for panel in quantity.panels if _has_values(group, panel, start, end)]
    # A line of the legend takes 0.2 inches, and the space between two arms 0.15.
    legend_height = sum(0.2 * (arm_legend(arm).count("\n") + 1) + 0.15 for arm in group.arms)
    figure = _blank(max(9 if panels[1:] else 7, 0.8 + legend_height))
    grid = figure.add_gridspec(2 if panels[1:] else 1, max(1, len(panels) - 1), height_ratios=[2, 1][: len(panels)])
    styles = arm_styles(group.arms)
    has_bands = any(len(arm.finished) > 1 for arm in group.arms)
    about = [*textwrap.wrap(wording.about(group), 110), *([BAND_NOTE] if has_bands else [])]
    for place, panel in enumerate(panels):
        axes = figure.add_subplot(grid[1, place - 1] if place else grid[0, :])
        for arm, style in zip(group.arms, styles, strict=True):
            _draw_arm(axes, arm, style, panel, start, end, bands=not place)
        cut = _fit_scale(axes, group, quantity, panel, start, end)
        _dress(axes, start, max(start + 1, min(end, group.reached)), nbins=5 if place else 11)
        if place:
            axes.set_title("\n".join([panel.meaning, *cut]), loc="left", fontsize=10.5, color=QUIET)
        else:
            axes.set_ylabel(quantity.label)
            heading = textwrap.fill(f"{quantity.name.capitalize()}: {group.title}", 66)
            _set_heading(axes, heading, [*about, *cut, f"{panel.meaning[0].upper()}{panel.meaning[1:]}."])
    figure.axes[-1 if len(panels) > 1 else 0].set_xlabel("epoch (the first is 1)")
    _add_legend(figure, [arm_legend(arm) for arm in group.arms], styles)
    return figure


def arm_styles(arms: Sequence[Arm]) -> list[Style]:
    """The article's colour of the mode; arms of one mode get their own shade and hue near it, and a marker each."""
    styles = []
    for arm in arms:
        siblings = [other for other in arms if other.mode == arm.mode]
        place = siblings.index(arm)
        if len(siblings) == 1:
            styles.append(Style(_near(COLOURS[arm.mode], 0.0), ""))
        else:
            styles.append(Style(_near(COLOURS[arm.mode], place / (len(siblings) - 1) - 0.5), MARKERS[place % 8]))
    return styles


def _near(colour: str, away: float) -> tuple[float, float, float]:
    """The colour itself at 0, darker and of a smaller hue towards -0.5, lighter and of a larger one towards 0.5."""
    from matplotlib.colors import to_rgb

    if away == 0:
        return to_rgb(colour)
    hue, light, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    light += away * (0.32 if away < 0 else 0.5)
    return colorsys.hls_to_rgb((hue + 0.1 * away) % 1, light, saturation)


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
    lines = _wrapped(arm.label)
    seeds = {run.seed for run in arm.finished} - {None}
    if seeds:
        lines.append(f"{len(seeds)} seed{'s' * (len(seeds) > 1)}")
    if arm.unfinished:
        lines.append(f"{len(arm.unfinished)} unfinished, thin up to ○")
    return writable("\n".join(lines))


def _wrapped(label: str) -> list[str]:
    """Broken after underscores too, to the width that a legend may have."""
    return [line.replace("_ ", "_") for line in textwrap.wrap(label.replace("_", "_ "), 24)]


# --- differences ----------------------------------------------------------------------------------------------------


def draw_differences(comparison: Comparison) -> Figure:
    """A line for every arm: a dot a seed, above them the mean and its 95 % interval, at the right what it means."""
    assert comparison.baseline
    rows = [row for row in comparison.rows if row.difference and row.difference.n]
    styles = dict(zip(comparison.group.arms, arm_styles(comparison.group.arms), strict=True))
    names = [writable("\n".join(_wrapped(row.arm.label))) for row in rows]
    figure = _blank(2.6 + len(rows) * max(0.75, *(0.2 * (name.count("\n") + 1) + 0.15 for name in names)))
    axes = figure.add_subplot()
    axes.axvline(0, color=INK, lw=1.6, zorder=1)
    for place, row in enumerate(rows):
        _draw_difference(axes, place, row, styles[row.arm])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#e2e2e2", lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlabel("percentage points of eval accuracy: left of 0 worse, right of 0 better than the baseline")
    heading = textwrap.fill(f"Difference from {comparison.baseline.label}: {comparison.group.title}", 66)
    notes = [
        f"{_unit(comparison)}, paired by seed; 0 means no difference.",
        "Dots: single seeds. Diamond and bar: mean and 95 % interval.",
    ]
    _set_heading(axes, heading, notes)
    return figure


def _draw_difference(axes: Axes, place: int, row: Row, style: Style) -> None:
    difference = row.difference
    assert difference
    points = [value for _, value in difference.points]
    # Spread by the order of the seeds, not at random: the picture must not change when it is drawn again.
    heights = place + 0.2 + (0.15 * np.linspace(-1, 1, len(points)) if points[1:] else np.zeros(1))
    axes.plot(points, heights, "o", color=style.colour, ms=6, alpha=0.75, mec="white", mew=0.5, zorder=3)
    above = place - 0.15
    axes.plot([difference.low, difference.high], [above, above], color=style.colour, lw=5, alpha=0.45, zorder=2, **ENDS)
    axes.plot([difference.mean], [above], "D", color=style.colour, mec=INK, ms=8, zorder=4)
    interval = (
        "" if math.isnan(difference.low) else f"  ({wording.bound(difference.low)} to {wording.bound(difference.high)})"
    )
    warnings = [", under-fitted"] * row.under_fitted + [", still rising"] * row.rising
    for text, weight, colour, offset in (
        (f"{row.verdict}{''.join(warnings)}", "bold", INK, 8),
        (f"{wording.points(difference.mean)}{interval}", "normal", QUIET, -9),
    ):
        axes.annotate(
            text,
            xy=(1, place),
            xycoords=("axes fraction", "data"),
            xytext=(12, offset),
            textcoords="offset points",
            va="center",
            fontsize=11,
            fontweight=weight,
            color=colour,
        )


def _unit(comparison: Comparison) -> str:
    """What the number of a seed is."""
    count = window(comparison.group.planned)
    last = f" of the last {count} epoch{'s' * (count > 1)}" if comparison.unit in ("mean", "median") else ""
    return f"Eval accuracy, {comparison.group.evaluation or UNIT_NAMES[comparison.unit]}{last}"


# --- accuracy against images per class ------------------------------------------------------------------------------


def draw_sweep(sweep: Sweep, comparison: Comparison) -> Figure:
    """For every arm the mean, the range and each seed over the number of training images; in any step's unit."""
    places = sweep.places
    arms = sweep.arms
    legends = ["\n".join(_wrapped(arm.label)) for arm in arms]
    figure = _blank(max(7, 0.8 + 0.35 * sum(1 + text.count("\n") for text in legends)))
    axes = figure.add_subplot()
    styles = arm_styles([arm.last for arm in arms])
    for swept, style, shift in zip(arms, styles, _shifts(len(arms)), strict=True):
        values = [[100 * number for number in seed_numbers(arm, comparison.unit).values()] for _, arm in swept.steps]
        x = [places[step] for step, _ in swept.steps]
        axes.fill_between(x, [min(v) for v in values], [max(v) for v in values], color=style.colour, alpha=0.1, lw=0)
        axes.plot(x, [np.mean(v) for v in values], color=style.colour, lw=2.2, marker=style.marker, ms=7)
        dots = [(place + shift, value) for place, seeds in zip(x, values, strict=True) for value in seeds]
        axes.plot(*zip(*dots, strict=True), "o", color=style.colour, ms=4.5, alpha=0.65, mew=0)
    _dress(axes)
    axes.set_xticks(places, ["all" if count is None else str(count) for count, _ in sweep.steps])
    axes.set_xlabel("training images per class (logarithmic; all of them one step further)")
    axes.set_ylabel("eval accuracy, %")
    notes = [f"{_unit(comparison)}.", f"{BAND_NOTE} Dots: single seeds."]
    _set_heading(axes, textwrap.fill(f"Images per class: {sweep.title}", 66), notes)
    _add_legend(figure, [writable(text) for text in legends], styles)
    return figure


def _shifts(count: int) -> Iterable[float]:
    """Dots of different arms stand side by side."""
    return np.linspace(-0.03, 0.03, count) if count > 1 else [0.0]


# --- what all have in common ----------------------------------------------------------------------------------------


def _blank(height: float) -> Figure:
    """A figure of so many inches."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return Figure(figsize=(12, height), dpi=110, layout=ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1))


def _dress(axes: Axes, first: int | None = None, last: int | None = None, nbins: int = 11) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.grid(color="#e2e2e2", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if first is not None:
        axes.set_xlim(first, last)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=nbins, integer=True))


def _set_heading(axes: Axes, heading: str, notes: Sequence[str]) -> None:
    axes.set_title(writable(heading), loc="left", fontsize=15, fontweight="bold", pad=14 + 17 * len(notes))
    axes.annotate(
        writable("\n".join(notes)),
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 10),
        textcoords="offset points",
        fontsize=11,
        color=QUIET,
        linespacing=1.3,
    )


def _add_legend(figure: Figure, texts: Sequence[str], styles: Sequence[Style]) -> None:
    """At the right, outside the axes."""
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=style.colour, marker=style.marker, linewidth=3, label=text)
        for text, style in zip(texts, styles, strict=True)
    ]
    figure.legend(handles=handles, loc="outside right upper", frameon=False, labelspacing=0.9, alignment="left")
