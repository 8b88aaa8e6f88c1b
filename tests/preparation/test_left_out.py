"""What lies among class folders and is no image of a class: copies made by systems and devices, and our own output."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite.image_names import SYSTEM_FOLDERS
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.preparation import class_folders, lists, paths, picture, prepared, write


@pytest.mark.parametrize("name", ["@eaDir", "#recycle", "@Recycle", "$RECYCLE.BIN", "System Volume Information"])
@pytest.mark.parametrize("place", ["", "ant/", "ant/deep/"])
def test_folders_of_systems_are_left_out_and_counted(tmp_path: Path, name: str, place: str) -> None:
    """Thumbnails of all images were trained on, and the images judged by."""
    root = class_folders(tmp_path, ant=5, bee=5)
    prepared(root)
    before = lists(root)
    for number in range(5):
        write(root / f"{place}{name}" / f"{number}.png" / "thumbnail.jpg", picture(500 + number, "JPEG"))
    assert f"left out: 1 {name}\n" in prepared(root)
    assert lists(root) == before


def test_every_name_of_the_table_is_left_out(tmp_path: Path) -> None:
    """Names are compared in small letters."""
    root = class_folders(tmp_path, ant=2, bee=2)
    for number, name in enumerate(SYSTEM_FOLDERS):
        write(root / name.upper() / "a.png", picture(500 + number))
    said = prepared(root)
    assert all(f"1 {name.upper()}" in said for name in SYSTEM_FOLDERS)
    assert (root / "classes.txt").read_text() == "ant\nbee\n"


def test_own_output_in_the_folder_of_the_images_is_left_out(tmp_path: Path, command: Command) -> None:
    """Who works inside of the data folder has logs/ and previews/ there, with pictures in them."""
    root = class_folders(tmp_path / "images", ant=5, bee=5)
    command("prepare_data.py", ".", cwd=root)
    before = lists(root)
    arguments = ["--config", ROOT / "configs/vgg_none.yaml", "--set", "data.root=.", *SMALL_VGG, "train.epochs=1"]
    assert command("train.py", *arguments, "train.device=cpu", cwd=root).returncode == 0
    assert command("evaluate.py", "logs/vgg_none/seed0", cwd=root).returncode == 0
    assert command("preview_augment.py", *arguments, cwd=root).returncode == 0
    assert len([*root.glob("*/**/*.png")]) > 10
    done = command("prepare_data.py", ".", cwd=root)
    assert "left out: 1 logs of train.py, 1 previews of preview_augment.py\n" in done.stdout, done.stderr
    assert lists(root) == before


def test_classes_with_such_names_are_classes(tmp_path: Path) -> None:
    """Logs of wood, and previews of films."""
    root = class_folders(tmp_path, logs=2, previews=2)
    assert "left out" not in prepared(root)
    assert {path.split("/")[0] for path in paths(root, "Train.txt")} == {"logs", "previews"}


def test_heic_beside_jpeg_is_named_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of a telephone's photos that lost its newest half without a word of what to do."""
    monkeypatch.setattr("suite.preparation.folders.formats", lambda: ("JPEG", "PNG"))
    root = class_folders(tmp_path, ant=3, bee=3)
    write(root / "bee" / "new.HEIC", b"")
    assert "left out: 1 .heic; of .heic: save it as JPEG, or install what reads HEIC: pip install" in prepared(root)


def test_heic_is_listed_where_it_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its plugin, all photos of the class count."""
    monkeypatch.setattr("suite.preparation.folders.formats", lambda: ("JPEG", "PNG", "HEIF"))
    root = class_folders(tmp_path, ant=3, bee=3)
    write(root / "bee" / "new.HEIC", picture(77))
    assert "left out" not in prepared(root)
    assert "bee/new.HEIC" in paths(root, "Train.txt") + paths(root, "Eval.txt")
