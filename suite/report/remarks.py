"""What a reader of a comparison must know besides its numbers: what is missing in it, and why."""

from __future__ import annotations

from collections.abc import Sequence

from suite.comparison.choosing import Choice
from suite.comparison.groups import kept_apart
from suite.comparison.rows import Comparison
from suite.report.language import Say
from suite.report.longer_training import longer_training
from suite.report.writing import say_in_pictures


def remarks_on(
    choices: Sequence[Choice], comparisons: Sequence[Comparison], left_out: Sequence[str], start: int, say: Say
) -> list[str]:
    """What helps where runs are too short, and a line for everything that was left out or is not drawn from `start`."""
    groups = [comparison.group for comparison in comparisons]
    return [
        *(line for comparison in comparisons for line in longer_training(comparison, say)),
        *_left_aside(choices, say),
        *(say("left out: {reason}", reason=reason) for reason in left_out),
        *kept_apart(groups),
        *_without_baseline(comparisons, say),
        *(
            say("not drawn: {title}: no run has come to epoch {epoch}", title=group.title, epoch=start)
            for group in groups
            if group.reached < start
        ),
        *_without_pairs(comparisons, say),
        *_pictures_in_english(say),
    ]


def _left_aside(choices: Sequence[Choice], say: Say) -> list[str]:
    """Holm's correction is for the chosen arms alone, so a reader must see that there are others."""
    text = "left aside by --arms: {title}: {arms}; p values are not adjusted for them"
    return [
        say(text, title=choice.group.title, arms=", ".join(arm.label for arm in choice.aside))
        for choice in choices
        if choice.aside
    ]


def _without_baseline(comparisons: Sequence[Comparison], say: Say) -> list[str]:
    text = "no baseline: {title}: several runs or none go by that name; choose one of the table with --baseline"
    return [
        say(text, title=comparison.group.title)
        for comparison in comparisons
        if comparison.baseline is None and len(comparison.group.arms) > 1
    ]


def _without_pairs(comparisons: Sequence[Comparison], say: Say) -> list[str]:
    text = "no differences drawn: {title}: no arm has a seed that makes a pair with the baseline"
    return [
        say(text, title=comparison.group.title)
        for comparison in comparisons
        if len(comparison.group.arms) > 1 and not comparison.paired
    ]


def _pictures_in_english(say: Say) -> list[str]:
    if say_in_pictures(say) is say:
        return []
    return [say("The pictures are in English: no installed font can write Chinese; install Noto Sans CJK.")]
