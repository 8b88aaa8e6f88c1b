"""Faults of a Ray cluster: machines, workers, the head and the driver die while runs are on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from suite.runs.facts import read_facts
from tests.reliability.bench import EPOCHS, Bench, Run, Started, wait_until
from tests.reliability.disk import small_disk
from tests.reliability.many_runs import gone

QUICK = {
    "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "5000",
    "RAY_health_check_failure_threshold": "2",
}
"""Environment in which Ray notices within seconds what it otherwise notices within a minute."""


class Machines:
    """A real Ray cluster on this machine: a head without room for runs, and machines for one run each."""

    def __init__(self, count: int) -> None:
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False}
        self.cluster = patiently(lambda: Cluster(initialize_head=True, head_node_args=head))
        self.nodes = [self.add() for _ in range(count)]

    @property
    def address(self) -> str:
        """Where a driver finds it."""
        return str(self.cluster.address)

    def add(self) -> Any:
        """One machine more."""
        return patiently(lambda: self.cluster.add_node(num_cpus=1))

    def replace_that_of(self, pid: int) -> None:
        """Cut the power of the machine that this run is on, and put another one in its place."""
        raylet = parent(parent(pid))
        [lost] = [node for node in self.nodes if raylet in pids_of(node)]
        self.cluster.remove_node(lost, allow_graceful=False)
        self.nodes.remove(lost)
        self.nodes.append(self.add())


def patiently(start: Callable[[], Any]) -> Any:
    """What `start` gives, in one of three tries: Ray gives a machine 30 s, which is little where others compute too."""
    for _ in range(2):
        with suppress(Exception):
            return start()
    return start()


def pids_of(node: Any) -> list[int]:
    """Ray's own processes on a machine."""
    return [info.process.pid for infos in node.all_processes.values() for info in infos]


def parent(pid: int) -> int:
    """The process that has started this one."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def resume(pid: int) -> None:
    """Let a stopped run go on, if it has not ended together with its machine."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@contextmanager
def machines(count: int) -> Iterator[Machines]:
    """A cluster, for as long as the block takes."""
    os.environ.update(QUICK)  # for drivers too; other threads may be starting processes, so it is not taken back
    there = Machines(count)
    try:
        yield there
    finally:
        there.cluster.shutdown()


class Night:
    """A command that trains seeds 0 and 1 on a cluster."""

    def __init__(self, bench: Bench, mode: str, address: str, *overrides: str) -> None:
        self.run, self.address = Run(bench, mode, *overrides), address
        self.folders = [self.run.folder, self.run.folder.with_name("seed1")]
        self.started = self.begin()

    def begin(self) -> Started:
        """Start it, or start it again."""
        return self.run.start("--seed", "0", "1", "--cluster", self.address)

    def pid_in_epoch(self, epoch: int) -> int:
        """Stop the run of seed 0 when it has done some epochs: it is in the middle of one; its process id."""
        self.started.wait_for(f"{self.folders[0]} | epoch {epoch:2}/")
        pid = int((self.folders[0] / "run.lock").read_text().split()[1])
        os.kill(pid, signal.SIGSTOP)
        return pid

    def loses_nothing(self, started: Started) -> None:
        """Wait for the end of all its runs; seed 0 is as if nothing had happened."""
        assert started.end() == 0, started.said
        for folder in self.folders:  # among lines that Ray prints when a machine is lost
            assert f"\n{folder}: done in " in started.said, started.said
        self.run.equals_straight()
        facts = read_facts(self.folders[1])
        assert facts and facts.finished


def lose(there: Machines, bench: Bench, mode: str, what: str) -> None:
    """In mid-epoch, kill a machine, its raylet alone or the worker that the run is a child of; or cut the machine off.

    One that is cut off answers no more, and comes back when the run was begun elsewhere.
    """
    night = Night(bench, mode, there.address)
    pid = night.pid_in_epoch(3)
    worker = parent(pid)
    raylet = parent(worker)
    if what == "machine":
        there.replace_that_of(pid)
    elif what == "cut off":
        os.kill(worker, signal.SIGSTOP)
        os.kill(raylet, signal.SIGSTOP)
    else:
        os.kill({"worker": worker, "raylet": raylet}[what], signal.SIGKILL)
    night.started.wait_for(f"{night.folders[0]} | lost by ")
    for each in (
        raylet,
        worker,
        pid,
    ):  # a machine that has lost its cluster is not dead: its run hears of it
        resume(each)
    if what in ("cut off", "raylet"):
        there.nodes.append(there.add())
    night.loses_nothing(night.started)


