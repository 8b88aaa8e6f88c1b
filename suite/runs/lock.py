"""The lock of a run folder: one process at a time, also where several machines share the folder.

`flock` decides between processes of one machine. Some network file systems show it to other machines, some do not, and
some have no locks. So the holder also writes its name into `run.lock`, and renews the time of that file while it lives:
a lease. A process of another machine waits until the lease has run out, or until it sees a sign of life.
"""

from __future__ import annotations

import errno
import fcntl
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO, NamedTuple

from suite.errors import RunTaken, UserError
from suite.files import UNSUPPORTED

LEASE = 90.0
"""Seconds without a sign of life after which a process on another machine counts as gone."""

BEAT = 15.0
"""Seconds from one sign of life to the next."""

NO_LOCKS = (*UNSUPPORTED, errno.ENOLCK)
"""What a file system without locks answers, such as some network file systems."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes out of a run folder. The system drops the lock of a process that ends, however it ends.

    Raises:
        RunTaken: when another process is at work there; says which.
    """
    file = folder / "run.lock"
    if file.is_symlink():  # from a stranger: to write there would be to write anywhere
        raise UserError(f"{file}: is a link; remove it")
    with file.open("ab+", buffering=0) as stream:
        try:
            _take(stream.fileno())
            has_locks = True
        except BlockingIOError:
            raise _taken(folder, _read(stream)) from None
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            has_locks = False
        holder = _read(stream)
        if holder.process and not (has_locks and holder.kernel == _kernel()):
            _wait_for_silence(file, holder)
        since = datetime.now(timezone.utc).isoformat(timespec="seconds")
        me = _Holder(f"pid {os.getpid()} on {platform.node()} since {since}", _kernel())
        with suppress(OSError):  # the lock holds without a text: a full disk is told of where a run file is written
            stream.truncate(0)
            stream.write("\n".join(me).encode())
        try:
            with _signs_of_life(stream):
                yield
        finally:
            with suppress(OSError):
                if _read(stream) == me:
                    stream.truncate(0)


def is_locked(folder: Path) -> bool:
    """Whether a process is at work in a run folder; False, too, where `flock` does not tell."""
    try:
        with (folder / "run.lock").open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _take(lock: int) -> None:
    """Take the lock, in a second try when `is_locked` was just looking at it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(0.05)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


class _Holder(NamedTuple):
    """What `run.lock` says."""

    process: str  # for the reader; empty when the lock was given back
    kernel: str


def _read(stream: BinaryIO) -> _Holder:
    stream.seek(0)
    process, _, kernel = stream.read().decode(errors="replace").partition("\n")
    return _Holder(process, kernel.strip())


def _taken(folder: Path, holder: _Holder) -> RunTaken:
    return RunTaken(f"{folder}: another process is at work here: {holder.process}")


def _kernel() -> str:
    """What the processes have in common that see each other's `flock` on every file system: a boot of a machine."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text().strip() if boot.exists() else platform.node()


def _wait_for_silence(file: Path, holder: _Holder) -> None:
    """Return when the lease of `holder` has run out.

    Raises:
        RunTaken: when it gives a sign of life.
    """

    def last_sign() -> float:
        with file.open("rb") as fresh:  # on opening, NFS asks the server
            return os.fstat(fresh.fileno()).st_mtime

    seen = last_sign()
    os.utime(file.parent)  # the server's clock, which also dates the signs of life: the clock here may differ
    left = LEASE - (file.parent.stat().st_mtime - seen)
    if left > 0:
        print(f"{file.parent}: waiting up to {left:.0f} s for a sign of life of {holder.process}", flush=True)
    deadline = time.monotonic() + left
    while time.monotonic() < deadline:
        if last_sign() != seen:
            raise _taken(file.parent, holder)
        time.sleep(min(1.0, LEASE / 10))


@contextmanager
def _signs_of_life(stream: BinaryIO) -> Iterator[None]:
    """Renew the time of the lock again and again, in a thread: an epoch may take hours."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(BEAT):
            with suppress(OSError):
                os.utime(stream.fileno())

    beating = threading.Thread(target=renew, name="signs of life", daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()
