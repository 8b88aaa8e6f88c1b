"""Runs as processes: each ends with its parent and has a GPU of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from suite.training import jobs
from suite.training.night import Night
from tests.fixtures.commands import ROOT
from tests.reliability.bench import wait_until


def test_a_run_is_told_once_that_its_parent_has_ended(tmp_path: Path) -> None:
    """A second signal would end it in the middle of a file, and the end of the thread that started it is no end."""
    child = f"""
import signal, time
from pathlib import Path
from suite.training import jobs

told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(time.monotonic()))
jobs.stop_with_parent()
print("ready", flush=True)
while not told:
    time.sleep(0.01)
time.sleep(0.5)
Path({str(tmp_path / "told")!r}).write_text(str(len(told)))
"""
    parent = f"""
import signal, sys, threading, time
from pathlib import Path
from suite.training import jobs
from suite.training.night import Night

runs = []

def start():
    runs.append(jobs.Runner(Night({{}}, 1))._start([sys.executable, "-c", {child!r}], None))
    runs[0].stdout.readline()

starting = threading.Thread(target=start)
starting.start()
starting.join()
time.sleep(1)
print("ended" if Path({str(tmp_path / "told")!r}).exists() else "alive", flush=True)
signal.pause()
"""
    with subprocess.Popen([sys.executable, "-c", parent], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        process.kill()
    assert said == "alive\n"
    wait_until(lambda: (tmp_path / "told").exists() and (tmp_path / "told").read_text() != "")
    assert (tmp_path / "told").read_text() == "1"


def test_a_run_that_is_just_being_started_is_stopped_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would train on for hours, and its parent would wait for it."""
    started, go_on = threading.Event(), threading.Event()
    popen = subprocess.Popen

    def slowly(*command: Any, **settings: Any) -> Any:
        process = popen(*command, **settings)
        started.set()
        go_on.wait(10)
        return process

    monkeypatch.setattr(subprocess, "Popen", slowly)
    runner = jobs.Runner(Night({tmp_path: 1}, 1))
    running = threading.Thread(target=runner.run, args=(tmp_path, ["sleep", "30"]))
    running.start()
    started.wait(10)
    stopping = threading.Thread(target=runner.stop)
    stopping.start()
    stopping.join(0.2)
    go_on.set()
    running.join(10)
    assert not running.is_alive()
    assert runner.results == {tmp_path: "left: stopped"}


def test_each_job_has_a_gpu_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    tell = "import os, time; print('gpu', os.environ['CUDA_VISIBLE_DEVICES'], flush=True); time.sleep(0.5)"
    commands = {tmp_path / str(job): [sys.executable, "-c", tell] for job in range(4)}
    assert jobs.run_all(commands, Night(dict.fromkeys(commands, 1), 2)) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " | gpu " in line]
    assert sorted(line[-1] for line in lines[:2]) == ["4", "7"]
    assert sorted(line[-1] for line in lines) == ["4", "4", "7", "7"]
