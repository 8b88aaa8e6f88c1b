"""What is found in class folders, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from suite.config.schema import DataConfig
from suite.data.images import FORMATS
from suite.data.loading import load_data
from tests.fixtures.preparation import class_folders, lists, paths, picture, prepared, refused, write


def test_what_counts_as_an_image(tmp_path: Path) -> None:
    """Endings in capitals, deep folders, hidden files and foreign files."""
    root = class_folders(tmp_path, ant=2)
    kinds = {"a.JPG": "JPEG", "b.jpeg": "JPEG", "c.Png": "PNG", "d.bmp": "BMP", "e.GIF": "GIF", "f.webp": "WEBP"}
    kinds |= {"g.tif": "TIFF", "deep/er/h.TIFF": "TIFF", "i.jfif": "JPEG", "j.jpe": "JPEG", "k.MPO": "MPO"}
    for number, (name, kind) in enumerate(kinds.items()):
        write(root / "bee" / name, picture(500 + number, kind))
    write(root / "bee" / ".hidden.png", picture(1))
    write(root / "bee" / ".thumbs" / "x.png", picture(2))
    write(root / "bee" / "notes.TXT", b"")
    write(root / "bee" / "LICENCE", b"")
    write(root / "README.md", b"")
    said = prepared(root)
    listed = paths(root, "Train.txt") + paths(root, "Eval.txt")
    assert sorted(path for path in listed if path.startswith("bee")) == sorted(f"bee/{name}" for name in kinds)
    assert "left out: 1 .txt, 2 hidden, 1 without ending\n" in said


def test_paths_with_blanks_and_any_script_work(tmp_path: Path) -> None:
    """An unquoted path in the last line, bytes in place of characters, a table out of line."""
    root = tmp_path / "my 照片 🎈"
    for label, name in enumerate(["red fox", "猫", "🐶 dogs"]):
        for number in range(3):
            write(root / name / f"img  ({number}) é 7.png", picture(10 * label + number))
    said = prepared(root)
    loaded = load_data(DataConfig(root=str(root), image_size=8))
    assert loaded.class_names == ["red fox", "猫", "🐶 dogs"]
    table = said.splitlines()[:5]
    assert len({len(line) + sum(line.count(wide) for wide in "猫🐶") for line in table}) == 1


def test_all_unreadable_images_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    """Stopping at the first one makes the user run the command once for each."""
    root = class_folders(tmp_path, ant=5, bee=5)
    write(root / "ant" / "page.jpg", b"<html>")
    write(root / "bee" / "half.jpg", picture(77, "JPEG")[:-40])
    write(root / "bee" / "empty.png", b"")
    said = refused(root)
    for name in ("ant/page.jpg: not an image", "bee/half.jpg: cannot be decoded", "bee/empty.png: not an image"):
        assert f"{root}/{name}" in said
    assert "--skip-bad" in said
    assert lists(root) == {}

    said = prepared(root, "--skip-bad")
    assert said.count("skipped: ") == 3
    assert len(paths(root, "Train.txt") + paths(root, "Eval.txt")) == 10


def test_one_picture_in_two_classes_is_refused(tmp_path: Path) -> None:
    """It would be trained on with two labels, or be on both sides."""
    root = class_folders(tmp_path, ant=3, bee=3)
    write(root / "bee" / "same.png", picture(1))
    said = refused(root)
    assert f"{root}/ant/001.png and {root}/bee/same.png" in said
    assert lists(root) == {}


def test_bad_images_and_copies_in_two_classes_are_told_in_one_round(tmp_path: Path) -> None:
    """With --skip-bad the copies came up only then: another hour of reading for a large set."""
    root = class_folders(tmp_path, ant=4, bee=4)
    write(root / "bee" / "same.png", picture(1))
    write(root / "ant" / "page.jpg", b"<html>")
    said = refused(root)
    assert "page.jpg: not an image" in said and "are the same picture in two classes" in said
    said = refused(root, "--skip-bad")
    assert said == f"error: {root}/ant/001.png and {root}/bee/same.png are the same picture in two classes; keep one\n"


def test_pictures_of_one_colour_are_named(tmp_path: Path) -> None:
    """A white drawing on nothing is white on white; a hair line on white is a picture."""
    root = class_folders(tmp_path, ant=4, bee=4)
    for name, colour in (("white.png", (255, 255, 255, 255)), ("black.png", (0, 0, 0, 255))):
        drawing = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
        ImageDraw.Draw(drawing).line((0, 0, 799, 799), colour)
        drawing.save(root / "ant" / name)
    said = prepared(root)
    assert f"note: {root}/ant/white.png: comes out as one colour\n" in said and "black.png" not in said


def test_sets_whose_white_is_unknown_are_named(tmp_path: Path) -> None:
    """Before training refuses them, and with the largest value."""
    root = class_folders(tmp_path, ant=4)
    for number in range(4):
        (root / "bee").mkdir(exist_ok=True)
        values = np.random.default_rng(number).integers(0, 4000, (9, 9), dtype=np.uint16)
        values[number, 0] = 4000 + number
        Image.fromarray(values).save(root / "bee" / f"{number}.png")
    assert f"note: {root}/bee/3.png: has the largest value of all 16-bit images here, 4003, so" in prepared(root)


def test_a_class_with_too_few_different_images_is_refused(tmp_path: Path) -> None:
    """Copies do not count, an empty folder is a class too, and with --test three are needed."""
    root = class_folders(tmp_path, ant=3, bee=1, cow=2)
    write(root / "bee" / "again.png", picture(1000))
    (root / "void").mkdir()
    said = refused(root)
    assert f"{root}/bee: too few different images: 1" in said
    assert f"{root}/void: too few different images: 0" in said
    assert "cow" not in said
    assert f"{root}/cow: too few different images: 2" in refused(root, "--test", "0.1")


def test_what_was_left_out_of_a_class_is_said_when_it_is_too_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who sees a folder full of photos from a telephone, and reads that there are 0 images in it."""
    monkeypatch.setattr("suite.preparation.folders.formats", lambda: FORMATS)  # without pillow-heif
    root = class_folders(tmp_path, ant=3, cow=3)
    said = refused(root, "--folds", 4)
    assert "cow: too few" in said and "left out" not in said
    for number in range(4):
        write(root / "bee" / f"{number}.HEIC", b"")
    said = refused(root)
    assert f"{root}/bee: too few different images: 0" in said
    assert f"{root}: left out: 4 .heic; of .heic: save it as JPEG" in said


