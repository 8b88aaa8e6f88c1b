"""What a run costs on a Ray cluster, measured, and what more GPUs would do for many runs, simulated.

    python -m benchmarks.cluster --runs logs/STUDY ...

`--runs` names folders of finished runs, whose times the simulation draws from. The tables go into docs/scale.md.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.measure import ROOT, versions
from suite.config.schema import TrainConfig
from suite.runs.facts import read_facts
from suite.training import cluster, jobs
from suite.training.night import Night

DOCUMENT = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- written by benchmarks/cluster.py -->", "<!-- until here -->"

EMPTY = 100
"""Runs that do nothing, to measure what their engine costs."""

BETWEEN_FAILURES, REPAIR, NOTICED = 10 * 3600.0, 600.0, 30.0
"""Assumed, in seconds: each machine fails so often on average, is back so much later, and the failure shows after so
much."""

DRAWS = 200


class Measured(NamedTuple):
    """Seconds on this machine."""

    jobs: float
    """For an empty run with --jobs 2."""
    cluster: float
    """The same on a cluster with room for two."""
    connecting: float
    starting: float
    """Processor time of a run without any epoch. On a busy machine, wall time would count the others' work."""


def measure() -> Measured:
    """All of it, once."""
    from ray.cluster_utils import Cluster

    there = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    nowhere = Path("nowhere")
    commands = {nowhere / str(number): ["true", "--device", "cpu"] for number in range(EMPTY)}
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        night = Night(dict.fromkeys(commands, 1), 2)
        configs = dict.fromkeys(commands, TrainConfig(device="cpu"))
        engine = cluster.Engine(there.address, configs, night, None, None)
        connecting = time.perf_counter() - began
        engine.run_all(dict(list(commands.items())[:4]))  # the workers of a cluster start with the first run
        rounds = []
        for _ in range(3):
            began = time.perf_counter()
            assert jobs.run_all(commands, night) == 0
            middle = time.perf_counter()
            assert engine.run_all(commands) == 0
            rounds.append(((middle - began) / EMPTY, (time.perf_counter() - middle) / EMPTY))
    engine.ray.shutdown()
    there.shutdown()
    side_by_side, spread = (statistics.median(each) for each in zip(*rounds, strict=True))
    return Measured(side_by_side, spread, connecting, starting())


