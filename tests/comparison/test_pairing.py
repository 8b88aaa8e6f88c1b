"""Pairs are made alike; a run whose epochs are not is left out, and a seed whose run has failed is counted as lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.comparison.groups import grouped
from suite.comparison.predictions import judged_by
from suite.comparison.reading import find_runs
from tests.fixtures.facts import SESSION, change_facts
from tests.fixtures.runs import only_group, rows_over, write_evaluation, write_run

T4 = {"name": "T4", "compute_capability": "7.5", "driver": "1"}
L4 = {"name": "L4", "compute_capability": "8.9", "driver": "1"}


@pytest.mark.parametrize(
    ("theirs", "ours", "differing"),
    [
        ({"code": "a"}, {"code": "b"}, [("code", "b", "a")]),
        ({}, {"versions": {"paddle": "2.6.2"}}, [("paddle", "2.6.2", "3.3.1")]),
        ({}, {"versions": {"paddle": "3.3.1", "opencv": "5.0"}}, [("opencv", "5.0", "none")]),
        ({"device": "gpu:0", "gpu": T4}, {"device": "gpu:1", "gpu": L4}, [("GPU", "L4", "T4")]),
        ({}, {"device": "gpu:0", "gpu": T4}, [("device", "gpu", "cpu"), ("GPU", "T4", "none")]),
        ({}, {"host": "there", "cpu": "another", "git": "b", "threads": {"paddle": 2, "loader": 2}}, []),
        ({"device": "gpu:0", "gpu": T4}, {"device": "gpu:1", "gpu": {**T4, "driver": "2"}}, []),
    ],
)
def test_a_seed_whose_runs_were_made_otherwise_is_no_pair(
    tmp_path: Path, theirs: dict[str, Any], ours: dict[str, Any], differing: list[tuple[str, str, str]]
) -> None:
    """Other code, libraries and cards make other images or networks; other processors and hosts other last bits."""
    for seed in (0, 1):
        write_run(tmp_path / "none" / f"seed{seed}", "none", seed, machine=theirs if seed else {})
        write_run(tmp_path / "mixup" / f"seed{seed}", "mixup", seed, machine=ours if seed else {})
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None and row.unpaired == ()
    assert [seed for seed, _ in row.difference.points] == ([0] if differing else [0, 1])
    assert [tuple(unlike) for unlike in row.difference.unlike] == ([(1, tuple(differing))] if differing else [])


def test_precision_is_part_of_it(tmp_path: Path) -> None:
    write_run(tmp_path / "none" / "seed0", "none")
    write_run(tmp_path / "mixup" / "seed0", "mixup", train={"amp": "bf16"})
    difference = rows_over(tmp_path, "none")["mixup"].difference
    assert difference is not None and difference.n == 0
    assert difference.unlike[0].differing == (("precision", "bf16", "none"),)


def test_other_seeds_may_have_been_made_elsewhere(tmp_path: Path) -> None:
    """Two machines share a night: what the two runs of a pair have in common is enough."""
    for seed in range(4):
        for mode in ("none", "mixup"):
            machine = {"versions": {"paddle": "3.3.1", "opencv": "4.10" if seed < 2 else "5.0"}}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, machine=machine)
    difference = rows_over(tmp_path, "none")["mixup"].difference
    assert difference is not None and difference.n == 4 and difference.unlike == ()


def test_one_fold_that_was_made_otherwise_spoils_the_seed(tmp_path: Path) -> None:
    for fold in ("f1", "f2"):
        for mode in ("none", "mixup"):
            machine = {"code": "b"} if (fold, mode) == ("f2", "mixup") else {"code": "a"}
            write_run(tmp_path / f"{mode}-{fold}" / "seed0", mode, fingerprint=fold, pool="p", machine=machine)
    difference = rows_over(tmp_path, "none")["mixup"].difference
    assert difference is not None and difference.n == 0
    assert difference.unlike[0].differing == (("code", "b", "a"),)


def test_of_a_repeated_seed_the_run_counts_that_makes_a_pair(tmp_path: Path) -> None:
    """`a_none` is first by name, but it was made on a CPU, and mixup was not."""
    gpu = {"device": "gpu:0", "gpu": T4}
    write_run(tmp_path / "a_none" / "seed0", "none")
    write_run(tmp_path / "none" / "seed0", "none", machine=gpu)
    write_run(tmp_path / "mixup" / "seed0", "mixup", machine=gpu)
    for seed in (1, 2):
        for mode in ("none", "mixup"):
            write_run(tmp_path / mode / f"seed{seed}", mode, seed)
    _, (note,) = find_runs(tmp_path)
    assert note == f"{tmp_path}/a_none/seed0: same setting and seed as {tmp_path}/none/seed0, which is used"
    difference = rows_over(tmp_path, "none")["mixup"].difference
    assert difference is not None and difference.n == 3


def test_of_two_whole_nights_one_counts(tmp_path: Path) -> None:
    """The one with more runs, for all seeds: not a run of one and a run of the other, which are no pairs."""
    for place, machine in (("1", {"code": "a"}), ("2", {"code": "b"})):
        for mode in ("none", "mixup"):
            for seed in range(3 if place == "1" else 4):
                write_run(tmp_path / f"{mode}{place}" / f"seed{seed}", mode, seed, machine=machine)
    row = rows_over(tmp_path, "none")["mixup"]
    assert row.difference is not None and row.difference.n == 4
    assert {run.folder.parent.name for run in row.runs} == {"mixup2"}


# --- continued runs


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ({"code": "a"}, "code a, then b"),
        ({"code": "b", "versions": {"paddle": "2.6.2"}}, "paddle 2.6.2, then 3.3.1"),
        ({"code": "b", "device": "gpu:0"}, "device gpu, then cpu"),
        ({"code": "b", "host": "there", "cpu": "another", "threads": {"paddle": 2, "loader": 2}}, None),
    ],
)
def test_a_run_that_was_continued_otherwise_is_left_out(
    tmp_path: Path, first: dict[str, Any], reason: str | None
) -> None:
    """Its first epochs were trained by another program than its last; no other run is like that."""
    folder = write_run(tmp_path / "seed0")
    last = {**SESSION, "code": "b", "after_epoch": 5}
    change_facts(folder, sessions=[{**SESSION, **first}, last])
    runs, notes = find_runs(tmp_path)
    assert notes == ([f"{folder}: its epochs were not all made alike: {reason}"] if reason else [])
    assert len(runs) == (0 if reason else 1)
    change_facts(folder, sessions=[{**SESSION, **first}, {**last, "after_epoch": 0}])  # the first had no epoch
    assert len(find_runs(tmp_path)[0]) == 1


# --- lost seeds


def lose(folder: Path) -> None:
    change_facts(folder, status="not finite", reason="the loss is not finite")


def slow_down(folder: Path, after_epoch: int) -> None:
    """As if it had begun with ten times its learning rate, until a loss was not finite."""
    stopped = {**SESSION, "lr": 1e-3, "not_finite": True}
    change_facts(folder, sessions=[stopped, {**SESSION, "after_epoch": after_epoch}])


def lost_in(folder: Path, evaluation: str = "") -> dict[str, tuple[int, ...]]:
    runs, _ = find_runs(folder)
    groups = grouped(judged_by(runs, evaluation)[0] if evaluation else runs)
    (group,) = [group for group in groups if dict(group.setting)["train.lr"] == 1e-3]
    return {arm.label: arm.lost for arm in group.arms}


@pytest.mark.parametrize("evaluation", ["", "evaluation-Test-last"])
def test_a_seed_is_lost_wherever_the_loss_was_not_finite(tmp_path: Path, evaluation: str) -> None:
    """What the others say is said of survivors: also where the run then went on more slowly, in another group."""
    for mode in ("none", "mixup"):
        for seed in range(6):
            done = {1: 7, 2: 0}.get(seed, 20) if mode == "mixup" else 20
            lr = 1e-4 if mode == "mixup" and seed in (3, 4) else 1e-3
            folder = write_run(tmp_path / mode / f"seed{seed}", mode, seed, done=done, train={"lr": lr})
            change_facts(folder, sessions=[{**SESSION, "lr": lr}])
            if done == 20:
                write_evaluation(folder, np.eye(16)[[0] * 6])
    lose(tmp_path / "mixup" / "seed1")  # in epoch 8
    lose(tmp_path / "mixup" / "seed2")  # in the first epoch
    slow_down(tmp_path / "mixup" / "seed3", 5)
    slow_down(tmp_path / "mixup" / "seed4", 0)
    assert lost_in(tmp_path, evaluation) == {"none": (), "mixup": (1, 2, 3, 4)}


def test_the_epochs_before_a_lower_learning_rate_are_those_of_the_run_as_it_began(tmp_path: Path) -> None:
    """The curve of two learning rates is nobody's; what the first has trained is unfinished for good."""
    folder = write_run(tmp_path / "seed0")
    slow_down(folder, 5)
    (run,), (note,) = find_runs(tmp_path)
    assert (run.done, run.broken, run.finished, run.leaves["train.lr"]) == (5, True, False, 1e-3)
    assert note == f"{folder}: its epochs were not all made alike: train.lr 0.001, then 0.0001"


def test_a_learning_rate_that_was_changed_before_the_first_epoch_is_no_loss(tmp_path: Path) -> None:
    """Somebody thought better of it and started again."""
    folder = write_run(tmp_path / "seed0")
    change_facts(folder, sessions=[{**SESSION, "lr": 1e-3}, SESSION])
    (run,), notes = find_runs(tmp_path)
    assert (run.broken, run.finished, notes) == (False, True, [])


def test_a_run_that_fails_in_its_first_epoch_has_no_row_and_a_reason(tmp_path: Path) -> None:
    write_run(tmp_path / "none" / "seed0", "none")
    folder = write_run(tmp_path / "none" / "seed1", "none", 1, done=0)
    lose(folder)
    (arm,) = only_group(tmp_path).arms
    assert [run.seed for run in arm.runs] == [0] and arm.lost == (1,)
    assert find_runs(tmp_path)[1] == [f"{folder}: its loss was not finite in the first epoch"]


def test_a_seed_that_was_repeated_with_success_is_not_lost(tmp_path: Path) -> None:
    lose(write_run(tmp_path / "a" / "seed0", done=3))
    write_run(tmp_path / "b" / "seed0")
    assert only_group(tmp_path).arms[0].lost == ()
