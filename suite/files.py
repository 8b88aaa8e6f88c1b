"""Files that appear whole or not at all.

Every file is written under a temporary name, flushed to the disk and renamed, so that a reader, or a run that was
killed, finds either the old file or the new one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from suite.errors import UserError


class DamagedFile(UserError):
    """A file of a run is missing, or its content is not what was written."""


def write_atomically(file: Path, write: Callable[[BinaryIO], object], keep_old: Path | None = None) -> None:
    """Have `write` fill a temporary file, and put it in the place of `file` when it is safely on the disk.

    What was there before is kept as `keep_old`, if that is given.
    """
    temporary = file.with_name(f".{file.name}.new")
    try:
        with temporary.open("wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        if keep_old and file.exists():
            file.replace(keep_old)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)  # a full disk needs the room
        raise
    _flush_folder(file.parent)


def _flush_folder(folder: Path) -> None:
    """Make a renaming outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(file: Path, content: bytes) -> None:
    """Replace the content of `file`, atomically."""
    write_atomically(file, lambda stream: stream.write(content))


def write_text(file: Path, text: str) -> None:
    """Replace the text of `file`, atomically."""
    write_bytes(file, text.encode())


def fingerprint(content: bytes) -> str:
    """Sixteen digits that change with the content."""
    return hashlib.sha256(content).hexdigest()[:16]
