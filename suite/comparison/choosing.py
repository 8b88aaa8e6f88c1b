"""What a user chooses of a comparison: the epochs that are drawn, the baseline, the arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from suite.comparison.groups import baseline_arm
from suite.comparison.records import Arm, Group
from suite.errors import UserError


def shown_epochs(groups: Sequence[Group], start: int, end: int | None) -> tuple[int, int]:
    """First and last epoch of the figures, counted from 1."""
    longest = max(group.reached for group in groups)
    if start < 1:
        raise UserError(f"--start {start}: epochs are counted from 1")
    if end is not None and end < start:
        raise UserError(f"--end {end} lies before --start {start}; exchange them")
    if start > longest:
        raise UserError(f"--start {start}: no run has come so far; the longest has {longest} epochs")
    return start, end or longest


def choose_baselines(groups: Sequence[Group], wanted: str | None) -> list[Arm | None]:
    """The arm of each group that the others are set against, None where a group has no such arm."""
    if wanted is None:
        return [baseline_arm(group, "userDef") or baseline_arm(group, "none") for group in groups]
    chosen = [baseline_arm(group, wanted) for group in groups]
    if not any(chosen):
        raise UserError(f"--baseline {wanted}: is not the name of a single arm; there are {labels_of(groups)}")
    return chosen


def choose_arms(
    groups: Sequence[Group], baselines: Sequence[Arm | None], wanted: Sequence[str]
) -> tuple[list[Group], list[Arm | None], list[str]]:
    """The groups that have any of these arms, with them and the baseline alone, and a line for whatever is left aside.

    Holm's correction is then for the chosen arms alone, so a reader must see that there were others.

    Raises:
        UserError: for a name that no group knows.
    """
    for name in wanted:
        if not any(baseline_arm(group, name) for group in groups):
            raise UserError(f"--arms {name}: is not the name of a single arm; there are {labels_of(groups)}")
    chosen: list[Group] = []
    theirs: list[Arm | None] = []
    aside = []
    for group, baseline in zip(groups, baselines, strict=True):
        named = {baseline_arm(group, name) for name in wanted} - {None}
        kept = tuple(arm for arm in group.arms if named and arm in {baseline, *named})
        if kept:
            folds = len({run.fold for arm in kept for run in arm.runs})
            chosen.append(replace(group, arms=kept, folds=folds))
            theirs.append(baseline)
        if others := ", ".join(arm.label for arm in group.arms if arm not in kept):
            aside.append(f"left aside by --arms: {group.title}: {others}; p values are not adjusted for them")
    return chosen, theirs, aside


def labels_of(groups: Sequence[Group]) -> str:
    return ", ".join(dict.fromkeys(arm.label for group in groups for arm in group.arms))
