"""A trained run, and the command within this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import export
from tests.fixtures.judged import train_small


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two epochs in logs/small/seed0, its images in images/."""
    return train_small(tmp_path_factory.mktemp("trained"))


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, trained: Path, tmp_path: Path) -> Callable[..., int]:
    """The command within this process, which has imported Paddle already; it writes into `tmp_path / "out"`."""

    def call(*arguments: object) -> int:
        run, out = str(trained / "logs/small/seed0"), str(tmp_path / "out")
        monkeypatch.setattr("sys.argv", ["export.py", run, "--out", out, *map(str, arguments)])
        return export.main()

    return call
