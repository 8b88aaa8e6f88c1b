"""The interactive figures of the report, as the plain dictionaries that plotly.js draws.

Names of arms and classes come from users, and plotly reads its texts as HTML: each goes through `shown` first.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import wording
from compare import Comparison, seed_numbers
from discovery import Arm, Curve, Group, Run, Sweep, read_predictions
from figures import arm_styles
from lettering import elided
from metrics import confusion_matrix
from phrases import Say

Figure = dict[str, Any]
"""`data` and `layout` of plotly.js."""

INK, FAINT, GRID = "#24292f", "#6b7280", "#e8eaed"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
"""For the arms of one mode, one after the other: shades of one colour alone are hard to tell apart."""

QUANTITIES: tuple[tuple[str, int, Callable[[Run], Curve]], ...] = (
    ("eval accuracy, %", 2, lambda run: 100 * run.curves["accEval"]),
    ("eval loss", 4, lambda run: run.curves["lossEval"]),
    ("gap: train, clean, minus eval, points", 2, lambda run: 100 * _gap(run)),
    ("accuracy of train, as seen, %", 2, lambda run: 100 * run.curves["accTrain"]),
)
"""What is drawn over the epochs, one below the other: title, decimals, and the values of a run."""

SEED_OPACITY = 0.35
MOST_CLASSES = 60
"""More make a confusion matrix that nobody can read."""
CLASSES_WITH_COUNTS = 20
"""Up to so many, there is room for a number in every cell of a confusion matrix."""


def shown(name: str, length: int = 40) -> str:
    """A user's text as plotly must get it: no markup, and not wider than a phone."""
    return html.escape(elided(name, length))


def colours(arms: Sequence[Arm]) -> dict[Arm, str]:
    """The colour of every arm, the same as in the pictures."""
    shades = [[round(255 * part) for part in style.colour] for style in arm_styles(arms)]
    return {arm: f"rgb({red}, {green}, {blue})" for arm, (red, green, blue) in zip(arms, shades, strict=True)}


def _dashes(arms: Sequence[Arm]) -> dict[Arm, str]:
    places = {arm: [other for other in arms if other.mode == arm.mode].index(arm) for arm in arms}
    return {arm: DASHES[place % len(DASHES)] for arm, place in places.items()}


# --- differences ----------------------------------------------------------------------------------------------------


