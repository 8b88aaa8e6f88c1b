"""What a line of a list was probably meant to be, where lists were made by hand or by another program."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path

REWRITES = (
    re.compile(r"""(?P<path>.*[^\s,;])\s*[,;]\s*(?P<label>[0-9]+)"""),  # a table: `ant/1.png, 0`
    re.compile(r"""(["'])(?P<path>.+)\1\s+(?P<label>[0-9]+)"""),  # a path in quotes
    re.compile(r"""(?P<label>[0-9]+)\s*[,;\s]\s*(?P<path>.*[^0-9\s].*)"""),  # the label first
)
"""Forms of a line that is not `path label`; the first that gives the path of an image is meant."""


def meant(line: str, is_there: Callable[[str], bool]) -> str | None:
    """The line as it should be, when the images show that it was meant otherwise than written."""
    for rewrite in (re.compile(r"(?P<path>.+)\s+(?P<label>[0-9]+)"), *REWRITES):
        if match := rewrite.fullmatch(line):
            for path in (match["path"], match["path"].replace("\\", "/")):
                fixed = f"{path} {int(match['label'])}"
                if fixed != line and is_there(path):
                    return fixed
    return None


class LookAlikes:
    """Files below a folder by how their names look, without regard to case and to how accents are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = cache(self._read)

    def of(self, path: str) -> str | None:
        """The path of a file that looks like `path`; None without one."""
        found = ""
        for part in path.split("/"):
            names = self._names(found)
            found = os.path.join(found, names.get(_look(part), ""))  # noqa: PTH118 (a text, as in the list)
            if _look(part) not in names:
                return None
        return found

    def _read(self, inside: str) -> dict[str, str]:
        """Names in a folder by their looks."""
        try:
            return {_look(name): name for name in os.listdir(self.folder / inside)}  # noqa: PTH208 (names alone)
        except OSError:
            return {}


def _look(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
