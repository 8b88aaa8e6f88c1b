"""Disks that are full, and files that may not grow."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.reliability.bench import Bench, Run


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A disk of this size at `folder`. For root only."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_disk(bench: Bench, mode: str, kilobytes: int) -> None:
    """Have a run fill its disk, then make room."""
    disk = bench.new_path()
    with small_disk(disk, kilobytes):
        run = Run(bench, mode, logs=disk / "logs")
        code, said = run.go_on()
        assert (code, "Traceback" in said) == (1, False), said
        assert f"warning: {run.folder}: the disk has 0 MB left, the run may need" in said
        assert re.search(rf"^stopped: {run.folder}\S* could not be written: No space left on device; ", said, re.M)
        assert re.search(r"Once there is room, continue with: \S*python\S* \S+ --config", said)
        assert run.epochs_done() >= said.count("\nepoch ")
        assert not [*run.folder.glob(".*.new")]  # half a file would only take room
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        run.loses_nothing()


def begin_on_full_disk(bench: Bench, mode: str) -> None:
    """Begin a run where nothing at all can be written, then make room."""
    disk = bench.new_path()
    with small_disk(disk, 64):
        ballast = disk / "ballast"
        with contextlib.suppress(OSError):
            ballast.write_bytes(bytes(100_000))
        run = Run(bench, mode, logs=disk / "logs")
        code, said = run.go_on()
        assert (code, "Traceback" in said) == (1, False), said
        assert f"stopped: {run.folder} could not be written: No space left on device; " in said
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        run.loses_nothing()


def limit_file_size(bench: Bench, mode: str) -> None:
    """Continue a run under a quota: no file may be as large as a checkpoint."""
    run = bench.half(mode)
    before = {name: (run.folder / name).read_bytes() for name in ("last.npz", "previous.npz")}
    limited = run.start(wrapper=["sh", "-c", 'ulimit -f 100; exec "$@"', "sh"])  # 50 or 100 kB, which depends on sh
    assert limited.end() == 1
    assert f"stopped: {run.folder} could not be written: File too large; " in limited.said
    assert "Traceback" not in limited.said
    assert before == {name: (run.folder / name).read_bytes() for name in before}
    run.loses_nothing()