def test_layouts_that_are_not_class_folders(tmp_path: Path) -> None:
    """Training on the classes `train` and `val`, or on one class, costs hours before anybody notices."""
    assert "cannot be read: No such file" in refused(tmp_path / "nowhere")
    write(tmp_path / "flat" / "a.jpg", picture(1))
    assert "has no class folders" in refused(tmp_path / "flat")
    nested = class_folders(tmp_path / "nested" / "inner", ant=2, bee=2)
    assert f"python prepare_data.py {nested}" in refused(nested.parent)
    stray = class_folders(tmp_path / "stray", ant=2, bee=2)
    write(stray / "cover.jpg", picture(1))
    assert f"{stray}/cover.jpg: lies in no class folder" in refused(stray)


@pytest.mark.skipif(os.name == "nt", reason="names and links that Windows does not have")
def test_names_and_links_that_a_list_cannot_hold(tmp_path: Path) -> None:
    """They would be written, and refused by training: a break in a line, a lost blank, a link that leads out."""
    root = class_folders(tmp_path / "root", ant=2, bee=2)
    write(root / " cow" / "a.png", picture(1))
    write(root / "ant" / "two\nlines.png", picture(2))
    write(root / "ant" / os.fsdecode(b"caf\xe9.png"), picture(3))
    outside = class_folders(tmp_path / "outside", cow=2)
    (root / "ant" / "link.png").symlink_to(outside / "cow" / "000.png")
    (root / "cow").symlink_to(outside / "cow")
    said = refused(root)
    for name in ("' cow/a.png' cannot", r"'ant/two\nlines.png' cannot", r"'ant/caf\udce9.png': this name is not UTF-8"):
        assert name in said
    assert f"{root}/ant/link.png: is a link" in said
    assert f"{root}/cow: is a link" in said
    assert lists(root) == {}
