"""Figures of loss and accuracy over the epochs, one of each for a group of comparable runs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from compare import Arm, Curve, Group
from lettering import plain_text, writable

if TYPE_CHECKING:  # matplotlib is slow to import; --help and the user's errors do without it
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"none": "#707070", "userDef": "#1f9a3d", "samplePairing": "#1f6fd1", "mixup": "#d62a2a"}
MARKERS = ("", "o", "s", "^", "D", "v", "P", "X")
"""For the arms of one mode, one after the other."""

RING: dict[str, Any] = {"marker": "o", "markersize": 9, "markerfacecolor": "white", "markeredgewidth": 2, "zorder": 3}
"""How far an unfinished run has come."""


@dataclass(frozen=True)
class Quantity:
    """What a figure shows."""

    name: str
    label: str
    eval: str
    train: str
    clean: str
    scale: float


LOSS = Quantity("loss", "loss (cross-entropy)", "lossEval", "lossTrain", "lossTrainClean", 1)
ACCURACY = Quantity("accuracy", "accuracy, %", "accEval", "accTrain", "accTrainClean", 100)


@dataclass(frozen=True)
class Style:
    """How an arm is drawn."""

    colour: tuple[float, float, float]
    marker: str


@dataclass(frozen=True)
class Look:
    """How one kind of curve is drawn, and what it means."""

    line: str | tuple[float, tuple[float, ...]]
    width: float
    alpha: float
    meaning: str


LOOKS = {
    "train": Look(
        line=(0, (5, 2)),
        width=1.0,
        alpha=0.55,
        meaning="training images as the network saw them: augmented, in some modes mixed (then weighted by lambda);"
        "\nanother task in every mode, with jumps where a schedule turns mixing on or off, so compare the other lines",
    ),
    "clean": Look(
        line=(0, (1, 1.6)),
        width=1.6,
        alpha=0.9,
        meaning="training images without augmentation; the distance to the solid line is the gap: the overfitting",
    ),
    "eval": Look(line="-", width=2.2, alpha=1.0, meaning="evaluation images, never augmented: what counts"),
}
"""The kinds of curve, the least important first."""


def write_figures(group: Group, start: int, end: int, folder: Path) -> list[Path]:
    """Draw `loss.png` and `accuracy.png`."""
    from matplotlib import rc_context

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{quantity.name}.png" for quantity in (LOSS, ACCURACY)]
    with rc_context(plain_text() | {"font.size": 12}):
        for quantity, path in zip((LOSS, ACCURACY), paths, strict=True):
            draw(group, quantity, start, end).savefig(path)
    return paths


def draw(group: Group, quantity: Quantity, start: int, end: int) -> Figure:
    """One figure: the colour tells the arm, the kind of line which images were looked at."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import MaxNLocator

    # A line of the legend takes 0.2 inches, and the space between two arms 0.15.
    legend_height = sum(0.2 * (arm_legend(arm).count("\n") + 1) + 0.15 for arm in group.arms)
    figure = Figure(
        figsize=(12, max(8, 0.5 + legend_height)), dpi=110, layout=ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1)
    )
    axes = figure.add_subplot()
    styles = arm_styles(group.arms)
    for arm, style in zip(group.arms, styles, strict=True):
        draw_arm(axes, arm, style, quantity, start, end)
    clipped = fit_scale(axes, group, quantity, start, end)

    axes.set_xlabel("epoch (the first is 1)")
    axes.set_ylabel(quantity.label)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=11, integer=True))
    axes.grid(color="#e2e2e2", linewidth=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlim(start, max(start + 1, min(end, group.reached)))
    heading = textwrap.fill(f"{quantity.name.capitalize()}: {group.title}", 66)
    notes = [*textwrap.wrap(group.facts, 110), *band_note(group), *clipped]
    axes.set_title(writable(heading), loc="left", fontsize=15, fontweight="bold", pad=14 + 17 * len(notes))
    axes.annotate(
        writable("\n".join(notes)),
        xy=(0, 1),
        xycoords="axes fraction",
        xytext=(0, 10),
        textcoords="offset points",
        fontsize=11,
        color="#555555",
        linespacing=1.3,
    )
    add_legends(figure, group, styles, quantity)
    return figure


def arm_styles(arms: Sequence[Arm]) -> list[Style]:
    """The article's colour of the mode; arms of one mode get shades of it, dark to light, and a marker each."""
    from matplotlib.colors import to_rgb

    styles = []
    for arm in arms:
        siblings = [other for other in arms if other.mode == arm.mode]
        place = siblings.index(arm)
        shade = 0.0 if len(siblings) == 1 else 0.9 * place / (len(siblings) - 1) - 0.4  # -0.4 darker, 0.5 lighter
        target = 0.0 if shade < 0 else 1.0
        red, green, blue = (part + abs(shade) * (target - part) for part in to_rgb(COLOURS[arm.mode]))
        styles.append(Style((red, green, blue), "" if len(siblings) == 1 else MARKERS[place % len(MARKERS)]))
    return styles


def draw_arm(axes: Axes, arm: Arm, style: Style, quantity: Quantity, start: int, end: int) -> None:
    """The mean and range of the finished runs, and every unfinished run as a thinner line that ends in a ring."""
    for order, (curve, look) in enumerate(LOOKS.items()):
        name = getattr(quantity, curve)
        line: dict[str, Any] = {"color": style.colour, "ls": look.line, "alpha": look.alpha, "zorder": 2 + order / 10}
        if arm.finished:
            epochs, values = shown([run.curves[name] for run in arm.finished], start, end)
            marker = "o" if len(epochs) == 1 else style.marker if curve == "eval" else ""  # a line needs two points
            every = max(1, len(epochs) // 12)
            axes.plot(
                epochs, quantity.scale * values.mean(axis=0), **line, lw=look.width, marker=marker, markevery=every
            )
            if curve == "eval" and len(values) > 1:
                low, high = quantity.scale * values.min(axis=0), quantity.scale * values.max(axis=0)
                axes.fill_between(epochs, low, high, color=style.colour, alpha=0.2, lw=0)
        for run in arm.unfinished:
            epochs, values = shown([run.curves[name]], start, end)
            axes.plot(epochs, quantity.scale * values[0], **line, lw=0.6 * look.width)
            if curve == "eval":
                axes.plot([run.done], quantity.scale * run.curves[name][-1:], **RING, color=style.colour)


def shown(curves: Sequence[Curve], start: int, end: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The epochs of `start` to `end` in which all curves have a value, from 1, and the values [curve, epoch]."""
    values = np.stack(curves)[:, start - 1 : end]
    measured = ~np.isnan(values).any(axis=0)
    return start + np.flatnonzero(measured), values[:, measured]


def fit_scale(axes: Axes, group: Group, quantity: Quantity, start: int, end: int) -> list[str]:
    """Keep a few exploded losses from flattening everything else; say so when something is cut off."""
    runs = [run for arm in group.arms for run in arm.runs]
    names = (quantity.eval, quantity.train, quantity.clean)
    values = np.concatenate([run.curves[name][start - 1 : end] for run in runs for name in names])
    values = quantity.scale * values[np.isfinite(values)]
    usual = float(np.quantile(values, 0.98, method="lower"))
    # An ordinary start from a high loss is no explosion, and accuracy cannot explode.
    exploded = quantity is LOSS and bool(values.max() > 3 * usual)
    low, high = float(values.min()), 1.25 * usual if exploded else float(values.max())
    margin = 0.03 * (high - low) or 0.5
    axes.set_ylim(low - margin, high + margin)
    return [f"Values above {high:.3g} are cut off; the highest is {values.max():.3g}."] if exploded else []


def add_legends(figure: Figure, group: Group, styles: Sequence[Style], quantity: Quantity) -> None:
    """Arms on the right, kinds of line below, both outside the axes."""
    from matplotlib.lines import Line2D

    arms = [
        Line2D([], [], color=style.colour, marker=style.marker, linewidth=3, label=arm_legend(arm))
        for arm, style in zip(group.arms, styles, strict=True)
    ]
    figure.legend(handles=arms, loc="outside right upper", frameon=False, labelspacing=0.9, alignment="left")
    kinds = [
        Line2D([], [], color="#333333", linestyle=look.line, linewidth=look.width, label=look.meaning)
        for curve, look in reversed(LOOKS.items())
        if measured_anywhere(group, getattr(quantity, curve))
    ]
    figure.legend(handles=kinds, loc="outside lower left", frameon=False, fontsize=11, handlelength=3.5)


def measured_anywhere(group: Group, name: str) -> bool:
    return any(not np.isnan(run.curves[name]).all() for arm in group.arms for run in arm.runs)


def arm_legend(arm: Arm) -> str:
    """`mixup` and, below, how many runs the line is the mean of."""
    known = arm.runs[0].seed is not None
    lines = [line.replace("_ ", "_") for line in textwrap.wrap(arm.label.replace("_", "_ "), 24)]
    if arm.finished and known:
        lines.append(f"{len(arm.finished)} seed{'s' * (len(arm.finished) > 1)}")
    if arm.unfinished:
        lines.append(f"{len(arm.unfinished)} unfinished, thin up to ○")
    return writable("\n".join(lines))


def band_note(group: Group) -> list[str]:
    if any(len(arm.finished) > 1 for arm in group.arms):
        return ["Line: mean over the seeds. Band: from the lowest to the highest seed."]
    return []
