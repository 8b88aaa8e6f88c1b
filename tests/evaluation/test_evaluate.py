"""evaluate.py: its numbers against an independent computation, its files, and what it says to a user's mistake."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import evaluate
from suite import lettering
from suite.comparison.groups import grouped
from suite.comparison.predictions import judged_by, read_predictions
from suite.comparison.reading import find_runs
from suite.config.reading import load_config
from suite.data.loading import ImageSet
from suite.errors import UserError
from suite.evaluation import pictures
from suite.evaluation.judgement import Judgement
from suite.evaluation.request import Request
from suite.runs.facts import read_facts
from suite.training.run import train
from tests.fixtures.commands import SMALL_VGG, Command
from tests.fixtures.facts import change_config, change_facts
from tests.fixtures.images import make_image_set

CLASSES = ("猫", "green $^$ things_with a long name", "blue")
SETTINGS = [*SMALL_VGG, "augment.mode=none", "train.epochs=2", "train.device=cpu", "train.lr=0.001"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of two epochs. Eval.txt has 4, 4 and 2 images of the classes, Test.txt none of the second."""
    folder = tmp_path_factory.mktemp("trained")
    root = make_image_set(folder / "images", train_per_class=4, classes=CLASSES)
    lines = (root / "Eval.txt").read_text().splitlines(keepends=True)
    (root / "Eval.txt").write_text("".join(lines[:-2]))
    (root / "Test.txt").write_text("".join([*lines[:4], *lines[-2:]]))
    (folder / "small.yaml").write_text(f"data:\n  root: {root}\n")
    train(load_config(folder / "small.yaml", SETTINGS), folder / "logs/small/seed0")
    return folder


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy of the run for a test to spoil; its images are those of `trained`."""
    return shutil.copytree(trained / "logs/small/seed0", tmp_path / "logs/small/seed0")


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command within this process, which has imported Paddle already; its UserError arrives as it is."""

    def call(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["evaluate.py", *map(str, arguments), "--device", "cpu"])
        return evaluate.main()

    return call


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64))
    return powers / powers.sum(axis=1, keepdims=True)


def test_the_last_epoch_on_the_evaluation_list(run: Path, command: Command) -> None:
    """Catches weights not restored, dropout left on, and wrong columns: training wrote the same logits by itself."""
    done = command("evaluate.py", run, "--device", "cpu")
    assert (done.returncode, done.stderr) == (0, "")

    kept = np.load(run / "predictions.npz")
    labels, guesses, probabilities = kept["labels"], kept["logits"].argmax(axis=1), softmax(kept["logits"])
    rows, every = read(run / "evaluation/predictions.csv"), np.arange(len(labels))
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
    for line in (f"{len(labels)} of 3 classes", f"{loss:.4f}", f"{accuracy:.1%}", f"{np.mean(class_accuracy):.1%}"):
        assert line in done.stdout


def test_tables_and_pictures(run: Path, main: Callable[..., int]) -> None:
    """Catches rows and columns of the confusion matrix exchanged, and names that break a picture (with a warning)."""
    assert main(run) == 0
    out = run / "evaluation"
    predictions = read(out / "predictions.csv")
    for row in read(out / "confusion.csv"):
        name = row.pop("class \\ taken for")
        guessed = [row["guess"] for row in predictions if row["class"] == name]
        assert row == {column: str(guessed.count(column)) for column in CLASSES}
    for row in read(out / "per_class.csv"):
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
    assert len(read(out / "predictions.csv")) == 6
    absent = {
        "class": CLASSES[1],
        "images": "0",
        "correct": "0",
        "accuracy": "",
        "most_often_taken_for": "",
        "times": "0",
    }
    assert absent in read(out / "per_class.csv")
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


