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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from suite import next_step
from suite.errors import RunTaken
from suite.runs.lock import is_locked
from suite.stopping import Stopped, stop_here, stop_on_signals
from suite.training.lines import duration
from suite.training.night import Night
from suite.training.provenance import NIGHT

LIFELINE = "EXPERIMENT_LIFELINE"
"""Environment variable that tells a run: your stdin ends when the process that started you does.

Linux could send a signal by itself (PR_SET_PDEATHSIG), but does so whenever a *thread* that has the run as its child
ends. When a process with threads is killed, that can be twice, and a second signal ends a run in the middle of a file.
"""

LEFT = "left: its seed would not be done in time"
STOPPED = "left: stopped"
TAKEN = "left to another process"
"""How a result begins: the run is no failure, and the same command continues it."""

PATIENCE = 25.0
"""Seconds that a process may take to end before a run that was left to it is looked at again."""


def run_all(commands: Mapping[Path, Sequence[str]], night: Night) -> int:
    """Run the command of every run folder as the night allows, each line of output behind the folder's name.

    One that fails does not stop the others. One that another process is at work on, perhaps on another machine, is
    looked at again in the end. When this process is told to stop, it tells the runs and waits for them.
    With several GPUs each job has one to itself. The exit code is 1 when any run failed.
    """
    jobs = night.at_a_time
    print(f"{len(commands)} runs, {min(jobs, len(commands))} at a time:", *commands, sep="\n  ", flush=True)
    runner = Runner(night)
    # In this order: while the pool waits for runs that were told to stop, a second signal must still be heard.
    with stop_on_signals(), ThreadPoolExecutor(jobs) as pool:
        try:
            wait([pool.submit(runner.run, folder, command) for folder, command in commands.items()])
            taken = wait_for_taken(runner.results)
            wait([pool.submit(runner.run, folder, commands[folder]) for folder in taken])
            code = 0
        except Stopped as stopped:
            runner.stop()
            code = stopped.exit_code
    return conclude(commands, runner.results, night, code)


def wait_for_taken(results: Mapping[Path, str]) -> list[Path]:
    """The runs that were left to other processes, when these have had the time to end."""
    taken = [folder for folder, result in results.items() if result.startswith(TAKEN)]
    deadline = time.monotonic() + PATIENCE
    while any(is_locked(folder) for folder in taken) and time.monotonic() < deadline:
        stop_here()
        time.sleep(0.2)
    return taken


def conclude(folders: Iterable[Path], results: Mapping[Path, str], night: Night, stopped: int) -> int:
    """Print how each run has ended; the exit code, which is `stopped` when a signal has ended them all."""
    print()
    endings = {folder: results.get(folder, "left: not begun") for folder in folders}
    for folder, ending in endings.items():
        print(f"{folder}: {ending}")
    if night.left:
        print(f"left for want of time: {', '.join(night.left)}; the same command begins them")
    if stopped:
        print("the same command, without --fresh, continues what is left")
    return stopped or int(not all(ending.startswith(("done", LEFT, TAKEN)) for ending in endings.values()))


class Output:
    """What a run prints: shown at once, and kept as far as its result tells it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._reason, self._last = "", ""

    def show(self, line: str) -> None:
        """Print a line behind the folder's name."""
        self._last = line.strip() or self._last
        if line.startswith(("error: ", "stopped: ")):
            self._reason = self._reason or line.strip()
        tell(self.folder, line.rstrip("\n"))

    def result(self, code: int, seconds: float, where: str = "") -> str:
        """How the run has ended, by its exit code: done, failed or left, and why; `where` names its machine."""
        why = self._reason or self._last
        if code == 0:
            return f"done in {duration(seconds)}"
        if code == RunTaken.exit_code:
            return f"{TAKEN}: {why.removeprefix(f'error: {self.folder}: ')}"
        log = self.folder / "train.log"
        killed = "; it was killed, perhaps for want of memory: try fewer --jobs" * (code == -signal.SIGKILL)
        return f"failed{where} (exit code {code}): {why}{killed}{f'; log: {log}' if log.is_file() else ''}"


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
                more = {NIGHT: next_step.again()} | ({} if gpu is None else {"CUDA_VISIBLE_DEVICES": gpu})
                process = start(command, more)
                self._running.add(process)
                tell(folder, self.night.begins(folder))
            output = Output(folder)
            with process:
                for line in lines_of(process):
                    output.show(line)
            self._running.discard(process)
            stopped = process.returncode and self._stopping.is_set()
            self.results[folder] = STOPPED if stopped else output.result(process.returncode, time.monotonic() - began)
        except OSError as error:
            self.results[folder] = f"failed: {error}"
        finally:
            self._devices.put(gpu)
        tell(folder, f"{self.results[folder]}; {self.night.ends(folder)}")

    def stop(self) -> None:
        """Begin no further run, and tell those that are on to stop."""
        with self._starting:
            self._stopping.set()
        for process in list(self._running):
            process.send_signal(signal.SIGTERM)


def start(command: Sequence[str], more: dict[str, str], cwd: Path | None = None) -> subprocess.Popen[str]:
    """Begin a run that ends with this process; `more` are variables of its environment."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=os.environ | {LIFELINE: "stdin", "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"} | more,
        stdin=subprocess.PIPE,  # the lifeline
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # Ctrl-C reaches the runs through this process, once
    )


def lines_of(process: subprocess.Popen[str]) -> Iterator[str]:
    """What a run prints, until it ends."""
    assert process.stdout is not None
    return iter(process.stdout)


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
