"""The lock of a run folder, also where file systems have none or machines do not see each other's."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from suite.errors import RunTaken
from suite.files import only_while, write_text
from suite.runs import lock
from suite.runs.facts import refuse_if_taken_over, write_facts
from suite.runs.lock import locked
from tests.fixtures.facts import made_up_facts


@pytest.fixture(params=["none", "local"])
def apart(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without locks, or one that other machines see none of; leases of a second."""

    def flock(*_: object) -> None:
        if request.param == "none":
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    machines = iter(range(99))
    monkeypatch.setattr(fcntl, "flock", flock)
    if request.param == "local":
        monkeypatch.setattr(lock, "_kernel", lambda: str(next(machines)))
    monkeypatch.setattr(lock, "LEASE", 1.0)
    monkeypatch.setattr(lock, "BEAT", 0.1)


@pytest.mark.usefixtures("apart")
def test_a_lease_does_without_locks(tmp_path: Path) -> None:
    """Both would write into one folder."""
    with locked(tmp_path), pytest.raises(RunTaken, match=rf"at work here: pid {os.getpid()} on "), locked(tmp_path):
        pass
    with locked(tmp_path):  # given back, so nothing to wait for
        pass


@pytest.mark.usefixtures("apart")
def test_a_lease_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run whose machine has died would be locked for ever."""
    (tmp_path / "run.lock").write_text("pid 7 on elsewhere since yesterday\nanother boot")
    with locked(tmp_path):
        pass
    assert f"{tmp_path}: waiting up to 1 s for a sign of life of pid 7 on elsewhere" in capsys.readouterr().out
    (tmp_path / "run.lock").write_text("pid 7 on elsewhere since yesterday\nanother boot")
    os.utime(tmp_path / "run.lock", (0, 0))
    with locked(tmp_path):
        assert capsys.readouterr().out == ""  # the last sign of life is old enough


def test_the_system_drops_the_lock_of_a_process_that_was_killed(tmp_path: Path) -> None:
    """What it left in the file is no reason to wait on the same machine."""
    (tmp_path / "run.lock").write_text(f"pid 7 on here since yesterday\n{lock._kernel()}")
    with locked(tmp_path):
        assert (tmp_path / "run.lock").read_text().startswith(f"pid {os.getpid()} on ")
    assert (tmp_path / "run.lock").read_text() == ""


def test_a_lock_that_is_taken(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(RunTaken, match="another process is at work here"), locked(tmp_path):
        pass


@pytest.mark.parametrize("now", ["another session", "nothing"])
def test_a_session_that_is_not_the_latest_writes_nothing(tmp_path: Path, now: str) -> None:
    """Not even what it has begun to write; and no other process may find its unfinished file."""
    mine = made_up_facts()
    [session] = mine.sessions
    write_facts(tmp_path, mine)

    def check() -> None:
        refuse_if_taken_over(tmp_path, mine)

    with only_while(check):
        write_text(tmp_path / "config.yaml", "mine")
        if now == "nothing":
            (tmp_path / "run.json").unlink()
    if now == "another session":
        write_facts(tmp_path, mine.model_copy(update={"sessions": (session.model_copy(update={"token": "other"}),)}))
    with pytest.raises(RunTaken, match="has taken this run over"), only_while(check):
        write_text(tmp_path / "config.yaml", "too late")
    assert (tmp_path / "config.yaml").read_text() == "mine"
    assert not [*tmp_path.glob("*.new")]
