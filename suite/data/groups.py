"""`groups.txt` beside the lists: which images belong together, such as photos of one person. One `path number` a line.

`prepare_data.py --together` writes it. Other images of the kind are those of other people, so an interval over the
evaluation images has to draw whole groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.errors import UserError, read_user_text, shortened

FILE = "groups.txt"

ALONE = -1
"""The number of an image that the file does not name."""

LARGEST_FILE = 50_000_000
"""Bytes, as of a list."""


def groups_text(groups: Iterable[Iterable[str]]) -> str:
    """The content of the file for these groups of paths."""
    numbered = sorted((path, number) for number, group in enumerate(groups) for path in group)
    return "".join(f"{path} {number}\n" for path, number in numbered)


def groups_of(list_file: Path, paths: Sequence[str]) -> NDArray[np.int64] | None:
    """The number of the group of every image of a list, int64 [N]; None without a file beside the list.

    Raises:
        UserError: with a line for every mistake in the file.
    """
    file = list_file.parent / FILE
    if not file.exists():
        return None
    numbers: dict[str, int] = {}
    problems: list[str] = []
    hint = "prepare_data.py --together writes it, and without it every image stands alone"
    for line_number, line in enumerate(read_user_text(file, "list of groups", LARGEST_FILE, hint).split("\n"), 1):
        if not line.strip():
            continue
        match = re.fullmatch(r"(.*\S)\s+([0-9]{1,9})", line.strip())
        if not match:
            problems.append(f"{file}:{line_number}: should be `path number`, got: {line.strip()!r}")
        elif numbers.setdefault(_plain(match[1]), int(match[2])) != int(match[2]):
            problems.append(f"{file}:{line_number}: {match[1]} is in two groups; keep one of them")
    if problems:
        raise UserError(shortened(problems))
    return np.array([numbers.get(_plain(path), ALONE) for path in paths], np.int64)


def _plain(path: str) -> str:
    """Without `./` and `//`."""
    return str(Path(path))
