"""The run folder: what is in it and how it is written. No Paddle here.

Every file is written under a temporary name, flushed to the disk and renamed, so that a reader, or a run that was
killed, finds either the old file or the new one. `last.npz` is written last in every epoch and holds the curves too:
it is what a run continues from, and everything else in the folder can be made again from it. The one before it stays
as `previous.npz`, in case `last.npz` is damaged.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import socket
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from config import MACHINE_KEYS, Config, flattened, load_config
from errors import UserError, shortened

CURVES = ("lossTrain", "accTrain", "lossEval", "accEval", "lossTrainClean", "accTrainClean")
"""One float64 value an epoch each, in `<name>.npy`; clean values are NaN in epochs without a clean pass."""

RUN_FILES = (
    "config.yaml",
    "data.txt",
    "run.json",
    "train.log",
    "last.npz",
    "previous.npz",
    "best.npz",
    "predictions.npz",
    *(f"{name}.npy" for name in CURVES),
)


NOT_FINITE = "not finite"
"""Status of a run that a loss has stopped."""


class Checkpoint(NamedTuple):
    """A named set of arrays and some facts about them."""

    arrays: dict[str, np.ndarray]
    facts: dict[str, Any]


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
    write_atomically(file, lambda stream: _discard(stream.write(text.encode())))


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Replace `file` by `content` as JSON, atomically."""
    write_text(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_curves(folder: Path, curves: Mapping[str, list[float]]) -> None:
    """Write every curve as `<name>.npy`, float64, one value an epoch."""
    for name in CURVES:
        values = np.array(curves[name], np.float64)
        write_atomically(folder / f"{name}.npy", lambda stream, values=values: np.save(stream, values))  # type: ignore[misc]


def write_arrays(file: Path, keep_old: Path | None = None, **arrays: np.ndarray) -> None:
    """Replace `file` by an `.npz` of these arrays, atomically."""
    write_atomically(file, lambda stream: np.savez(stream, **arrays), keep_old)  # type: ignore[arg-type]


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


def mend_curves(folder: Path) -> None:
    """Write the curves of a run anew, from its checkpoint, when one of them is damaged or missing."""
    try:
        lengths = {len(np.load(folder / f"{name}.npy", allow_pickle=False)) for name in CURVES}
    except (OSError, ValueError, EOFError, TypeError):
        lengths = set()
    if len(lengths) != 1:
        write_curves(folder, load_checkpoint(folder / "last.npz").facts["curves"])


# --- facts ----------------------------------------------------------------------------------------------------------


def read_facts(folder: Path) -> dict[str, Any] | None:
    """The content of `run.json`, or None where there is none.

    Raises:
        DamagedFile: when it is not what was written.
    """
    file = folder / "run.json"
    try:
        facts = json.loads(file.read_bytes())
        facts["status"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedFile(f"{file} is damaged ({type(error).__name__}: {error})") from None
    return dict(facts)


def usable_facts(folder: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """The same for a run that goes on: a damaged `run.json` is a warning, for it can be made again."""
    try:
        return read_facts(folder), []
    except DamagedFile as error:
        return None, [f"{error}; it is written anew"]


def is_finished(folder: Path) -> bool:
    """Whether a run says that it has done all its epochs."""
    facts, _ = usable_facts(folder)
    return facts is not None and facts["status"] == "finished"


# --- whether and from where a run goes on ---------------------------------------------------------------------------


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of a run folder. The system drops the lock of a process that ends, however it ends.

    Raises:
        UserError: when another process is at work there; says which.
    """
    with (folder / "run.lock").open("a+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            raise UserError(f"{folder}: another process is at work here: {stream.read().strip()}") from None
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        stream.truncate(0)
        stream.write(f"pid {os.getpid()} on {socket.gethostname()} since {since}\n")
        stream.flush()
        yield


def refuse_changed_config(folder: Path, config: Config) -> None:
    """Let a run go on only as what it began as; after a loss that was not finite, also with a lower learning rate.

    Raises:
        UserError: with a line for every key that differs from the folder's `config.yaml`.
    """
    file = folder / "config.yaml"
    if not file.is_file():
        return
    began = load_config(file)
    facts, _ = usable_facts(folder)
    may_slow_down = facts is not None and facts["status"] == NOT_FINITE and config.train.lr < began.train.lr
    problems = [
        f"{folder}: {key} was {was} when this run began and is {now} now"
        for key, was, now in differences(began, config)
        if not (may_slow_down and key == "train.lr")
    ]
    if problems:
        raise UserError([*problems, "start over with --fresh, or keep both with --name NEW_NAME"])


def differences(began: Config, now: Config) -> list[tuple[str, str, str]]:
    """The keys in which two configurations compute something else, and both values as text."""
    before, after = (dict(flattened(config.model_dump(mode="json"))) for config in (began, now))
    keys = sorted(key for key in before.keys() | after.keys() if key not in MACHINE_KEYS)
    shown = [(key, *(repr(side[key]) if key in side else "not set" for side in (before, after))) for key in keys]
    return [(key, was, is_now) for key, was, is_now in shown if was != is_now]


def refuse_changed_data(folder: Path, listing: str) -> None:
    """Let a run go on only with the images it began with (`data.txt`, see `data.Data.listing`).

    Raises:
        UserError: with the lines that differ.
    """
    file = folder / "data.txt"
    if not file.is_file():
        return
    before, now = file.read_text(encoding="utf-8").splitlines(), listing.splitlines()
    if before == now:
        return
    gone, new = set(before) - set(now), set(now) - set(before)
    changes = [f"{folder}: no longer there: {line}" for line in before if line in gone]
    changes += [f"{folder}: new: {line}" for line in now if line in new]
    changes = changes or [f"{folder}: the order of the lists is another"]
    how_to_go_on = "start over with --fresh, or keep both with --name NEW_NAME"
    raise UserError([f"{folder}: lists or images have changed since this run began", *shortened(changes), how_to_go_on])


def latest_checkpoint(folder: Path, config: Config, fingerprint: str) -> tuple[Checkpoint | None, list[str]]:
    """The newest sound checkpoint of this run, None before the first epoch; and a line for each that had to be left.

    Its learning rate may be any that this run has had: after a loss that was not finite, a run may go on with less.

    Raises:
        UserError: when there are checkpoints, and none is sound.
    """
    facts, _ = usable_facts(folder)
    rates = {config.train.lr, *(session["lr"] for session in (facts or {}).get("sessions", []))}
    wanted = [identity(config, lr) for lr in rates]
    left: list[str] = []
    for file in (folder / "last.npz", folder / "previous.npz"):
        try:
            kept = load_checkpoint(file)
        except FileNotFoundError:
            continue
        except DamagedFile as error:
            left.append(str(error))
            continue
        if kept.facts.get("fingerprint") == fingerprint and kept.facts.get("config") in wanted:
            return kept, left
        left.append(f"{file} belongs to another run")
    if left:
        raise UserError([*left, f"{folder}: no sound checkpoint is left; start over with --fresh"])
    return None, []


def identity(config: Config, lr: float) -> dict[str, Any]:
    """What a checkpoint remembers of its run, trained with learning rate `lr`."""
    leaves = dict(flattened(config.model_dump(mode="json"))) | {"train.lr": lr}
    return {key: value for key, value in leaves.items() if key not in MACHINE_KEYS}


def clear(folder: Path) -> None:
    """Remove what a run has written, and what an interrupted writing has left."""
    for name in RUN_FILES:
        (folder / name).unlink(missing_ok=True)
    clear_temporaries(folder)


def clear_temporaries(folder: Path) -> None:
    """Remove what a killed process was writing."""
    for name in RUN_FILES:
        (folder / f".{name}.new").unlink(missing_ok=True)
