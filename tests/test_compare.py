"""Reading of runs and the numbers made of them, on folders written here, without any training."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compare import Group, Row, Run, baseline_arm, find_runs, grouped, measure, table, window
from config import Config, dump_config
from errors import UserError
from runs import CURVES


def write_run(
    folder: Path,
    mode: str = "none",
    seed: int = 0,
    epochs: int = 20,
    done: int | None = None,
    curves: dict[str, Any] | None = None,
    fingerprint: str = "9f02",
    **sections: dict[str, Any],
) -> Path:
    """A run folder as train.py leaves it; a curve that is not given is 0.5 everywhere."""
    done = epochs if done is None else done
    config = Config.model_validate(
        {
            "model": sections.get("model", {}),
            "augment": {"mode": mode, **sections.get("augment", {})},
            "data": {"image_size": 32, **sections.get("data", {})},
            "train": {"epochs": epochs, "seed": seed, **sections.get("train", {})},
        }
    )
    counts = {"train_images": 640, "eval_images": 273, "classes": 16}
    manifest = {
        "status": "finished" if done == epochs else "running",
        "epochs_done": done,
        "data": {"name": "emoji16", "fingerprint": fingerprint, **counts},
    }
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(dump_config(config), encoding="utf-8")
    (folder / "run.json").write_text(json.dumps(manifest), encoding="utf-8")
    for curve in CURVES:
        values = np.broadcast_to(np.asarray((curves or {}).get(curve, 0.5), dtype=np.float64), (done,))
        np.save(folder / f"{curve}.npy", values)
    return folder


def write_article_files(folder: Path, prefix: str, epochs: int = 100, **curves: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for curve in ("lossTrain", "accTrain", "lossEval", "accEval"):
        np.save(folder / f"{prefix}_{curve}.npy", np.broadcast_to(curves.get(curve, 0.5), (epochs,)))


def only_run(folder: Path) -> Run:
    (run,), notes = find_runs(folder)
    assert notes == []
    return run


def only_group(folder: Path) -> Group:
    (group,) = grouped(find_runs(folder)[0])
    return group


def rows_over(folder: Path, baseline: str) -> dict[str, Row]:
    group = only_group(folder)
    return {row.arm.label: row for row in table(group, baseline_arm(group, baseline))}


# --- numbers


@pytest.mark.parametrize(
    ("planned", "last"), [(500, 10), (100, 10), (99, 9), (45, 4), (40, 4), (20, 2), (19, 1), (9, 1), (1, 1)]
)
def test_window_is_ten_epochs_or_the_last_tenth(planned: int, last: int) -> None:
    """45 epochs: five values would reach into the epochs in which SamplePairing may still be mixing."""
    assert window(planned) == last


def test_the_last_ten_epochs_are_ten_values(tmp_path: Path) -> None:
    """The article's slice [-10:-1] takes nine and leaves out the final one."""
    curve = np.zeros(100)
    curve[-10] = 0.3  # the first of the ten
    curve[-11] = 0.9  # the one before
    curve[-1] = 0.5  # the final one
    write_run(tmp_path / "seed0", epochs=100, curves={"accEval": curve})
    run = measure(only_run(tmp_path))
    assert run.curves["accEval"] == pytest.approx((0.3 + 0.5) / 10)
    assert run.best == 0.9  # of any epoch


def test_epochs_without_a_clean_pass_do_not_count(tmp_path: Path) -> None:
    """NaN must neither spoil the mean nor count as zero, and the gap takes clean and eval from the same epochs."""
    clean, evaluated = np.full(40, np.nan), np.linspace(0.2, 0.7, 40)
    clean[[35, 37, 39]] = 0.1, 0.8, 1.0  # the window is the last four epochs, 36..39 by index
    write_run(tmp_path / "seed0", epochs=40, curves={"accTrainClean": clean, "accEval": evaluated})
    run = measure(only_run(tmp_path))
    assert run.curves["accTrainClean"] == pytest.approx(0.9)
    assert run.gap == pytest.approx(((0.8 - evaluated[37]) + (1.0 - evaluated[39])) / 2)


def test_mean_and_standard_deviation_over_seeds(tmp_path: Path) -> None:
    """n - 1 in the deviation; a single seed has none, which is not the same as zero."""
    for seed, accuracy in enumerate((0.5, 0.6, 0.7)):
        write_run(tmp_path / "vgg_mixup" / f"seed{seed}", "mixup", seed, curves={"accEval": accuracy})
    write_run(tmp_path / "vgg_none" / "seed0", "none", 0)
    rows = rows_over(tmp_path, "none")
    assert rows["mixup"].curves["accEval"] == pytest.approx((0.6, 0.1, 3))
    assert math.isnan(rows["none"].curves["accEval"].sd)


