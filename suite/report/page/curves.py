"""Curves over the epochs, to zoom into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from suite.comparison.records import Arm, Group, Run
from suite.report.drawn import ArmCurves, curves_of, known_values
from suite.report.language import Say
from suite.report.page.plotly import (
    Figure,
    annotation,
    arm_menu,
    arm_name,
    as_numbers,
    axis_style,
    colours,
    dashes_of,
    legend_group,
    name_text,
    page_layout,
)
from suite.report.sentences import accuracy_label
from suite.runs.curves import EVAL

SEED_OPACITY = 0.35
GAP = 0.06
"""Between two subplots, as a share of the height of all."""


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


def curves(group: Group, say: Say) -> Figure:
    """All quantities over the epochs, one below the other under one legend: an arm's mean, and its seeds on demand."""
    subplots = [subplot for subplot in _subplots(group, say) if known_values(group, subplot.quantity).size]
    lines = [line for number, subplot in enumerate(subplots, 1) for line in _lines(group, number, subplot, say)]
    height = (1 + GAP) / len(subplots) - GAP
    layout = page_layout(height=230 * len(subplots) + 200, margin={"l": 36, "r": 8, "t": 60, "b": 46})
    layout |= {
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1.07, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": axis_style(title=say("epoch"), range=[1, max(2, group.reached)], anchor=arm_name("y", len(subplots))),
        "annotations": [],
        "updatemenus": [_epoch_buttons(group, subplots, say), *_seed_menu([line.seed for line in lines], say)],
    }
    for number, subplot in enumerate(subplots, 1):
        top = 1 - (number - 1) * (height + GAP)
        layout[arm_name("yaxis", number)] = axis_style(domain=[max(0.0, top - height), top], zeroline=False)
        layout["annotations"].append(annotation(f"<b>{subplot.title}</b>", 0, top, yanchor="bottom"))
    return {"data": [line.trace for line in lines], "layout": layout}


def _subplots(group: Group, say: Say) -> list[Subplot]:
    return [
        Subplot(EVAL[group.metric], accuracy_label(group, say), 2),
        Subplot("lossEval", say("eval loss"), 4),
        Subplot("gap", say("gap: train, clean, minus eval, points"), 2),
        Subplot("accTrain", say("accuracy of train, as seen, %"), 2),
    ]


def _lines(group: Group, number: int, subplot: Subplot, say: Say) -> list[Line]:
    """Of the subplot `number`, arm by arm."""
    colour, dash = colours(group.arms), dashes_of(group.arms)
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
        }
        style = {"color": colour[arm], "dash": dash[arm]}
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


def _epoch_buttons(group: Group, subplots: Sequence[Subplot], say: Say) -> dict[str, Any]:
    """All epochs, or the last of them with the scale of each quantity fitted to what is seen then."""
    last = min(100 if group.planned >= 200 else max(2, group.planned // 5), group.reached)
    start = group.reached - last + 1
    whole: dict[str, Any] = {"xaxis.range": [1, max(2, group.reached)]}
    close: dict[str, Any] = {"xaxis.range": [start, max(start + 1, group.reached)]}
    for number, subplot in enumerate(subplots, 1):
        axis = arm_name("yaxis", number)
        whole[f"{axis}.autorange"] = True
        seen = known_values(group, subplot.quantity, start)
        if seen.size:
            margin = 0.05 * float(np.ptp(seen)) or 1.0
            close[f"{axis}.range"] = [float(seen.min()) - margin, float(seen.max()) + margin]
    buttons = [
        {"label": say("all epochs"), "method": "relayout", "args": [whole]},
        {"label": say("last {count} epochs", count=last), "method": "relayout", "args": [close]},
    ]
    return arm_menu(buttons, type="buttons", direction="right", x=0, xanchor="left")


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
