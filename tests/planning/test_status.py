"""`train.py --status`, while a night runs and afterwards."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import train
from suite.errors import UserError
from suite.planning.status import status
from suite.runs.folder import is_locked, locked
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import write_run
from tests.fixtures.study import declare_night


def test_the_status_of_a_study_that_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two arms with three seeds, one run is at work, two have stopped, and two are not begun."""
    night = tmp_path / "logs/night"
    declare_night(night, ["none", "mixup"], seeds=3)
    write_run(night / "none/seed0", "none", 0)
    write_run(night / "mixup/seed0", "mixup", 0, done=5)
    broken = write_run(night / "none/seed1", "none", 1, done=3)
    change_facts(broken, status="not finite", reason="the loss is not finite in epoch 4")
    stopped = write_run(tmp_path / "logs/alone/seed0", "none", 0, done=2)
    (stopped / "train.log").write_text("2026-01-01 00:00:00  stopped by SIGTERM; continue with: python train.py\n")
    files = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}
    with locked(night / "mixup/seed0"):
        said = status(tmp_path / "logs").splitlines()
    assert said[:2] == [
        f"{tmp_path}/logs/alone: 0 of 1 runs finished, 1 stopped",
        "  stopped  seed0: epoch 2 of 20; stopped by SIGTERM; continue with: python train.py",
    ]
    counts, running, lost = said[2:]
    assert counts.startswith(f"{night}: 1 of 6 runs finished, 1 running, 1 stopped, 3 not begun, all done about ")
    assert running.startswith("  running  mixup/seed0: epoch 5 of 20, done about ")
    assert lost == "  stopped  none/seed1: epoch 3 of 20; the loss is not finite in epoch 4"
    after = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*") if file.is_file()}
    assert {file: after[file] for file in files} == files

    assert "0 running" not in status(tmp_path / "logs") and " about " not in status(tmp_path / "logs")


def test_a_look_at_a_lock_does_not_keep_it(tmp_path: Path) -> None:
    """A run that starts at that moment would end, for another process seems to be at work there."""
    folder = write_run(tmp_path / "seed0")
    assert not is_locked(folder)
    with locked(folder) as warnings:
        assert is_locked(folder) and warnings == []
    assert not is_locked(folder)
    with locked(folder):
        pass


def test_the_command_and_its_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(tmp_path / "logs/vgg_none/seed0")
    monkeypatch.setattr(sys, "argv", ["train.py", "--status", str(tmp_path / "logs")])
    assert train.main() == 0
    assert capsys.readouterr().out == f"{tmp_path}/logs/vgg_none: 1 of 1 runs finished\n"
    (tmp_path / "logs/vgg_none/seed0/run.json").write_text("damaged")
    assert "1 stopped" in status(tmp_path / "logs")
    with pytest.raises(UserError, match="no such folder"):
        status(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no runs here yet"):
        status(tmp_path / "empty")
