"""Everything that is known of a comparison on one page, `report.html`: what stands on it, in which order.

comparisons --> sentences and tables, figures for plotly.js --> pieces of HTML (html.py)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from suite.comparison.records import Arm, Group, Sweep
from suite.comparison.rows import Comparison
from suite.report import sentences
from suite.report.explanations import explanations
from suite.report.language import ENGLISH, Say
from suite.report.page import alternatives, cards, confusion, curves, differences, panels
from suite.report.page.html import code, element, figure, folded, items, link, section, table, write_page
from suite.report.page.sweeps import images_per_class
from suite.report.tables import tables


def write_report(
    comparisons: Sequence[Comparison],
    sweeps: Sequence[Sweep],
    notes: Sequence[str],
    path: Path,
    say: Say = ENGLISH,
    refresh: int | None = None,
    command: str = "",
) -> Path:
    """Write the page; with `refresh` it loads itself again every so many seconds.

    `command` is what was called to make it.
    """
    drawn = [sweep for sweep in sweeps if sweep.arms]
    baselines = {comparison.group: comparison.baseline for comparison in comparisons}
    runs = sum(len(arm.runs) for comparison in comparisons for arm in comparison.group.arms)
    about = [
        say("{count} runs", count=runs),
        say("made {time}", time=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")),
        *([say("reloads itself every {seconds} s", seconds=refresh)] if refresh else []),
    ]
    body = [
        cards.answers(comparisons, say),
        *_contents(drawn, say),
        *(_sweep(sweep, baselines[sweep.last], say) for sweep in drawn),
        *(_group(comparison, say) for comparison in comparisons),
        *([section(say("Notes"), items(notes), level=2)] if notes else []),
        *([section(say("This page was made by"), code([command]), level=2)] if command else []),
    ]
    title = say("Which augmentation helps on these images?")
    return write_page(path, title, about, body, say, refresh)


def _contents(sweeps: Sequence[Sweep], say: Say) -> Iterator[str]:
    """Links to the sweeps; those to the groups stand before their answers."""
    if sweeps:
        links = [link(sentences.sweep_title(sweep, say), _sweep_name(sweep)) for sweep in sweeps]
        yield f"<nav>{''.join(links)}</nav>"


def _group(comparison: Comparison, say: Say) -> str:
    group = comparison.group
    return section(
        group.title,
        _hint(sentences.introduction(comparison, say)),
        cards.claims(comparison, say),
        cards.cards(comparison, say),
        _differences(comparison, say),
        _curves(group, comparison.baseline, say),
        _numbers(comparison, say),
        _confusion(group, say),
        panels.panels(group, say),
        _configurations(comparison, say),
        _commands(group, say),
        name=group.slug,
        level=2,
    )


def _hint(text: str) -> str:
    return element("p", text, "quiet")


# --- figures and numbers --------------------------------------------------------------------------------------------


def _differences(comparison: Comparison, say: Say) -> str:
    drawing = differences.differences(comparison, say)
    if drawing is None or comparison.baseline is None:
        return ""
    title = say("Differences from {label}", label=comparison.baseline.label)
    numbers = alternatives.of_differences(comparison, say)
    return section(
        title,
        _hint(sentences.difference_note(say)),
        figure(drawing, f"differences-{comparison.group.slug}", title, table(*numbers), say),
    )


def _curves(group: Group, baseline: Arm | None, say: Say) -> str:
    hint = say(
        "Click a name to switch an arm off or on, double-click it to see it alone. Drag to zoom in, double-click to "
        "zoom out."
    )
    drawing, title = curves.curves(group, say, baseline), say("Over the epochs")
    numbers = alternatives.of_curves(group, say)
    return section(title, _hint(hint), figure(drawing, f"curves-{group.slug}", title, table(*numbers), say))


def _sweep(sweep: Sweep, baseline: Arm | None, say: Say) -> str:
    hint = _hint(say(" ").join(sentences.sweep_notes(say)))
    title, numbers = sentences.sweep_title(sweep, say), alternatives.of_sweep(sweep, say)
    drawing = figure(images_per_class(sweep, say, baseline), f"images-{sweep.slug}", title, table(*numbers), say)
    return section(title, hint, drawing, name=_sweep_name(sweep), level=2)


def _sweep_name(sweep: Sweep) -> str:
    """Another one than that of the group with this slug."""
    return f"sweep-{sweep.slug}"


def _numbers(comparison: Comparison, say: Say) -> str:
    first, *others = tables(comparison, say)
    cells = [table(first.header, first.rows, "verdict-last"), *(table(each.header, each.rows) for each in others)]
    return section(say("All numbers"), *cells, folded(say("What they mean"), items(explanations(say))))


def _confusion(group: Group, say: Say) -> str:
    drawing, title = confusion.confusion(group, say), say("What the networks confuse")
    if drawing is None:
        text = "Not shown: no finished run has its predictions.npz, or there are more than {count} classes."
        inner = _hint(say(text, count=confusion.MOST_CLASSES))
    else:
        hint = say("All finished seeds of an arm together; choose the arm in the menu. Colour: share of the class.")
        numbers = alternatives.of_confusion(group, say)
        inner = _hint(hint) + figure(drawing, f"confusion-{group.slug}", title, table(*numbers), say)
    return section(title, inner)


# --- what was trained -----------------------------------------------------------------------------------------------


def _configurations(comparison: Comparison, say: Say) -> str:
    """A column for each arm; first the keys in which they differ, the others folded away."""
    group, baseline = comparison.group, comparison.baseline or comparison.group.arms[0]
    keys = list(dict.fromkeys(key for arm in group.arms for run in arm.runs for key in run.leaves))
    rows = [[key, *(_values(arm, key) for arm in group.arms)] for key in keys]
    differing = [row for row in rows if len(set(row[1:])) > 1]
    same = [row[:2] for row in rows if row not in differing]
    header = [say("key"), *(arm.label for arm in group.arms)]
    return section(
        say("Configurations side by side"),
        _hint(say("Marked is what differs from {label}.", label=baseline.label)),
        table(header, differing, "words", yardstick=1 + group.arms.index(baseline)),
        folded(
            say("{count} keys that are the same in all", count=len(same)),
            table([say("key"), say("value")], same, "words"),
        ),
    )


def _values(arm: Arm, key: str) -> str:
    """Of all its runs, as YAML has them."""
    values: list[Any] = [run.leaves.get(key) for run in arm.runs]
    texts = [value if isinstance(value, str) else json.dumps(value) for value in values]
    return ", ".join(dict.fromkeys(texts))


def _commands(group: Group, say: Say) -> str:
    """What trains, or goes on with, every run; and what they were trained with."""
    blocks = [
        folded(f"{arm.label}: {say('{count} runs', count=len(arm.runs))}", code(run.command for run in arm.runs))
        for arm in group.arms
    ]
    machine = [f"{fact} {value}" for fact, value in group.made_with.items()]
    return section(say("Commands"), *blocks, _hint(", ".join(machine)))