def test_points_are_paired_by_seed(tmp_path: Path) -> None:
    """Seeds differ by 10 points each, the modes by 2: only pairs of equal seed show the 2, without any spread."""
    for seed in (0, 1, 2):
        write_run(tmp_path / "a" / f"seed{seed}", "userDef", seed, curves={"accEval": 0.4 + 0.1 * seed})
    for seed in (1, 2, 3):
        write_run(tmp_path / "b" / f"seed{seed}", "mixup", seed, curves={"accEval": 0.42 + 0.1 * seed})
    rows = rows_over(tmp_path, "userDef")
    assert rows["mixup"].points == pytest.approx((2.0, 0.0, 2), abs=1e-9)
    assert rows["userDef"].points is None


def test_points_without_a_common_seed_say_so(tmp_path: Path) -> None:
    """A difference of means is no paired difference: n is 0 and there is no deviation."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, curves={"accEval": 0.4})
    write_run(tmp_path / "b" / "seed1", "mixup", 1, curves={"accEval": 0.45})
    points = rows_over(tmp_path, "userDef")["mixup"].points
    assert points is not None and points.mean == pytest.approx(5.0)
    assert points.n == 0 and math.isnan(points.sd)


def test_an_unfinished_run_is_neither_averaged_nor_set_against_others(tmp_path: Path) -> None:
    """Its accuracy at epoch 12 of 40 would pull the arm down and look like an effect."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, epochs=40)
    write_run(tmp_path / "b" / "seed0", "mixup", 0, epochs=40, curves={"accEval": 0.6})
    write_run(tmp_path / "b" / "seed1", "mixup", 1, epochs=40, done=12, curves={"accEval": np.arange(12) / 100})
    group = only_group(tmp_path)
    _, finished, unfinished = table(group, baseline_arm(group, "userDef"))
    assert finished.curves["accEval"].mean == pytest.approx(0.6)
    assert finished.points is not None and finished.points.n == 1
    assert unfinished.points is None
    assert (unfinished.first, unfinished.last) == (9, 12)
    assert unfinished.curves["accEval"].mean == pytest.approx(np.mean([0.08, 0.09, 0.10, 0.11]))


def test_an_unfinished_baseline_is_no_baseline(tmp_path: Path) -> None:
    """A finished mode against a baseline that has just begun would look like a triumph."""
    write_run(tmp_path / "a" / "seed0", "userDef", 0, epochs=40, done=3)
    write_run(tmp_path / "b" / "seed0", "mixup", 0, epochs=40)
    assert rows_over(tmp_path, "userDef")["mixup"].points is None


@pytest.mark.parametrize(("clean", "expected"), [(0.79, True), (0.81, False), (math.nan, False)])
def test_under_fitted_looks_at_clean_training_images(tmp_path: Path, clean: float, expected: bool) -> None:
    """Accuracy on mixed images is low in a network that fits perfectly; what was not measured is not blamed."""
    write_run(tmp_path / "seed0", "mixup", curves={"accTrainClean": clean, "accTrain": 0.5})
    (row,) = table(only_group(tmp_path), None)
    assert row.under_fitted is expected


# --- groups and arms


def test_runs_of_another_setting_are_another_group(tmp_path: Path) -> None:
    """Comparing across data, size, network or length would credit their effect to the augmentation."""
    write_run(tmp_path / "a" / "seed0")
    write_run(tmp_path / "b" / "seed0", fingerprint="77aa")
    write_run(tmp_path / "c" / "seed0", data={"image_size": 48})
    write_run(tmp_path / "d" / "seed0", data={"images_per_class": 10})
    write_run(tmp_path / "e" / "seed0", model={"width": 0.5})
    write_run(tmp_path / "f" / "seed0", epochs=30)
    write_run(tmp_path / "g" / "seed0", train={"lr": 0.001})
    groups = grouped(find_runs(tmp_path)[0])
    assert len(groups) == len({group.title for group in groups}) == len({group.slug for group in groups}) == 7


def test_seed_machine_and_paths_do_not_separate_runs(tmp_path: Path) -> None:
    """The same experiment on another computer, whose images lie elsewhere."""
    write_run(tmp_path / "a" / "seed0", seed=0)
    write_run(
        tmp_path / "a" / "seed1",
        seed=1,
        data={"root": "/elsewhere", "threads": 4},
        train={"device": "cpu", "threads": 2, "clean_every": 5},
    )
    (arm,) = only_group(tmp_path).arms
    assert [run.seed for run in arm.runs] == [0, 1]


