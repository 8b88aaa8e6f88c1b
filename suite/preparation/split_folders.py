"""A split that is there already: a folder of class folders for each side, as train/, val/ and test/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from suite.errors import UserError, shortened
from suite.preparation.folders import ClassFolders, class_names, find_images, in_natural_order
from suite.preparation.sides import sides_among
from suite.preparation.splitting import Group, Needed, Split, flat, needed_by, refuse_small_classes, split


class SplitFolders(NamedTuple):
    """The images of all sides."""

    found: ClassFolders
    sides: dict[str, str]  # train and others -> its folder


def find_sides(folder: Path) -> SplitFolders:
    """The class folders of all sides.

    Raises:
        UserError: when there is no training side or no other one, when two folders are the same side, or when a class
            is missing in the training; or as `find_images`.
    """
    names = class_names(folder)
    sides: dict[str, str] = {}
    for name, side, _ in sides_among(names):
        if side in sides:
            raise UserError(f"{folder}: {sides[side]} and {name} are the same side of a split; move one away")
        sides[side] = name
    if "train" not in sides:
        raise UserError(f"{folder}: has no folders such as train and val; --split-folders is for a split that is there")
    beside = [name for name in names if name not in sides.values()]
    inner = {side: _innermost(folder, name) for side, name in sides.items()}
    parts = {side: find_images(folder / path, path) for side, path in inner.items()}
    _refuse_unknown_classes(folder, parts, inner)
    classes = in_natural_order(parts["train"].images)
    images = {name: [image for part in parts.values() for image in part.images.get(name, [])] for name in classes}
    left_out = sum((part.left_out for part in parts.values()), Counter(beside))
    return SplitFolders(ClassFolders(images, left_out), inner)


def _innermost(folder: Path, name: str) -> str:
    """The folder of the classes in `name`; archives often hold `test/test/`."""
    while class_names(folder / name) == [Path(name).name]:
        name = f"{name}/{Path(name).name}"
    return name


def _refuse_unknown_classes(folder: Path, parts: dict[str, ClassFolders], inner: dict[str, str]) -> None:
    problems = [
        f"{folder / inner[side] / name}: no such class in {folder / inner['train']}; a class that is not trained "
        "cannot be judged"
        for side, part in parts.items()
        for name in part.images
        if name not in parts["train"].images
    ]
    if problems:
        raise UserError(shortened(problems))


def split_as_folders(folder: Path, there: SplitFolders, groups: Sequence[Group], kind: str, eval_share: float) -> Split:
    """The split that the folders are. Without an evaluation side, it is a share of the training side.

    Raises:
        UserError: with a line for every group whose images lie on two sides, or every class that is too small.
    """
    sides = there.sides
    problems = []
    of: dict[str, list[Group]] = {path: [] for path in sides.values()}
    for group in groups:
        first = group[0]
        if other := next((image for image in group if image.side != first.side), None):
            problems.append(
                f"{folder / first.path} and {folder / other.path} belong together, and lie on two sides; remove one"
            )
        of[first.side].append(group)
    if problems:
        raise UserError(shortened(problems))
    train, test = of[sides["train"]], of.get(sides.get("test", ""), [])
    needed = Needed(1, "lists") if "eval" in sides else needed_by(folds=None, with_test=False)
    refuse_small_classes(folder / sides["train"], there.found, train, kind, needed)
    if "eval" not in sides:
        parts = split(train, eval_share, 0)
        return Split(parts.train, parts.eval, flat(test))
    return Split(flat(train), flat(of[sides["eval"]]), flat(test))
