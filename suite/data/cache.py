"""Decoded images on the disk: decoded once, then mapped by every run that wants the same.

A set is a folder of images at one size. It is kept in parts, each one file: the pixels of some images, then for each of
them the digest of the image file and a digest of the pixels. A run adds a part with those images that no part has, so
folds and subsets of a set share what is kept, and normally there is one part. A part appears whole or not at all and
never changes, so several runs may use a set at the same time, without a lock. Deleting a part loses nothing but time.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import PIL

from suite.config.paths import expanded
from suite.data.images import Images
from suite.files import UNSUPPORTED

DECODER = "2"
"""Raise it with every change to `decode_image`: images that were decoded before are then decoded again."""

INDEX = np.dtype([("image", "V32"), ("pixels", "V16")])
"""A line of a part's index: the SHA-256 of the image file and the digest of its pixels."""

PART = re.compile(r"([0-9a-f]{16})-[0-9a-f]{16}\.npy|[0-9a-f]{32}\.npy")
"""The name of a part, which begins with its set; or of a file as earlier versions kept them."""

ABANDONED = 86_400
"""Seconds: a part that has not grown for a day was being written by a process that was killed."""


class Kept(NamedTuple):
    """One decoded image in a part."""

    pixels: Images
    digest: bytes
    part: Path


class Cache(NamedTuple):
    """The parts of one set."""

    folder: Path
    name: str  # sixteen digits that change with all that went into the pixels, except for the image files
    size: int

    def read(self) -> dict[str, Kept]:
        """All images that are kept, by the hexadecimal digest of the image file; none where nothing can be read."""
        try:
            parts = [file for file in self.folder.iterdir() if file.name.startswith(f"{self.name}-")]
        except FileNotFoundError:
            return {}
        except OSError as error:
            print(f"warning: {self.folder}: no decoded images can be read there: {error.strerror}", file=sys.stderr)
            return {}
        return {digest: kept for part in parts for digest, kept in _open(part, self.size).items()}

    def add(self, digests: Sequence[str], decoded: Iterable[Images]) -> bool:
        """Write a part from the digests of image files and their pixels; whether that could be done.

        Where it could not, a warning says why. Whatever `decoded` raises is passed on, and nothing is kept.
        """
        temporary = self.folder / f".{self.name}.npy.{uuid.uuid4().hex}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _remove_abandoned(self.folder)
            try:
                self._write(temporary, digests, decoded)
                content = hashlib.sha256("".join(digests).encode()).hexdigest()
                temporary.replace(self.folder / f"{self.name}-{content[:16]}.npy")
            except BaseException:
                with suppress(OSError):
                    temporary.unlink()
                raise
        except OSError as error:
            print(f"warning: {self.folder}: cannot keep decoded images there: {error.strerror}", file=sys.stderr)
            return False
        return True

    def _write(self, file: Path, digests: Sequence[str], decoded: Iterable[Images]) -> None:
        """Written, not mapped: a mapped page that finds no room on the disk would kill the process."""
        index = np.empty(len(digests), INDEX)
        shape = (len(digests), self.size, self.size, 3)
        with file.open("xb") as stream:
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(stream, header)
            stream.flush()
            _take_room(stream.fileno(), stream.tell() + int(np.prod(shape)) + index.nbytes + 32)
            for number, (digest, pixels) in enumerate(zip(digests, decoded, strict=True)):
                stream.write(pixels.data)
                index[number] = (bytes.fromhex(digest), pixel_digest(pixels))
            stream.write(_sealed(index, shape))
            stream.flush()
            os.fsync(stream.fileno())

    def others(self) -> tuple[int, int]:
        """How many files of other sets lie in the folder, and their bytes."""
        with suppress(OSError):
            return _count(file for file in _parts(self.folder) if not file.name.startswith(f"{self.name}-"))
        return 0, 0


def open_cache(setting: str, root: Path, size: int, white: int | None = None) -> Cache | None:
    """What is kept of the images below `root`, made with these settings, where `data.cache` says; None for nowhere."""
    folder = cache_folder(setting)
    made_by = "\n".join([os.path.realpath(root), str(size), str(white), PIL.__version__, DECODER])
    name = hashlib.sha256(made_by.encode(errors="surrogateescape")).hexdigest()[:16]
    return Cache(folder, name, size) if folder else None


def cache_folder(setting: str) -> Path | None:
    """The folder that `data.cache` means; None for none, or with a warning where there is no home to keep it in."""
    if setting == "none":
        return None
    if setting != "auto":
        return expanded(setting)
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # as in a container with a user that has no name
        print("warning: no home folder to keep decoded images in; data.cache can name another folder", file=sys.stderr)
        return None
    return home / "paddle-augment-suite"


def clear_cache(folder: Path) -> tuple[int, int]:
    """Remove the parts of all sets; their number and bytes. A run that uses one keeps its pages."""
    parts = _parts(folder)
    counted = _count(parts)
    for part in parts:
        part.unlink(missing_ok=True)
    _remove_abandoned(folder)
    return counted


def pixel_digest(pixels: Images) -> bytes:
    """Sixteen bytes that change with any bit of the pixels."""
    return hashlib.blake2b(pixels.data, digest_size=16).digest()


def _open(part: Path, size: int) -> dict[str, Kept]:
    """The images of a part; none when it is not whole. The pixels are left unread: it may hold gigabytes."""
    try:
        mapped = np.load(part, mmap_mode="r", allow_pickle=False)
        with part.open("rb") as stream:
            stream.seek(mapped.offset + mapped.nbytes)
            sealed = stream.read()
    except Exception:  # on a damaged header NumPy raises whatever its parser stumbles over
        return {}
    # `np.asarray`: a plain array on the same pages, for every slice of a memmap object costs time.
    pixels = np.asarray(mapped)
    if (
        pixels.dtype != np.uint8
        or pixels.shape[1:] != (size, size, 3)
        or len(sealed) != len(pixels) * INDEX.itemsize + 32
    ):
        return {}
    index = np.frombuffer(sealed[:-32], INDEX)
    if _sealed(index, pixels.shape) != sealed:
        return {}
    return {
        bytes(line["image"]).hex(): Kept(pixels[number], bytes(line["pixels"]), part)
        for number, line in enumerate(index)
    }


def _sealed(index: np.ndarray, shape: tuple[int, ...]) -> bytes:
    """The index, and a digest over it and the shape."""
    return index.tobytes() + hashlib.sha256(repr(shape).encode() + index.tobytes()).digest()


def _take_room(descriptor: int, size: int) -> None:
    """Find out now, not after an hour of decoding, that a disk has no room."""
    try:
        os.posix_fallocate(descriptor, 0, size)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise


def _parts(folder: Path) -> list[Path]:
    return [file for file in folder.iterdir() if PART.fullmatch(file.name)] if folder.is_dir() else []


def _count(files: Iterable[Path]) -> tuple[int, int]:
    sizes = [file.stat().st_size for file in files]
    return len(sizes), sum(sizes)


def _remove_abandoned(folder: Path) -> None:
    for temporary in folder.glob(".*.npy.*"):
        with suppress(OSError):
            if time.time() - temporary.stat().st_mtime > ABANDONED:
                temporary.unlink()