def test_titles_and_folder_names(tmp_path: Path) -> None:
    """Readable while unique; groups that would share a name say in what they differ, and get folders of their own."""
    write_run(tmp_path / "a" / "seed0")
    assert only_group(tmp_path).title == "googlenet on emoji16, 32 px, 20 epochs"
    assert only_group(tmp_path).slug == "googlenet-emoji16-32px-20ep"
    write_run(tmp_path / "b" / "seed0", model={"width": 0.5})
    groups = grouped(find_runs(tmp_path)[0])
    assert {group.title.removeprefix("googlenet on emoji16, 32 px, 20 epochs ") for group in groups} == {
        "(width 1.0)",
        "(width 0.5)",
    }
    assert all(group.slug.startswith("googlenet-emoji16-32px-20ep-") for group in groups)


def test_arms_are_named_after_what_tells_them_apart(tmp_path: Path) -> None:
    """Two mixup arms called `mixup` could not be told apart, and one arm must not take the other's seeds."""
    write_run(tmp_path / "x" / "vgg_mixup" / "seed0", "mixup", 0)
    write_run(tmp_path / "x" / "vgg_mixup" / "seed1", "mixup", 1)
    write_run(tmp_path / "x" / "vgg_mixup02" / "seed0", "mixup", 0, augment={"alpha": 0.2})
    write_run(tmp_path / "x" / "vgg_none" / "seed0", "none", 0)
    arms = only_group(tmp_path).arms
    assert [(arm.label, len(arm.runs)) for arm in arms] == [("none", 1), ("vgg_mixup", 2), ("vgg_mixup02", 1)]


def test_one_config_folder_may_hold_two_arms(tmp_path: Path) -> None:
    """`--set augment.alpha=0.2 --seed 1` lands beside a seed 0 of alpha 1.5: these are not two seeds of one arm."""
    write_run(tmp_path / "vgg_mixup" / "seed0", "mixup", 0)
    write_run(tmp_path / "vgg_mixup" / "seed1", "mixup", 1, augment={"alpha": 0.2})
    first, second = only_group(tmp_path).arms
    assert first.label.endswith("seed0") and second.label.endswith("seed1")


def test_baseline_by_mode_or_label(tmp_path: Path) -> None:
    """A mode that two arms share names neither of them."""
    write_run(tmp_path / "weak" / "seed0", "mixup", augment={"alpha": 0.2})
    write_run(tmp_path / "strong" / "seed0", "mixup")
    write_run(tmp_path / "plain" / "seed0", "none")
    group = only_group(tmp_path)
    assert baseline_arm(group, "mixup") is None
    weak, plain = baseline_arm(group, "weak"), baseline_arm(group, "none")
    assert weak is not None and weak.mode == "mixup"
    assert plain is not None and plain.label == "none"


# --- finding and reading


def test_any_level_of_the_folders_can_be_given(tmp_path: Path) -> None:
    write_run(tmp_path / "logs" / "vgg_none" / "seed10", seed=10)
    write_run(tmp_path / "logs" / "vgg_none" / "seed9", seed=9)
    for folder, seeds in (
        (tmp_path, [9, 10]),
        (tmp_path / "logs" / "vgg_none", [9, 10]),
        (tmp_path / "logs" / "vgg_none" / "seed9", [9]),
    ):
        assert [run.seed for run in find_runs(folder)[0]] == seeds


def test_a_missing_folder_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        find_runs(tmp_path / "lgos")


def test_links_and_copies_count_once(tmp_path: Path) -> None:
    """A backup beside the run would make n = 2 with a standard deviation of zero; a link upwards never ends."""
    run = write_run(tmp_path / "vgg_none" / "seed0")
    (tmp_path / "vgg_none" / "up").symlink_to(tmp_path)
    shutil.copytree(run, tmp_path / "zz_backup" / "seed0")
    runs, (note,) = find_runs(tmp_path)
    assert [run.folder for run in runs] == [tmp_path / "vgg_none" / "seed0"]
    assert note.startswith(str(tmp_path / "zz_backup" / "seed0")) and "same setting and seed" in note


def test_of_two_runs_with_one_seed_the_complete_one_counts(tmp_path: Path) -> None:
    write_run(tmp_path / "aa_aborted" / "seed0", done=3)
    write_run(tmp_path / "vgg_none" / "seed0")
    assert [run.finished for run in find_runs(tmp_path)[0]] == [True]


