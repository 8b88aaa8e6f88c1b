"""A trained run, a copy of it to spoil, and the command within this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import evaluate
from tests.fixtures.judged import train_small


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two epochs. Eval.txt has 4, 4 and 2 images of the classes, Test.txt none of the second."""
    return train_small(tmp_path_factory.mktemp("trained"))


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run for a test to spoil; its images are those of `trained`."""
    return shutil.copytree(trained / "logs/small/seed0", tmp_path / "logs/small/seed0")


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command within this process, which has imported Paddle already; its UserError arrives as it is."""

    def call(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["evaluate.py", *map(str, arguments), "--device", "cpu"])
        return evaluate.main()

    return call
