"""Several runs as processes of their own, some at a time."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from suite import next_step
from suite.stopping import Stopped, stop_on_signals
from suite.training.lines import duration
from suite.training.night import Night
from suite.training.provenance import NIGHT

LIFELINE = "EXPERIMENT_LIFELINE"
"""Environment variable that tells a run: your stdin ends when the process that started you does.

Linux could send a signal by itself (PR_SET_PDEATHSIG), but does so whenever a *thread* that has the run as its child
ends. When a process with threads is killed, that can be twice, and a second signal ends a run in the middle of a file.
"""


LEFT = "left: its seed would not be done in time"


def run_all(commands: Mapping[Path, Sequence[str]], night: Night) -> int:
    """Run the command of every run folder as the night allows, each line of output behind the folder's name.

    One that fails does not stop the others. When this process is told to stop, it tells the runs and waits for them.
    With several GPUs each job has one to itself. The exit code is 1 when any run failed.
    """
    jobs = night.at_a_time
    print(f"{len(commands)} runs, {min(jobs, len(commands))} at a time:", *commands, sep="\n  ", flush=True)
    runner = Runner(night)
    # In this order: while the pool waits for runs that were told to stop, a second signal must still be heard.
    with stop_on_signals(), ThreadPoolExecutor(jobs) as pool:
        try:
            wait([pool.submit(runner.run, folder, command) for folder, command in commands.items()])
            code = 0 if all(runner.results.get(folder, "").startswith(("done", LEFT)) for folder in commands) else 1
        except Stopped as stopped:
            runner.stop()
            code = stopped.exit_code
    print()
    for folder in commands:
        print(f"{folder}: {runner.results.get(folder, 'left: not begun')}")
    if night.left:
        print(f"left for want of time: {', '.join(night.left)}; the same command begins them")
    if code > 1:
        print("the same command, without --fresh, continues what is left")
    return code


class Runner:
    """Runs one command after the other in as many threads as call it, and tells the night of each."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.results: dict[Path, str] = {}  # by run folder: done, failed or left, and why
        self._running: set[subprocess.Popen[str]] = set()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._devices: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        gpus: list[str | None] = [*visible_gpus()] or [None]
        for job in range(night.at_a_time):
            self._devices.put(gpus[job % len(gpus)])

    def run(self, folder: Path, command: Sequence[str]) -> None:
        """Run `command` to its end and note the result."""
        if not self.night.admits(folder):
            self.results[folder] = LEFT
            return
        began, gpu = time.monotonic(), self._devices.get()
        try:
            with self._starting:  # `stop` must find every run that has been started
                if self._stopping.is_set():
                    return
                process = self._start(command, gpu)
                self._running.add(process)
                tell(folder, self.night.begins())
            with process:
                why = self._follow(process, folder)
            self._running.discard(process)
            if process.returncode == 0:
                self.results[folder] = f"done in {duration(time.monotonic() - began)}"
            elif self._stopping.is_set():
                self.results[folder] = "left: stopped"
            else:
                log = folder / "train.log"
                where = f"; log: {log}" if log.is_file() else ""
                killed = "; it was killed, perhaps for want of memory: try fewer --jobs" * (process.returncode == -9)
                self.results[folder] = f"failed (exit code {process.returncode}): {why}{killed}{where}"
        except OSError as error:
            self.results[folder] = f"failed: {error}"
        finally:
            self._devices.put(gpu)
        tell(folder, f"{self.results[folder]}; {self.night.ends(folder)}")

    def _start(self, command: Sequence[str], gpu: str | None) -> subprocess.Popen[str]:
        environment = os.environ | {LIFELINE: "stdin", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        environment[NIGHT] = next_step.again()
        return subprocess.Popen(
            command,
            env=environment if gpu is None else environment | {"CUDA_VISIBLE_DEVICES": gpu},
            stdin=subprocess.PIPE,  # the lifeline
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches the runs through this process, once
        )

    def _follow(self, process: subprocess.Popen[str], folder: Path) -> str:
        """Print what the run prints; the first line that says what went wrong, or else the last line."""
        assert process.stdout is not None
        reason, last = "", ""
        for line in process.stdout:
            last = line.strip() or last
            if line.startswith(("error: ", "stopped: ")):
                reason = reason or line.strip()
            tell(folder, line.rstrip("\n"))
        return reason or last

    def stop(self) -> None:
        """Begin no further run, and tell those that are on to stop."""
        with self._starting:
            self._stopping.set()
        for process in list(self._running):
            process.send_signal(signal.SIGTERM)


def tell(folder: Path, line: str) -> None:
    """A line of a run, or about it."""
    with suppress(OSError):  # a screen or file that takes no more is no reason to let the runs down
        print(f"{folder} | {line}", flush=True)


def visible_gpus() -> list[str]:
    """The GPUs that runs can be spread over, by the names CUDA knows them by; empty without any."""
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        return [name for name in os.environ["CUDA_VISIBLE_DEVICES"].split(",") if name.strip()]
    if shutil.which("nvidia-smi") is None:
        return []
    listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, check=False).stdout
    return [str(number) for number, _ in enumerate(re.findall(r"^GPU \d+:", listed, re.MULTILINE))]


def is_one_of_several() -> bool:
    """Whether `run_all` of another process started this run."""
    return LIFELINE in os.environ


def stop_with_parent() -> None:
    """In a run that `run_all` started: be told to stop when that process ends, however it ends."""
    if not is_one_of_several():
        return

    def wait_for_its_end() -> None:
        os.read(sys.stdin.fileno(), 1)  # nothing is ever written there: it returns when the other end is gone
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_its_end, name="waits for the parent's end", daemon=True).start()
