"""Curves over the epochs, to zoom into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from suite.comparison.records import Arm, Group, Run
from suite.report.drawn import ArmCurves, curves_of, known_values, with_bands
from suite.report.language import Say
from suite.report.looks import Look, looks_of
from suite.report.page.plotly import (
    NAME_WIDTH,
    Figure,
    annotation,
    arm_menu,
    arm_name,
    as_numbers,
    axis_style,
    band,
    legend_group,
    name_text,
    names_at_ends,
    page_layout,
)
from suite.report.sentences import accuracy_label
from suite.runs.curves import EVAL

SEED_OPACITY = 0.35
GAP = 0.06
"""Between two subplots, as a share of the height of all."""


AROUND = 200
"""Pixels for legend, menus and the axis below."""


@dataclass(frozen=True)
class Subplot:
    """One quantity of `drawn.values_of` over the epochs."""

    quantity: str
    title: str
    digits: int


@dataclass(frozen=True)
class Line:
    """A trace, and which seed it is; None for those that stay visible."""

    trace: dict[str, Any]
    seed: int | None = None


def curves(group: Group, say: Say, baseline: Arm | None = None) -> Figure:
    """All quantities over the epochs, one below the other under one legend: an arm's mean, and its seeds on demand."""
    subplots = [subplot for subplot in _subplots(group, say) if known_values(group, subplot.quantity).size]
    looks, bands = looks_of(group.arms), with_bands(group.arms, baseline)
    lines = [line for number, subplot in enumerate(subplots, 1) for line in _lines(group, looks, number, subplot, say)]
    share = (1 + GAP) / len(subplots) - GAP
    height = 230 * len(subplots) + AROUND
    layout = page_layout(height=height, margin={"l": 36, "r": NAME_WIDTH, "t": 60, "b": 46})
    whole = _View(1, group.reached)
    close = _View(max(1, group.reached - _last(group) + 1), group.reached)
    names = _names(group, subplots, whole, share * (height - AROUND))
    first = len(lines)
    buttons = [
        _epoch_button(say("all epochs"), group, subplots, whole, first, names),
        _epoch_button(
            say("last {count} epochs", count=_last(group)),
            group,
            subplots,
            close,
            first,
            _names(group, subplots, close, share * (height - AROUND)),
        ),
    ]
    layout |= {
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1.07, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": axis_style(title=say("epoch"), range=whole.epochs, anchor=arm_name("y", len(subplots))),
        "annotations": [],
        "updatemenus": [
            arm_menu(buttons, type="buttons", direction="right", x=0, xanchor="left"),
            *_seed_menu([line.seed for line in lines], say),
        ],
    }
    for number, subplot in enumerate(subplots, 1):
        top = 1 - (number - 1) * (share + GAP)
        axis = axis_style(domain=[max(0.0, top - share), top], zeroline=False, range=_scale(group, subplot, whole))
        layout[arm_name("yaxis", number)] = axis
        layout["annotations"].append(annotation(f"<b>{subplot.title}</b>", 0, top, yanchor="bottom"))
    traces = [line.trace for line in lines]
    return {"data": [*traces, *names, *_bands(group, subplots[0], looks, bands)], "layout": layout}


@dataclass(frozen=True)
class _View:
    """The epochs that are seen."""

    start: int
    end: int

    @property
    def epochs(self) -> list[int]:
        return [self.start, max(self.start + 1, self.end)]


