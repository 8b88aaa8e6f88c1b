"""How the tests start: Paddle's settings before it is imported, and the fixtures that most of them take."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from suite import backend
from tests.fixtures.commands import ROOT, Command, heed_signals
from tests.fixtures.images import EVAL, TRAIN, image_folder, make_image_set

# Here, as other conftest.py files import them before pytest is configured.
pytest.register_assert_rewrite("tests.fixtures.runs", "tests.reliability")


def pytest_configure() -> None:
    """Import Paddle as the commands do, before a test module imports it by itself; keep out of the user's cache."""
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="cache-")
    backend.start_paddle("cpu", 1)
    heed_signals()


def pytest_unconfigure() -> None:
    """Remove the cache of this session."""
    shutil.rmtree(os.environ["XDG_CACHE_HOME"])


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Run a command of the suite as a user does: `command("train.py", "--config", ...)`, in an empty folder.

    Named arguments are variables of the environment.
    """

    def run(script: str, *arguments: object, cwd: Path = tmp_path, **more: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, str(ROOT / script), *map(str, arguments)]
        # No variable of this process may decide how Paddle starts in the command: that is its own task.
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "MKL_"))} | more
        return subprocess.run(
            line, cwd=cwd, env=environment, capture_output=True, text=True, errors="replace", timeout=300
        )

    return run


@pytest.fixture
def image_set(tmp_path: Path) -> Path:
    """The easy set with 24 training and 12 evaluation images in three classes."""
    return make_image_set(tmp_path / "images")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Six images of two classes, and lists, in order."""
    return image_folder(tmp_path / "images", TRAIN, EVAL)
