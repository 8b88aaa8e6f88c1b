"""Folders that are the sides of a split, such as train and test, and not classes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.errors import UserError

SIDES = {
    "train": "train",
    "training": "train",
    "val": "eval",
    "valid": "eval",
    "validation": "eval",
    "dev": "eval",
    "eval": "eval",
    "evaluation": "eval",
    "test": "test",
    "testing": "test",
}
"""Words for the sides of a split."""

SIDE_NAME = re.compile(
    rf"(?:(?P<whose>.+)[ _.-])?(?P<word>{'|'.join(SIDES)})"
    "(?:[ _.-]?(?:set|data|dataset|images?|imgs?|photos?|pictures?|samples?|split|[0-9]{4}))?",
    re.IGNORECASE,
)
"""Names of sides: `train`, `training_set`, `test_images`, `seg_train`, `val2017`; not `test_tube`, `training_shoes`."""

COMMON_WORDS = ("train", "training", "valid")
"""Names that a class can have as well: a railway, sport, what is not invalid. One of them alone is no side."""


class Side(NamedTuple):
    """A folder whose name says which side of a split it is."""

    name: str
    side: str  # train, eval or test
    whose: str  # what stands before: `seg` of `seg_train`, in small letters


def sides_among(names: Iterable[str]) -> list[Side]:
    """The folders that are sides of one split: those for which there is another side with the same beginning."""
    matches = [(name, SIDE_NAME.fullmatch(name)) for name in names]
    sides = [
        Side(name, SIDES[match["word"].lower()], (match["whose"] or "").lower()) for name, match in matches if match
    ]
    return [one for one in sides if any(one.whose == other.whose and one.side != other.side for other in sides)]


def refuse_sides(folder: Path, names: Sequence[str]) -> None:
    """Check that none of these folders, which would be classes, is a side of a split.

    Raises:
        UserError: when one is.
    """
    if sides := sides_among(names):
        raise UserError(
            f"{folder}: {' and '.join(side.name for side in sides)} are the sides of a split, not classes; "
            "--split-folders makes the lists of them"
        )
    for name in names:
        match = SIDE_NAME.fullmatch(name)
        if match and not match["whose"] and (name.lower() not in COMMON_WORDS or _holds_only_folders(folder / name)):
            raise UserError(
                f"{folder}: {name} looks like a side of a split beside classes; move it away, or rename it if it is a "
                "class"
            )


def _holds_only_folders(folder: Path) -> bool:
    _, folders, files = next(os.walk(folder), ("", [], []))
    return bool(folders) and not files
