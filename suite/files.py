"""Files that appear whole or not at all.

Every file is written under a temporary name, flushed to the disk and renamed, so that a reader, or a run that was
killed, finds either the old file or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from suite.errors import UserError


class DamagedFile(UserError):
    """A file of the suite's own that cannot be what was written."""


def write_atomically(file: Path, write: Callable[[BinaryIO], None], keep_old: Path | None = None) -> None:
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


def write_text(file: Path, text: str) -> None:
    """Replace the text of `file`, atomically."""
    write_atomically(file, lambda stream: discard(stream.write(text.encode())))


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Replace `file` by `content` as JSON, with a fingerprint of it as last entry, atomically."""
    signed = {**content, "fingerprint": fingerprint_of(content)}
    write_text(file, json.dumps(signed, indent=2, ensure_ascii=False) + "\n")


def fingerprint_of(content: Mapping[str, Any]) -> str:
    return fingerprint(json.dumps(content).encode())


def fingerprint(content: bytes) -> str:
    """Sixteen digits that change with the content."""
    return hashlib.sha256(content).hexdigest()[:16]


def write_arrays(file: Path, keep_old: Path | None = None, **arrays: np.ndarray) -> None:
    """Replace `file` by an `.npz` of these arrays, atomically."""
    write_atomically(file, lambda stream: np.savez(stream, **arrays), keep_old)  # type: ignore[arg-type]


def discard(_: object) -> None:
    """For writers that return a count."""
