"""What all tests share: Paddle's settings before it is imported, small sets of images, and a way to run a command."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite import backend
from suite.stopping import SIGNALS

ROOT = Path(__file__).parent.parent

Command = Callable[..., "subprocess.CompletedProcess[str]"]

SMALL_VGG = ["model.name=vgg", "model.conv_arch=[[1,8],[1,16]]", "model.fc=[32]", "data.image_size=16"]
"""Overrides for a network that trains in no time."""


def pytest_configure() -> None:
    """Import Paddle as the commands do, before a test module imports it by itself; keep out of the user's cache."""
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="cache-")
    backend.start_paddle("cpu", 1)
    heed_signals()


def heed_signals() -> None:
    """Stop ignoring signals, as programs do that were started in the background: those started from here would too."""
    for signum in SIGNALS:
        if signal.getsignal(signum) is signal.SIG_IGN:
            signal.signal(signum, signal.default_int_handler if signum == signal.SIGINT else signal.SIG_DFL)


def pytest_unconfigure() -> None:
    """Remove the cache of this session."""
    shutil.rmtree(os.environ["XDG_CACHE_HOME"])


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run a command of the suite as a user does: `command("train.py", "--config", ...)`, in an empty folder."""

    def run(script: str, *arguments: object, cwd: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, str(ROOT / script), *map(str, arguments)]
        # No variable of this process may decide how Paddle starts in the command: that is its own task.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "MKL_"))}
        return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300)

    return run


def make_image_set(
    root: Path, train_per_class: int = 8, eval_per_class: int = 4, classes: Sequence[str] = ("red", "green", "blue")
) -> Path:
    """An easy set: noise, with the channel of the class brighter than the others. Class folders and both lists."""
    rng = np.random.default_rng(7)
    lists: dict[str, list[str]] = {"Train.txt": [], "Eval.txt": []}
    for label, name in enumerate(classes):
        (root / name).mkdir(parents=True)
        for number in range(train_per_class + eval_per_class):
            pixels = rng.integers(0, 120, (20, 24, 3), np.uint8)
            pixels[..., label % 3] += 100
            path = f"{name}/{number:03}.png"
            Image.fromarray(pixels).save(root / path)
            lists["Train.txt" if number < train_per_class else "Eval.txt"].append(f"{path} {label}\n")
    for file, lines in lists.items():
        (root / file).write_text("".join(lines))
    return root


@pytest.fixture
def image_set(tmp_path: Path) -> Path:
    """The easy set with 24 training and 12 evaluation images in three classes."""
    return make_image_set(tmp_path / "images")