def differences(comparison: Comparison, say: Say) -> Figure | None:
    """A dot for every seed, the mean with its interval, arm below arm; None when no arm has a pair."""
    rows = [row for row in comparison.rows if row.difference and row.difference.n]
    if not rows:
        return None
    colour = colours(comparison.group.arms)
    traces: list[dict[str, Any]] = []
    headings = []
    for place, row in enumerate(rows):
        difference = row.difference
        assert difference
        seeds, points = zip(*difference.points, strict=True)
        # Spread by rank of the seed, not at random: the page must not change when it is made again.
        heights = place + 0.18 * np.linspace(-1, 1, len(seeds)) if len(seeds) > 1 else [place]
        traces.append(
            {
                "x": _numbers(points, 2),
                "y": _numbers(heights, 3),
                "customdata": seeds,
                "mode": "markers",
                "marker": {"color": colour[row.arm], "size": 9, "opacity": 0.7, "line": {"color": INK, "width": 0.5}},
                "hovertemplate": f"{say('seed')} %{{customdata}}: %{{x:+.1f}}<extra></extra>",
            }
        )
        interval = np.isfinite(difference.low)
        traces.append(
            {
                "x": [round(difference.mean, 2)],
                "y": [place],
                "mode": "markers",
                "marker": {"color": INK, "size": 11, "symbol": "diamond"},
                "error_x": {
                    "visible": bool(interval),
                    "type": "data",
                    "symmetric": False,
                    "array": _numbers([difference.high - difference.mean], 2),
                    "arrayminus": _numbers([difference.mean - difference.low], 2),
                    "color": INK,
                    "thickness": 2.5,
                    "width": 7,
                },
                "hovertemplate": f"{say('mean')}: %{{x:+.1f}}<extra></extra>",
            }
        )
        name = f"<b>{shown(row.arm.label)}</b>  {wording.points(difference.mean)}"
        span = f"  ({wording.bound(difference.low)} … {wording.bound(difference.high)})" if interval else ""
        headings.append(_annotation(name + span, 0, place - 0.42, yref="y", yanchor="middle", size=12))
    layout = _layout(height=110 + 62 * len(rows), margin={"l": 12, "r": 12, "t": 10, "b": 46})
    layout |= {
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": _axis(title=say("percentage points over the baseline"), rangemode="tozero", zerolinewidth=2)
        | {"zerolinecolor": INK},
        "yaxis": _axis(range=[len(rows) - 0.55, -0.65], showgrid=False, showticklabels=False, fixedrange=True)
        | {"zeroline": False},
        "annotations": headings,
    }
    return {"data": traces, "layout": layout}


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
    layout = _layout(height=230 * len(quantities) + 200, margin={"l": 36, "r": 8, "t": 60, "b": 46})
    layout |= {
        "hovermode": "x unified",
        "legend": {"orientation": "h", "x": 0, "y": 1.07, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": _axis(title=say("epoch"), range=[1, max(2, group.reached)], anchor=_name("y", len(quantities))),
        "annotations": [],
        "updatemenus": [_epoch_buttons(group, quantities, say), *_seed_menu(seeds, say)],
    }
    for number, (title, _, _) in enumerate(quantities, 1):
        top = 1 - (number - 1) * (height + gap)
        layout[_name("yaxis", number)] = _axis(domain=[max(0.0, top - height), top], zeroline=False)
        layout["annotations"].append(_annotation(f"<b>{say(title)}</b>", 0, top, yanchor="bottom"))
    return {"data": traces, "layout": layout}


def _traces(
    group: Group, number: int, quantity: tuple[str, int, Callable[[Run], Curve]], say: Say
) -> list[tuple[dict[str, Any], int | None]]:
    """The lines of the subplot `number`, each with the seed whose line it is, None for those that stay visible."""
    _, digits, values = quantity
    colour, dash = colours(group.arms), _dashes(group.arms)
    lines: list[tuple[dict[str, Any], int | None]] = []
    for arm in group.arms:
        name = shown(arm.label)
        common = {"mode": "lines", "legendgroup": _legend_group(arm), "yaxis": _name("y", number), "connectgaps": True}
        hover = f"%{{y:.{digits - 1}f}}"
        for run in arm.unfinished if len(arm.finished) == 1 else arm.runs:  # a single one is the mean
            label = f"{name}, {say('seed')} {run.seed}" if run.seed is not None else name
            label += "" if run.finished else f", {say('epoch {done} of {planned}').format(**_progress(run))}"
            trace = common | {
                "x0": 1,
                "y": _numbers(values(run), digits),
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
            trace = common | {"x0": 1, "y": _numbers(mean, digits), "name": name, "line": style}
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
        axis = _name("yaxis", number)
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
    return _menu(buttons, type="buttons", direction="right", x=0, xanchor="left")


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
    return [_menu(buttons, type="dropdown", direction="down", x=1, xanchor="right")]


# --- accuracy against images per class ------------------------------------------------------------------------------


def images_per_class(sweep: Sweep, unit: str, say: Say) -> Figure:
    """For every arm the mean, the range and each seed at each number of images per class."""
    arms = sweep.arms
    last = [swept.last for swept in arms]
    colour, dash = colours(last), _dashes(last)
    traces = []
    for swept, style in zip(arms, last, strict=True):
        common = {"legendgroup": _legend_group(style), "name": shown(swept.label)}
        seeds = {sweep.places[step]: seed_numbers(arm, unit) for step, arm in swept.steps}
        dots = [(place, seed, 100 * number) for place in seeds for seed, number in seeds[place].items()]
        values = {place: [100 * number for number in seeds[place].values()] for place in seeds}
        places = list(values)
        line = {"color": colour[style], "width": 2.2, "dash": dash[style]}
        outline = [*(max(values[place]) for place in places), *(min(values[place]) for place in reversed(places))]
        traces.append(
            common
            | {
                "x": [*places, *reversed(places)],
                "y": _numbers(outline, 2),
                "mode": "none",
                "fill": "toself",
                "fillcolor": colour[style].replace("rgb", "rgba").replace(")", ", 0.12)"),
                "hoverinfo": "skip",
                "showlegend": False,
            }
        )
        means = _numbers([np.mean(values[place]) for place in places], 2)
        traces.append(common | {"x": places, "y": means, "mode": "lines+markers", "line": line} | _HOVER_PERCENT)
        traces.append(
            common
            | {
                "x": [place for place, _, _ in dots],
                "y": _numbers([value for _, _, value in dots], 2),
                "mode": "markers",
                "marker": {"color": colour[style], "size": 6, "opacity": 0.45},
                "showlegend": False,
                "text": [f"{say('seed')} {seed}" for _, seed, _ in dots],
                "hovertemplate": "%{text}: %{y:.1f} %<extra>%{fullData.name}</extra>",
            }
        )
    ticks = [say("all") if step is None else str(step) for step, _ in sweep.steps]
    layout = _layout(height=460, margin={"l": 44, "r": 8, "t": 10, "b": 46})
    layout |= {
        "hovermode": "closest",
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        "xaxis": _axis(
            title=say("training images per class"),
            tickvals=sweep.places,
            ticktext=ticks,
            zeroline=False,
        ),
        "yaxis": _axis(title=say("eval accuracy, %"), zeroline=False),
    }
    return {"data": traces, "layout": layout}


_HOVER_PERCENT = {"hovertemplate": "%{y:.1f} %<extra>%{fullData.name}</extra>"}

# --- confusion matrices ---------------------------------------------------------------------------------------------


def confusion(group: Group, say: Say) -> Figure | None:
    """One matrix, and a menu that puts the sums over another arm's seeds into it; None without any predictions."""
    matrices = {arm: sums for arm in group.arms if (sums := _confusion(arm)) is not None}
    if not matrices:
        return None
    first = next(iter(matrices.values()))
    classes = len(first)
    if classes > MOST_CLASSES:
        return None
    names = [shown(name, 18) for name in group.arms[0].runs[0].class_names or map(str, range(classes))]
    buttons = [
        {"label": shown(arm.label), "method": "restyle", "args": [{"z": [_shares(sums)], "text": [sums.tolist()]}]}
        for arm, sums in matrices.items()
    ]
    ticks = {"tickvals": list(range(classes)), "ticktext": names, "showgrid": False, "zeroline": False}
    small = {"tickfont": {"size": 11 if classes <= CLASSES_WITH_COUNTS else 8}, "constrain": "domain"}
    trace: dict[str, Any] = {
        "type": "heatmap",
        "z": _shares(first),
        "text": first.tolist(),
        "zmin": 0,
        "zmax": 1,
        "xgap": 1,
        "ygap": 1,
        "colorscale": [[0, "#f6f8fa"], [0.15, "#c9def4"], [1, "#0b4f94"]],
        "showscale": False,
        "hovertemplate": f"%{{y}} {say('taken for')} %{{x}}: %{{text}} (%{{z:.0%}})<extra></extra>",
    }
    if classes <= CLASSES_WITH_COUNTS:
        trace |= {"texttemplate": "%{text}", "textfont": {"size": 10}}
    layout = _layout(height=min(900, 240 + 26 * classes), margin={"l": 60, "r": 8, "t": 60, "b": 60})
    layout |= {
        "xaxis": _axis(title=say("what it was taken for"), tickangle=-45, **ticks, **small),
        "yaxis": _axis(title=say("what it is"), autorange="reversed", **ticks, **small),
        "updatemenus": [_menu(buttons, type="dropdown", direction="down", x=0, xanchor="left")],
    }
    return {"data": [trace], "layout": layout}


def _confusion(arm: Arm) -> NDArray[np.int64] | None:
    """How many images of class `row` were taken for class `column`, over all seeds; None without predictions."""
    found = [predictions for run in arm.finished if (predictions := read_predictions(run))]
    if not found:
        return None
    labels, logits = zip(*found, strict=True)
    return confusion_matrix(np.concatenate(logits), np.concatenate(labels))


def _shares(sums: NDArray[np.int64]) -> list[list[float]]:
    """Of the class of each row, which is zero for a class without images."""
    shares = np.round(sums / np.maximum(sums.sum(axis=1, keepdims=True), 1), 3)
    listed: list[list[float]] = shares.tolist()
    return listed


# --- what all have in common ----------------------------------------------------------------------------------------


def _runs(group: Group) -> list[Run]:
    return [run for arm in group.arms for run in arm.runs]


def _legend_group(arm: Arm) -> str:
    """Not the label, of which `shown` may have taken the part that is unique."""
    return str(arm.runs[0].augment)


def _gap(run: Run) -> Curve:
    return run.curves["accTrainClean"] - run.curves["accEval"]


def _name(axis: str, number: int) -> str:
    """As plotly counts: y, y2, y3 ..."""
    return axis if number == 1 else f"{axis}{number}"


def _numbers(values: Any, digits: int) -> list[float | None]:
    """Rounded, for every digit is a byte of the page; None where nothing was measured."""
    return [round(float(value), digits) if np.isfinite(value) else None for value in values]


def _layout(height: int, margin: dict[str, int]) -> dict[str, Any]:
    return {
        "height": height,
        "margin": margin,
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"bgcolor": "#ffffff", "font": {"size": 12}},
    }


def _axis(title: str = "", **settings: Any) -> dict[str, Any]:
    return {"title": {"text": title, "standoff": 8}, "gridcolor": GRID, "automargin": True, **settings}


def _annotation(text: str, x: float, y: float, size: int = 13, **place: Any) -> dict[str, Any]:
    settled = {"xref": "paper", "yref": "paper", "xanchor": "left", "showarrow": False, "align": "left"}
    return {**settled, "text": text, "x": x, "y": y, "font": {"size": size}, **place}


def _menu(buttons: list[dict[str, Any]], **place: Any) -> dict[str, Any]:
    """Above the plot and its title."""
    look = {"bgcolor": "#ffffff", "bordercolor": "#d0d7de", "font": {"size": 11}, "showactive": True}
    return {"buttons": buttons, "y": 1, "yanchor": "bottom", "pad": {"b": 24}, **look, **place}
