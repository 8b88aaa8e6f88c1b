"""Sides of a split are no classes: refused, or made into lists as they are with --split-folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite.config.schema import DataConfig
from suite.data.loading import load_data
from tests.fixtures.preparation import class_folders, lists, paths, picture, prepared, refused, write

NAMES = {
    "usual": ("train", "test"),
    "three, and another folder beside": ("Train", "valid", "test", "+labels"),
    "sets": ("training_set", "test_set"),
    "with a beginning": ("seg_train", "seg_test", "+seg_pred"),
    "of images": ("train_images", "val images"),
    "with a year": ("train2017", "val2017"),
}


def sides(root: Path, **sizes: int) -> Path:
    """A folder for each side, with images of two classes."""
    for number, (side, size) in enumerate(sizes.items()):
        for label, name in enumerate(("ant", "bee")):
            for count in range(size):
                write(root / side / name / f"{count}.png", picture(10_000 * number + 1000 * label + count))
    return root


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES.keys())
def test_sides_are_not_taken_for_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    """A night spent on telling training images from test images."""
    root = class_folders(tmp_path, **{name.lstrip("+"): 3 for name in names})
    said = refused(root)
    assert "are the sides of a split, not classes; --split-folders makes" in said
    assert all((name.lstrip("+") in said.split(" are the sides")[0]) == (name[0] != "+") for name in names)
    assert lists(root) == {}


@pytest.mark.parametrize("name", ["test", "Testing", "validation", "test_set"])
def test_a_side_beside_classes_is_refused(tmp_path: Path, name: str) -> None:
    """Images that were meant for the end, as a class of their own."""
    root = class_folders(tmp_path, **{"cat": 3, "dog": 3, name: 3})
    assert f"{root}: {name} looks like a side of a split beside classes" in refused(root)


def test_training_with_classes_inside_is_a_side(tmp_path: Path) -> None:
    """One side alone, beside a folder with something else."""
    root = sides(tmp_path, train=3)
    write(root / "sketches" / "a.png", picture(1))
    assert "train looks like a side" in refused(root)


@pytest.mark.parametrize(
    "names", ["test_tube training_shoes testament", "bus train car", "steam_train blood_test", "valid invalid"]
)
def test_names_that_only_begin_so_are_classes(tmp_path: Path, names: str) -> None:
    """A laboratory, a sports shop, railways."""
    classes = names.split()
    prepared(class_folders(tmp_path, **dict.fromkeys(classes, 2)))
    assert sorted(classes) == (tmp_path / "classes.txt").read_text().split()


@pytest.mark.parametrize("val", ["val", "validation", "dev"])
def test_the_layout_of_image_folder_becomes_lists(tmp_path: Path, val: str) -> None:
    """What stands on which side is the author's choice, and numbers of others hold for that choice only."""
    root = sides(tmp_path, train=5, test=3, **{val: 2})
    write(root / "notes" / "a.txt", b"")
    said = prepared(root, "--split-folders")
    assert "left out: 1 notes\n" in said
    assert said.splitlines()[3].split() == ["2", "classes", "20", "10", "4", "6", "0"]
    for name, side, count in (("Train.txt", "train", 10), ("Eval.txt", val, 4), ("Test.txt", "test", 6)):
        listed = paths(root, name)
        assert len(listed) == count and all(path.startswith(f"{side}/") for path in listed)
    loaded = load_data(DataConfig(root=str(root), image_size=8))
    assert loaded.class_names == ["ant", "bee"]
    assert [loaded.class_names[label] for label in loaded.eval.labels] == [p.split("/")[1] for p in loaded.eval.paths]
    assert "the lists are as they were" in prepared(root, "--split-folders")


def test_without_an_evaluation_side_it_comes_out_of_the_training(tmp_path: Path) -> None:
    """The test images must not be looked at every night."""
    root = sides(tmp_path, train=10, test=3)
    prepared(root, "--split-folders", "--eval", 0.3)
    counts = {name: len(paths(root, name)) for name in ("Train.txt", "Eval.txt", "Test.txt")}
    assert counts == {"Train.txt": 14, "Eval.txt": 6, "Test.txt": 6}
    assert all(path.startswith("train/") for path in paths(root, "Eval.txt"))


def test_archives_often_hold_a_side_twice(tmp_path: Path) -> None:
    """`seg_train/seg_train/forest`, after unpacking."""
    root = sides(tmp_path, **{"seg_train/seg_train": 4, "seg_test/seg_test": 2})
    prepared(root, "--split-folders")
    assert paths(root, "Test.txt")[0] == "seg_test/seg_test/ant/0.png"


def test_sides_that_cannot_be_used(tmp_path: Path) -> None:
    """A copy on two sides, a class that is not trained, one side twice, no sides, too few images."""
    root = sides(tmp_path / "copies", train=4, val=2)
    write(root / "val" / "ant" / "again.png", (root / "train" / "ant" / "1.png").read_bytes())
    said = refused(root, "--split-folders")
    assert f"{root}/train/ant/1.png and {root}/val/ant/again.png belong together, and lie on two sides" in said
    root = sides(tmp_path / "classes", train=4, val=2)
    write(root / "val" / "cow" / "a.png", picture(77))
    assert f"{root}/val/cow: no such class in {root}/train" in refused(root, "--split-folders")
    root = sides(tmp_path / "twice", train=4, val=2, valid=2)
    assert "val and valid are the same side" in refused(root, "--split-folders")
    root = class_folders(tmp_path / "none", ant=2, bee=2)
    assert "has no folders such as train and val" in refused(root, "--split-folders")
    root = sides(tmp_path / "few", train=1, test=1)
    assert f"{root}/train/ant: too few different images: 1" in refused(root, "--split-folders")
    assert "--split-folders takes the split that is there" in refused(root, "--split-folders", "--folds", 2)


def test_images_that_belong_together_on_two_sides_are_named(tmp_path: Path) -> None:
    """A person who is trained on and judged by: `--together` finds that in other people's splits."""
    root = sides(tmp_path, train=4, val=2)
    for number, side in enumerate(("train", "val")):
        for name in ("x", "y"):
            write(root / side / "ant" / f"ann_{name}.png", picture(70 + 10 * number + ord(name)))
    said = refused(root, "--split-folders", "--together", "/([0-9]+|ann)")
    assert f"{root}/train/ant/ann_x.png and {root}/val/ant/ann_x.png belong together" in said
