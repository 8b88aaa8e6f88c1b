"""`train.py` with one fault built in:

    FAULT="kill flushed last.npz 2" python tests/reliability/faults.py <arguments of train.py>

The faults:

    kill half FILE N      SIGKILL to itself while the N-th FILE is half written, under its temporary name
    kill flushed FILE N   ... when all of it is on the disk, before anything is renamed
    kill between FILE N   ... when the old FILE has been moved away, and the new one has no name yet
    kill named FILE N     ... when the new one has its name
    hang EPOCH            in this epoch, counted from 0, the thread that prepares batches never comes back
    fail KIND EPOCH       in this epoch, the memory or the GPU fails as Paddle tells it (KIND is memory or cuda)
    bare                  the file system has no locks, cannot flush folders and cannot take room beforehand
    apart SECONDS         a machine of its own, whose locks no other one sees; leases take so many seconds

Several are separated by commas.

The product knows nothing of all this: what is patched here are the functions it writes and prepares with, before any
other module has taken them by name.
"""

from __future__ import annotations

import errno
import fcntl
import io
import os
import secrets
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from suite import files
from suite.errors import run_command
from suite.runs import lock

STAGES = ("half", "flushed", "between", "named")

Write = Callable[[BinaryIO], None]


def kill(stage: str, name: str, number: str) -> None:
    """Die at a stage of the `number`-th time that a file of this name is written."""
    write_atomically, written = files.write_atomically, 0

    def until_it_is_time(file: Path, write: Write, keep_old: Path | None = None) -> None:
        nonlocal written
        written += file.name == name
        if file.name == name and written == int(number):
            if stage == "half":
                write = half(write)
            Path.replace = deadly(stage, file)  # type: ignore[assignment]
        write_atomically(file, write, keep_old)

    files.write_atomically = until_it_is_time


def half(write: Write) -> Write:
    """What `write` writes, up to the middle."""

    def write_half(stream: BinaryIO) -> None:
        whole = io.BytesIO()
        write(whole)
        stream.write(whole.getvalue()[: len(whole.getvalue()) // 2])
        stream.flush()
        die()

    return write_half


def deadly(stage: str, file: Path) -> Callable[[Path, Path], Path]:
    """`Path.replace`, which dies before or after `file` gets its new content."""
    replace = Path.replace

    def replace_or_die(self: Path, target: Path) -> Path:
        if stage == "flushed" or (stage == "between" and target == file):
            die()
        result = replace(self, target)
        if stage == "named" and target == file:
            die()
        return result

    return replace_or_die


def die() -> NoReturn:
    """End as `kill -9` ends a process: at once, with nothing tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def hang(epoch: str) -> None:
    """Have every batch of this epoch wait for ever."""
    from augment.batch import Augmenter

    batch = Augmenter.batch

    def batch_or_sleep(self: Augmenter, now: int, *others: Any) -> Any:
        while now == int(epoch):
            time.sleep(60)
        return batch(self, now, *others)

    Augmenter.batch = batch_or_sleep  # type: ignore[method-assign, assignment]


def fail(kind: str, epoch: str) -> None:
    """Have the first batch of this epoch fail."""
    from augment.batch import Augmenter

    batch = Augmenter.batch
    errors: dict[str, Exception] = {
        "memory": MemoryError("(ResourceExhausted) Fail to alloc memory of 8589934592 size. [Hint: Expected]"),
        "cuda": OSError("(External) CUDA error(700), an illegal memory access was encountered. [Hint: Please search]"),
    }

    def batch_or_error(self: Augmenter, now: int, *others: Any) -> Any:
        if now == int(epoch):
            raise errors[kind]
        return batch(self, now, *others)

    Augmenter.batch = batch_or_error  # type: ignore[method-assign, assignment]


def apart(seconds: str) -> None:
    """Share a folder with other machines as over NFS with local locks; a lease ends after so many seconds."""
    machine = secrets.token_hex(4)
    fcntl.flock = lambda *_: None  # type: ignore[assignment]
    lock._kernel = lambda: machine
    lock.LEASE = float(seconds)
    lock.BEAT = lock.LEASE / 6


def bare() -> None:
    """Be on a file system that can do as little as some network file systems."""
    fsync = os.fsync

    def unsupported(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    def flush(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_dir():
            unsupported()
        fsync(descriptor)

    fcntl.flock = unsupported
    os.posix_fallocate = unsupported
    os.fsync = flush  # type: ignore[assignment]


if __name__ == "__main__":
    faults: dict[str, Callable[..., None]] = {"kill": kill, "hang": hang, "fail": fail, "bare": bare, "apart": apart}
    for fault in os.environ["FAULT"].split(","):
        kind, *details = fault.split()
        faults[kind](*details)
    import train

    train.__file__ = __file__  # the processes that it starts for several runs have the fault too
    run_command(train.main)
