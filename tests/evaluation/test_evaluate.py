"""evaluate.py for one run: its numbers against an independent computation, its files and its words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.config.reading import load_config
from suite.evaluation.request import Request
from suite.percent import per_cent
from suite.runs.facts import read_facts
from suite.runs.predictions import read_predictions
from suite.runs.trained import TrainedRun
from suite.training.run import train
from tests.fixtures.commands import Command, records
from tests.fixtures.facts import change_config, change_facts
from tests.fixtures.judged import CLASSES, SETTINGS, softmax


def test_the_last_epoch_on_the_evaluation_list(run: Path, command: Command) -> None:
    """Catches weights not restored, dropout left on, and wrong columns: training wrote the same logits by itself."""
    done = command("evaluate.py", run, "--device", "cpu")
    assert (done.returncode, done.stderr) == (0, "")

    kept = np.load(run / "predictions.npz")
    labels, guesses, probabilities = kept["labels"], kept["logits"].argmax(axis=1), softmax(kept["logits"])
    rows, every = records(run / "evaluation/predictions.csv"), np.arange(len(labels))
    assert [row["file"].rpartition("/")[0] for row in rows] == [CLASSES[label] for label in labels]
    assert [row["guess"] for row in rows] == [CLASSES[guess] for guess in guesses]
    assert [row["verdict"] == "right" for row in rows] == (guesses == labels).tolist()
    for column, expected in {
        "label": labels,
        "probability_of_guess": probabilities.max(axis=1),
        "probability_of_class": probabilities[every, labels],
        "loss": -np.log(probabilities[every, labels]),
    }.items():
        np.testing.assert_allclose([float(row[column]) for row in rows], expected, rtol=1e-4)

    class_accuracy = [np.mean(guesses[labels == label] == label) for label in range(3)]
    loss, accuracy = (np.load(run / f"{name}.npy")[-1] for name in ("lossEval", "accEval"))
    for line in (f"{len(labels)} of 3 classes", f"{loss:.4f}", per_cent(accuracy), per_cent(np.mean(class_accuracy))):
        assert line in done.stdout


def test_tables_and_pictures(run: Path, main: Callable[..., int]) -> None:
    """Catches rows and columns of the confusion matrix exchanged, and names that break a picture (with a warning)."""
    assert main(run) == 0
    out = run / "evaluation"
    predictions = records(out / "predictions.csv")
    for row in records(out / "confusion.csv"):
        name = row.pop("class \\ taken for")
        guessed = [row["guess"] for row in predictions if row["class"] == name]
        assert row == {column: str(guessed.count(column)) for column in CLASSES}
    for row in records(out / "per_class.csv"):
        own = [prediction for prediction in predictions if prediction["class"] == row["class"]]
        right = sum(prediction["verdict"] == "right" for prediction in own)
        assert (row["images"], row["correct"]) == (str(len(own)), str(right))
        assert float(row["accuracy"]) == pytest.approx(right / len(own), abs=1e-6)
    for picture in ("confusion.png", "mistakes.png"):
        with Image.open(out / picture) as image:
            assert min(image.size) > 200


def test_another_list_and_checkpoint(run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """Catches results that overwrite others, and a class without images that spoils a mean or a table."""
    assert main(run, "--list", "Test.txt", "--checkpoint", "best") == 0
    out = run / "evaluation-Test-best"
    assert not (run / "evaluation").exists()
    assert len(records(out / "predictions.csv")) == 6
    absent = {
        "class": CLASSES[1],
        "images": "0",
        "correct": "0",
        "accuracy": "",
        "most_often_taken_for": "",
        "times": "0",
    }
    assert absent in records(out / "per_class.csv")
    printed = capsys.readouterr().out
    assert "6 of 2 classes" in printed
    assert "nan" not in printed
    assert "very list" not in printed  # the choice of best.npz has not seen Test.txt


def test_what_to_keep_in_mind_is_said(run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """Catches an accuracy on images that were trained on, or chosen on, being taken for one on new images."""
    change_facts(run, status="running", epochs_done=1)
    main(run, "--checkpoint", "best")
    printed = capsys.readouterr().out
    assert "chosen on this very list" in printed
    assert "not finished: 1 of 2 epochs" in printed
    assert "trained on" not in printed


def test_a_root_in_a_home(
    trained: Path,
    run: Path,
    main: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Catches a `~` that training expands and evaluation does not: no list, another folder, a note that is not said."""
    change_config(run, f"{trained}/images", "~/images")
    monkeypatch.setenv("HOME", str(trained))
    main(run, "--list", "Test.txt")
    assert (run / "evaluation-Test-last").is_dir()
    main(run)
    assert (run / "evaluation").is_dir()
    main(run, "--checkpoint", "best")
    assert "chosen on this very list" in capsys.readouterr().out