def test_broken_folders_are_left_out_with_the_reason(tmp_path: Path) -> None:
    """One bad folder must not hide the others, nor be hidden itself."""
    write_run(tmp_path / "good" / "seed0")
    np.save(write_run(tmp_path / "lengths" / "seed0") / "accEval.npy", np.zeros(3))
    np.save(write_run(tmp_path / "shape" / "seed0") / "accEval.npy", np.zeros((20, 2)))
    np.save(write_run(tmp_path / "text" / "seed0") / "accEval.npy", np.array(["a"] * 20))
    cut = write_run(tmp_path / "cut" / "seed0") / "accEval.npy"
    cut.write_bytes(cut.read_bytes()[:150])
    (write_run(tmp_path / "empty" / "seed0") / "accEval.npy").write_bytes(b"")
    (write_run(tmp_path / "absent" / "seed0") / "accEval.npy").unlink()
    (write_run(tmp_path / "no_facts" / "seed0") / "run.json").unlink()
    (write_run(tmp_path / "bad_facts" / "seed0") / "run.json").write_text('{"status": ')
    (write_run(tmp_path / "old_facts" / "seed0") / "run.json").write_text('{"status": "finished"}')
    (write_run(tmp_path / "config" / "seed0") / "config.yaml").write_text("train: {epoch: 3}\n")
    short = write_run(tmp_path / "short" / "seed0", done=12)
    (short / "run.json").write_text((tmp_path / "good" / "seed0" / "run.json").read_text())
    write_run(tmp_path / "just_begun" / "seed0", done=0)
    fresh = write_run(tmp_path / "fresh" / "seed0")
    for curve in CURVES:
        (fresh / f"{curve}.npy").unlink()

    runs, notes = find_runs(tmp_path)
    assert [run.folder.parent.name for run in runs] == ["good"]
    reasons = {note.split("/seed0: ")[0].rpartition("/")[2]: note.split("/seed0: ")[1] for note in notes}
    expected = {
        "lengths": "different lengths",
        "shape": "shape [20, 2]",
        "text": "does not hold numbers",
        "cut": "accEval.npy cannot be read",
        "empty": "accEval.npy cannot be read",
        "absent": "accEval.npy missing",
        "no_facts": "no run.json",
        "bad_facts": "run.json cannot be read",
        "old_facts": "run.json has no 'data'",
        "config": "train.epoch",
        "short": "12 of 20 epochs",
        "just_begun": "no epoch is complete yet",
        "fresh": "no curves yet",
    }
    assert reasons.keys() == expected.keys()
    for name, part in expected.items():
        assert part in reasons[name] and "\n" not in reasons[name]


class _Trap:
    """Unpickling this would make a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_curves_are_never_unpickled(tmp_path: Path) -> None:
    """An .npy file with objects runs the code of whoever wrote it."""
    run = write_run(tmp_path / "vgg_none" / "seed0")
    np.save(run / "accEval.npy", np.array([_Trap(tmp_path / "sprung")] * 20), allow_pickle=True)
    runs, (note,) = find_runs(tmp_path)
    assert runs == [] and "accEval.npy cannot be read" in note
    assert not (tmp_path / "sprung").exists()


def test_a_run_can_be_read_while_it_trains(tmp_path: Path) -> None:
    """train.py replaces six files one after the other; between two of them some are an epoch ahead."""
    folder = write_run(tmp_path / "seed0", done=5)
    np.save(folder / "lossTrain.npy", np.zeros(6))
    run = only_run(tmp_path)
    assert run.done == 5 and {len(curve) for curve in run.curves.values()} == {5}


def test_the_articles_flat_files(tmp_path: Path) -> None:
    """No config, seed or clean curves: shown as far as they go, not compared with runs that are recorded."""
    folder = tmp_path / "logs_vggnet"
    write_article_files(folder, "noAug", accEval=0.36)
    write_article_files(folder, "userDefAug", accEval=0.5)
    write_article_files(folder, "samplePairingAug")
    write_article_files(folder, "mixupAug", accEval=0.53)
    write_article_files(folder, "smoteAug")
    np.save(folder / "mixupAug_lossTrain.npy", np.ones((100, 1), dtype=np.float32))  # a list of old Paddle's losses
    write_run(tmp_path / "vgg_none" / "seed0", epochs=100)

    runs, (note,) = find_runs(tmp_path)
    assert "smoteAug_*.npy" in note and "not the name of a mode" in note
    article, ours = sorted(grouped(runs), key=lambda group: len(group.arms), reverse=True)
    assert "logs_vggnet" in article.title and "article" in article.title
    assert [arm.label for arm in article.arms] == ["none", "userDef", "samplePairing", "mixup"]
    assert len(ours.arms) == 1
    row = table(article, baseline_arm(article, "userDef"))[-1]
    assert row.points is not None and row.points.n == 0 and row.points.mean == pytest.approx(3.0)
    assert row.curves["lossTrain"].mean == 1.0
    assert math.isnan(row.gap.mean) and math.isnan(row.curves["accTrainClean"].mean) and not row.under_fitted


def test_article_files_of_another_length_are_another_group(tmp_path: Path) -> None:
    """The last ten of 100 epochs say nothing against the last ten of 500."""
    write_article_files(tmp_path, "noAug", epochs=100)
    write_article_files(tmp_path, "mixupAug", epochs=500)
    assert len(grouped(find_runs(tmp_path)[0])) == 2