def _last(group: Group) -> int:
    """How many epochs the closer view shows."""
    return min(100 if group.planned >= 200 else max(2, group.planned // 5), group.reached)


def _scale(group: Group, subplot: Subplot, view: _View) -> list[float]:
    """From the lowest to the highest value that is seen."""
    seen = known_values(group, subplot.quantity, view.start)
    if not seen.size:
        seen = known_values(group, subplot.quantity)
    margin = 0.05 * float(np.ptp(seen)) or 1.0
    return [float(seen.min()) - margin, float(seen.max()) + margin]


def _names(group: Group, subplots: Sequence[Subplot], view: _View, height: float) -> list[dict[str, Any]]:
    """The names of all arms at the ends of their lines, subplot by subplot."""
    named = []
    for number, subplot in enumerate(subplots, 1):
        found = [(drawn.arm, drawn.end(1, group.reached)) for drawn in curves_of(group, subplot.quantity)]
        ends = [(arm, *end) for arm, end in found if end]
        low, high = _scale(group, subplot, view)
        named += names_at_ends(ends, (low, high), height, yaxis=arm_name("y", number))
    return named


def _bands(group: Group, subplot: Subplot, looks: dict[Arm, Look], shown: set[Arm]) -> list[dict[str, Any]]:
    """Of the first quantity, which is the one that counts."""
    traces = []
    for drawn in curves_of(group, subplot.quantity):
        if drawn.has_band:
            low, high = (as_numbers(ends, subplot.digits) for ends in (drawn.low, drawn.high))
            arm = drawn.arm
            traces += band(arm, looks[arm].colour, low, high, arm in shown, x0=1, connectgaps=True, yaxis="y")
    return traces


def _epoch_button(
    label: str, group: Group, subplots: Sequence[Subplot], view: _View, first: int, names: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Shows these epochs, with the scale of each quantity fitted to what is seen then, and the names, which are the
    traces from `first` on, in their new places."""
    ranges: dict[str, Any] = {"xaxis.range": view.epochs}
    for number, subplot in enumerate(subplots, 1):
        ranges[f"{arm_name('yaxis', number)}.range"] = _scale(group, subplot, view)
    places = {"y": [name["y"] for name in names]}
    return {"label": label, "method": "update", "args": [places, ranges, list(range(first, first + len(names)))]}


def _subplots(group: Group, say: Say) -> list[Subplot]:
    return [
        Subplot(EVAL[group.metric], accuracy_label(group, say), 2),
        Subplot("lossEval", say("eval loss"), 4),
        Subplot("gap", say("gap: train, clean, minus eval, points"), 2),
        Subplot("accTrain", say("accuracy of train, as seen, %"), 2),
    ]


def _lines(group: Group, looks: dict[Arm, Look], number: int, subplot: Subplot, say: Say) -> list[Line]:
    """Of the subplot `number`, arm by arm."""
    lines = []
    for drawn in curves_of(group, subplot.quantity):
        arm = drawn.arm
        common = {
            "mode": "lines",
            "x0": 1,
            "legendgroup": legend_group(arm),
            "yaxis": arm_name("y", number),
            "connectgaps": True,
            "hovertemplate": f"%{{y:.{subplot.digits - 1}f}}",
            "meta": {"quantity": subplot.title},
        }
        style = {"color": looks[arm].colour, "dash": looks[arm].dash}
        lines += _run_lines(drawn, common, style, number == 1, subplot.digits, say)
        if arm.finished:
            look = {"line": style | {"width": 2.2}, "showlegend": number == 1}
            values = as_numbers(drawn.mean, subplot.digits)
            lines.append(Line(common | {"y": values, "name": name_text(arm.label)} | look))
    return lines


def _run_lines(
    drawn: ArmCurves, common: dict[str, Any], style: dict[str, Any], is_first: bool, digits: int, say: Say
) -> list[Line]:
    """Single runs: the finished ones hidden until the menu shows them, the unfinished ones always there."""
    arm, lines = drawn.arm, []
    for run in arm.runs if drawn.has_band else arm.unfinished:  # a single finished one is the mean
        values = as_numbers(drawn.of_runs[run], digits)
        trace = common | {"y": values, "name": _run_name(arm, run, say), "line": style | {"width": 1}}
        if run.finished:
            hidden = {"opacity": 0, "hoverinfo": "skip", "showlegend": False}
            lines.append(Line(trace | hidden, run.seed))
        else:
            stands_for_arm = is_first and not arm.finished and run is arm.runs[0]
            lines.append(Line(trace | {"showlegend": stands_for_arm}))
    return lines


def _run_name(arm: Arm, run: Run, say: Say) -> str:
    parts = [name_text(arm.label)]
    if run.seed is not None:
        parts.append(f"{say('seed')} {run.seed}")
    if not run.finished:
        parts.append(say("epoch {done} of {planned}", done=run.done, planned=run.planned))
    return ", ".join(parts)


def _seed_menu(seeds: Sequence[int | None], say: Say) -> list[dict[str, Any]]:
    """Which single seeds are drawn; none of this where every arm has one run."""
    which = [index for index, seed in enumerate(seeds) if seed is not None]
    known = sorted({seed for seed in seeds if seed is not None})
    if not known:
        return []

    def button(label: str, wanted: Sequence[int]) -> dict[str, Any]:
        # Opacity, not visibility, which belongs to the legend: an arm that is switched off there stays off.
        on = [seeds[index] in wanted for index in which]
        style = {"opacity": [SEED_OPACITY * is_on for is_on in on], "hoverinfo": ["all" if x else "skip" for x in on]}
        mode = {"hovermode": "closest" if len(wanted) > 1 else "x unified"}
        return {"label": label, "method": "update", "args": [style, mode, which]}

    buttons = [button(say("means"), ()), button(say("all seeds"), known)]
    buttons += [button(f"{say('seed')} {seed}", [seed]) for seed in known]
    return [arm_menu(buttons, type="dropdown", direction="down", x=1, xanchor="right")]