def starting() -> float:
    """The processor time of a run on the built-in images, less that of its epochs; their decoded images are there."""

    def seconds(epochs: int) -> float:
        with tempfile.TemporaryDirectory() as logs:
            command = [sys.executable, "train.py", "--config", "configs/quickstart_none.yaml", "--logs", logs]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([*command, "--set", f"train.epochs={epochs}"], cwd=ROOT, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    seconds(1)  # decodes them
    one, three = seconds(1), seconds(3)
    return one - (three - one) / 2


class Run(NamedTuple):
    """What a finished run took, in seconds."""

    epochs: tuple[float, ...]

    def longer(self, times: int) -> Run:
        """With so much more to compute. A machine that stood still computed nothing, so the median epoch counts."""
        return Run((times * statistics.median(self.epochs),) * len(self.epochs))


def finished(folders: Sequence[Path]) -> list[Run]:
    """The finished runs below these folders."""
    found = [read_facts(file.parent) for folder in folders for file in sorted(folder.glob("**/run.json"))]
    return [Run(facts.seconds_per_epoch) for facts in found if facts and facts.finished]


class Course(NamedTuple):
    """How a simulated night went."""

    hours: float
    busy: float
    """Part of the GPU time up to its end that went into epochs that count."""
    failures: int


def simulate(rng: np.random.Generator, runs: Sequence[Run], gpus: int, each: float, fails: bool) -> Course:
    """Begin the runs in order, each on the first GPU that is free; `each` is what a begin costs in seconds.

    When a machine fails, its run goes on elsewhere after its last whole epoch, behind all that wait.
    """
    waiting = deque((0, run) for run in runs)
    free = [(0.0, gpu) for gpu in range(gpus)]
    coming: list[tuple[float, int, Run]] = []  # lost runs, when their loss shows
    next_failure = rng.exponential(BETWEEN_FAILURES, gpus) if fails else np.full(gpus, np.inf)
    end, counted, failures = 0.0, 0.0, 0
    while waiting or coming:
        now, gpu = heapq.heappop(free)
        while coming and (coming[0][0] <= now or not waiting):
            noticed, done, run = heapq.heappop(coming)
            now = max(now, noticed)
            waiting.append((done, run))
        while next_failure[gpu] < now:  # while it had nothing to do
            next_failure[gpu] += rng.exponential(BETWEEN_FAILURES)
        done, run = waiting.popleft()
        ends = now + each + np.cumsum(run.epochs[done:])
        whole = int(np.searchsorted(ends, next_failure[gpu], side="right"))
        counted += sum(run.epochs[done : done + whole])
        if whole == len(ends):
            end = max(end, float(ends[-1]))
            heapq.heappush(free, (float(ends[-1]), gpu))
        else:
            failures += 1
            failed = float(next_failure[gpu])
            heapq.heappush(coming, (failed + NOTICED, done + whole, run))
            heapq.heappush(free, (failed + REPAIR, gpu))
            next_failure[gpu] = failed + REPAIR + rng.exponential(BETWEEN_FAILURES)
    return Course(end / 3600, counted / (end * gpus), failures)


def table(pool: Sequence[Run], each: float) -> list[str]:
    """1, 10 and 100 GPUs for 80 and 800 runs, also of a hundred times the length."""
    lines = [
        "| runs | how long | GPUs | without failures | with failures: median (95 % end by) | failures | GPUs at work |",
        "|---|---|---|---|---|---|---|",
    ]
    for count in (80, 800):
        for longer in (1, 100):
            for gpus in (1, 10, 100):
                rng = np.random.default_rng(0)
                drawn = [[pool[place] for place in rng.integers(0, len(pool), count)] for _ in range(DRAWS)]
                nights = drawn if longer == 1 else [[run.longer(longer) for run in night] for night in drawn]
                calm = [simulate(rng, night, gpus, each, fails=False) for night in nights]
                rough = [simulate(rng, night, gpus, each, fails=True) for night in nights]
                hours = np.array([course.hours for course in rough])
                lines.append(
                    f"| {count} | {'as measured' if longer == 1 else f'{longer} times as long'} | {gpus} "
                    f"| {statistics.median(course.hours for course in calm):.2f} h "
                    f"| {np.median(hours):.2f} h ({np.quantile(hours, 0.95):.2f} h) "
                    f"| {statistics.mean(course.failures for course in rough):.1f} "
                    f"| {statistics.median(course.busy for course in calm):.0%} |"
                )
    return lines


def main() -> int:
    """Measure, simulate, and write both into docs/scale.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", nargs="+", type=Path, required=True, metavar="DIR", help="folders of finished runs")
    pool = finished(parser.parse_args().runs)
    found = measure()
    overhead = found.cluster - found.jobs
    minutes = [sum(run.epochs) / 60 for run in pool]
    quarters = ", ".join(f"{each:.1f}" for each in np.quantile(minutes, (0, 0.25, 0.5, 0.75, 1)))
    text = [
        f"| measured over {EMPTY} runs that do nothing, two at a time, median of three rounds | seconds |",
        "|---|---|",
        f"| an empty run with `--jobs 2` | {found.jobs:.3f} |",
        f"| an empty run on a Ray cluster with two slots | {found.cluster:.3f} |",
        f"| what Ray adds to a run | {overhead:.3f} |",
        f"| connecting to a cluster, once a command | {found.connecting:.1f} |",
        f"| start and end of a run on the built-in images, processor time | {found.starting:.1f} |",
        "",
        ", ".join(f"{name} {version}" for name, version in versions(["ray", "paddlepaddle", "numpy"]).items()) + ".",
        "",
        f"The simulation draws from {len(pool)} finished runs. Shortest, quartiles and longest: {quarters} "
        f"minutes. Each begin costs {found.starting + overhead:.1f} s.",
        "",
        *table(pool, found.starting + overhead),
    ]
    print("\n".join(text))
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    content = "\n".join(text)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{content}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
