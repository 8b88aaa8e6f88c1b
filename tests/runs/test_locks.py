"""Run folders on file systems without locks."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from suite.errors import UserError
from suite.runs.folder import exclusive, locked


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_no_locks_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Before: a traceback, on network file systems that are mounted without locks."""

    def unsupported(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    folder = tmp_path / "run"
    said = f"{folder}: no locks on this file system: a second process on this run would not be noticed"
    with exclusive(folder) as warnings:
        assert warnings == [said]
    assert "pid" in (folder / "run.lock").read_text()


def test_a_lock_that_is_taken_is_still_an_error(tmp_path: Path) -> None:
    with locked(tmp_path) as warnings:
        assert warnings == []
        with pytest.raises(UserError, match="another process is at work here"), locked(tmp_path):
            pass
