"""An arm of two seeds, photos to predict, and the command within this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import predict
from suite.config.reading import load_config
from suite.training.run import train
from tests.fixtures.images import encoded, photo
from tests.fixtures.judged import SETTINGS, train_small


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The arm logs/small: seed0, and seed1 with larger images."""
    folder = train_small(tmp_path_factory.mktemp("trained"))
    other = load_config(folder / "small.yaml", [*SETTINGS, "train.seed=1", "data.image_size=24"])
    train(other, folder / "logs/small/seed1")
    return folder


@pytest.fixture
def arm(trained: Path, tmp_path: Path) -> Path:
    """A copy of the arm for a test to spoil."""
    return shutil.copytree(trained / "logs/small", tmp_path / "logs/small")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with three photos: 1.png, 2.jpg, 10.png."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in ((1, "1.png"), (2, "2.jpg"), (10, "10.png")):
        (folder / name).write_bytes(encoded(photo(number), "JPEG" if name.endswith("jpg") else "PNG"))
    return folder


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """The command within this process, which has imported Paddle already; it writes into `tmp_path / "out"`."""

    def call(*arguments: object) -> int:
        line = ["predict.py", *map(str, arguments), "--device", "cpu", "--out", str(tmp_path / "out")]
        monkeypatch.setattr("sys.argv", line)
        return predict.main()

    return call
