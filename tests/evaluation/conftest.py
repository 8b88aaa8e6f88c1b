"""A trained run, a copy of it to spoil, and the command within this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import evaluate
from suite.config.reading import load_config
from suite.training.run import train
from tests.fixtures.images import make_image_set
from tests.fixtures.judged import CLASSES, SETTINGS


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two epochs. Eval.txt has 4, 4 and 2 images of the classes, Test.txt none of the second."""
    folder = tmp_path_factory.mktemp("trained")
    root = make_image_set(folder / "images", train_per_class=4, classes=CLASSES)
    lines = (root / "Eval.txt").read_text().splitlines(keepends=True)
    (root / "Eval.txt").write_text("".join(lines[:-2]))
    (root / "Test.txt").write_text("".join([*lines[:4], *lines[-2:]]))
    (folder / "small.yaml").write_text(f"data:\n  root: {root}\n")
    train(load_config(folder / "small.yaml", SETTINGS), folder / "logs/small/seed0")
    return folder


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
