"""A signal must stop a run where that does no harm, and nowhere else."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from suite import files
from suite.stopping import SIGNALS, Stopped, note_signals, stop_here, stop_on_signals


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_noted_signal_waits_for_a_place_to_stop(signum: signal.Signals) -> None:
    """Raised at once, it would abort Paddle's C++ when it comes inside a call of it."""
    with pytest.raises(Stopped) as stopped, note_signals(grace=60):
        stop_here()
        os.kill(os.getpid(), signum)
        reached = True
        stop_here()
    assert reached
    assert stopped.value.exit_code == 128 + signum
    stop_here()  # nothing of it is left
    assert signal.alarm(0) == 0


def test_a_signal_between_two_renamings_loses_no_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def signalled(self: Path, target: Path) -> Path:
        if self.name == "last.npz":
            os.kill(os.getpid(), signal.SIGTERM)
        return replace(self, target)

    (tmp_path / "last.npz").write_bytes(b"old")
    monkeypatch.setattr(Path, "replace", signalled)
    with pytest.raises(Stopped), note_signals(grace=60):
        files.write_atomically(tmp_path / "last.npz", lambda stream: stream.write(b"new"), tmp_path / "previous.npz")
        stop_here()
    assert (tmp_path / "last.npz").read_bytes() == b"new"
    assert (tmp_path / "previous.npz").read_bytes() == b"old"


def test_where_nothing_can_be_harmed_a_signal_stops_at_once() -> None:
    with pytest.raises(Stopped, match="SIGTERM"), stop_on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        pytest.fail("it went on")
