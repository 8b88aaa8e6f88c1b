"""Several runs as processes of their own, some at a time."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from report import duration

PARENT = "EXPERIMENT_PARENT"
"""Environment variable that tells a run which process started it."""


def run_all(commands: Mapping[str, Sequence[str]], jobs: int) -> int:
    """Run every command, `jobs` at a time, each line of output behind its name; the exit code, 1 when any failed.

    One that fails does not stop the others. Ctrl-C and SIGTERM are passed on, and nothing is left running.
    """
    print(f"{len(commands)} runs, {min(jobs, len(commands))} at a time:")
    for name in commands:
        print(f"  {name}")
    running: set[subprocess.Popen[str]] = set()
    stopping = threading.Event()
    results: dict[str, str] = {}

    def run(name: str) -> None:
        if stopping.is_set():
            return
        began = time.monotonic()
        environment = os.environ | {PARENT: str(os.getpid()), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            commands[name],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # Ctrl-C reaches the children through us, once
        )
        running.add(process)
        assert process.stdout is not None
        last = ""
        for line in process.stdout:
            last = line.strip() or last
            print(f"{name} | {line}", end="", flush=True)
        code = process.wait()
        running.discard(process)
        took = duration(time.monotonic() - began)
        results[name] = f"done in {took}" if code == 0 else f"failed (exit code {code}): {last}"

    pool = ThreadPoolExecutor(jobs)
    pending = [pool.submit(run, name) for name in commands]
    try:
        for future in pending:
            future.result()
    finally:
        stopping.set()
        for process in list(running):
            process.send_signal(signal.SIGINT)
        pool.shutdown()
        print()
        for name in commands:
            print(f"{name}: {results.get(name, 'left: not started')}", flush=True)
    return 0 if all(result.startswith("done") for result in results.values()) else 1


def die_with_parent() -> None:
    """In a run that `run_all` started: end when that process ends, however it ends. Linux only."""
    parent = os.environ.get(PARENT)
    if parent is None or not sys.platform.startswith("linux"):
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    if os.getppid() != int(parent):  # it had ended before we asked
        sys.exit(1)