def lose_the_head(bench: Bench, mode: str) -> None:
    """Kill the head in mid-epoch: the driver and the runs end; the same runs end on this machine alone."""
    with machines(2) as there:
        night = Night(bench, mode, there.address)
        pid = night.pid_in_epoch(3)
        there.cluster.head_node.kill_gcs_server(check_alive=False)
        resume(pid)
        assert night.started.end() != 0
        wait_until(lambda: gone([pid]))
    night.loses_nothing(night.run.start("--seed", "0", "1", "--jobs", "2"))


def lose_the_driver(there: Machines, bench: Bench, mode: str) -> float:
    """Kill -9 for the driver, then the same command again; the seconds until the runs of the first had ended."""
    night = Night(bench, mode, there.address)
    pid = night.pid_in_epoch(3)
    night.started.process.kill()
    resume(pid)
    sent = time.monotonic()
    assert night.started.end() == 137
    wait_until(lambda: gone([pid]))
    seconds = time.monotonic() - sent
    assert seconds < 30
    night.loses_nothing(night.begin())
    return seconds


def stop_all(there: Machines, bench: Bench, mode: str) -> float:
    """Ctrl-C for runs on a cluster, which go on with the same command; the seconds that they took to end."""
    night = Night(bench, mode, there.address)
    pid = night.pid_in_epoch(3)
    resume(pid)
    sent = time.monotonic()
    night.started.process.send_signal(signal.SIGINT)
    assert night.started.end() == 130, night.started.said
    seconds = time.monotonic() - sent
    assert gone([pid])
    assert "\nthe same command, without --fresh, continues what is left\n" in night.started.said
    night.loses_nothing(night.begin())
    return seconds


def share(there: Machines, bench: Bench, mode: str, other: str) -> None:
    """Two studies on one cluster at once, and one of them a second time, whose runs the first has."""
    first, second = Night(bench, mode, there.address), Night(bench, other, there.address)
    again = first.begin()
    first.loses_nothing(first.started)
    second.loses_nothing(second.started)
    assert again.end() == 0, again.said


def fail_for_its_own_reason(there: Machines, bench: Bench, mode: str) -> None:
    """A run that cannot begin, beside one that can: it is begun once."""
    run = Run(bench, mode)
    blocked = run.folder.with_name("seed1")
    blocked.mkdir(parents=True)
    (blocked / "last.npz").write_bytes(b"hello\n")
    started = run.start("--seed", "0", "1", "--cluster", there.address)
    assert started.end() == 1
    assert f"\n{run.folder}: done in " in started.said
    assert re.search(rf"^{blocked}: failed on \S+ \(exit code 2\): error: {blocked}/last.npz is", started.said, re.M)
    assert started.said.count(f"{blocked} | error: {blocked}/last.npz is damaged") == 1
    run.equals_straight()


def fill_a_disk(there: Machines, bench: Bench, mode: str, kilobytes: int) -> None:
    """Have a run on a cluster fill its disk: it is not tried again before there is room."""
    disk = bench.new_path()
    with small_disk(disk, kilobytes):
        run = Run(bench, mode, logs=disk / "logs")
        full = run.start("--cluster", there.address)
        assert full.end() == 1
        assert "could not be written: No space left on device; " in full.said
        assert full.said.count(f"{run.folder} | stopped: ") == 1
        assert " | lost by " not in full.said
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        continued = run.start("--cluster", there.address)
        assert continued.end() == 0, continued.said
        run.equals_straight()


def equals_jobs(there: Machines, bench: Bench, mode: str) -> None:
    """The same runs on a cluster and with --jobs 2."""
    night = Night(bench, mode, there.address)
    night.loses_nothing(night.started)
    side_by_side = Run(bench, mode)
    started = side_by_side.start("--seed", "0", "1", "--jobs", "2")
    assert started.end() == 0, started.said
    side_by_side.equals_straight()
    assert f"epoch {EPOCHS}/{EPOCHS}" in started.said
