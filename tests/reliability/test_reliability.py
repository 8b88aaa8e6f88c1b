"""Nothing is lost, whatever happens to a run: the faults of `soak.py`, each once or twice."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from suite.stopping import SIGNALS
from tests.reliability import damage, disk, interruptions, machines, many_runs, mishaps, shared_folders, surroundings
from tests.reliability.bench import HALF, Bench, Run
from tests.reliability.damage import DAMAGES, FOREIGN

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
    interruptions.kill_while_writing(
        bench,
        "mixup",
        "half last.npz 1",
        "named last.npz 2",
        "flushed accEval.npy 2",
        "between last.npz 3",
        "half run.json 3",
    )


def test_kill_9_at_some_time(bench: Bench) -> None:
    interruptions.kill_at_some_time(bench, "samplePairing", 0.5)


@pytest.mark.parametrize("signum", SIGNALS)
def test_a_signal_ends_a_run_that_can_go_on(bench: Bench, signum: signal.Signals) -> None:
    interruptions.stop(bench, "userDef", 0.4, signum)


def test_a_second_ctrl_c_ends_at_once(bench: Bench) -> None:
    interruptions.stop_twice(bench, "none")


def test_nohup(bench: Bench) -> None:
    interruptions.hang_up_under_nohup(bench, "none")


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
def test_a_damaged_last_checkpoint(bench: Bench, rng: np.random.Generator, kind: str) -> None:
    damage.damage_last(bench, "mixup", kind, rng)


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
def test_two_damaged_checkpoints(bench: Bench, rng: np.random.Generator, kind: str) -> None:
    damage.damage_both(bench, "mixup", kind, rng)


@pytest.mark.parametrize(("kind", "tries"), [("truncated", 60), ("one bit flipped", 200)])
def test_a_checkpoint_damaged_anywhere(bench: Bench, rng: np.random.Generator, kind: str, tries: int) -> None:
    """No length and no bit may go unnoticed and matter."""
    size = (bench.half("mixup").folder / "last.npz").stat().st_size
    damage.damage_many(bench, "mixup", kind, rng.integers(0, size if kind == "truncated" else 8 * size, tries))


def test_a_kill_after_damage(bench: Bench) -> None:
    """The damaged file must not take the place of the sound one that is all there is."""
    damage.damage_last_and_kill(bench, "mixup")


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
@pytest.mark.parametrize("name", ["accEval.npy", "predictions.npz", "run.json", "config.yaml", "data.txt"])
def test_other_damaged_files_are_made_again(bench: Bench, rng: np.random.Generator, name: str, kind: str) -> None:
    damage.damage_other_file(bench, "mixup", name, kind, rng, finished=False)


@pytest.mark.parametrize("kind", DAMAGES | FOREIGN)
@pytest.mark.parametrize("name", ["accEval.npy", "run.json", "config.yaml"])
def test_also_in_a_finished_run(bench: Bench, rng: np.random.Generator, name: str, kind: str) -> None:
    damage.damage_other_file(bench, "mixup", name, kind, rng, finished=True)


@pytest.mark.parametrize("kind", DAMAGES)
def test_damaged_best_weights(bench: Bench, rng: np.random.Generator, kind: str) -> None:
    damage.damage_best(bench, "mixup", kind, rng)


@as_root
def test_a_disk_that_fills_up(bench: Bench) -> None:
    disk.fill_disk(bench, "mixup", 400)


@as_root
def test_a_disk_that_is_full(bench: Bench) -> None:
    disk.begin_on_full_disk(bench, "none")


def test_a_limit_of_file_size(bench: Bench) -> None:
    disk.limit_file_size(bench, "mixup")


def test_two_processes_on_one_run(bench: Bench) -> None:
    surroundings.train_twice_at_once(bench, "none")


def test_two_machines_on_one_run(bench: Bench) -> None:
    """Over NFS with local locks, both would train it and overwrite each other's files."""
    shared_folders.train_on_two_machines(bench, "none")


def test_a_machine_that_comes_back(bench: Bench) -> None:
    """It would put its older epoch in the place of the newer ones."""
    shared_folders.come_back(bench, "none")


def test_a_loss_that_is_not_finite(bench: Bench) -> None:
    mishaps.diverge(bench)


def test_nothing_is_said_to_be_kept_when_the_first_epoch_fails(bench: Bench) -> None:
    """There is no epoch before it."""
    code, said = Run(bench, "none", "train.optimizer=momentum", "train.lr=10").go_on()
    assert code == 1
    assert "not finite in epoch 1, " in said
    assert "kept" not in said


def test_a_changed_world(bench: Bench) -> None:
    surroundings.change_the_world(bench, "none")


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
    assert f"run.json counts {HALF - 1} epochs" in run.refuses()
    assert "is finished and left as it is" in finished.go_on()[1]


def test_a_long_run(bench: Bench) -> None:
    mishaps.train_long(bench, "mixup", 100)


def test_a_loader_that_hangs(bench: Bench) -> None:
    mishaps.hang(bench, "none")


def test_ctrl_c_for_many_runs(bench: Bench) -> None:
    many_runs.stop_many(bench, "none")


def test_ctrl_c_twice_for_many_runs(bench: Bench) -> None:
    many_runs.stop_many_twice(bench, "none")


def test_runs_end_with_their_parent(bench: Bench) -> None:
    many_runs.kill_parent(bench, "none")


@pytest.mark.parametrize("kind", machines.SAID)
def test_memory_or_gpu_fails(bench: Bench, kind: str) -> None:
    machines.run_out_of(bench, "mixup", kind)


def test_a_file_system_that_can_do_little(bench: Bench) -> None:
    machines.lie_on_a_bare_file_system(bench, "userDef")


def test_an_ascii_screen(bench: Bench) -> None:
    machines.speak_to_an_ascii_screen(bench, "none")


def test_a_damaged_cache(bench: Bench, rng: np.random.Generator) -> None:
    machines.damage_cache(bench, "samplePairing", rng)


@as_root
def test_no_room_for_the_cache(bench: Bench) -> None:
    machines.fill_cache(bench, "none", 8)
