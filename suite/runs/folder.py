"""The run folder: the names in it, and its lock.

Every file is written by `suite.files`, so a reader, or a run that was killed, finds either the old file or the new one.
`last.npz` is written last and holds the curves too: a run continues from it, and with it the curves, `config.yaml`,
`run.json` and `data.txt` are made again. The one before it stays as `previous.npz`, in case `last.npz` is damaged.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path

from suite.errors import UserError
from suite.files import UNSUPPORTED
from suite.runs.curves import CURVES

NO_LOCKS = (*UNSUPPORTED, errno.ENOLCK)
"""What a file system without locks answers, such as some network file systems."""

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


@contextmanager
def locked(folder: Path) -> Iterator[list[str]]:
    """Keep other processes out of a run folder. The system drops the lock of a process that ends, however it ends.

    Gives a warning where the file system has no locks.

    Raises:
        UserError: when another process is at work there; says which.
    """
    lock = folder / "run.lock"
    if lock.is_symlink():  # from a stranger: to write there would be to write anywhere
        raise UserError(f"{lock}: is a link; remove it")
    warnings: list[str] = []
    with lock.open("ab+", buffering=0) as stream:
        try:
            _take(stream.fileno())
        except BlockingIOError:
            stream.seek(0)
            who = stream.read().decode(errors="replace").strip()
            raise UserError(f"{folder}: another process is at work here: {who}") from None
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            warnings = [f"{folder}: no locks on this file system: a second process on this run would not be noticed"]
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        with suppress(OSError):  # the lock holds without a text: a full disk is told of where a run file is written
            stream.truncate(0)
            stream.write(f"pid {os.getpid()} on {socket.gethostname()} since {since}\n".encode())
        yield warnings


def _take(lock: int) -> None:
    """Take the lock, in a second try when `is_locked` was just looking at it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(0.05)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_locked(folder: Path) -> bool:
    """Whether a process is at work in a run folder; False, too, where the file system has no locks."""
    try:
        with (folder / "run.lock").open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


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


@contextmanager
def exclusive(folder: Path) -> Iterator[list[str]]:
    """Make the run folder and keep other processes out of it; gives warnings as `locked` does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made: {error.strerror}; choose another place with --logs") from None
    with locked(folder) as warnings:
        clear_temporaries(folder)
        yield warnings
