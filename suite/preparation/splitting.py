"""Which image goes into which list. Images that belong together stay on one side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from suite.errors import UserError, shortened
from suite.preparation.folders import ClassFolders, ImageFile, in_words
from suite.randomness import Purpose, generator


class Split(NamedTuple):
    """All images, each on one side; of one fold, where there are folds."""

    train: list[ImageFile]
    eval: list[ImageFile]
    test: list[ImageFile]


Group = list[ImageFile]
"""Images that stay on one side, of one class or of several."""


def grouped(digests: Mapping[ImageFile, str], together: re.Pattern[str] | None) -> list[Group]:
    """The readable images in groups: copies stay together, and images in whose paths `together` finds the same.

    Raises:
        UserError: with a line for every path in which the pattern finds nothing, or when all images stay single.
    """
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while (above := leaders.setdefault(name, name)) != name:
            name = above
        return name

    problems: list[str] = []
    for image, digest in digests.items():
        leaders[leader(image.path)] = leader(f"bytes {digest}")
        if together and (match := together.search(image.inside)) and any(match.groups()):
            leaders[leader(image.path)] = leader(f"name {match.groups()}")
        elif together:
            problems.append(f"--together {together.pattern}: finds nothing in {image.inside}")
    if problems:
        raise UserError(shortened(problems))
    groups: dict[str, Group] = {}
    for image in digests:
        groups.setdefault(leader(image.path), []).append(image)
    if together and len(groups) == len(set(digests.values())):
        raise UserError(f"--together {together.pattern}: keeps no two images together; mind what its (...) finds")
    return list(groups.values())


class Needed(NamedTuple):
    """How many groups a class needs, and for what."""

    groups: int
    what: str


def needed_by(folds: int | None, with_test: bool) -> Needed:
    """One group for every list; with folds, one for each, as the others are trained on."""
    groups = (folds or 2) + with_test
    return Needed(groups, f"{folds} folds{' and Test.txt' if with_test else ''}" if folds else f"{groups} lists")


def refuse_small_classes(
    folder: Path, class_folders: ClassFolders, groups: Sequence[Group], kind: str, needed: Needed
) -> None:
    """Check that every list can have an image of each class; `kind` is what the message calls the groups.

    Raises:
        UserError: with a line for every class that has too few groups, and one for what was left out.
    """
    available = groups_of_each(groups)
    problems = [
        f"{folder / name}: too few {kind}: {available[name]}, and each of the {needed.what} needs one; "
        "add images, or move the folder away"
        for name in class_folders.images
        if available[name] < needed.groups
    ]
    if problems:
        hint = f"{folder}: {in_words(class_folders.left_out)}; save images among them as JPEG or PNG"
        raise UserError([*shortened(problems), *([hint] if class_folders.left_out else [])])


def shuffled(groups: Sequence[Group], classes: Sequence[str], seed: int) -> list[Group]:
    """The groups class by class, within a class in the order of the seed; each class has a draw of its own."""
    by_class: dict[str, list[Group]] = {name: [] for name in classes}
    for group in groups:
        by_class[group[0].class_name].append(group)
    return [
        own[place]
        for label, own in enumerate(by_class.values())
        for place in generator(seed, Purpose.SPLIT, index=label).permutation(len(own))
    ]


def split(groups: Sequence[Group], eval_share: float, test_share: float) -> Split:
    """The first groups that fit go to the test, the next ones to the evaluation, all others to the training.

    The test comes first, so that `fold` puts the same images aside, where no class has few groups.
    """
    images = images_of_each(groups)
    test, rest = _take(groups, _share(images, test_share), leave=2) if test_share else ([], groups)
    evaluation, train = _take(rest, _share(images, eval_share), leave=1)
    return Split(flat(train), flat(evaluation), flat(test))


def fold(groups: Sequence[Group], folds: int, test_share: float) -> list[Split]:
    """A split for every fold.

    Each group goes where its classes are fewest. Large groups come first, so that small ones can even them out. Where
    no images stay together, the folds differ by one image at most, in every class and in all.
    """
    test, rest = _take(groups, _share(images_of_each(groups), test_share), leave=folds) if test_share else ([], groups)
    parts: list[list[Group]] = [[] for _ in range(folds)]
    filled: list[Counter[str]] = [Counter() for _ in range(folds)]
    class_by_class = groupby(rest, key=lambda group: group[0].class_name)
    for group in (group for _, own in class_by_class for group in sorted(own, key=len, reverse=True)):
        counts = images_of_each([group])
        alike = [sum(count * images[name] for name, count in counts.items()) for images in filled]
        best = min(range(folds), key=lambda place: (alike[place], filled[place].total()))
        parts[best].append(group)
        filled[best] += counts
    return [
        Split(flat(group for other in parts if other is not part for group in other), flat(part), flat(test))
        for part in parts
    ]


def refuse_empty_sides(folder: Path, classes: Iterable[str], splits: Sequence[Split], with_test: bool) -> None:
    """Check that every list has an image of each class, which groups of several classes can prevent.

    Raises:
        UserError: with a line for every class that is missing in a list.
    """
    sides = [side for parts in splits for side in (parts.train, parts.eval, parts.test)[: 3 if with_test else 2]]
    present = [{image.class_name for image in side} for side in sides]
    problems = [
        f"{folder / name}: is missing in one of the lists, for its images stay together in few, large groups; add "
        "others, try another --seed or share, or move the folder away"
        for name in classes
        if any(name not in side for side in present)
    ]
    if problems:
        raise UserError(shortened(problems))


def _take(groups: Sequence[Group], wanted: Mapping[str, int], leave: int) -> tuple[list[Group], list[Group]]:
    """Groups that together have at most `wanted` images of each class, but at least one group of it; and the rest.

    The rest keeps `leave` groups of each class.
    """
    counts = [images_of_each([group]) for group in groups]
    free, left = Counter(wanted), groups_of_each(groups)
    taken: set[int] = set()

    def take(place: int) -> None:
        taken.add(place)
        free.subtract(counts[place])
        left.subtract(counts[place].keys())

    def is_spare(place: int) -> bool:
        return all(left[name] > leave for name in counts[place])

    for place, count in enumerate(counts):
        if is_spare(place) and all(images <= free[name] for name, images in count.items()):
            take(place)
    for name, images in wanted.items():
        is_missing = free[name] == images  # no group of it has been taken
        if is_missing and (spare := [at for at, count in enumerate(counts) if name in count and is_spare(at)]):
            take(min(spare, key=lambda place: len(groups[place])))
    rest = [group for place, group in enumerate(groups) if place not in taken]
    return [groups[place] for place in sorted(taken)], rest


def images_of_each(groups: Iterable[Group]) -> Counter[str]:
    """How many images each class has."""
    return Counter(image.class_name for group in groups for image in group)


def groups_of_each(groups: Iterable[Group]) -> Counter[str]:
    """How many groups have an image of each class."""
    return Counter(name for group in groups for name in {image.class_name for image in group})


def _share(images: Mapping[str, int], share: float) -> dict[str, int]:
    return {name: round(share * count) for name, count in images.items()}


def flat(groups: Iterable[Group]) -> list[ImageFile]:
    """All images of the groups, sorted."""
    return sorted(image for group in groups for image in group)
