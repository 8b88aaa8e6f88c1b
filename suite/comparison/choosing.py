"""What a user chooses of a comparison: the epochs that are drawn, the baseline, the arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from suite.comparison.declared import Beforehand
from suite.comparison.groups import baseline_arm
from suite.comparison.records import Arm, Group
from suite.errors import UserError


@dataclass(frozen=True)
class Choice:
    """What is compared of a group."""

    group: Group
    baseline: Arm | None
    """The arm that the others are compared with; None where the group has no such arm."""
    beforehand: Beforehand | None = None
    """What was declared of the group."""
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


def choose(
    groups: Sequence[Group],
    baseline: str | None,
    arms: Sequence[str] | None,
    beforehand: Mapping[Group, Beforehand] = MappingProxyType({}),
) -> list[Choice]:
    """Each group with its baseline, reduced to `arms` and the baseline where arms are named.

    A group that has none of these arms keeps none. Without a name, the baseline is the arm that all claims of a study
    are over, or else `none`, or `userDef` where there is no `none`.

    Raises:
        UserError: for a name that no group knows.
    """
    for option, name in [("--baseline", baseline), *(("--arms", arm) for arm in arms or ())]:
        if name is not None and not any(baseline_arm(group, name) for group in groups):
            labels = ", ".join(dict.fromkeys(arm.label for group in groups for arm in group.arms))
            raise UserError(f"{option} {name}: is not the name of a single arm; there are {labels}")
    declared = {group: beforehand.get(group) for group in groups}
    choices = [Choice(group, _baseline(group, baseline, own), own) for group, own in declared.items()]
    return [_reduced(choice, arms) for choice in choices] if arms else choices


def _baseline(group: Group, wanted: str | None, beforehand: Beforehand | None) -> Arm | None:
    if wanted is None:
        if beforehand and beforehand.default_baseline:
            return beforehand.default_baseline
        return baseline_arm(group, "none") or baseline_arm(group, "userDef")
    return baseline_arm(group, wanted)


def _reduced(choice: Choice, wanted: Sequence[str]) -> Choice:
    group = choice.group
    named = {arm for name in wanted if (arm := baseline_arm(group, name))}
    kept = tuple(arm for arm in group.arms if named and arm in {choice.baseline, *named})
    folds = len({run.fold for arm in kept for run in arm.runs})
    aside = tuple(arm for arm in group.arms if arm not in kept)
    return Choice(replace(group, arms=kept, folds=folds), choice.baseline, choice.beforehand, aside)
