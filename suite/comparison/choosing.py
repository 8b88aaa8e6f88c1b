"""What a user chooses of a comparison: the epochs that are drawn, the baseline, the arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from suite.comparison.groups import baseline_arm
from suite.comparison.records import Arm, Group
from suite.errors import UserError


@dataclass(frozen=True)
class Choice:
    """What is compared of a group."""

    group: Group
    baseline: Arm | None
    """The arm that the others are compared with; None where the group has no such arm."""
    aside: tuple[Arm, ...] = ()
    """Arms that were not chosen, so that p values are not adjusted for them."""


def drawn_epochs(groups: Sequence[Group], start: int, end: int | None) -> tuple[int, int]:
    """First and last epoch of the figures, counted from 1.

    Raises:
        UserError: when no run has such epochs.
    """
    longest = max(group.reached for group in groups)
    if start < 1:
        raise UserError(f"--start {start}: epochs are counted from 1")
    if end is not None and end < start:
        raise UserError(f"--end {end} lies before --start {start}; exchange them")
    if start > longest:
        raise UserError(f"--start {start}: no run has come so far; the longest has {longest} epochs")
    return start, end or longest


def choose(groups: Sequence[Group], baseline: str | None, arms: Sequence[str] | None) -> list[Choice]:
    """Each group with its baseline, reduced to `arms` and the baseline where arms are named.

    A group that has none of these arms keeps none.

    Raises:
        UserError: for a name that no group knows.
    """
    for option, name in [("--baseline", baseline), *(("--arms", arm) for arm in arms or ())]:
        if name is not None and not any(baseline_arm(group, name) for group in groups):
            labels = ", ".join(dict.fromkeys(arm.label for group in groups for arm in group.arms))
            raise UserError(f"{option} {name}: is not the name of a single arm; there are {labels}")
    choices = [Choice(group, _baseline(group, baseline)) for group in groups]
    return [_reduced(choice, arms) for choice in choices] if arms else choices


def _baseline(group: Group, wanted: str | None) -> Arm | None:
    if wanted is None:
        return baseline_arm(group, "userDef") or baseline_arm(group, "none")
    return baseline_arm(group, wanted)


def _reduced(choice: Choice, wanted: Sequence[str]) -> Choice:
    group = choice.group
    named = {arm for name in wanted if (arm := baseline_arm(group, name))}
    kept = tuple(arm for arm in group.arms if named and arm in {choice.baseline, *named})
    folds = len({run.fold for arm in kept for run in arm.runs})
    aside = tuple(arm for arm in group.arms if arm not in kept)
    return Choice(replace(group, arms=kept, folds=folds), choice.baseline, aside)
