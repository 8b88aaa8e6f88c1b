"""What a line of a list was probably meant to be, where lists were made by hand or by another program."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

LONGEST = 1000
"""Characters of a line that is looked at; what is longer is no line of a list."""

FORMS = (
    re.compile(r"(?P<path>.+)\s+(?P<label>[0-9]{1,9})"),  # as it should be, but for backslashes
    re.compile(r"(?P<path>.*[^\s,;])\s*[,;]\s*(?P<label>[0-9]{1,9})"),  # a table: `ant/1.png, 0`
    re.compile(r"""(["'])(?P<path>.+)\1\s+(?P<label>[0-9]{1,9})"""),  # a path in quotes
    re.compile(r"(?P<label>[0-9]{1,9})\s*[,;\s]\s*(?P<path>\S.*)"),  # the label first
)
"""What a line may look like; the first form that gives the path of an image is meant."""


def meant(line: str, is_there: Callable[[str], bool]) -> str | None:
    """The line as it should be, when the images show that it was meant otherwise than written."""
    matches = (form.fullmatch(line) for form in FORMS if len(line) <= LONGEST)
    for match in filter(None, matches):
        for path in (match["path"], match["path"].replace("\\", "/")):
            right = f"{path} {int(match['label'])}"
            if right != line and is_there(path):
                return right
    return None


class LookAlikes:
    """Files below a folder by how their names look, without regard to case and to how accents are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = cache(self._read)

    def of(self, path: str) -> str | None:
        """Another path to what looks like `path`; None without one."""
        found = ""
        for part in path.split("/"):
            name = self._names(found).get(_look(part))
            if name is None:
                return None
            found = os.path.join(found, name)  # noqa: PTH118 (a text, as in the list)
        return found if found != path else None

    def _read(self, inside: str) -> dict[str, str]:
        """Names in a folder by their looks."""
        try:
            return {_look(name): name for name in os.listdir(self.folder / inside)}  # noqa: PTH208 (names alone)
        except OSError:
            return {}


def _look(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
