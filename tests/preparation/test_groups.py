"""Images of one group, such as one photographer, stay together."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from suite.data.groups import ALONE, groups_of
from tests.fixtures.preparation import class_folders, paths, picture, prepared, refused, write


def photographers(root: Path, count: int = 12) -> Path:
    """Two classes of photos by as many people, `cat/ann_0.png`; the first three have one class only, two or more each.

    One photo of the last is a copy of one of the last but one.
    """
    for person in range(count):
        for label, name in enumerate(("cat", "dog")):
            for number in range(2 + person % 3 if person > 2 or person % 2 == label else 0):
                write(root / name / f"p{person:02}_{number}.png", picture(1000 * label + 10 * person + number))
    write(root / "cat" / f"p{count - 1:02}_9.png", (root / "cat" / f"p{count - 2:02}_0.png").read_bytes())
    return root


def people(root: Path, name: str) -> set[str]:
    """Whose photos are in a list; the two who share a copy are one."""
    return set(map(person, paths(root, name)))


def person(path: str) -> str:
    return path.split("/")[1][:3].replace("p11", "p10")


def test_photos_of_one_person_stay_on_one_side_in_whatever_class(tmp_path: Path) -> None:
    """A network that knows the room by heart would be judged on the room. Copies tie two people together."""
    for seed in range(6):
        root = photographers(tmp_path / str(seed))
        said = prepared(root, "--together", "/(p[0-9]+)_", "--split-seed", seed, "--eval", 0.25, "--test", 0.2)
        names = ("Train.txt", "Eval.txt", "Test.txt")
        sides = [people(root, name) for name in names]
        assert sum(map(len, sides)) == 11 == len(set().union(*sides))
        counts = [Counter(path.split("/")[0] for path in paths(root, name)) for name in names]
        images = counts[0] + counts[1] + counts[2]
        for side, share in ((counts[1], 0.25), (counts[2], 0.2)):
            assert all(1 <= side[name] <= round(share * images[name]) for name in ("cat", "dog"))
        assert said.splitlines()[0].split()[-2:] == ["copies", "groups"]
        assert said.splitlines()[3].split()[-2:] == ["1", "11"]


def test_the_groups_are_written_beside_the_lists(tmp_path: Path) -> None:
    """An interval over the images has to draw people, not photos, and only this command knows who is on them."""
    root = photographers(tmp_path)
    prepared(root, "--together", "/(p[0-9]+)_")
    for name in ("Train.txt", "Eval.txt"):
        images = paths(root, name)
        groups = groups_of(root / name, images)
        assert groups is not None and (groups != ALONE).all()
        together = {(person(one), group) for one, group in zip(images, groups.tolist(), strict=True)}
        assert len(together) == len(set(groups.tolist())) == len(people(root, name))
    assert "groups.txt" in refused(root)  # it would be removed: without --together, the lists have no groups
    prepared(root, "--force")
    assert not (root / "groups.txt").exists()


def test_photos_of_one_person_stay_in_one_fold(tmp_path: Path) -> None:
    root = photographers(tmp_path)
    prepared(root, "--together", "/(p[0-9]+)_", "--folds", 3)
    judged = [people(root, f"Eval-fold{fold}.txt") for fold in (1, 2, 3)]
    assert sum(map(len, judged)) == 11 == len(set().union(*judged))
    for fold, there in enumerate(judged, 1):
        assert not there & people(root, f"Train-fold{fold}.txt")
    sizes = [len(paths(root, f"Eval-fold{fold}.txt")) for fold in (1, 2, 3)]
    assert max(sizes) - min(sizes) <= 8  # as many as the largest group


@pytest.mark.parametrize("more", [[], ["--together", "/(p[0-9]+)_"]])
def test_what_is_kept_aside_is_the_same_with_folds(tmp_path: Path, more: list[str]) -> None:
    """Yesterday's test images would be trained on tomorrow, and today's have been looked at."""
    root = photographers(tmp_path)
    prepared(root, "--test", 0.25, *more)
    aside = paths(root, "Test.txt")
    prepared(root, "--test", 0.25, "--folds", 3, "--force", *more)
    assert paths(root, "Test.txt") == aside
    prepared(root, "--test", 0.25, "--eval", 0.4, "--force", *more)
    assert paths(root, "Test.txt") == aside


@pytest.mark.parametrize(("pattern", "groups"), [("/(.*)/", 5), ("(.*)/", 10)])
def test_images_of_a_folder_stay_together(tmp_path: Path, pattern: str, groups: int) -> None:
    """The patterns of --help: a person who is in both classes is one, an item of each class is two."""
    for label, name in enumerate(("cat", "dog")):
        for item in range(5):
            for number in range(3):
                write(tmp_path / name / f"p{item}" / f"{number}.png", picture(100 * label + 10 * item + number))
    said = prepared(tmp_path, "--together", pattern)
    assert said.splitlines()[3].split()[-1] == str(groups)
    sides = [{path.rpartition("/")[0] for path in paths(tmp_path, name)} for name in ("Train.txt", "Eval.txt")]
    assert not sides[0] & sides[1] and len(sides[1]) == 2
    if groups == 5:
        assert len({folder.rpartition("/")[2] for folder in sides[1]}) == 1


def test_patterns_that_keep_nothing_or_everything_together(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "images", cat=6, dog=6)
    assert "has no (...)" in refused(root, "--together", "cat")
    assert "no regular expression" in refused(root, "--together", "(cat")
    assert "--together /(x): finds nothing in cat/000.png" in refused(root, "--together", "/(x)")
    assert "--together /(?:(x))?: finds nothing in cat/000.png" in refused(root, "--together", "/(?:(x))?")
    assert "--together (.*): keeps no two images together" in refused(root, "--together", "(.*)")
    assert f"{root}/cat: too few groups of images: 1, and each of the 2 lists" in refused(root, "--together", "(.*)/")
    assert not list(root.glob("*.txt"))
    few = tmp_path / "few"
    for number, (cats, dogs) in enumerate([(9, 1), (1, 9)]):
        for label, count in enumerate((cats, dogs)):
            for image in range(count):
                write(few / ("cat", "dog")[label] / f"{number}_{image}.png", picture(100 * number + 50 * label + image))
    write(few / "ant" / "0_0.png", picture(7000))
    write(few / "ant" / "0_1.png", picture(7001))
    write(few / "ant" / "2_1.png", picture(7002))
    write(few / "cow" / "1_1.png", picture(7003))
    write(few / "cow" / "2_2.png", picture(7004))
    said = refused(few, "--together", "/([0-9])_")
    assert "is missing in one of the lists, for its images stay together in few, large groups" in said
    assert not list(few.glob("*.txt"))
