"""What was found when an image file was last read: as long as nothing says that it has changed, it is not read again.

A start on 100,000 images would otherwise read all of them, only to find the digests that it has found before.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from suite.data.images import MAYBE_DEEP, digest_of, read_file
from suite.files import write_bytes

LINE = np.dtype(
    [
        *(("device", "u8"), ("inode", "u8"), ("size", "u8"), ("changed", "i8"), ("status", "i8")),
        *(("digest", "V32"), ("may_be_deep", "?")),
    ]
)
"""A file as the system names it, its size, when its content and when anything of it was changed, in nanoseconds, and
what was found in it."""

FRESH = 2_000_000_000
"""Nanoseconds: a file that was changed so recently may change again without a new time, and is not remembered."""


class Found(NamedTuple):
    """What reading a file has found."""

    digest: str
    """SHA-256, hexadecimal."""
    may_be_deep: bool
    """Whether it begins as files do that may have 16 bits a value."""


State = tuple[int, int, int, int, int]
"""The first five fields of `LINE`."""


class KnownFiles:
    """What is known of the files of a set; kept in a file of the cache."""

    def __init__(self, file: Path | None) -> None:
        """`file` is None where nothing is kept."""
        self._file = file
        self._found: dict[tuple[int, int], tuple[State, Found]] = {}
        self._is_new = False
        for *state, digest, may_be_deep in _lines(file).tolist() if file else []:
            known: State = tuple(state)
            self._found[known[:2]] = known, Found(digest.hex(), may_be_deep)

    def look_up(self, files: Iterable[Path]) -> list[Found | None]:
        """What is known of each; None for one that is new or has changed, or that is not there."""
        return [self._look_up(file) for file in files]

    def _look_up(self, file: Path) -> Found | None:
        try:
            state = _state(file)
        except OSError:
            return None
        known, found = self._found.get(state[:2], (None, None))
        return found if known == state else None

    def read(self, file: Path) -> Found:
        """Read a file, and remember what was found.

        Raises:
            ImageError: when it cannot be read, or is too large.
        """
        with suppress(OSError):  # `read_file` says what is wrong
            before = _state(file)
        content = read_file(file)
        found = Found(digest_of(content), bool(MAYBE_DEEP.match(content[:26])))
        if max(before[3:]) < time.time_ns() - FRESH:
            self._found[before[:2]] = before, found
            self._is_new = True
        return found

    def keep(self) -> None:
        """Write what is known, if anything is new. Where that is impossible, the next start reads the files again."""
        if not (self._is_new and self._file):
            return
        lines = [(*state, bytes.fromhex(found.digest), found.may_be_deep) for state, found in self._found.values()]
        content = np.array(lines, LINE).tobytes()
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(self._file, hashlib.sha256(content).digest() + content)


def _lines(file: Path) -> np.ndarray:
    """What was kept; nothing where there is none, or it is damaged."""
    try:
        kept = file.read_bytes()
    except OSError:
        return np.empty(0, LINE)
    digest, content = kept[:32], kept[32:]
    return np.frombuffer(content, LINE) if hashlib.sha256(content).digest() == digest else np.empty(0, LINE)


def _state(file: Path) -> State:
    now = file.stat()
    return now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns
