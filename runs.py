"""The run folder: what is in it and how it is written. No Paddle here.

Every file is written under a temporary name, flushed to the disk and renamed, so that a reader, or a run that was
killed, finds either the old file or the new one. `last.npz` is written last in every epoch and holds the curves too:
it is what a run continues from, and with it the curves, `config.yaml`, `run.json` and `data.txt` are made again. The
one before it stays as `previous.npz`, in case `last.npz` is damaged.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import socket
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from config import MACHINE_KEYS, PATH_KEYS, Config, flattened, load_config
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


SCALARS = "visualdl"
"""Folder of the curves for VisualDL."""

MADE_FROM_A_RUN = (SCALARS, "evaluation*")
"""Folders, as patterns: a log and judgements of the training that is over when a run starts over."""

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
    """Replace `file` by `content` as JSON, with a fingerprint of it as last entry, atomically."""
    signed = {**content, "fingerprint": _fingerprint_of(content)}
    write_text(file, json.dumps(signed, indent=2, ensure_ascii=False) + "\n")


def _fingerprint_of(content: Mapping[str, Any]) -> str:
    return fingerprint(json.dumps(content).encode())


def fingerprint(content: bytes) -> str:
    """Sixteen digits that change with the content."""
    return hashlib.sha256(content).hexdigest()[:16]


def write_curves(folder: Path, curves: Mapping[str, list[float]]) -> None:
    """Write every curve as `<name>.npy`, float64, one value an epoch."""
    for name in CURVES:
        content = _curve_file(curves[name])
        write_atomically(folder / f"{name}.npy", lambda stream, content=content: _discard(stream.write(content)))  # type: ignore[misc]


def _curve_file(values: list[float]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array(values, np.float64))
    return stream.getvalue()


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


def _discard(_: object) -> None:
    """For writers that return a count."""


# --- facts ----------------------------------------------------------------------------------------------------------


def read_facts(folder: Path) -> dict[str, Any] | None:
    """The content of `run.json`, or None where there is none.

    Raises:
        DamagedFile: when it is not what was written.
    """
    file = folder / "run.json"
    try:
        if file.exists() and not file.is_file():
            raise ValueError("not a regular file")  # to read a pipe is to wait for its writer
        facts = json.loads(file.read_bytes())
        facts["status"]
        written = facts.pop("fingerprint", None)  # None in runs of older versions
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFile(f"{file} is damaged ({type(error).__name__}: {error})") from None
    if written not in (None, _fingerprint_of(facts)):
        raise DamagedFile(f"{file} is damaged: its content does not match its fingerprint")
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


def is_whole(folder: Path, config: Config) -> bool:
    """Whether the curves of a finished run are those of its checkpoint; true when that was removed to save room."""
    last = folder / "last.npz"
    if not last.exists():
        return True
    try:
        kept = load_checkpoint(last).facts
        found = {name: (folder / f"{name}.npy").read_bytes() for name in CURVES}
        wanted = {name: _curve_file(kept["curves"][name]) for name in CURVES}
    except (DamagedFile, OSError, KeyError):  # KeyError: a sound checkpoint, but of weights alone, such as best.npz
        return False
    return bool(kept["epochs_done"] == config.train.epochs) and found == wanted


# --- whether and from where a run goes on ---------------------------------------------------------------------------


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of a run folder. The system drops the lock of a process that ends, however it ends.

    Raises:
        UserError: when another process is at work there; says which.
    """
    lock = folder / "run.lock"
    if lock.is_symlink():  # from a stranger: to write there would be to write anywhere
        raise UserError(f"{lock}: is a link; remove it")
    with lock.open("ab+", buffering=0) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            who = stream.read().decode(errors="replace").strip()
            raise UserError(f"{folder}: another process is at work here: {who}") from None
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with suppress(OSError):  # the lock holds without a text: a full disk is told of where a run file is written
            stream.truncate(0)
            stream.write(f"pid {os.getpid()} on {socket.gethostname()} since {since}\n".encode())
        yield


def refuse_changed_config(folder: Path, config: Config) -> list[str]:
    """Let a run go on only as what it began as; after a loss that was not finite, also with a lower learning rate.

    Returns a warning when `config.yaml` is damaged. Then the checkpoint has the last word, which remembers it too.

    Raises:
        UserError: with a line for every key that differs from the folder's `config.yaml`.
    """
    file = folder / "config.yaml"
    facts, _ = usable_facts(folder)
    if not file.is_file():
        return []
    if not _is_as_written(file, (facts or {}).get("config_fingerprint")):
        return [f"{file} is damaged; it is written anew"]
    began = load_config(file)
    may_slow_down = facts is not None and facts["status"] == NOT_FINITE and config.train.lr < began.train.lr
    problems = [
        f"{folder}: {key} was {was} when this run began and is {now} now"
        for key, was, now in differences(began, config)
        if not (may_slow_down and key == "train.lr")
    ]
    if problems:
        raise UserError([*problems, "start over with --fresh, or keep both with --name NEW_NAME"])
    return []


def _is_as_written(file: Path, written: str | None) -> bool:
    """Whether the content of `file` has this fingerprint; true without one, as in runs of older versions."""
    return written in (None, fingerprint(file.read_bytes()))


def differences(began: Config, now: Config) -> list[tuple[str, str, str]]:
    """The keys in which two configurations compute something else, and both values as text."""
    before, after = (identity(config, config.train.lr) for config in (began, now))
    keys = sorted(before.keys() | after.keys())
    shown = [(key, *(repr(side[key]) if key in side else "not set" for side in (before, after))) for key in keys]
    return [(key, was, is_now) for key, was, is_now in shown if was != is_now]


def reads_other_lists(folder: Path, config: Config) -> bool:
    """Whether `config` names other paths than the run in `folder`: the same images that were moved, or others."""
    file = folder / "config.yaml"
    if not file.is_file():
        return False
    began, now = (dict(flattened(each.model_dump())) for each in (load_config(file), config))
    return any(began[key] != now[key] for key in PATH_KEYS)


def refuse_changed_data(folder: Path, listing: str) -> list[str]:
    """Let a run go on only with the images it began with (`data.txt`, see `data.Data.listing`).

    Returns a warning when `data.txt` is damaged. Then the checkpoint has the last word, which has its fingerprint.

    Raises:
        UserError: with the lines that differ.
    """
    file = folder / "data.txt"
    if not file.is_file():
        return []
    facts, _ = usable_facts(folder)
    if not _is_as_written(file, (facts or {}).get("data", {}).get("fingerprint")):
        return [f"{file} is damaged; it is written anew"]
    before, now = file.read_text(encoding="utf-8").splitlines(), listing.splitlines()
    if before == now:
        return []
    gone, new = set(before) - set(now), set(now) - set(before)
    changes = [f"{folder}: no longer there: {line}" for line in before if line in gone]
    changes += [f"{folder}: new: {line}" for line in now if line in new]
    changes = changes or [f"{folder}: the order of the lists is another"]
    how_to_go_on = "start over with --fresh, or keep both with --name NEW_NAME"
    raise UserError([f"{folder}: lists or images have changed since this run began", *shortened(changes), how_to_go_on])


def latest_checkpoint(folder: Path, config: Config, fingerprint: str) -> tuple[Checkpoint | None, list[str]]:
    """The newest sound checkpoint of this run, None before the first epoch; and a line for each that had to be left.

    What is found is `last.npz` afterwards: at the next writing, a damaged one must not become `previous.npz`.
    Its learning rate may be any that this run has had: after a loss that was not finite, a run may go on with less.

    Raises:
        UserError: when there are checkpoints, and none is sound; or none, though `run.json` counts epochs.
    """
    facts, _ = usable_facts(folder)
    rates = {config.train.lr, *(session["lr"] for session in (facts or {}).get("sessions", []))}
    wanted = [identity(config, lr) for lr in rates]
    left: list[str] = []
    last, previous = folder / "last.npz", folder / "previous.npz"
    for file in (last, previous):
        try:
            kept = load_checkpoint(file)
        except FileNotFoundError:
            continue
        except DamagedFile as error:
            left.append(str(error))
            continue
        if kept.facts.get("fingerprint") == fingerprint and _without_places(kept.facts.get("config", {})) in wanted:
            file.replace(last)
            return kept, left
        left.append(f"{file} belongs to another run")
    if not left and (done := (facts or {}).get("epochs_done")):
        left = [f"{folder}: run.json counts {done} epochs, but last.npz and previous.npz are gone"]
    if left:
        raise UserError([*left, f"{folder}: no sound checkpoint is left; start over with --fresh"])
    return None, []


def identity(config: Config, lr: float) -> dict[str, Any]:
    """What a checkpoint remembers of its run, trained with learning rate `lr`."""
    return _without_places(dict(flattened(config.model_dump(mode="json"))) | {"train.lr": lr})


def _without_places(leaves: dict[str, Any]) -> dict[str, Any]:
    """What is computed, without the keys that say where; checkpoints of older versions hold `PATH_KEYS` too."""
    return {key: value for key, value in leaves.items() if key not in MACHINE_KEYS + PATH_KEYS}


def clear(folder: Path) -> None:
    """Remove what a run has written, what was made from it, and what an interrupted writing has left."""
    for name in RUN_FILES:
        (folder / name).unlink(missing_ok=True)
    for pattern in MADE_FROM_A_RUN:
        for made in folder.glob(pattern):
            shutil.rmtree(made, ignore_errors=True)
    clear_temporaries(folder)


def clear_temporaries(folder: Path) -> None:
    """Remove what a killed process was writing."""
    for name in RUN_FILES:
        (folder / f".{name}.new").unlink(missing_ok=True)
