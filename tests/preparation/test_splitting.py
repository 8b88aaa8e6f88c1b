"""Which images are trained on and which are judged by."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suite.preparation import splitting
from suite.preparation.folders import ImageFile
from tests.fixtures.preparation import class_folders, lists, paths, picture, prepare, prepared, write


def test_every_class_is_split_by_the_shares(tmp_path: Path) -> None:
    """A split over all images at once leaves small classes without evaluation images."""
    root = class_folders(tmp_path, big=40, small=2, middle=11)
    prepared(root, "--eval", "0.25")
    counts = Counter(path.split("/")[0] for path in paths(root, "Eval.txt"))
    assert counts == {"big": 10, "middle": 3, "small": 1}
    assert not (root / "Test.txt").exists()


def test_copies_stay_on_one_side_and_do_not_fill_the_evaluation(tmp_path: Path) -> None:
    """Copies on both sides make evaluation meaningless; a picture with many copies would be most of a small list."""
    for seed in range(8):
        root = class_folders(tmp_path / str(seed), cat=4, dog=4)
        for copy in range(20):
            write(root / "cat" / "again" / f"{copy}.png", picture(0))
        write(root / "dog" / "again.png", picture(1001))
        prepared(root, "--split-seed", seed, "--test", 0.2)
        sides = [paths(root, name) for name in ("Train.txt", "Eval.txt", "Test.txt")]
        contents = [{(root / path).read_bytes() for path in side} for side in sides]
        assert not contents[0] & contents[1] and not contents[0] & contents[2] and not contents[1] & contents[2]
        assert {path for path in sides[0] if "again" in path} >= {f"cat/again/{copy}.png" for copy in range(20)}
        assert all(len({path.split("/")[0] for path in side}) == 2 for side in sides)


@pytest.mark.parametrize("sizes", [[1, 1], [3, 3], [1, 97, 1], [5, 1, 1, 1], [2, 2, 2, 2]])
@pytest.mark.parametrize(("eval_share", "test_share"), [(0.2, 0.0), (0.9, 0.0), (0.01, 0.01), (0.6, 0.3), (0.1, 0.85)])
def test_no_side_is_ever_empty(sizes: list[int], eval_share: float, test_share: float) -> None:
    """Groups of copies too large for a share, or shares that take all there is, leave a list without a class."""
    if test_share and len(sizes) < 3:
        return  # refused before
    groups = [[ImageFile(f"cat/{group}-{copy}") for copy in range(size)] for group, size in enumerate(sizes)]
    split = splitting.split(groups, eval_share, test_share)
    assert split.train and split.eval and bool(split.test) == bool(test_share)
    assert sorted([*split.train, *split.eval, *split.test]) == sorted(image for group in groups for image in group)


def test_a_share_counts_images_not_groups_of_copies() -> None:
    """Ten pictures in two copies each, 0.4 of them: 8 images, not 16."""
    groups = [[ImageFile(f"cat/{group}{copy}") for copy in "ab"] for group in range(10)]
    split = splitting.split(groups, 0.4, 0.2)
    assert (len(split.train), len(split.eval), len(split.test)) == (8, 8, 4)


def test_the_seed_decides_and_the_order_of_creation_does_not(tmp_path: Path) -> None:
    """A split that follows the file system's order cannot be repeated on another machine."""
    first = class_folders(tmp_path / "first", ant=9, bee=9)
    second = tmp_path / "second"
    for file in sorted(first.rglob("*.png"), reverse=True):
        write(second / file.relative_to(first), file.read_bytes())
    prepared(first)
    prepared(second)
    assert lists(first) == lists(second)
    ant, bee = ({Path(path).name for path in paths(first, "Eval.txt") if path.startswith(name)} for name in ("a", "b"))
    assert ant != bee  # each class has a draw of its own
    prepared(second, "--split-seed", 1, "--force")
    assert lists(first)["Eval.txt"] != lists(second)["Eval.txt"]


def test_listing_order_of_the_system_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, where this file system happens to list by name."""
    root = class_folders(tmp_path, ant=5, bee=5)
    prepared(root)
    before = lists(root)

    walk = os.walk

    def reversed_walk(folder: Path, onerror: Callable[[OSError], None]) -> Iterator[tuple[str, list[str], list[str]]]:
        for place, folders, files in walk(folder, onerror=onerror):
            folders.sort(reverse=True)
            yield place, folders, sorted(files, reverse=True)

    monkeypatch.setattr("suite.preparation.folders.os.walk", reversed_walk)
    prepared(root, "--force")
    assert lists(root) == before


@pytest.mark.parametrize("wrong", [["--eval", "20"], ["--eval", "0"], ["--eval", "nan"], ["--eval", "-0.1"],
                                   ["--test", "0.8"], ["--test", "-0.1"], ["--split-seed", "-1"]])  # fmt: skip
def test_shares_that_leave_nothing_are_refused(tmp_path: Path, wrong: list[str]) -> None:
    """A percentage in place of a share; the numpy error of a negative seed."""
    root = class_folders(tmp_path, ant=2, bee=2)
    assert prepare(root, *wrong).code == 2
    assert lists(root) == {}
