"""The run folder: what is in it and how it is written. No Paddle here.

Every file is written under a temporary name, flushed to the disk and renamed, so that a reader, or a run that was
killed, finds either the old file or the new one. `last.npz` is written last in every epoch and holds the curves too:
it is what a run continues from, and everything else in the folder can be made again from it.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from config import MACHINE_KEYS, Config, flattened, load_config
from errors import UserError

CURVES = ("lossTrain", "accTrain", "lossEval", "accEval", "lossTrainClean", "accTrainClean")
"""One float64 value an epoch each, in `<name>.npy`; clean values are NaN in epochs without a clean pass."""

RUN_FILES = (
    "config.yaml",
    "run.json",
    "train.log",
    "last.npz",
    "best.npz",
    "predictions.npz",
    *(f"{name}.npy" for name in CURVES),
)


class Checkpoint(NamedTuple):
    """A named set of arrays and some facts about them."""

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]


class DamagedFile(Exception):
    """A file of the suite's own that cannot be what was written."""


def write_atomically(file: Path, write: Callable[[BinaryIO], None]) -> None:
    """Have `write` fill a temporary file, and put it in the place of `file` when it is safely on the disk."""
    temporary = file.with_name(f".{file.name}.new")
    with temporary.open("wb") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


def write_text(file: Path, text: str) -> None:
    """Replace the text of `file`, atomically."""
    write_atomically(file, lambda stream: _discard(stream.write(text.encode())))


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Replace `file` by `content` as JSON, atomically."""
    write_text(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_curves(folder: Path, curves: Mapping[str, list[float]]) -> None:
    """Write every curve as `<name>.npy`, float64, one value an epoch."""
    for name in CURVES:
        values = np.array(curves[name], np.float64)
        write_atomically(folder / f"{name}.npy", lambda stream, values=values: np.save(stream, values))  # type: ignore[misc]


def write_arrays(file: Path, **arrays: np.ndarray) -> None:
    """Replace `file` by an `.npz` of these arrays, atomically."""
    write_atomically(file, lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]


def save_checkpoint(file: Path, checkpoint: Checkpoint) -> None:
    """Write an `.npz` that no reader needs pickle for, with a digest over all that matters in it."""
    facts = json.dumps(checkpoint.facts).encode()
    extra = {
        "facts": np.frombuffer(facts, np.uint8),
        "digest": np.frombuffer(_digest(checkpoint.arrays, facts), np.uint8),
    }
    write_arrays(file, **checkpoint.arrays, **extra)


def load_checkpoint(file: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises:
        FileNotFoundError: when there is no such file.
        DamagedFile: when its content is not exactly what was written.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        facts_bytes, digest = arrays.pop("facts").tobytes(), arrays.pop("digest").tobytes()
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, AttributeError, EOFError, NotImplementedError, zipfile.BadZipFile) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DamagedFile(f"{file} is damaged or not a checkpoint of this suite ({reason})") from None
    if digest != _digest(arrays, facts_bytes):
        raise DamagedFile(f"{file} is damaged: its content does not match its digest")
    return Checkpoint(arrays, json.loads(facts_bytes))


def _digest(arrays: Mapping[str, np.ndarray], facts: bytes) -> bytes:
    """SHA-256 over names, types, shapes and values: a zip's own checksums leave the names and the order open."""
    digest = hashlib.sha256(facts)
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.data.cast("B") if array.size else b"")
    return digest.digest()


def _discard(_: object) -> None:
    """For writers that return a count."""


# --- whether and where a run goes on --------------------------------------------------------------------------------


def unchanged_or_refuse(folder: Path, config: Config, fingerprint: str | None = None) -> None:
    """Let a run go on only as what it began as.

    Raises:
        UserError: with a line for every key that differs from the folder's `config.yaml`, or when the data differ.
    """
    file = folder / "config.yaml"
    if not file.is_file():
        return
    began, now = (dict(flattened(c.model_dump(mode="json"))) for c in (load_config(file), config))
    problems = [
        f"{folder}: {key} was {_shown(began, key)} when this run began and is {_shown(now, key)} now"
        for key in sorted(began.keys() | now.keys())
        if key not in MACHINE_KEYS and began.get(key) != now.get(key)
    ]
    facts = read_facts(folder)
    if fingerprint and facts and facts["data"]["fingerprint"] != fingerprint:
        problems.append(f"{folder}: the lists or the images have changed since this run began")
    if problems:
        raise UserError([*problems, "start over with --fresh, or keep both with --name NEW_NAME"])


def read_facts(folder: Path) -> dict[str, Any] | None:
    """The content of `run.json`, or None where there is none."""
    file = folder / "run.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None


def is_finished(folder: Path) -> bool:
    """Whether a run has done all its epochs."""
    facts = read_facts(folder)
    return facts is not None and facts["status"] == "finished"


def clear(folder: Path) -> None:
    """Remove what a run has written, and nothing else."""
    for name in RUN_FILES:
        (folder / name).unlink(missing_ok=True)


def _shown(keys: Mapping[str, Any], key: str) -> str:
    return repr(keys[key]) if key in keys else "not set"
