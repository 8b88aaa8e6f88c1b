"""Decoded images on the disk: an array that is decoded once and then memory-mapped by every run that wants the same.

A file is named after all that went into it, so it is never out of date; it ends with a digest of its values, so damage
is noticed; it appears whole or not at all, so several runs may make and use it at the same time. Whoever deletes it
loses nothing but the time to decode again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from suite.config.schema import expanded

Images = NDArray[np.uint8]


def cache_folder(setting: str) -> Path | None:
    """The folder that `data.cache` means; None for none."""
    if setting == "none":
        return None
    if setting == "auto":
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home) / "paddle-augment-suite"
    return expanded(setting)


def cached_images(folder: Path | None, key: str, shape: tuple[int, ...], fill: Callable[[Images], None]) -> Images:
    """The uint8 array of this key: mapped from the disk when it is there and sound, otherwise filled and kept there.

    `fill` writes every value of the array it is given. Where the folder cannot be used, the array lives in memory.
    """
    file = folder / f"{key}.npy" if folder else None
    images = _open_sound(file, shape) if file else None
    if images is None and file:
        images = _make(file, shape, fill)
    if images is None:
        images = np.empty(shape, np.uint8)
        fill(images)
    return images


def _open_sound(file: Path, shape: tuple[int, ...]) -> Images | None:
    try:
        mapped = np.load(file, mmap_mode="r", allow_pickle=False)
        with file.open("rb") as stream:
            stream.seek(-32, os.SEEK_END)
            digest = stream.read()
    except (OSError, ValueError, EOFError):
        return None
    # `np.asarray`: a plain array on the same pages, for every slice of a memmap object costs time.
    images = np.asarray(mapped)
    sound = images.dtype == np.uint8 and images.shape == shape and hashlib.sha256(images.data).digest() == digest
    return images if sound else None


def _make(file: Path, shape: tuple[int, ...], fill: Callable[[Images], None]) -> Images | None:
    """Fill a file under a name of its own, then rename it."""
    temporary = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(file.parent)
        images = np.lib.format.open_memmap(temporary, mode="w+", dtype=np.uint8, shape=shape)
        # A mapped page that finds no room on the disk would kill the process: take all the room now.
        with temporary.open("r+b") as stream:
            os.posix_fallocate(stream.fileno(), 0, temporary.stat().st_size + 32)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        print(f"warning: {file.parent}: cannot keep decoded images there: {error.strerror}", file=sys.stderr)
        return None
    try:
        fill(images)
        images.flush()
        with temporary.open("r+b") as stream:
            stream.seek(-32, os.SEEK_END)
            stream.write(hashlib.sha256(images.data).digest())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))


def _remove_abandoned(folder: Path) -> None:
    """Remove what a process that was killed has left: nobody fills an array for a day."""
    for temporary in folder.glob(".*.npy.*"):
        with suppress(OSError):
            if time.time() - temporary.stat().st_mtime > 86_400:
                temporary.unlink()
