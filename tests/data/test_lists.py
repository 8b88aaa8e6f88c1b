"""Lists of every make are read, and checked before an image is opened. What is refused: test_bad_lists.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from suite.config.schema import DataConfig
from suite.data.lists import Sample, check_lists, find_root, read_list
from suite.data.loading import load_data
from suite.errors import UserError
from tests.fixtures.images import EVAL, TRAIN, image_folder, load


@pytest.mark.parametrize(
    "text",
    [
        "a.png 0\nsub dir/b c.png 1\n",
        "\ufeffa.png 0\nsub dir/b c.png 1",
        "a.png 0\r\nsub dir/b c.png 1\r\n",
        "a.png\t0\nsub dir/b c.png \t 1\n",
        "\n  a.png   0  \n\n\t\nsub dir/b c.png 1\n\n",
    ],
    ids=["plain", "byte order mark", "line ends of Windows", "tabs", "blank lines"],
)
def test_lists_of_every_make_are_read_alike(tmp_path: Path, text: str) -> None:
    """Lists come from Excel, from Notepad and from scripts; a path may hold blanks."""
    for path in ("a.png", "sub dir/b c.png"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "list.txt").write_bytes(text.encode())
    samples, problems = read_list(tmp_path / "list.txt")
    assert problems == []
    assert [(sample.path, sample.label) for sample in samples] == [("a.png", 0), ("sub dir/b c.png", 1)]


def test_a_tab_inside_a_file_name_is_part_of_it(tmp_path: Path) -> None:
    """Turning tabs into blanks everywhere looks for a file that is not there."""
    (tmp_path / "a\tb.png").touch()
    (tmp_path / "list.txt").write_text("a\tb.png\t0\n")
    assert read_list(tmp_path / "list.txt") == ([Sample("a\tb.png", 0, 1)], [])


def test_a_root_that_is_a_link_is_fine(tmp_path: Path) -> None:
    """Data often lie on another disk, behind a link; comparing with the unresolved root refuses all of them."""
    image_folder(tmp_path / "real", TRAIN, EVAL)
    (tmp_path / "link").symlink_to("real")
    assert len(load(tmp_path / "link").train.labels) == 4


@pytest.mark.parametrize(
    ("name", "text", "keys", "said"),
    [
        ("Eval.txt", "ant/4.png 0\n", {}, "Eval.txt:1: no such image: ant/4.png"),
        ("Eval.txt", "ant/1.png 0\n", {}, "Eval.txt:1: ant/1.png is also trained on"),
        ("Train.txt", "bee/1.png 1\n", {}, r"Train.txt: class 0 \(ant\) has no image"),
        ("classes.txt", "ant\n", {}, "Train.txt:3: label 1 is out of range: classes.txt names 1 classes"),
        ("classes.txt", "", {}, "classes.txt: is empty"),
        ("Train.txt", TRAIN, {"root": "imgaes"}, "data.root: no such folder: imgaes"),
        ("Train.txt", TRAIN, {"images_per_class": 3}, "images_per_class is 3, but class ant has 2 images"),
        ("Train.txt", TRAIN, {"eval_list": "Evil.txt"}, "Evil.txt: no such list"),
    ],
)
def test_lists_are_checked_before_an_image_is_opened(
    tmp_path: Path, name: str, text: str, keys: dict[str, Any], said: str
) -> None:
    """A night of fifty runs whose last ones fail for a slip in their lists; a check that takes as long as a start."""
    root = image_folder(tmp_path, TRAIN, EVAL)
    config = DataConfig.model_validate({"root": str(root), **keys})
    for image in root.glob("*/*.png"):
        image.write_bytes(b"")
    if not keys:
        check_lists(config)
    (root / name).write_text(text)
    with pytest.raises(UserError, match=said) as checked:
        check_lists(config)
    with pytest.raises(UserError) as loaded:
        load_data(config)
    assert loaded.value.problems == checked.value.problems


def test_a_missing_list_says_how_to_make_it(tmp_path: Path) -> None:
    """The command for one pair of lists makes no folds; it would be refused, or remove what others use."""
    for name, options in {"Train.txt": "", "Eval-fold3.txt": " --folds K"}.items():
        with pytest.raises(UserError, match=f"make the lists with: python prepare_data.py {tmp_path}{options}$"):
            read_list(tmp_path / name)


@pytest.mark.parametrize("home", ["~/images", "~"])
def test_a_root_may_begin_with_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    """YAML files are not expanded by a shell; a user who does not exist is no traceback."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "images").mkdir()
    assert find_root(home) == Path(home.replace("~", str(tmp_path)))
    with pytest.raises(UserError, match=r"data.root: no such folder: ~nosuchuser/images"):
        find_root("~nosuchuser/images")
