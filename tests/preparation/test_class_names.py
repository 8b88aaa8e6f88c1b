"""Names and order of classes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from tests.fixtures.preparation import class_folders, lists, picture, prepared, refused, write


def test_numbers_in_names_are_ordered_by_value(tmp_path: Path) -> None:
    """Class 10 had label 2, so that every label of a set with numbered classes meant another number."""
    root = class_folders(tmp_path, **{str(number): 2 for number in range(12)})
    said = prepared(root)
    assert (root / "classes.txt").read_text().split() == [str(number) for number in range(12)]
    assert "\n10/000.png 10\n" in lists(root)["Train.txt"].decode() + lists(root)["Eval.txt"].decode()
    assert [line.split()[0] for line in said.splitlines()[1:13]] == [str(number) for number in range(12)]


def test_the_users_own_order_is_kept(tmp_path: Path) -> None:
    """small, medium, large: as in the table of a paper."""
    root = class_folders(tmp_path, small=3, medium=3, large=3)
    (root / "classes.txt").write_text("small\nmedium\nlarge\n")
    prepared(root)
    assert (root / "classes.txt").read_text() == "small\nmedium\nlarge\n"
    assert lists(root)["Train.txt"].startswith(b"small/") and b"large/" in lists(root)["Train.txt"].splitlines()[-1]


def test_a_list_of_other_classes_is_not_kept(tmp_path: Path) -> None:
    """It is replaced like any other list, when the user agrees."""
    root = class_folders(tmp_path, ant=3, bee=3)
    (root / "classes.txt").write_text("ant\nbee\ncow\n")
    assert "classes.txt would be replaced" in refused(root)
    prepared(root, "--force")
    assert (root / "classes.txt").read_text() == "ant\nbee\n"


def test_names_that_look_the_same_are_refused(tmp_path: Path) -> None:
    """The same class, once made on a Mac: two labels for one thing."""
    for number, form in enumerate(("NFC", "NFD")):
        for name in ("café", "thé"):
            for count in range(3):
                file = tmp_path / unicodedata.normalize(form, name) / f"{count}.png"
                write(file, picture(100 * number + 10 * len(name) + count))
    said = refused(tmp_path)
    assert said.count("error: ") == 2
    assert r"'cafe\u0301' and 'caf\xe9' look the same, and are two folders; merge them into one" in said
