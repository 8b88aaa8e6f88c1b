"""Runs are found and read; what is damaged is left out with the reason."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.comparison.groups import grouped
from suite.comparison.predictions import judged_by, read_predictions
from suite.comparison.reading import find_runs
from suite.errors import UserError
from suite.runs.curves import CURVES
from tests.fixtures.runs import only_run, write_article_files, write_evaluation, write_run


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
    """One bad folder must not hide the others, nor be hidden itself; more kinds of damage: test_bad_runs.py."""
    write_run(tmp_path / "good" / "seed0")
    cut = write_run(tmp_path / "cut" / "seed0") / "accEval.npy"
    cut.write_bytes(cut.read_bytes()[:150])
    short = write_run(tmp_path / "short" / "seed0", done=12)
    (short / "run.json").write_text((tmp_path / "good" / "seed0" / "run.json").read_text())
    write_run(tmp_path / "infinite" / "seed0", curves={"lossEval": np.r_[np.ones(19), np.inf]})
    edited = write_run(tmp_path / "edited" / "seed0") / "run.json"
    edited.write_text(edited.read_text().replace('"train_images": 640', '"train_images": 641'))
    write_run(tmp_path / "just_begun" / "seed0", done=0)
    fresh = write_run(tmp_path / "fresh" / "seed0")
    for curve in CURVES:
        (fresh / f"{curve}.npy").unlink()

    runs, notes = find_runs(tmp_path)
    assert [run.folder.parent.name for run in runs] == ["good"]
    reasons = {Path(note.split("/seed0")[0]).name: note.split("/seed0")[1] for note in notes}
    expected = {
        "cut": "accEval.npy cannot be read",
        "short": "lossTrain.npy is damaged",
        "infinite": "lossEval.npy holds values that are not finite",
        "edited": "run.json is damaged",
        "just_begun": "no epoch is complete yet",
        "fresh": "lossTrain.npy is missing",
    }
    assert reasons.keys() == expected.keys()
    for name, part in expected.items():
        assert part in reasons[name] and "\n" not in reasons[name]


def test_what_a_run_says_of_itself(tmp_path: Path) -> None:
    """The report shows these."""
    folder = write_run(tmp_path / "seed3", seed=3, epochs=4)
    run = only_run(folder)
    assert run.command == "python train.py --seed 3" and run.class_names[1] == "class 1"
    assert run.leaves["train.seed"] == 3 and run.leaves["augment.mode"] == "none"
    np.testing.assert_array_equal(run.seconds, [2.0] * 4)


def test_predictions_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """A damaged file must not keep the rest of the comparison from being shown, nor silently be left out."""
    labels, logits = np.array([0, 1, 1]), np.array([[2.0, 1], [0, 1], [3, 1]])
    run = only_run(write_run(tmp_path / "seed0", predictions=(labels, logits)))
    predictions = read_predictions(run)
    assert predictions is not None
    np.testing.assert_array_equal(predictions.labels, labels)
    np.testing.assert_array_equal(predictions.logits, logits)
    file = run.folder / "predictions.npz"
    with np.load(file) as arrays:
        edited = {**arrays, "logits": arrays["logits"][::-1]}
    objects = {**edited, "labels": np.array([_Trap(tmp_path / "sprung")])}
    for spoil in (
        lambda: np.savez(file, **edited),
        lambda: np.savez(file, **objects),
        lambda: np.savez(file, labels=labels, logits=logits),
        lambda: file.write_bytes(b"PK"),
    ):
        spoil()
        assert read_predictions(run) is None
        (still_there,), (note,) = find_runs(tmp_path)
        assert still_there.folder == run.folder and note.startswith(f"{file} is damaged")
    assert not (tmp_path / "sprung").exists()
    file.unlink()
    assert read_predictions(only_run(tmp_path)) is None


def test_what_was_not_judged_as_asked_is_left_out(tmp_path: Path) -> None:
    """A number of half a training, or of images that were trained on, would pass for one of the finished run."""
    logits = np.eye(16)[[0, 1, 0, 0, 2, 0]]
    write_evaluation(write_run(tmp_path / "whole"), logits)
    write_run(tmp_path / "never")
    write_evaluation(write_run(tmp_path / "early"), logits, finished=False)
    write_evaluation(write_run(tmp_path / "known"), logits, trained_on=2)
    write_evaluation(write_run(tmp_path / "forgotten"), logits, trained_on=None)
    damaged = write_run(tmp_path / "damaged")
    (damaged / "evaluation-Test-last").mkdir()
    np.savez(damaged / "evaluation-Test-last/predictions.npz", labels=np.zeros(6, int), logits=logits)
    runs = [only_run(tmp_path / name) for name in ("whole", "never", "early", "known", "forgotten", "damaged")]
    judged, notes = judged_by(runs, "evaluation-Test-last")
    assert [run.folder.name for run in judged] == ["whole"]
    for name, reason in {
        "never": "no evaluation-Test-last/predictions.npz",
        "early": "was not finished",
        "known": "2 of the 6 images of evaluation-Test-last/ were trained on",
        "forgotten": "its data.txt is gone or damaged",
        "damaged": "predictions.npz is damaged",
    }.items():
        assert sum(note.startswith(f"{tmp_path / name}") and reason in note for note in notes) == 1
    with pytest.raises(UserError, match="--evaluation evaluation: no run can be compared by it"):
        judged_by(runs, "evaluation")


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
    """train.py replaces six files one after the other, and then run.json; before that some are an epoch ahead."""
    folder = write_run(tmp_path / "seed0", done=5)
    np.save(folder / "lossTrain.npy", np.r_[np.full(5, 0.5), 0.1])
    run = only_run(tmp_path)
    assert run.done == 5 and {len(curve) for curve in run.curves.values()} == {5}


def test_the_articles_flat_files(tmp_path: Path) -> None:
    """No config, seed or clean curves: shown as far as they go, not compared with runs that are recorded."""
    folder = tmp_path / "logs_vggnet"
    write_article_files(folder, "noAug", accEval=0.36)
    write_article_files(folder, "userDefAug", accEval=0.5)
    write_article_files(folder, "samplePairingAug")
    write_article_files(folder, "mixupAug", accEval=0.53)
    write_article_files(folder, "otherAug")
    np.save(folder / "mixupAug_lossTrain.npy", np.ones((100, 1), dtype=np.float32))  # a list of old Paddle's losses
    write_run(tmp_path / "vgg_none" / "seed0", epochs=100)

    runs, (note,) = find_runs(tmp_path)
    assert "otherAug_*.npy" in note and "not the name of a mode" in note
    article, ours = sorted(grouped(runs), key=lambda group: len(group.arms), reverse=True)
    assert "logs_vggnet" in article.title and "article" in article.title
    assert [arm.label for arm in article.arms] == ["none", "userDef", "samplePairing", "mixup"]
    assert len(ours.arms) == 1
