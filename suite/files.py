"""Files that appear whole or not at all.

Every file is written under a temporary name, flushed to the disk and renamed, so that a reader, or a run that was
killed, finds either the old file or the new one.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from suite.errors import UserError

UNSUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system answers that does not know a call, such as those of some networks and containers."""

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""The disk is full, or what this user may take of it."""


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
    """Make a renaming outlive a power cut, where the file system can do that."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)


def write_bytes(file: Path, content: bytes) -> None:
    """Replace the content of `file`, atomically."""
    write_atomically(file, lambda stream: stream.write(content))


def write_text(file: Path, text: str) -> None:
    """Replace the text of `file`, atomically."""
    write_bytes(file, text.encode())


def exchange(folder: Path, new: Mapping[str, bytes], gone: Iterable[str]) -> None:
    """Put files that belong together in the place of those that are there, and remove those in `gone`.

    All are on the disk before the first old one goes. Whatever fails, the old ones are back; after a power cut between
    two renamings some files may be missing, and lie beside as `.name.old` and `.name.new`, but old and new never mix.
    """
    fresh = {folder / name: folder / f".{name}.new" for name in new}
    aside = {folder / name: folder / f".{name}.old" for name in (*new, *gone) if (folder / name).exists()}
    placed: list[Path] = []
    moved: list[Path] = []
    try:
        for file, temporary in fresh.items():
            with temporary.open("wb") as stream:
                stream.write(new[file.name])
                stream.flush()
                os.fsync(stream.fileno())
        for file, old in aside.items():
            file.replace(old)
            moved.append(file)
        for file, temporary in fresh.items():
            placed.append(temporary.replace(file))
        _flush_folder(folder)
    except BaseException:
        for file in (*placed, *fresh.values()):
            file.unlink(missing_ok=True)
        for file in moved:
            aside[file].replace(file)
        raise
    for old in aside.values():
        old.unlink()


def fingerprint(content: bytes) -> str:
    """Sixteen digits that change with the content."""
    return hashlib.sha256(content).hexdigest()[:16]
