"""Decoded images on the disk: an array that is decoded once and then memory-mapped by every run that wants the same.

A file is named after everything that went into it, so it is never out of date. It ends with a digest of its values,
so damage shows. It appears whole or not at all, so several runs may make and use it at the same time. Deleting it costs
only the time to decode again.
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

from suite.config.paths import expanded
from suite.data.images import Images


def cache_folder(setting: str) -> Path | None:
    """The folder that `data.cache` means; None for none."""
    if setting == "none":
        return None
    if setting == "auto":
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(home) / "paddle-augment-suite"
    return expanded(setting)


def cached_images(folder: Path | None, key: str, shape: tuple[int, ...], fill: Callable[[Images], None]) -> Images:
    """The array of this key, uint8 of `shape`: mapped from the disk when a sound one is there, otherwise made there.

    `fill` writes every value of the array it gets. Where the folder cannot be used, the array lives in memory.
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
    # A plain array on the same pages: slicing a memmap object is slower.
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
        # A mapped page without room on the disk would kill the process, so all the room is taken now.
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
    """Remove what killed processes have left; filling an array takes less than a day."""
    for temporary in folder.glob(".*.npy.*"):
        with suppress(OSError):
            if time.time() - temporary.stat().st_mtime > 86_400:
                temporary.unlink()
