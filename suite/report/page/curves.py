"""Curves over the epochs, to zoom into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from suite.comparison.records import Group, Run
from suite.report.chinese import Say
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
    page_layout,
    shown,
)
from suite.runs.curves import Curve

QUANTITIES: tuple[tuple[str, int, Callable[[Run], Curve]], ...] = (
    ("eval accuracy, %", 2, lambda run: 100 * run.curves["accEval"]),
    ("eval loss", 4, lambda run: run.curves["lossEval"]),
    ("gap: train, clean, minus eval, points", 2, lambda run: 100 * _gap(run)),
    ("accuracy of train, as seen, %", 2, lambda run: 100 * run.curves["accTrain"]),
)
"""What is drawn over the epochs, one below the other: title, decimals, and the values of a run."""

SEED_OPACITY = 0.35


# --- curves ---------------------------------------------------------------------------------------------------------


def curves(group: Group, say: Say) -> Figure:
    """All quantities over the epochs, one below the other under one legend: an arm's mean, and its seeds on demand."""
    quantities = [
        quantity for quantity in QUANTITIES if any(np.isfinite(quantity[2](run)).any() for run in _runs(group))
    ]
    traces, seeds = [], []
    for number, quantity in enumerate(quantities, 1):
        for trace, seed in _traces(group, number, quantity, say):
            traces.append(trace)
            seeds.append(seed)
    gap = 0.06
    height = (1 + gap) / len(quantities) - gap
    layout = page_layout(height=230 * len(quantities) + 200, margin={"l": 36, "r": 8, "t": 60, "b": 46})
    layout |= {
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1.07, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": axis_style(
            title=say("epoch"), range=[1, max(2, group.reached)], anchor=arm_name("y", len(quantities))
        ),
        "annotations": [],
        "updatemenus": [_epoch_buttons(group, quantities, say), *_seed_menu(seeds, say)],
    }
    for number, (title, _, _) in enumerate(quantities, 1):
        top = 1 - (number - 1) * (height + gap)
        layout[arm_name("yaxis", number)] = axis_style(domain=[max(0.0, top - height), top], zeroline=False)
        layout["annotations"].append(annotation(f"<b>{say(title)}</b>", 0, top, yanchor="bottom"))
    return {"data": traces, "layout": layout}


def _traces(
    group: Group, number: int, quantity: tuple[str, int, Callable[[Run], Curve]], say: Say
) -> list[tuple[dict[str, Any], int | None]]:
    """The lines of the subplot `number`, each with the seed whose line it is, None for those that stay visible."""
    _, digits, values = quantity
    colour, dash = colours(group.arms), dashes_of(group.arms)
    lines: list[tuple[dict[str, Any], int | None]] = []
    for arm in group.arms:
        name = shown(arm.label)
        common = {
            "mode": "lines",
            "legendgroup": legend_group(arm),
            "yaxis": arm_name("y", number),
            "connectgaps": True,
        }
        hover = f"%{{y:.{digits - 1}f}}"
        for run in arm.unfinished if len(arm.finished) == 1 else arm.runs:  # a single one is the mean
            label = f"{name}, {say('seed')} {run.seed}" if run.seed is not None else name
            label += "" if run.finished else f", {say('epoch {done} of {planned}').format(**_progress(run))}"
            trace = common | {
                "x0": 1,
                "y": as_numbers(values(run), digits),
                "name": label,
                "line": {"color": colour[arm], "width": 1, "dash": dash[arm]},
                "hovertemplate": hover,
            }
            if run.finished:
                trace |= {"opacity": 0, "hoverinfo": "skip", "showlegend": False}
                lines.append((trace, run.seed))
            else:
                named = number == 1 and not arm.finished and run is arm.runs[0]
                lines.append((trace | {"showlegend": named}, None))
        if arm.finished:
            mean = np.mean([values(run) for run in arm.finished], axis=0)
            style = {"color": colour[arm], "width": 2.2, "dash": dash[arm]}
            trace = common | {"x0": 1, "y": as_numbers(mean, digits), "name": name, "line": style}
            lines.append((trace | {"hovertemplate": hover, "showlegend": number == 1}, None))
    return lines


def _progress(run: Run) -> dict[str, int]:
    return {"done": run.done, "planned": run.planned}


def _epoch_buttons(group: Group, quantities: Sequence[Any], say: Say) -> dict[str, Any]:
    """All epochs, or the last of them with the scale of each quantity fitted to what is seen then."""
    last = min(100 if group.planned >= 200 else max(2, group.planned // 5), group.reached)
    start = group.reached - last + 1
    whole: dict[str, Any] = {"xaxis.range": [1, max(2, group.reached)]}
    close: dict[str, Any] = {"xaxis.range": [start, max(start + 1, group.reached)]}
    for number, (_, _, values) in enumerate(quantities, 1):
        axis = arm_name("yaxis", number)
        whole[f"{axis}.autorange"] = True
        seen = np.concatenate([values(run)[start - 1 :] for run in _runs(group)])
        seen = seen[np.isfinite(seen)]
        if seen.size:
            margin = 0.05 * float(np.ptp(seen)) or 1.0
            close[f"{axis}.range"] = [float(seen.min()) - margin, float(seen.max()) + margin]
    buttons = [
        {"label": say("all epochs"), "method": "relayout", "args": [whole]},
        {"label": say("last {count} epochs").format(count=last), "method": "relayout", "args": [close]},
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


# --- what all have in common ----------------------------------------------------------------------------------------


def _runs(group: Group) -> list[Run]:
    return [run for arm in group.arms for run in arm.runs]


def _gap(run: Run) -> Curve:
    return run.curves["accTrainClean"] - run.curves["accEval"]
