"""What stands first on the page: the answer in a box, and a card for every verdict."""

from __future__ import annotations

import math
from collections.abc import Sequence

from suite.comparison.answer import answer_to
from suite.comparison.following import missing_seeds
from suite.comparison.rows import Comparison, Row
from suite.percent import from_to, per_cent
from suite.report.answer import answered
from suite.report.cautions import warnings
from suite.report.language import Say
from suite.report.numbers import interval, points
from suite.report.page import plotly
from suite.report.page.html import box, code, element, folded, link, section
from suite.report.sentences import verdict


def answers(comparisons: Sequence[Comparison], say: Say) -> str:
    """A line for every group, behind a link to it if there are several; then the commands that lead further."""
    given = [answer_to(comparison) for comparison in comparisons]
    commands = missing_seeds(given)
    further = [element("div", say("Next:")), code(commands)] if commands else []
    if len(given) == 1:
        mark = _class_of(given[0].rows[0]) if given[0].rows else ""
        return box(element("p", answered(given[0], say), "alone"), *further, classes=f"answer {mark}".strip())
    lines = []
    for answer in given:
        group = answer.comparison.group
        heading = link(group.title, group.slug) + element("span", say(": "))
        lines.append(f"<p>{heading}{element('span', answered(answer, say))}</p>")
    return box(*lines, *further, classes="answer")


def claims(comparison: Comparison, say: Say) -> str:
    """A card for each claim that was declared before the runs."""
    cards_of_claims = []
    for claim in comparison.claims:
        colour = plotly.colours(claim.group.arms) | plotly.colours(comparison.group.arms)
        cards_of_claims += [_card([row], claim, colour[row.arm], say) for row in claim.rows if row.standing]
    if not cards_of_claims:
        return ""
    return section(say("Declared beforehand"), box(*cards_of_claims, classes="cards"))


def cards(comparison: Comparison, say: Say) -> str:
    """One for each arm that no claim has told of."""
    colour = plotly.colours(comparison.group.arms)
    cards_of_arms = []
    for arm in comparison.group.arms:
        rows = [row for row in comparison.rows if row.arm is arm and row.standing != "declared"]
        if rows:
            cards_of_arms.append(_card(rows, comparison, colour[arm], say))
    return box(*cards_of_arms, classes="cards")


def _card(rows: Sequence[Row], comparison: Comparison, colour: str, say: Say) -> str:
    """Of an arm: the verdict, its number, and behind a click what the number rests on."""
    first = rows[0]
    badges = [element("span", say(first.verdict), "badge")]
    badges += [element("span", text, "badge warning") for text in warnings(first, say)]
    swatch = f'<span class="swatch" style="background: {colour}"></span>'
    is_claim = first.verdict in ("better", "worse", "baseline")
    sentences = [element("p", verdict(row, comparison, say)) for row in rows]
    return box(
        box(box(*badges, classes="badges"), f"<h4>{swatch}{element('span', first.arm.label)}</h4>"),
        box(_headline(first, say), classes="number" if is_claim else "number unproven"),
        box(_accuracies(first), folded(say("What this rests on"), *sentences)),
        classes=f"card {_class_of(first)}",
    )


def _class_of(row: Row) -> str:
    """Which gives the colour of the verdict."""
    return row.verdict.replace(" ", "-")


def _headline(row: Row, say: Say) -> str:
    """The difference from the baseline, or without one the accuracy itself."""
    difference = row.difference
    if difference is None:
        return element("span", per_cent(row.compared.mean))
    unit = say("points")
    if not math.isnan(difference.low):
        unit = say("points, 95 %: {interval}", interval=interval(difference.low, difference.high, say))
    return element("span", points(difference.mean)) + element("small", unit)


def _accuracies(row: Row) -> str:
    if row.difference is None:
        return ""
    return element("p", from_to(row.difference.before, row.difference.after), "change")
