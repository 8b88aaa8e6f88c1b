"""export.py: what it writes against evaluate.py, its check of itself, and what it refuses."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import paddle
import pytest

import export
import suite.export.graph
from suite.errors import RunFailed, UserError
from tests.fixtures.commands import Command
from tests.fixtures.images import encoded, photo, photos_that_need_care
from tests.fixtures.judged import CLASSES, softmax

Main = Callable[..., int]


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def example(folder: Path, *photos: Path) -> subprocess.CompletedProcess[str]:
    """The example as a stranger starts it."""
    line = [sys.executable, "-W", "ignore", str(folder / "example.py"), *map(str, photos)]
    return subprocess.run(line, capture_output=True, text=True, cwd=folder.parent)


def test_the_folder_does_what_evaluate_does(trained: Path, tmp_path: Path, command: Command) -> None:
    """Catches a resize, a turn or a ground that example.py does otherwise, and classes in another order."""
    run, photos = trained / "logs/small/seed0", tmp_path / "photos"
    photos_that_need_care(photos)
    (photos / "plain.png").write_bytes(encoded(photo(5)))
    files = sorted(photos.iterdir())
    (photos / "list.txt").write_text("".join(f"{file.name} 0\n" for file in files))
    judged = command("evaluate.py", run, "--list", photos / "list.txt", "--out", tmp_path / "judged", "--device", "cpu")
    done = command("export.py", run)
    assert (judged.returncode, done.returncode, done.stderr) == (0, 0, "")
    assert "checked on 10 evaluation images" in done.stdout

    out = tmp_path / "exports/small-seed0"
    assert names_in(out) >= {"README.md", "about.json", "example.py", "model.pdiparams"}
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    assert (about["classes"], about["image_size"], about["paddle"]) == (list(CLASSES), 16, paddle.__version__)
    assert (out / about["program"]).is_file()
    said = example(out, *files).stdout.splitlines()
    expected = softmax(np.load(tmp_path / "judged/predictions.npz")["logits"])
    guesses = [CLASSES[guess] for guess in expected.argmax(axis=1)]
    for line, file, guess, probability in zip(said, files, guesses, expected.max(axis=1), strict=True):
        begin, percent, _ = line.rsplit(" ", 2)
        assert begin == f"{file}: {guess}"
        assert float(percent.rstrip("%")) == pytest.approx(100 * probability, abs=0.06)


def test_what_computes_something_else_is_not_written(
    tmp_path: Path, main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a check that compares nothing."""
    as_it_is = suite.export.graph.normalise
    monkeypatch.setattr(suite.export.graph, "normalise", lambda images, how: as_it_is(images, "imagenet"))
    with pytest.raises(RunFailed, match=r"the exported network \(paddle\) differs from evaluate.py by up to"):
        main()
    assert not (tmp_path / "out").exists()


def test_images_that_have_gone(trained: Path, tmp_path: Path, main: Main, capsys: pytest.CaptureFixture[str]) -> None:
    """A network must be exported where its images are not. What an earlier export has left must not stay with it."""
    (tmp_path / "out").mkdir()
    for name in ("model.onnx", "model.pdmodel", "model.json", "notes.txt"):
        (tmp_path / "out" / name).write_text("old")
    images = trained / "images"
    moved = shutil.move(images, trained / "moved")
    try:
        assert main("--checkpoint", "best") == 0
    finally:
        shutil.move(moved, images)
    said = capsys.readouterr().out
    assert "best.npz (epoch " in said and "checked on 64 random images" in said
    program = json.loads((tmp_path / "out/about.json").read_text(encoding="utf-8"))["program"]
    assert names_in(tmp_path / "out") == {
        *("README.md", "about.json", "example.py", "model.pdiparams", "notes.txt"),
        program,
    }
    assert (tmp_path / "out" / program).read_bytes() != b"old"

    about = tmp_path / "out/about.json"
    about.write_text(about.read_text(encoding="utf-8").replace(f'"{paddle.__version__}"', '"9.9"'), encoding="utf-8")
    done = example(tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr == f"these files are of Paddle 9.9; Paddle {paddle.__version__} cannot read them\n"


def test_onnx(main: Main, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Catches a converter that changes the network; the command itself compares the probabilities."""
    if paddle.__version__.startswith("2."):
        pytest.skip("the converter needs Paddle 3")
    pytest.importorskip("paddle2onnx", reason="the extra onnx is not installed", exc_type=ImportError)
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    assert main("--onnx") == 0
    assert "  onnx: agrees with evaluate.py within " in capsys.readouterr().out
    assert (tmp_path / "out/model.onnx").is_file()
    assert "`model.onnx`" in (tmp_path / "out/README.md").read_text(encoding="utf-8")


def test_onnx_without_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a converter that ends in its own words."""
    with pytest.raises(UserError, match=r"--onnx: the converter needs Paddle 3, and this is 2\.6\.2; leave --onnx out"):
        export.refuse_without_onnx("2.6.2")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="--onnx: without paddle2onnx and onnxruntime; pip install"):
        export.refuse_without_onnx("3.3.1")


def test_a_run_is_needed(trained: Path, command: Command) -> None:
    done = command("export.py", trained / "logs/small")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error: {trained}/logs/small: no run in this folder; did you mean {trained}/logs/small/seed0?\n"
    )
