"""predict.py: its numbers against evaluate.py, ensembles, images that cannot be read, and what it refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import suite.prediction.predicting
from suite.errors import UserError
from suite.percent import per_cent
from tests.fixtures.commands import Command, records
from tests.fixtures.facts import change_facts
from tests.fixtures.images import encoded, photo, photos_that_need_care
from tests.fixtures.judged import CLASSES, softmax

Main = Callable[..., int]


def probabilities(out: Path) -> np.ndarray:
    """[images, classes], from the table."""
    rows = records(out / "predictions.csv")
    return np.array([[float(row[f"probability of {name}"]) for name in CLASSES] for row in rows])


def odd_photos(folder: Path) -> Path:
    """Photos of which each is read wrongly by a reader that leaves one step out, and a list of them."""
    photos_that_need_care(folder)
    Image.fromarray(np.linspace(0, 65535, 1200, dtype=np.uint16).reshape(30, 40)).save(folder / "deep.png")
    names = ["deep.png", "transparent.png", "turned.jpg"]  # as predict.py sorts them
    (folder / "list.txt").write_text("".join(f"{name} 0\n" for name in names))
    return folder


def test_probabilities_are_those_of_evaluate(arm: Path, tmp_path: Path, command: Command) -> None:
    """Catches another decoding than in training and evaluation, weights not restored, and dropout left on."""
    run, odd = arm / "seed0", odd_photos(tmp_path / "odd")
    judged = command("evaluate.py", run, "--list", odd / "list.txt", "--out", tmp_path / "judged", "--device", "cpu")
    done = command("predict.py", run, odd, "--device", "cpu")
    assert (judged.returncode, done.returncode, done.stderr) == (0, 0, "")
    expected = softmax(np.load(tmp_path / "judged/predictions.npz")["logits"])
    out = tmp_path / "predictions/odd-small-seed0"
    np.testing.assert_allclose(probabilities(out), expected, atol=1e-6)
    rows = records(out / "predictions.csv")
    assert [Path(row["file"]).name for row in rows] == ["deep.png", "transparent.png", "turned.jpg"]
    assert [row["guess"] for row in rows] == [CLASSES[guess] for guess in expected.argmax(axis=1)]
    assert [float(row["probability"]) for row in rows] == pytest.approx(expected.max(axis=1), abs=1e-6)
    assert f"{odd / 'turned.jpg'}: {rows[2]['guess']} {per_cent(expected[2].max())}" in done.stdout
    assert "note: left out, as their names do not end like an image's: 1 .txt" in done.stdout
    assert (out / "sheet-1.png").is_file()


def test_an_arm_is_the_mean_of_its_finished_seeds(
    arm: Path, photos: Path, tmp_path: Path, main: Main, capsys: pytest.CaptureFixture[str]
) -> None:
    """Catches a mean of logits, images of one size for all networks, and a seed that is still being trained."""
    each = []
    for seed in ("seed0", "seed1"):
        assert main(arm / seed, photos) == 0
        each.append(probabilities(tmp_path / "out"))
    assert abs(each[0] - each[1]).max() > 1e-3
    shutil.copytree(arm / "seed1", arm / "seed2")
    change_facts(arm / "seed2", status="running", epochs_done=1)
    capsys.readouterr()
    assert main(arm, photos) == 0
    np.testing.assert_allclose(probabilities(tmp_path / "out"), np.mean(each, axis=0), atol=1e-6)
    guesses = [one.argmax(axis=1) for one in (*each, np.mean(each, axis=0))]
    agreeing = [(np.array(guesses[:2]) == guesses[2]).sum(axis=0).tolist()]
    assert [[int(row["runs_agreeing"]) for row in records(tmp_path / "out/predictions.csv")]] == agreeing
    said = capsys.readouterr().out
    assert "3 images, named by 2 runs:" in said
    assert f"note: {arm}/seed2 is left out: 1 of 2 epochs are done" in said
    assert main(arm / "seed2", photos) == 0
    assert f"note: {arm}/seed2 is not finished: 1 of 2 epochs are done" in capsys.readouterr().out


def test_unreadable_images_are_named_and_skipped(
    arm: Path,
    photos: Path,
    tmp_path: Path,
    main: Main,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Catches probabilities that move to the next image behind a bad one, and an exit code that hides it."""
    monkeypatch.setattr(suite.prediction.predicting, "AT_A_TIME", 2)
    assert main(arm / "seed0", photos) == 0
    before = probabilities(tmp_path / "out")
    (photos / "0.png").write_bytes(b"hello")
    (photos / "3.jpg").write_bytes(encoded(photo(5), "JPEG")[:300])
    (photos / ".hidden.png").write_bytes(b"hello")
    (photos / "@eaDir").mkdir()
    shutil.copy(photos / "1.png", photos / "@eaDir")
    capsys.readouterr()
    assert main(arm / "seed0", photos, photos / "1.png") == 1
    rows = records(tmp_path / "out/predictions.csv")
    assert [Path(row["file"]).name for row in rows] == ["1.png", "2.jpg", "10.png"]
    np.testing.assert_allclose(probabilities(tmp_path / "out"), before, atol=1e-6)
    bad = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in bad] == ["skipped"] * 2
    assert f"{photos}/0.png: not an image of the formats" in bad[0] and f"{photos}/3.jpg: cannot be decoded" in bad[1]

    for name in ("1.png", "2.jpg", "10.png"):
        (photos / name).unlink()
    assert main(arm / "seed0", photos) == 1  # none is left
    assert records(tmp_path / "out/predictions.csv") == [] and not list((tmp_path / "out").glob("sheet-*"))


def test_no_name_of_a_file_is_a_formula(arm: Path, tmp_path: Path, main: Main, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name from a stranger must not start a program when a spreadsheet opens the table."""
    monkeypatch.chdir(tmp_path)
    names = ["=cmd|' -C calc'!A0.png", "+1.png", "-1.png", "@sum.png", "plain.png"]
    for number, name in enumerate(names):
        Path(name).write_bytes(encoded(photo(number)))
    assert main(arm / "seed0", ".") == 0
    files = [row["file"] for row in records(tmp_path / "out/predictions.csv")]
    assert sorted(files) == [*sorted(f"./{name}" for name in names[:4]), "plain.png"]
    assert all(Path(file).is_file() for file in files)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (lambda arm, photos: [arm], "no images to predict: name photos"),
        (lambda arm, photos: [photos], "photos: no run in this folder; name a run folder"),
        (lambda arm, photos: [arm / "seed7", photos], "seed7: no such file or folder"),
        (lambda arm, photos: [arm, photos / ("x" * 300)], "xxx: no such file or folder"),
        (lambda arm, photos: [arm.parent, photos], "holds runs of 2 arms; name one of them, such as .*other"),
        (lambda arm, photos: [arm, arm.parent / "other", photos], "know different classes, or in another order"),
        (lambda arm, photos: [arm, photos / "empty"], "empty: no images here"),
        (lambda arm, photos: [arm, photos, "--checkpoint", arm / "seed0/last.npz"], "with one run, and these are 2"),
    ],
)
def test_one_sentence_for_a_mistake(
    arm: Path, photos: Path, tmp_path: Path, main: Main, arguments: Callable[[Path, Path], list[object]], said: str
) -> None:
    """Catches a traceback, and anything that is written all the same."""
    other = shutil.copytree(arm / "seed0", arm.parent / "other/seed0")
    change_facts(other, data={"class_names": list(reversed(CLASSES))})
    (photos / "empty").mkdir()
    with pytest.raises(UserError, match=said):
        main(*arguments(arm, photos))
    assert not (tmp_path / "out").exists()