def test_images_that_were_trained_on_are_counted(
    trained: Path, run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches them under another name or in another list, where a high accuracy looks like one on new images."""
    root = trained / "images"
    (root / "copy.png").write_bytes((root / CLASSES[0] / "000.png").read_bytes())
    fold = [f"{CLASSES[1]}/002.png 1\n", "copy.png 0\n", f"{CLASSES[2]}/004.png 2\n"]
    (root / "Eval-fold2.txt").write_text("".join(fold), encoding="utf-8")
    main(run, "--list", "Eval-fold2.txt")
    assert f"note: {run}: 2 of the 3 images were trained on: this is no accuracy on new" in capsys.readouterr().out
    main(run, "--list", "Train.txt")
    assert "12 of the 12 images were trained on" in capsys.readouterr().out
    listing = (run / "data.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    (run / "data.txt").write_text("".join(listing[1:]), encoding="utf-8")
    main(run, "--list", "Train.txt")
    (run / "data.txt").unlink()
    main(run, "--list", "Train.txt")
    assert capsys.readouterr().out.count("data.txt is gone or damaged, so nothing tells which of the images") == 2
    assert np.load(run / "evaluation-Train-last/predictions.npz")["trained_on"] == -1


def test_no_evaluation_overwrites_another(trained: Path, run: Path) -> None:
    """Catches two choices with one folder: the same file name in two places."""
    config = load_config(run / "config.yaml")
    root = Path(config.data.root)
    lists = [root / "Eval.txt", root / "Test.txt", root / "more/Test.txt", trained / "elsewhere/Test.txt"]
    checkpoints = [run / "last.npz", run / "best.npz", trained / "logs/other/seed0/last.npz"]
    facts = read_facts(run)
    assert facts is not None
    names = [
        Request(TrainedRun(run, config, facts, weights), file).output_name for file in lists for weights in checkpoints
    ]
    assert len(set(names)) == len(names)
    assert names[:2] == ["evaluation", "evaluation-Eval-best"]


def test_predictions_keep_which_images_belong_together(trained: Path, tmp_path: Path, main: Callable[..., int]) -> None:
    """Those of training and those of another list, or an interval would count one person's photos as many people."""
    shutil.copytree(trained, tmp_path / "copy")
    root, folder = tmp_path / "copy/images", tmp_path / "copy/logs/small/seed1"
    lines = [line for name in ("Eval", "Test") for line in (root / f"{name}.txt").read_text().splitlines()]
    listed = dict.fromkeys(line.rpartition(" ")[0] for line in lines)
    (root / "groups.txt").write_text("".join(f"{path} {number // 2}\n" for number, path in enumerate(listed)))
    train(load_config(trained / "small.yaml", [*SETTINGS, "train.seed=1", f"data.root={root}"]), folder)
    main(folder, "--list", "Test.txt")
    expected_in = {folder: [0, 0, 1, 1, 2, 2, 3, 3, 4, 4], folder / "evaluation-Test-last": [0, 0, 1, 1, 5, 5]}
    for place, expected in expected_in.items():
        predictions = read_predictions(place)
        assert predictions is not None and predictions.groups is not None
        assert predictions.groups.tolist() == expected
