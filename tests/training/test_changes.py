"""A finished run whose lists or images have changed since."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from suite.config.reading import load_config
from suite.training import changes
from suite.training.run import train
from tests.fixtures.commands import SMALL_VGG
from tests.fixtures.images import make_image_set

Change = Callable[[Path], object]


def relabelled(root: Path) -> None:
    lines = (root / "Train.txt").read_text().splitlines(keepends=True)
    (root / "Train.txt").write_text("".join([lines[0].replace(" 0", " 1"), *lines[1:]]))


def replaced(root: Path) -> None:
    file = root / "red/000.png"
    times = file.stat()
    Image.new("RGB", (24, 20)).save(file)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))  # the time of the change itself cannot be set


def appended(root: Path) -> None:
    shutil.copy(root / "red/000.png", root / "red/more.png")
    with (root / "Train.txt").open("a") as stream:
        stream.write("red/more.png 0\n")


SAID: dict[str, tuple[Change, str]] = {
    "nothing": (lambda root: None, ""),
    "a touched image": (lambda root: (root / "red/000.png").touch(), ""),
    "a label": (relabelled, "1 new in the lists (train red/000.png 1); 1 no longer in the lists (train red/000.png 0)"),
    "an image": (replaced, "1 with other content (train red/000.png 0)"),
    "a line": (appended, "1 new in the lists (train red/more.png 0)"),
    "an image that is gone": (lambda root: (root / "red/000.png").unlink(), "Train.txt:1: no such image: red/000.png"),
    "the whole set": (shutil.rmtree, "data.root: no such folder"),
}


@pytest.mark.parametrize(("change", "said"), SAID.values(), ids=list(SAID))
def test_a_finished_run_says_what_has_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: Change, said: str
) -> None:
    """Before, it was left as it is without a word, and its numbers were taken for those of today's images."""
    root = make_image_set(tmp_path / "set", train_per_class=2, eval_per_class=1)
    (tmp_path / "mine.yaml").write_text(f"data: {{root: {root}}}\n")
    config = load_config(tmp_path / "mine.yaml", [*SMALL_VGG, "augment.mode=none", "train.epochs=1"])
    folder = tmp_path / "logs/mine/seed0"
    assert train(config, folder) == 0
    before = {file: file.read_bytes() for file in folder.iterdir()}
    capsys.readouterr()
    change(root)
    assert train(config, folder) == 0
    printed = capsys.readouterr().out
    but = ", but its data have changed since: " if said else ""
    assert printed.startswith(f"{folder} is finished and left as it is{but}") and said in printed
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_images_that_have_not_been_touched_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command over a night of finished runs must not read every image for each of them."""
    root = make_image_set(tmp_path / "set", train_per_class=2, eval_per_class=1)
    (tmp_path / "mine.yaml").write_text(f"data: {{root: {root}}}\n")
    config = load_config(tmp_path / "mine.yaml", [*SMALL_VGG, "augment.mode=none", "train.epochs=1"])
    assert train(config, tmp_path / "logs/mine/seed0") == 0
    monkeypatch.setattr(changes, "MARGIN", -3600)  # as if an hour had passed

    def read(file: Path) -> str:
        raise AssertionError(file)

    monkeypatch.setattr(changes, "file_digest", read)
    assert train(config, tmp_path / "logs/mine/seed0") == 0
