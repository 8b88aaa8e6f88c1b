"""Several runs on the machines of a Ray cluster: each is a task that starts its command where there is room.

Ray keeps nothing of a run. Its folder, which all machines share, has everything, so a task that is lost with its
machine is simply begun again on another one, and the command continues what is there.
"""

from __future__ import annotations

import platform
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from suite import next_step
from suite.config.schema import TrainConfig
from suite.errors import UserError
from suite.runs.lock import is_locked
from suite.stopping import Stopped, note_signals, stop_here
from suite.training.jobs import LEFT, PATIENCE, STOPPED, Output, conclude, lines_of, start, tell, wait_for_taken
from suite.training.night import Night
from suite.training.provenance import NIGHT

TRIES = 5
"""How often a run is begun that is lost with its machine each time."""


LOOK = 5.0
"""Seconds from one look for dead machines to the next."""


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


class Engine:
    """A cluster, and what each run of a night takes of it."""

    def __init__(
        self, address: str, configs: Mapping[Path, TrainConfig], night: Night, jobs: int | None, gpus: float | None
    ) -> None:
        """`jobs` is how many runs at a time, by default as many as fit; `gpus` is each one's part of a GPU, or several.

        Raises:
            UserError: when there is no such cluster, or no machine with so many GPUs.
        """
        self.ray, self.night = connect(address), night
        self._jobs = jobs
        most = max((each.get("GPU", 0.0) for each in self.machines().values()), default=0.0)
        if gpus and gpus > most:
            raise UserError(f"--gpus-per-run {gpus:g}: no machine of the cluster has so many; the most are {most:g}")
        share = min(1.0, most) if gpus is None else gpus
        self._needs = {
            folder: {"CPU": float(config.threads), "GPU": 0.0 if config.device == "cpu" else share}
            for folder, config in configs.items()
        }
        self.count()

    def machines(self) -> dict[str, dict[str, float]]:
        """What each machine that is alive has, by Ray's name of it."""
        return {node["NodeID"]: node["Resources"] for node in self.ray.nodes() if node["Alive"]}

    def count(self) -> None:
        """Tell the night how many runs there is room for: machines come and go."""
        largest = {kind: max(need[kind] for need in self._needs.values()) for kind in ("CPU", "GPU")}
        room = [
            min(int(has.get(kind, 0.0) / needed + 1e-9) for kind, needed in largest.items() if needed)
            for has in self.machines().values()
        ]
        self.night.at_a_time = self._jobs or max(1, sum(room))

    def begin(self, folder: Path, command: Sequence[str]) -> Any:
        """Hand a run to Ray; the stream of what its task yields."""
        cpus, gpus = self._needs[folder].values()
        task = self.ray.remote(num_cpus=cpus, num_gpus=gpus, max_retries=0, num_returns="streaming")(run_here)
        on_cpu = [] if gpus else ["--device", "cpu"]
        return task.remote([*command, *on_cpu], {NIGHT: next_step.again()}, Path.cwd())

    def run_all(self, commands: Mapping[Path, Sequence[str]]) -> int:
        """Run every command as `jobs.run_all` does on one machine.

        A run is begun again when its machine, its worker or its memory is lost, and not when it ends by itself.
        """
        print(f"{len(commands)} runs, {self.night.at_a_time} at a time:", *commands, sep="\n  ", flush=True)
        runner = Runner(self, commands)
        with note_signals(grace=round(2 * PATIENCE)):  # an exception in a signal's handler would break Ray's own calls
            try:
                runner.run(commands)
                runner.run(wait_for_taken(runner.results))
                code = 0
            except Stopped as stopped:
                runner.stop()
                code = stopped.exit_code
        return conclude(commands, runner.results, self.night, code)


class Runner:
    """Begins runs, and shows what they print."""

    def __init__(self, engine: Engine, commands: Mapping[Path, Sequence[str]]) -> None:
        self.results: dict[Path, str] = {}  # by run folder: done, failed or left, and why
        self._engine, self._ray, self._night, self._commands = engine, engine.ray, engine.night, commands
        self._running: dict[Any, Output] = {}  # by the stream of what a task yields
        self._nodes: dict[Any, str] = {}  # by stream: Ray's name of its machine
        self._begun: Counter[Path] = Counter()
        self._looked = time.monotonic()

    def run(self, folders: Iterable[Path]) -> None:
        """Run the commands of these folders to their ends."""
        waiting = deque(folders)
        while waiting or self._running:
            while waiting and len(self._running) < self._night.at_a_time:
                self._begin(waiting.popleft())
            ready, _ = self._ray.wait([*self._running], timeout=1.0) if self._running else ([], [])
            stop_here()
            for stream in ready:
                self._follow(stream, waiting)
            if time.monotonic() - self._looked > LOOK:
                self._look_at_machines(waiting)

    def _begin(self, folder: Path) -> None:
        if not self._night.admits(folder):
            self.results[folder] = LEFT
            return
        self._running[self._engine.begin(folder, self._commands[folder])] = Output(folder)
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
                tell(output.folder, self._night.begins(output.folder))
            else:
                self._end(stream, output.result(item.code, item.seconds, f" on {item.machine}"))

    def _end(self, stream: Any, result: str) -> None:
        folder = self._running.pop(stream).folder
        self._nodes.pop(stream, None)
        self.results[folder] = result
        tell(folder, f"{result}; {self._night.ends(folder)}")

    def _lose(self, stream: Any, why: str, waiting: deque[Path]) -> None:
        folder = self._running[stream].folder
        if self._begun[folder] == TRIES:
            few = "if memory is short, try fewer --jobs"
            self._end(stream, f"failed: lost {TRIES} times, last by {why} of Ray; {few}")
            return
        del self._running[stream]
        self._nodes.pop(stream, None)
        tell(folder, f"lost by {why} of Ray; it is begun again")
        waiting.append(folder)

    def _look_at_machines(self, waiting: deque[Path]) -> None:
        """Count the machines, and lose the tasks of dead ones: Ray itself does so only when their connections break."""
        self._looked = time.monotonic()
        self._engine.count()
        alive = self._engine.machines()
        for stream in [stream for stream, node in self._nodes.items() if node not in alive]:
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


def run_here(command: Sequence[str], more: dict[str, str], cwd: Path) -> Iterator[Begun | str | Ended]:
    """In a worker: where it is, the lines that a run prints, and how it ends. A cancelled task ends its run."""
    import ray

    yield Begun(ray.get_runtime_context().get_node_id())
    began, process = time.monotonic(), start(command, more, cwd)
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
