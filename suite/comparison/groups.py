"""Which runs may be compared: those that differ in nothing but `augment`, seed and fold."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from augment.settings import MODES
from suite.comparison.records import IMAGES_PER_CLASS, Arm, Group, Leaves, Run, Sweep, common_name, place_of
from suite.natural_order import natural


def grouped(runs: Iterable[Run]) -> list[Group]:
    """Runs in groups of equal setting, arms in the order of the modes."""
    by_setting: dict[Leaves, list[Run]] = {}
    lost: dict[tuple[Leaves, Leaves], set[int]] = {}
    for run in sorted(runs, key=lambda run: natural(run.name)):
        if run.broken and run.seed is not None:
            lost.setdefault((run.setting, run.augment), set()).add(run.seed)
        if run.done:
            by_setting.setdefault(run.setting, []).append(run)
    names = _unique_names({setting: members[0].name for setting, members in by_setting.items()})
    groups = []
    for setting, members in by_setting.items():
        title, slug = names[setting]
        folds = len({run.fold for run in members})
        groups.append(Group(title, slug, members[0].planned, _arms(members, lost), folds))
    return groups


def sweeps(groups: Iterable[Group]) -> list[Sweep]:
    """Groups of equal setting but for `data.images_per_class`, two or more together."""
    by_rest: dict[Leaves, list[tuple[int | None, Group]]] = {}
    for group in groups:
        rest = tuple(leaf for leaf in group.setting if leaf[0] != IMAGES_PER_CLASS)
        by_rest.setdefault(rest, []).append((dict(group.setting).get(IMAGES_PER_CLASS), group))
    several = {rest: steps for rest, steps in by_rest.items() if len(steps) > 1}
    names = _unique_names({rest: steps[0][1].arms[0].runs[0].name for rest, steps in several.items()})
    return [
        Sweep(
            names[rest][0],
            f"{names[rest][1]}-sweep",
            tuple(sorted(steps, key=lambda step: math.inf if step[0] is None else step[0])),
        )
        for rest, steps in several.items()
    ]


def kept_apart(groups: Sequence[Group]) -> list[str]:
    """A line for each group that resembles an earlier one: why the two are not compared.

    Silent on what is plain to see: another network, the steps of a sweep, and groups of the article's files, which
    record no setting.
    """
    lines = []
    for i, group in enumerate(groups):
        earlier = [(_differing_keys(group.setting, other.setting), other) for other in groups[:i]]
        near = [pair for pair in earlier if "model.name" not in pair[0] and "folder" not in pair[0]]
        if not near:
            continue
        keys, other = min(near, key=lambda pair: len(pair[0]))
        if keys != [IMAGES_PER_CLASS]:
            lines.append(f"not compared: {other.title} and {group.title}: they differ in {', '.join(keys)}")
    return lines


def baseline_arm(group: Group, wanted: str) -> Arm | None:
    """The arm of this label, otherwise the only arm of this mode, otherwise None."""
    labelled = [arm for arm in group.arms if arm.label == wanted]
    arms = labelled or [arm for arm in group.arms if arm.mode == wanted]
    return arms[0] if len(arms) == 1 else None


def _unique_names(plain: dict[Leaves, str]) -> dict[Leaves, tuple[str, str]]:
    """Title and folder name for each setting; settings of one name are told apart by the values that differ."""
    slugs = {setting: _slug(name) for setting, name in plain.items()}
    unique = {}
    for setting, title in plain.items():
        namesakes = [other for other, name in plain.items() if name == title]
        differing = [leaf for leaf in setting if any(leaf not in other for other in namesakes)]
        if differing:
            values = ", ".join(f"{key.rpartition('.')[2]} {_as_yaml(value)}" for key, value in differing)
            title = f"{title} ({values})"
        slug = slugs[setting]
        if list(slugs.values()).count(slug) > 1:
            slug = f"{slug}-{hashlib.sha256(repr(setting).encode()).hexdigest()[:6]}"
        unique[setting] = title, slug
    return unique


def _slug(name: str) -> str:
    """`vgg-emoji16-32px-40ep` for `vgg on emoji16, 32 px, 40 epochs`; a folder name may not have any length."""
    short = name.replace(" on ", "-").replace(" px", "px").replace(" epochs", "ep")
    return re.sub(r"[^\w.]+", "-", short)[:60]


def _differing_keys(ours: Leaves, theirs: Leaves) -> list[str]:
    """In the order of the settings."""
    one, other = dict(ours), dict(theirs)
    return [key for key in {**one, **other} if one.get(key, ...) != other.get(key, ...)]


def _as_yaml(value: Any) -> str:
    """As the configuration has it: lists as YAML has them, and no number of images means all."""
    return "all" if value is None else json.dumps(value) if isinstance(value, tuple) else str(value)


def _arms(runs: list[Run], lost: Mapping[tuple[Leaves, Leaves], set[int]]) -> tuple[Arm, ...]:
    by_augment: dict[Leaves, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (-1 if run.seed is None else run.seed, place_of(run))):
        by_augment.setdefault(run.augment, []).append(run)
    members = sorted(by_augment.values(), key=lambda arm: (list(MODES).index(arm[0].mode), place_of(arm[0])))
    labels = _labels(members)
    return tuple(
        Arm(label, arm[0].mode, tuple(arm), tuple(sorted(lost.get((arm[0].setting, arm[0].augment), ()))))
        for label, arm in zip(labels, members, strict=True)
    )


def _labels(arms: Sequence[Sequence[Run]]) -> list[str]:
    """For the runs of every arm the shortest name that no other arm has; a mode is the name of its own arms only."""
    forms = [
        (
            runs[0].mode,
            common_name([run.folder.resolve().parent.name for run in runs]),
            str(runs[0].folder.parent),
            str(runs[0].folder),
        )
        for runs in arms
    ]
    places = [0] * len(arms)
    while True:
        names = [(form[place], form[place] == form[0]) for form, place in zip(forms, places, strict=True)]
        # A folder called none that holds mixup gives way; it is no rival of the arm whose mode that is.
        taken = [names.count((name, is_mode)) > 1 or (name in MODES and not is_mode) for name, is_mode in names]
        longer = [min(place + is_taken, 3) for place, is_taken in zip(places, taken, strict=True)]
        if longer == places:
            return [name for name, _ in names]
        places = longer
