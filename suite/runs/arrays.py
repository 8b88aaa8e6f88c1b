"""Arrays in `.npz` files that are read without pickle, with a digest over all that matters in them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from suite.files import DamagedFile, write_atomically

DIGEST = "digest"
"""Name of the array that holds the digest of the others."""


def write_arrays(file: Path, arrays: Mapping[str, np.ndarray], keep_old: Path | None = None) -> None:
    """Replace `file` by an `.npz` of these arrays and their digest, atomically; `keep_old` gets the old file."""
    sealed: dict[str, Any] = {**arrays, DIGEST: np.frombuffer(_digest(arrays), np.uint8)}
    write_atomically(file, lambda stream: np.savez(stream, **sealed), keep_old)


def read_arrays(file: Path) -> dict[str, np.ndarray]:
    """Read what `write_arrays` wrote.

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
        digest = arrays.pop(DIGEST).tobytes()
    except FileNotFoundError:
        raise
    except Exception as error:  # on damaged files zipfile and NumPy raise whatever their parsers stumble over
        reason = f"{type(error).__name__}: {error}"
        raise DamagedFile(f"{file} is damaged or was not written by this suite ({reason})") from None
    if digest != _digest(arrays):
        raise DamagedFile(f"{file} is damaged: its content does not match its digest")
    return arrays


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


def _digest(arrays: Mapping[str, np.ndarray]) -> bytes:
    """SHA-256 over names, types, shapes and values: a zip's own checksums leave the names and the order open."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.digest()
