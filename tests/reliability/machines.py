"""Machines that can do less: memory, GPU, file systems, screens, and a cache that is damaged or full."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.reliability.bench import HALF, Bench, Run
from tests.reliability.damage import Rng
from tests.reliability.disk import small_disk

SAID = {
    "memory": "stopped: there is too little memory (Fail to alloc",
    "cuda": "stopped: the GPU failed: CUDA error(700)",
}


def run_out_of(bench: Bench, mode: str, kind: str) -> None:
    """Let memory or GPU fail half-way, then go on."""
    run = Run(bench, mode)
    failed = run.start(fault=f"fail {kind} {HALF}")
    assert failed.end() == 1
    assert SAID[kind] in failed.said and "Traceback" not in failed.said
    assert run.epochs_done() == HALF
    run.loses_nothing()


def lie_on_a_bare_file_system(bench: Bench, mode: str) -> None:
    """Train where there are no locks, no flushes of folders, and no room taken beforehand."""
    run = Run(bench, mode, f"data.cache={bench.new_path()}")
    trained = run.start(fault="bare")
    assert trained.end() == 0, trained.said
    run.equals_straight()


def speak_to_an_ascii_screen(bench: Bench, mode: str) -> None:
    """Train in a folder with a Chinese name, where the screen knows no Chinese; killed half-way."""
    run = Run(bench, mode, logs=bench.new_path() / "日志")
    wrapper = ["env", "PYTHONIOENCODING=ascii"]
    assert run.start(fault=f"kill named last.npz {HALF}", wrapper=wrapper).end() == 137
    trained = run.start(wrapper=wrapper)
    assert trained.end() == 0, trained.said
    assert r"\u65e5\u5fd7" in trained.said
    run.equals_straight()


def damage_cache(bench: Bench, mode: str, rng: Rng) -> None:
    """Flip a bit of a decoded image that a run was killed with, then go on."""
    cache = bench.new_path()
    run = Run(bench, mode, f"data.cache={cache}")
    assert run.start(fault=f"kill named last.npz {HALF}").end() == 137
    [part] = cache.iterdir()
    images = np.load(part, mmap_mode="r+")
    place = tuple(int(rng.integers(0, length)) for length in images.shape)
    images[place] ^= 1 << int(rng.integers(0, 8))
    images.flush()
    assert f"warning: {part} is damaged; " in run.loses_nothing()


def fill_cache(bench: Bench, mode: str, kilobytes: int) -> None:
    """Train where decoded images find no room."""
    disk: Path = bench.new_path()
    with small_disk(disk, kilobytes):
        run = Run(bench, mode, f"data.cache={disk / 'cache'}")
        assert "cannot keep decoded images there: No space left on device" in run.loses_nothing()
        assert not [*(disk / "cache").iterdir()]
