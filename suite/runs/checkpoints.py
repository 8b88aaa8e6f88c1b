"""Checkpoints: `.npz` files that no reader needs pickle for, with a digest over all that matters in them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from suite.files import DamagedFile, write_arrays


class Checkpoint(NamedTuple):
    """A named set of arrays and some facts about them."""

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]


def save_checkpoint(file: Path, checkpoint: Checkpoint, keep_old: Path | None = None) -> None:
    """Write an `.npz` that no reader needs pickle for, with a digest over all that matters in it."""
    facts = json.dumps(checkpoint.facts).encode()
    extra = {
        "facts": np.frombuffer(facts, np.uint8),
        "digest": np.frombuffer(_digest(checkpoint.arrays, facts), np.uint8),
    }
    write_arrays(file, keep_old, **checkpoint.arrays, **extra)


def load_checkpoint(file: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises:
        FileNotFoundError: when there is no such file.
        DamagedFile: when its content is not exactly what was written.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            stored = all(m.compress_type == zipfile.ZIP_STORED and m.compress_size == m.file_size for m in members)
            if not stored or sum(m.file_size for m in members) > file.stat().st_size:  # as in a zip bomb
                raise ValueError("claims to hold more than fits into it")
            arrays = {member.filename.removesuffix(".npy"): _parse_array(archive.read(member)) for member in members}
        facts_bytes, digest = arrays.pop("facts").tobytes(), arrays.pop("digest").tobytes()
        facts = json.loads(facts_bytes)
        facts["epochs_done"]
    except FileNotFoundError:
        raise
    except Exception as error:  # on damaged files zipfile and NumPy raise whatever their parsers stumble over
        reason = f"{type(error).__name__}: {error}"
        raise DamagedFile(f"{file} is damaged or not a checkpoint of this suite ({reason})") from None
    if digest != _digest(arrays, facts_bytes):
        raise DamagedFile(f"{file} is damaged: its content does not match its digest")
    return Checkpoint(arrays, facts)


def _parse_array(content: bytes) -> np.ndarray:
    """An array from the bytes of an `.npy` file. `np.load` would first make room for what the header claims.

    Raises:
        ValueError: and others, when it is not what `np.save` writes, or would need pickle.
    """
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("not an array as this suite writes it")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(stream)
    values = np.frombuffer(content, dtype, offset=stream.tell())  # refuses Python objects
    return values.reshape(shape, order="F" if fortran_order else "C").copy()


def _digest(arrays: Mapping[str, np.ndarray], facts: bytes) -> bytes:
    """SHA-256 over names, types, shapes and values: a zip's own checksums leave the names and the order open."""
    digest = hashlib.sha256(facts)
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.data.cast("B") if array.size else b"")
    return digest.digest()
