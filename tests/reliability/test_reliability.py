"""Nothing is lost, whatever happens to a run: the faults of `soak.py`, each once or twice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import files
from suite.stopping import SIGNALS
from suite.training import jobs
from tests.fixtures.commands import ROOT
from tests.reliability import soak
from tests.reliability.soak import DAMAGES, FOREIGN, Bench

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("bench"), here=True)
    yield bench
    bench.close()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_kill_9_at_each_stage_of_writing(bench: Bench) -> None:
    """One run that is killed six times: a checkpoint that is not whole must never be taken for one."""
    soak.kill_while_writing(
        bench,
        "mixup",
        "half last.npz 1",
        "named last.npz 2",
        "flushed accEval.npy 2",
        "between last.npz 3",
        "half run.json 3",
    )


def test_kill_9_at_some_time(bench: Bench) -> None:
    soak.kill_at_some_time(bench, "samplePairing", 0.5)


def test_everything_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a renamed file is empty when its content was not flushed, and gone when its folder was not."""
    order: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(descriptor: int) -> None:
        order.append(f"flush {Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def noted_replace(self: Path, target: Path) -> Path:
        order.append(f"rename {self.name} to {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    files.write_text(tmp_path / "a", "a")
    assert order == ["flush .a.new", "rename .a.new to a", f"flush {tmp_path.name}"]


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_signal_ends_a_run_that_can_go_on(bench: Bench, signum: signal.Signals) -> None:
    soak.stop(bench, "userDef", 0.4, signum)


def test_a_second_ctrl_c_ends_at_once(bench: Bench) -> None:
    soak.stop_twice(bench, "none")


def test_nohup(bench: Bench) -> None:
    soak.hang_up_under_nohup(bench, "none")


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
def test_a_damaged_last_checkpoint(bench: Bench, rng: np.random.Generator, kind: str) -> None:
    soak.damage_last(bench, "mixup", kind, rng)


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
def test_two_damaged_checkpoints(bench: Bench, rng: np.random.Generator, kind: str) -> None:
    soak.damage_both(bench, "mixup", kind, rng)


@pytest.mark.parametrize(("kind", "tries"), [("truncated", 60), ("one bit flipped", 200)])
def test_a_checkpoint_damaged_anywhere(bench: Bench, rng: np.random.Generator, kind: str, tries: int) -> None:
    """No length and no bit may go unnoticed and matter."""
    size = (bench.half("mixup").folder / "last.npz").stat().st_size
    soak.damage_many(bench, "mixup", kind, rng.integers(0, size if kind == "truncated" else 8 * size, tries))


def test_a_kill_after_damage(bench: Bench) -> None:
    """The damaged file must not take the place of the sound one that is all there is."""
    soak.damage_last_and_kill(bench, "mixup")


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
@pytest.mark.parametrize("name", ["accEval.npy", "predictions.npz", "run.json", "config.yaml", "data.txt"])
def test_other_damaged_files_are_made_again(bench: Bench, rng: np.random.Generator, name: str, kind: str) -> None:
    soak.damage_other_file(bench, "mixup", name, kind, rng, finished=False)


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
@pytest.mark.parametrize("name", ["accEval.npy", "run.json", "config.yaml"])
def test_also_in_a_finished_run(bench: Bench, rng: np.random.Generator, name: str, kind: str) -> None:
    soak.damage_other_file(bench, "mixup", name, kind, rng, finished=True)


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_best_weights(bench: Bench, rng: np.random.Generator, kind: str) -> None:
    soak.damage_best(bench, "mixup", kind, rng)


@as_root
def test_a_disk_that_fills_up(bench: Bench) -> None:
    soak.fill_disk(bench, "mixup", 400)


@as_root
def test_a_disk_that_is_full(bench: Bench) -> None:
    soak.begin_on_full_disk(bench, "none")


def test_a_limit_of_file_size(bench: Bench) -> None:
    soak.limit_file_size(bench, "mixup")


def test_two_processes_on_one_run(bench: Bench) -> None:
    soak.train_twice_at_once(bench, "none")


def test_a_loss_that_is_not_finite(bench: Bench) -> None:
    soak.diverge(bench)


def test_nothing_is_said_to_be_kept_when_the_first_epoch_fails(bench: Bench) -> None:
    """There is no epoch before it."""
    code, said = soak.Run(bench, "none", "train.optimizer=momentum", "train.lr=10").go_on()
    assert code == 1
    assert "not finite in epoch 1, " in said
    assert "kept" not in said


def test_a_changed_world(bench: Bench) -> None:
    soak.change_the_world(bench, "none")


def test_images_that_have_moved(bench: Bench) -> None:
    """The same ones are gone on with; others are refused, also where a finished run would pass for theirs."""
    moved, other = bench.new_path(), bench.new_path()
    for place in (moved, other):
        shutil.copytree(bench.images, place)
    (other / "red/000.png").write_bytes((other / "red/000.png").read_bytes() + b"\n")
    run = bench.half("none")
    assert ": no longer there: train red/000.png 0 " in run.refuses(f"data.root={other}")
    code, said = run.go_on(f"data.root={moved}")
    assert code == 0, said
    run.equals_straight()
    assert f"{run.folder} is finished and left as it is" in run.go_on()[1]  # where they were before
    assert ": no longer there: train red/000.png 0 " in run.refuses(f"data.root={other}")


def test_checkpoints_that_are_gone(bench: Bench) -> None:
    """Nothing is started over; a finished run has no need of them, and may be relieved of them."""
    run, finished = bench.half("none"), bench.straight("none").copy()
    for name in ("last.npz", "previous.npz"):
        (run.folder / name).unlink()
        (finished.folder / name).unlink()
    assert f"run.json counts {soak.HALF - 1} epochs" in run.refuses()
    assert "is finished and left as it is" in finished.go_on()[1]


def test_a_long_run(bench: Bench) -> None:
    soak.train_long(bench, "mixup", 100)


def test_a_loader_that_hangs(bench: Bench) -> None:
    soak.hang(bench, "none")


def test_ctrl_c_for_many_runs(bench: Bench) -> None:
    soak.stop_many(bench, "none")


def test_ctrl_c_twice_for_many_runs(bench: Bench) -> None:
    soak.stop_many_twice(bench, "none")


def test_runs_end_with_their_parent(bench: Bench) -> None:
    soak.kill_parent(bench, "none")


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

runs = []

def start():
    runs.append(jobs.Runner(1)._start([sys.executable, "-c", {child!r}], None))
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
    soak.wait_until(lambda: (tmp_path / "told").exists() and (tmp_path / "told").read_text() != "")
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
    runner = jobs.Runner(1)
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
    assert jobs.run_all({tmp_path / str(job): [sys.executable, "-c", tell] for job in range(4)}, 2) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " | gpu " in line]
    assert sorted(line[-1] for line in lines[:2]) == ["4", "7"]
    assert sorted(line[-1] for line in lines) == ["4", "4", "7", "7"]
