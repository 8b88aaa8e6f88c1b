"""Several runs on the machines of a Ray cluster: each is a task that starts its command where there is room.

Ray keeps nothing of a run. Its folder, which all machines share, has everything, so a task that is lost with its
machine is simply begun again on another one, and the command continues what is there.
"""

from __future__ import annotations

import platform
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from suite.errors import UserError
from suite.runs.lock import is_locked
from suite.stopping import Stopped, note_signals, stop_here
from suite.training.jobs import PATIENCE, STOPPED, Output, conclude, lines_of, start, wait_for_taken

TRIES = 5
"""How often a run is begun that is lost with its machine each time."""


LOOK = 5.0
"""Seconds from one look for dead machines to the next."""


class Task(NamedTuple):
    """A run as the cluster sees it."""

    command: Sequence[str]
    cpus: int
    gpus: float


class Begun(NamedTuple):
    """The first thing that a task yields."""

    node: str
    """Ray's name of the machine."""


class Ended(NamedTuple):
    """The last thing that a task yields."""

    code: int
    seconds: float
    machine: str


def connect(address: str) -> Any:
    """Ray's module, connected to the cluster at `address`, such as auto or 10.0.0.1:6379.

    Raises:
        UserError: when Ray is missing, or there is no such cluster.
    """
    try:
        import ray
    except ImportError:
        raise UserError("--cluster needs Ray: install it with `pip install '.[cluster]'`") from None
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False)
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"--cluster {address}: no Ray cluster answers there ({reason}); see docs/scale.md") from None
    return ray


def gpus_of(ray: Any) -> float:
    """The GPUs of the machine that has most."""
    return max((node["Resources"].get("GPU", 0.0) for node in ray.nodes() if node["Alive"]), default=0.0)


def run_all(ray: Any, tasks: Mapping[Path, Task], at_a_time: int | None) -> int:
    """Run every task, `at_a_time` or as many as the cluster has room for, as `jobs.run_all` does on one machine.

    A run is begun again when its machine, its worker or its memory is lost, and not when it ends by itself.
    """
    room = f"{at_a_time} at a time" if at_a_time else "as many at a time as there is room for"
    print(f"{len(tasks)} runs, {room}:", *tasks, sep="\n  ", flush=True)
    runner = Runner(ray, tasks, at_a_time or len(tasks))
    with note_signals(grace=round(2 * PATIENCE)):  # an exception out of a signal's handler would break Ray's own calls
        try:
            runner.run(tasks)
            runner.run(wait_for_taken(runner.results))
            code = 0
        except Stopped as stopped:
            runner.stop()
            code = stopped.exit_code
    return conclude(tasks, runner.results, code)


class Runner:
    """Begins tasks, and shows what they print."""

    def __init__(self, ray: Any, tasks: Mapping[Path, Task], at_a_time: int) -> None:
        self.results: dict[Path, str] = {}  # by run folder: done, failed or left, and why
        self._ray, self._tasks, self._at_a_time = ray, tasks, at_a_time
        self._running: dict[Any, Output] = {}  # by the stream of what a task yields
        self._nodes: dict[Any, str] = {}  # by stream: Ray's name of its machine
        self._begun: Counter[Path] = Counter()
        self._looked = time.monotonic()

    def run(self, folders: Sequence[Path] | Mapping[Path, Task]) -> None:
        """Run the tasks of these folders to their ends."""
        waiting = deque(folders)
        while waiting or self._running:
            while waiting and len(self._running) < self._at_a_time:
                self._begin(waiting.popleft())
            ready, _ = self._ray.wait([*self._running], timeout=1.0)
            stop_here()
            for stream in ready:
                self._follow(stream, waiting)
            if time.monotonic() - self._looked > LOOK:
                self._leave_dead_machines(waiting)

    def _begin(self, folder: Path) -> None:
        command, cpus, gpus = self._tasks[folder]
        task = self._ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=0, num_returns="streaming")(run_here)
        self._running[task.remote(command, Path.cwd())] = Output(folder)
        self._begun[folder] += 1

    def _follow(self, stream: Any, waiting: deque[Path]) -> None:
        """Take the next thing that a task yields. A task that is lost goes behind those that are waiting."""
        output = self._running[stream]
        try:
            item = self._ray.get(next(stream))
        except self._ray.exceptions.RayTaskError as error:
            if not isinstance(error.cause, (ImportError, OSError, RuntimeError)):
                raise
            reason = str(error.cause).partition(". ")[0]  # Ray's own go on for lines
            self._end(stream, f"failed: {reason}; every machine needs this suite at the same path")
        except self._ray.exceptions.RayError as error:
            self._lose(stream, type(error).__name__, waiting)
        else:
            if isinstance(item, str):
                output.show(item)
            elif isinstance(item, Begun):
                self._nodes[stream] = item.node
            else:
                self._end(stream, output.result(item.code, item.seconds, f" on {item.machine}"))

    def _end(self, stream: Any, result: str) -> None:
        self.results[self._running.pop(stream).folder] = result
        self._nodes.pop(stream, None)

    def _lose(self, stream: Any, why: str, waiting: deque[Path]) -> None:
        output = self._running[stream]
        if self._begun[output.folder] < TRIES:
            output.show(f"lost by {why} of Ray; it is begun again\n")
            waiting.append(output.folder)
        few = "if memory is short, try fewer --jobs"
        self._end(stream, f"failed: lost {TRIES} times, last by {why} of Ray; {few}")

    def _leave_dead_machines(self, waiting: deque[Path]) -> None:
        """Lose the tasks of machines that Ray counts as dead. Ray itself does so only when their connections break."""
        self._looked = time.monotonic()
        dead = {node["NodeID"] for node in self._ray.nodes() if not node["Alive"]}
        for stream in [stream for stream, node in self._nodes.items() if node in dead]:
            self._ray.cancel(stream, force=True)  # reaches a machine that has lost nothing but its raylet
            self._lose(stream, "NodeDiedError", waiting)

    def stop(self) -> None:
        """Begin no further run, tell those that are on to stop, and wait for them."""
        at_work = []
        for stream, output in self._running.items():
            with suppress(self._ray.exceptions.RayError):
                self._ray.cancel(stream)
            if is_locked(output.folder):
                at_work.append(output.folder)
                self.results[output.folder] = STOPPED
        deadline = time.monotonic() + PATIENCE
        while any(is_locked(folder) for folder in at_work) and time.monotonic() < deadline:
            time.sleep(0.2)


def run_here(command: Sequence[str], cwd: Path) -> Iterator[Begun | str | Ended]:
    """In a worker: where it is, the lines that a run prints, and how it ends. A cancelled task ends its run."""
    import ray

    yield Begun(ray.get_runtime_context().get_node_id())
    began, process = time.monotonic(), start(command, {}, cwd)
    try:
        for line in lines_of(process):  # noqa: UP028 (Ray sends values into a generator, which a file does not take)
            yield line
        yield Ended(process.wait(), time.monotonic() - began, platform.node())
    finally:
        assert process.stdin is not None
        process.stdin.close()  # the lifeline
        for _ in lines_of(process):  # its last words have no reader any more
            pass
        process.wait()