def test_many_runs_on_one_list(
    trained: Path, run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches results in the wrong run, and a file that the comparison cannot read."""
    other = run.with_name("seed1")
    train(load_config(trained / "small.yaml", [*SETTINGS, "train.seed=1"]), other)
    capsys.readouterr()
    assert main(run, other, "--list", "Test.txt") == 0
    printed = capsys.readouterr().out.splitlines()
    *lines, last = [line for line in printed if "installed font" not in line]
    assert len(printed) - len(lines) <= 2  # the note on fonts once
    assert last == f"next: python plot_curves.py {os.path.relpath(run.parent)} --evaluation evaluation-Test-last"
    assert lines.pop() == "written into evaluation-Test-last of each run"
    assert [line.partition(",")[0] for line in lines] == [str(run), str(other)]
    kept = [np.load(folder / "evaluation-Test-last/predictions.npz") for folder in (run, other)]
    assert (kept[0]["logits"] != kept[1]["logits"]).all()
    for folder, arrays in zip((run, other), kept, strict=True):
        rows = read(folder / "evaluation-Test-last/predictions.csv")
        assert [row["guess"] for row in rows] == [CLASSES[guess] for guess in arrays["logits"].argmax(axis=1)]
        assert [row["label"] for row in rows] == [str(label) for label in arrays["labels"]]

    judged, notes = judged_by(find_runs(run.parent)[0], "evaluation-Test-last")
    assert notes == [] and [one.images for one in judged] == [(12, 6, 3)] * 2
    (group,) = grouped(judged)
    predictions = [read_predictions(one) for one in group.arms[0].runs]
    assert all(
        (found.logits == arrays["logits"]).all() for found, arrays in zip(predictions, kept, strict=True) if found
    )

    main(run, other, "--list", "Train.txt")
    with pytest.raises(UserError, match="12 of the 12 images of evaluation-Train-last/ were trained on"):
        judged_by(judged, "evaluation-Train-last")


def test_one_bad_run_does_not_keep_others_from_being_judged(trained: Path, run: Path, command: Command) -> None:
    """A night of 32 runs, one without a checkpoint, one damaged: what can be judged is, what cannot is named."""
    damaged, empty, gone = (run.with_name(name) for name in ("seed1", "seed2", "seed3"))
    shutil.copytree(run, damaged)
    (damaged / "last.npz").write_bytes(b"hello")
    empty.mkdir()
    last = shutil.copytree(run, run.with_name("seed4"))
    done = command("evaluate.py", damaged, empty, run, gone, last, "--list", "Test.txt", "--device", "cpu")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert [line.partition(": ")[0] for line in done.stderr.splitlines()] == ["error"] * 3
    for folder in (damaged, empty, gone):
        assert f"error: {folder}" in done.stderr
        assert not (folder / "evaluation-Test-last").exists()
    assert (run / "evaluation-Test-last/predictions.npz").is_file()
    assert (last / "evaluation-Test-last/predictions.npz").is_file()
    assert "written into evaluation-Test-last of each run" in done.stdout


def test_runs_of_different_lists_get_no_common_next_command(
    trained: Path, run: Path, main: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """It would leave out those whose folder has another name."""
    other = shutil.copytree(run, run.with_name("seed1"))
    root = shutil.copytree(trained / "images", trained / "elsewhere/images", dirs_exist_ok=True)
    change_config(other, str(trained / "images"), str(root))
    assert main(run, other, "--list", trained / "images/Test.txt") == 0
    printed = capsys.readouterr().out
    assert "written into evaluation-Test-last or evaluation-" in printed and "next:" not in printed
    assert main(run, other) == 0
    assert "next:" not in capsys.readouterr().out  # what plot_curves.py compares anyway


def test_a_list_of_many_mistakes_is_counted_once(run: Path, tmp_path: Path, main: Callable[..., int]) -> None:
    """A list that is shortened twice says that there is one more."""
    (tmp_path / "bad.txt").write_text("".join(f"{number}.png 0\n" for number in range(50)))
    with pytest.raises(UserError) as raised:
        main(run, run.parent / "none", "--list", tmp_path / "bad.txt")
    assert raised.value.problems[20] == "... and 30 more" and len(raised.value.problems) == 22


def test_many_runs_have_no_place_together(run: Path, command: Command) -> None:
    """Catches an evaluation that the next one overwrites, and a run that is judged by another one's weights."""
    for choice in (["--out", run / "out"], ["--checkpoint", run / "best.npz"]):
        done = command("evaluate.py", run, run, *choice)
        assert done.returncode == 2 and "go with one RUN" in done.stderr


def test_no_evaluation_overwrites_another(trained: Path, run: Path) -> None:
    """Catches two choices with one folder: the same file name in two places."""
    config = load_config(run / "config.yaml")
    root = Path(config.data.root)
    lists = [root / "Eval.txt", root / "Test.txt", root / "more/Test.txt", trained / "elsewhere/Test.txt"]
    checkpoints = [run / "last.npz", run / "best.npz", trained / "logs/other/seed0/last.npz"]
    facts = read_facts(run)
    assert facts is not None
    names = [Request(run, config, facts, file, weights).output_name for file in lists for weights in checkpoints]
    assert len(set(names)) == len(names)
    assert names[:2] == ["evaluation", "evaluation-Eval-best"]


def test_no_mistakes_no_contact_sheet(run: Path) -> None:
    """Catches a crash when everything is right, and the sheet of an earlier evaluation left beside new tables."""
    stale = run / "mistakes.png"
    stale.touch()
    labels = np.array([0, 1, 2])
    images = ImageSet(np.zeros((3, 8, 8, 3), np.uint8), labels, ["a", "b", "c"])
    judged = Judgement(images, np.eye(3, dtype=np.float32), CLASSES)
    assert list(pictures.write_pictures(judged, "run", run)) == [run / "confusion.png"]
    assert not stale.exists()


def test_the_worst_mistakes_come_first() -> None:
    """Catches right guesses with a high loss on the sheet, and an order by confidence or by place."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 100)
    logits = rng.normal(size=(100, 5)).astype(np.float32)
    judged = Judgement(ImageSet(np.zeros((100, 8, 8, 3), np.uint8), labels, [""] * 100), logits, list("abcde"))
    worst = pictures.worst_mistakes(judged)
    wrong = np.flatnonzero(logits.argmax(axis=1) != labels)
    by_hand = sorted(wrong, key=lambda index: softmax(logits)[index, labels[index]])[:24]
    assert worst.tolist() == by_hand


@pytest.mark.parametrize("classes", [2, 20, 150])
def test_class_names_do_not_overlap(classes: int) -> None:
    """Catches a confusion matrix that cannot be read: names over each other, or too small with few classes."""
    labels = np.arange(classes)
    images = ImageSet(np.zeros((classes, 8, 8, 3), np.uint8), labels, [""] * classes)
    names = [f"class number {label} with a long name" for label in labels]
    figure = pictures.draw_confusion(Judgement(images, np.eye(classes, dtype=np.float32), names), names, "run")
    figure.draw_without_rendering()
    texts = [text for text in figure.axes[0].get_yticklabels() if text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    assert all(above.y0 >= below.y1 for above, below in pairwise(boxes))
    assert texts[0].get_fontsize() >= (9 if classes <= 20 else 6)


def test_characters_that_no_font_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a warning for every character on a machine without a Chinese font, whatever this machine has."""
    monkeypatch.setattr(lettering, "CJK_FONTS", ())
    lettering.known_characters.cache_clear()
    images = ImageSet(np.zeros((2, 8, 8, 3), np.uint8), np.array([1, 0]), ["猫/0.png", "狗/0.png"])
    judged = Judgement(images, np.eye(2, dtype=np.float32), ["狗", "猫"])
    assert len(list(pictures.write_pictures(judged, "logs/猫", tmp_path))) == 2
    assert lettering.writable("logs/猫_cat") == "logs/□_cat"
    lettering.known_characters.cache_clear()


# --- mistakes of the user -------------------------------------------------------------------------------------------


def damage(run: Path) -> list[Any]:
    content = bytearray((run / "last.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (run / "last.npz").write_bytes(content)
    return [run]


def another_network(run: Path) -> list[Any]:
    change_config(run, "fc:\n  - 32", "fc:\n  - 33")
    return [run]


def another_class_count(run: Path) -> list[Any]:
    (run.parent / "more").mkdir()
    Image.new("RGB", (8, 8)).save(run.parent / "more/a.png")
    (run.parent / "more/List.txt").write_text("a.png 3\n")
    return [run, "--list", run.parent / "more/List.txt"]


def another_class_order(run: Path) -> list[Any]:
    arguments = another_class_count(run)
    (run.parent / "more/List.txt").write_text("a.png 2\n")
    (run.parent / "more/classes.txt").write_text("\n".join(reversed(CLASSES)), encoding="utf-8")
    return arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (lambda run: [run / "nothing"], "no such folder; name a run folder, such as"),
        (lambda run: [run.parent], "no run in this folder; did you mean .*seed0"),
        (lambda run: [run, "--checkpoint", "frist"], "frist: no such checkpoint; .* after the first epoch"),
        (lambda run: [run, "--checkpoint", run / "predictions.npz"], "not a checkpoint .*choose another one"),
        (lambda run: [run, "--list", "Tset.txt"], "--list Tset.txt: no such list, neither in"),
        (damage, "last.npz is damaged.*choose another one"),
        (another_network, r"last.npz: the weights are of another network.*same `model`"),
        (another_class_count, "List.txt:1: label 3 is out of range: the network knows 3 classes"),
        (another_class_order, r"classes.txt: names 3 classes \(blue, .*the run was trained on 3 classes \(猫"),
        (lambda run: [run, "--out", run / "run.json" / "here"], "here: cannot be written.*choose a folder with --out"),
    ],
)
def test_one_sentence_for_a_mistake(
    arguments: Callable[[Path], list[Any]], said: str, run: Path, main: Callable[..., int]
) -> None:
    """Catches tracebacks, and sentences that do not say where, what and what to do."""
    with pytest.raises(UserError, match=said) as error:
        main(*arguments(run))
    assert len(error.value.problems) == 1


def test_a_mistake_leaves_with_2_and_no_traceback(command: Command, tmp_path: Path) -> None:
    """Catches a command that does not go through `run_command`."""
    done = command("evaluate.py", tmp_path / "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
