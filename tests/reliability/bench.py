"""Small runs to be damaged, and the straight runs that they are compared with."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

import train
from suite.errors import run_command
from suite.runs import checkpoints
from suite.runs.facts import read_facts
from tests.fixtures.commands import ROOT, SMALL_VGG
from tests.fixtures.images import make_image_set
from tests.fixtures.runs import kept

EPOCHS = 12
HALF = 6
"""Epochs after which `Bench.half` was killed."""

PATIENCE = 120
"""Seconds for anything that is waited for; on an idle machine nothing here takes more than 30."""


class Started:
    """A process, and what it prints."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], output: Path) -> None:
        self._output = output
        with output.open("wb") as stream:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
            )

    @property
    def said(self) -> str:
        """All that it has printed so far."""
        return self._output.read_text(errors="replace")

    def wait_for(self, text: str) -> None:
        """Until it has printed this."""
        wait_until(lambda: text in self.said or self.process.poll() is not None)
        assert text in self.said, self.said

    def end(self) -> int:
        """Wait for its end: the exit code as a shell shows it."""
        try:
            code = self.process.wait(PATIENCE)
        finally:
            self.process.kill()
        return code if code >= 0 else 128 - code


def wait_until(reached: Callable[[], bool]) -> None:
    """Until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Bench:
    """Small images, and of every mode the straight run on them that others are compared with."""

    def __init__(self, folder: Path, here: bool) -> None:
        """`here`: where a run shall only go on to its end, it does so in this process and not in one of its own.

        That saves the seconds in which Paddle starts, but only one run at a time can do it.
        """
        self.folder, self.here = folder, here
        self.images = make_image_set(folder / "images")
        self.processes: list[subprocess.Popen[bytes]] = []
        self._made: dict[str, Run] = {}
        self._lock = threading.RLock()
        self._paths = 0

    def close(self) -> None:
        """End what a failed assertion has left."""
        for process in self.processes:
            process.kill()
            process.wait()

    def new_path(self) -> Path:
        """A path that nothing is at."""
        with self._lock:
            self._paths += 1
            return self.folder / str(self._paths)

    def straight(self, mode: str, *overrides: str) -> Run:
        """A run that nothing has happened to."""
        with self._lock:
            name = " ".join([mode, *overrides])
            if name not in self._made:
                run = self._made[name] = Run(self, mode, *overrides)
                code, said = run.go_on()
                assert code == 0, said
            return self._made[name]

    def half(self, mode: str) -> Run:
        """A run that was killed after half of its epochs."""
        with self._lock:
            name = f"half {mode}"
            if name not in self._made:
                run = self._made[name] = Run(self, mode)
                assert run.start(fault=f"kill named last.npz {HALF}").end() == 137
            return self._made[name].copy()


class Run:
    """A run that is always started with the same command."""

    def __init__(self, bench: Bench, mode: str, *overrides: str, logs: Path | None = None) -> None:
        self.bench, self.mode, self.logs = bench, mode, logs or bench.new_path()
        self.folder = self.logs / f"vgg_{mode}/seed0"
        self.config_file = ROOT / f"configs/vgg_{mode}.yaml"
        self.settings = [*SMALL_VGG, f"data.root={bench.images}", "train.batch_size=4", "train.lr=0.002"]
        self.settings += [f"train.epochs={EPOCHS}", *overrides]
        self.arguments = ["--config", str(self.config_file), "--logs", str(self.logs), "--set", *self.settings]

    def copy(self) -> Run:
        """The same run in another place."""
        other = Run(self.bench, self.mode)
        shutil.copytree(self.folder, other.folder)
        return other

    def start(self, *more: str, fault: str = "", wrapper: Sequence[str] = ()) -> Started:
        """Start it as a process, with more arguments, a fault of `faults.py`, or a command that starts commands."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "MKL_"))}
        environment |= {"PYTHONPATH": str(ROOT), "FAULT": fault}
        script = ROOT / ("tests/reliability/faults.py" if fault else "train.py")
        command = [*wrapper, sys.executable, str(script), *self.arguments, *more]
        started = Started(command, environment, self.bench.new_path())
        self.bench.processes.append(started.process)
        return started

    def go_on(self, *more: str) -> tuple[int, str]:
        """Start it and wait for its end: the exit code, and what it printed."""
        if not self.bench.here:
            started = self.start(*more)
            return started.end(), started.said
        said, code = io.StringIO(), None
        with (
            patch.object(sys, "argv", [str(ROOT / "train.py"), *self.arguments, *more]),
            patch.dict(os.environ),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            try:
                run_command(train.main)
            except SystemExit as end:
                code = end.code
        assert isinstance(code, int)
        return code, said.getvalue()

    def refuses(self, *more: str, code: int = 2) -> str:
        """Start it, and see it refuse to do anything, with this exit code; what it printed."""
        before = self.contents()
        refused, said = self.go_on(*more)
        assert (refused, "Traceback" in said) == (code, False), said
        assert self.contents() == before
        return said

    def contents(self) -> dict[str, bytes]:
        """Of all files but the lock, whose text is that of whoever came last."""
        return {file.name: file.read_bytes() for file in self.folder.iterdir() if file.name != "run.lock"}

    def epochs_done(self) -> int:
        """By the checkpoint it would go on from."""
        for name in ("last.npz", "previous.npz"):
            if (self.folder / name).exists():
                return int(checkpoints.load_checkpoint(self.folder / name).facts["epochs_done"])
        return 0

    def loses_nothing(self) -> str:
        """Go on with the plain command to the end; what it printed."""
        code, said = self.go_on()
        assert code == 0, said
        self.equals_straight()
        return said

    def equals_straight(self) -> None:
        """Weights, optimiser state, curves, predictions and best weights, bit for bit."""
        wanted, found = kept(self.bench.straight(self.mode).folder), kept(self.folder)
        assert wanted.keys() == found.keys()
        assert [name for name in wanted if wanted[name] != found[name]] == []
        facts = read_facts(self.folder)
        assert facts is not None
        assert (facts.status, facts.epochs_done) == ("finished", EPOCHS)
        assert not [file for file in self.folder.iterdir() if file.name.endswith(".new")]
