"""All faults that a run must survive, each of them really caused, many times over.

    make soak        prints the table, and writes it into docs/reliability.md

Each fault is a function in one of the modules beside this one. It causes the fault, lets the run go on, and asserts
that nothing is lost: in the end weights, optimiser state, curves and predictions are, bit for bit, those of a run that
nothing has happened to.
`test_reliability.py` calls the same functions, each once or twice.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np

from suite import backend, machine
from suite.runs.curves import CURVES
from suite.stopping import SIGNALS
from suite.training.lines import duration
from tests.fixtures.commands import MODES, ROOT, heed_signals
from tests.reliability.bench import EPOCHS, Bench
from tests.reliability.clusters import (
    equals_jobs,
    fail_for_its_own_reason,
    fill_a_disk,
    lose,
    lose_the_driver,
    lose_the_head,
    machines,
    share,
    stop_all,
)
from tests.reliability.damage import (
    DAMAGES,
    FOREIGN,
    Rng,
    damage_best,
    damage_both,
    damage_last,
    damage_last_and_kill,
    damage_many,
    damage_other_file,
)
from tests.reliability.disk import begin_on_full_disk, fill_disk, limit_file_size
from tests.reliability.faults import STAGES
from tests.reliability.interruptions import (
    hang_up_under_nohup,
    kill_at_some_time,
    kill_while_writing,
    stop,
    stop_twice,
    stop_what_hangs,
)
from tests.reliability.machines import (
    damage_cache,
    fill_cache,
    lie_on_a_bare_file_system,
    run_out_of,
    speak_to_an_ascii_screen,
)
from tests.reliability.many_runs import fail_one_of_many, kill_parent, stop_many, stop_many_twice
from tests.reliability.mishaps import diverge, hang, train_long
from tests.reliability.shared_folders import come_back, train_on_two_machines
from tests.reliability.surroundings import change_the_world, train_twice_at_once

MARKS = "<!-- written by `make soak` -->", "<!-- end of what `make soak` writes -->"
CURVE_FILES = [f"{name}.npy" for name in CURVES]
EVERY_EPOCH = [*CURVE_FILES, "predictions.npz", "last.npz", "run.json"]
"""What is written at the end of each epoch; the other files are written once, or when an epoch is the best."""

Try = Callable[[], float | None]


class Row(NamedTuple):
    """A line of the table."""

    fault: str
    tries: list[Try]
    measured: str = ""
    """What the largest number stands for that a try has returned."""
    each: int = 1
    """Faults in one try."""


def rows(bench: Bench, rng: Rng) -> list[Row]:
    """Everything, many times over."""
    modes = cycle(MODES)

    def points() -> Iterator[str]:
        for name in (*EVERY_EPOCH, "best.npz", "config.yaml", "data.txt"):
            for stage in STAGES:
                if stage != "between" or name == "last.npz":
                    yield f"{stage} {name} {rng.integers(2, EPOCHS) if name in EVERY_EPOCH else 1}"

    def moments(count: int, fault: Callable[..., float | None], *more: object) -> list[Try]:
        return [partial(fault, bench, next(modes), rng.random(), *more) for _ in range(count)]

    def kinds(fault: Callable[..., None], *more: object, **named: object) -> list[Try]:
        return [
            partial(fault, bench, next(modes), *more, kind, rng.spawn(1)[0], **named)
            for kind in (DAMAGES if fault is damage_best else DAMAGES | FOREIGN)
        ]

    def many(kind: str, limit: int) -> list[Try]:
        return [partial(damage_many, bench, next(modes), kind, rng.integers(0, limit, 100)) for _ in range(10)]

    size = (bench.half("none").folder / "last.npz").stat().st_size
    curves_and_notes = ["lossTrain.npy", "accTrainClean.npy", "run.json", "config.yaml", "data.txt"]
    ended = "ended within {:.1f} s"
    table = [
        Row("kill -9 at a random moment", moments(28, kill_at_some_time)),
        Row("kill -9 in the writing of a file", [partial(kill_while_writing, bench, next(modes), p) for p in points()]),
        *(Row(f"{signum.name} at a random moment", moments(8, stop, signum), ended) for signum in SIGNALS),
        Row("Ctrl-C while the loader hangs, then a second one", [partial(stop_twice, bench, "mixup")] * 2, ended),
        Row("SIGTERM while the loader hangs", [partial(stop_what_hangs, bench, "mixup")], ended),
        Row("SIGHUP under nohup", [partial(hang_up_under_nohup, bench, mode) for mode in MODES]),
        Row("`last.npz` truncated, at a random length", many("truncated", size), each=100),
        Row("`last.npz` with a random bit flipped", many("one bit flipped", 8 * size), each=100),
        Row(f"`last.npz` damaged: {', '.join(DAMAGES | FOREIGN)}", kinds(damage_last)),
        Row("the same for `last.npz` and `previous.npz`", kinds(damage_both)),
        Row(
            "`last.npz` damaged, then kill -9 between the next renamings",
            [partial(damage_last_and_kill, bench, mode) for mode in MODES],
        ),
        Row(
            "curves, predictions, `run.json`, `config.yaml`, `data.txt` damaged half-way",
            [
                one
                for name in (*curves_and_notes, "predictions.npz")
                for one in kinds(damage_other_file, name, finished=False)
            ],
        ),
        Row(
            "the same in a finished run",
            [one for name in curves_and_notes for one in kinds(damage_other_file, name, finished=True)],
        ),
        Row("`best.npz` damaged", kinds(damage_best)),
        Row("a file size limit in mid-checkpoint", [partial(limit_file_size, bench, mode) for mode in MODES]),
        Row("two processes on one run, the first one killed", [partial(train_twice_at_once, bench, m) for m in MODES]),
        Row(
            "two machines that see no lock of the other, the first one killed",
            [partial(train_on_two_machines, bench, mode) for mode in MODES],
        ),
        Row(
            "a machine comes back when another one has ended its run",
            [partial(come_back, bench, next(modes)) for _ in range(8)],
        ),
        Row("a loss that is not finite", [partial(diverge, bench)]),
        Row("changed settings, lists, images, Paddle, threads", [partial(change_the_world, bench, m) for m in MODES]),
        Row("500 epochs, 256 open files", [partial(train_long, bench, "mixup", 500)], "memory {:+.1%} from epoch 10"),
        Row("a loader that hangs", [partial(hang, bench, mode) for mode in MODES]),
        Row("one of three runs fails", [partial(fail_one_of_many, bench, "userDef")]),
        Row("Ctrl-C for three runs", [partial(stop_many, bench, mode) for mode in MODES], ended),
        Row("Ctrl-C twice for three runs that hang", [partial(stop_many_twice, bench, "samplePairing")], ended),
        Row("kill -9 for the parent of three runs", [partial(kill_parent, bench, m) for m in MODES], ended),
        Row("kill -9 for the parent of three runs that hang", [partial(kill_parent, bench, "mixup", "hang 2")], ended),
    ]
    table += [
        Row("memory or GPU fails", [partial(run_out_of, bench, next(modes), kind) for kind in ("memory", "cuda") * 2]),
        Row("no locks, no flushing of folders", [partial(lie_on_a_bare_file_system, bench, mode) for mode in MODES]),
        Row("an ASCII screen, a Chinese folder", [partial(speak_to_an_ascii_screen, bench, mode) for mode in MODES]),
        Row("one bit of the cache flipped", [partial(damage_cache, bench, mode, rng.spawn(1)[0]) for mode in MODES]),
    ]
    if os.geteuid() == 0:
        table += [
            Row("no room for the cache", [partial(fill_cache, bench, next(modes), 4 + 4 * n) for n in range(4)]),
            Row("disk full in mid-epoch", [partial(fill_disk, bench, next(modes), 220 + 40 * n) for n in range(6)]),
            Row("disk full from the beginning", [partial(begin_on_full_disk, bench, mode) for mode in MODES]),
        ]
    if importlib.util.find_spec("ray"):
        table += on_a_cluster(bench)
    return table


def on_a_cluster(bench: Bench) -> list[Row]:
    """What happens to machines that train for one another. Each try has a cluster of its own: they run side by side."""

    def alone(fault: Callable[..., float | None], *arguments: object) -> Try:
        def on_new_machines() -> float | None:
            with machines(2) as there:
                return fault(there, bench, *arguments)

        return on_new_machines

    ended = "ended within {:.1f} s"
    lost = {
        "machine": "is killed",
        "raylet": "is killed",
        "worker": "is killed",
        "cut off": "comes back",
    }
    table = [
        Row(
            f"cluster: in mid-epoch a run's {'machine' if what == 'cut off' else what} {how}",
            [alone(lose, mode, what) for mode in MODES[:2]],
        )
        for what, how in lost.items()
    ]
    table += [
        Row("cluster: the head is killed; the runs end without it", [partial(lose_the_head, bench, "mixup")]),
        Row("cluster: kill -9 for the driver", [alone(lose_the_driver, mode) for mode in MODES[:2]], ended),
        Row("cluster: Ctrl-C", [alone(stop_all, "userDef")], ended),
        Row("cluster: two studies at once, one of them twice", [alone(share, "samplePairing", "none")]),
        Row("cluster: one of two runs fails for its own reason", [alone(fail_for_its_own_reason, "mixup")]),
        Row("cluster: the same runs with --jobs 2", [alone(equals_jobs, "samplePairing")]),
    ]
    if os.geteuid() == 0:
        table.append(Row("cluster: disk full in mid-epoch", [alone(fill_a_disk, "userDef", 300)]))
    return table


def main() -> int:
    """Cause every fault, two at a time, and write the table; 1 when anything was lost."""
    began = time.monotonic()
    heed_signals()
    backend.start_paddle("cpu", 1)
    lines = ["| fault | tries | lost | |", "|---|---|---|---|"]
    all_lost = 0
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(2) as pool:
        bench = Bench(Path(place), here=False)
        table = rows(bench, np.random.default_rng(0))
        on_their_way = [(row, [pool.submit(one) for one in row.tries]) for row in table]
        for row, futures in on_their_way:
            errors = [error for future in futures if (error := future.exception())]
            for error in errors:
                traceback.print_exception(error)
            values = [value for future in futures if not future.exception() and (value := future.result()) is not None]
            measured = row.measured.format(max(values)) if values else ""
            lines.append(f"| {row.fault} | {len(futures) * row.each:,} | {len(errors)} | {measured} |")
            print(lines[-1], flush=True)
            all_lost += len(errors)
        bench.close()
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions("cpu").items())
    took = duration(time.monotonic() - began)
    lines += ["", f"`make soak`, {took} on {os.cpu_count()} cores, {platform.system()}, {versions}."]
    document = ROOT / "docs/reliability.md"
    before, _, rest = document.read_text(encoding="utf-8").partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    document.write_text("\n".join([before + MARKS[0], *lines, MARKS[1]]) + after, encoding="utf-8")
    return 1 if all_lost else 0


if __name__ == "__main__":
    sys.exit(main())
