"""Lists for cross-validation."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from pathlib import Path

import pytest

import train
from suite.data.loading import load_data
from suite.preparation import splitting
from suite.preparation.folders import ImageFile
from suite.training import plan
from tests.fixtures.preparation import COMMAND, class_folders, lists, paths, picture, prepare, prepared, refused, write


def fold_lists(root: Path, folds: int) -> list[tuple[list[str], list[str]]]:
    """Training and evaluation images of every fold."""
    return [(paths(root, f"Train-fold{n}.txt"), paths(root, f"Eval-fold{n}.txt")) for n in range(1, folds + 1)]


@pytest.mark.parametrize("test", [[], ["--test", "0.25"]])
def test_every_image_is_evaluated_on_in_one_fold_and_trained_on_in_the_others(tmp_path: Path, test: list[str]) -> None:
    """Images in no evaluation list, or in two; trained and judged on in one fold; a Test.txt that leaks into a fold."""
    root = class_folders(tmp_path, ant=13, bee=22, cow=5)
    for copy in range(4):
        write(root / "bee" / f"copy{copy}.png", picture(1003))
    said = prepared(root, "--folds", 4, *test)
    aside = set(paths(root, "Test.txt")) if test else set()
    everything = {file.relative_to(root).as_posix() for file in root.rglob("*.png")} - aside
    folds = fold_lists(root, 4)
    assert sorted(path for _, judged in folds for path in judged) == sorted(everything)
    for trained_on, judged in folds:
        assert not set(trained_on) & set(judged) and set(trained_on) | set(judged) == everything
        contents = [{(root / path).read_bytes() for path in side} for side in (trained_on, judged, aside)]
        assert not contents[0] & contents[1] and not contents[2] & (contents[0] | contents[1])
        assert {path.split("/")[0] for path in judged} == {"ant", "bee", "cow"}
    assert not (root / "Train.txt").exists() and not (root / "Eval.txt").exists()
    counts = [len(judged) for _, judged in folds]
    sides = [*counts, *([len(aside)] if test else [])]
    assert said.splitlines()[4].split() == ["3", "classes", *map(str, [44, *sides, 4])]


def test_folds_are_of_one_size(tmp_path: Path) -> None:
    """The odd images of every class in the first fold: with many classes it would be much larger than the last."""
    root = class_folders(tmp_path, **{f"class{number:02}": 7 for number in range(11)})
    prepared(root, "--folds", 3)
    evaluations = [judged for _, judged in fold_lists(root, 3)]
    assert sorted(map(len, evaluations)) == [25, 26, 26]
    assert {count for judged in evaluations for count in Counter(p.split("/")[0] for p in judged).values()} == {2, 3}


def test_groups_of_copies_are_dealt_out_evenly() -> None:
    """Ten copies dealt out last lie on top of a fold that was as full as the others."""
    singles = [[ImageFile(f"cat/{number}")] for number in range(10)]
    groups = [*singles, [ImageFile(f"cat/copy{copy}") for copy in range(10)]]
    splits = splitting.fold(groups, folds=2, test_share=0)
    assert [len(split.eval) for split in splits] == [10, 10]
    assert [len(split.train) for split in splits] == [10, 10]


def test_the_seed_decides_the_folds(tmp_path: Path) -> None:
    """Folds in the order of the file names: all photos of one day in one fold."""
    root = class_folders(tmp_path, ant=12, bee=12)
    prepared(root, "--folds", 3)
    first = fold_lists(root, 3)
    prepared(root, "--folds", 3, "--split-seed", 1, "--force")
    assert fold_lists(root, 3) != first
    ant, bee = ({path[4:] for path in first[0][1] if path.startswith(name)} for name in ("ant", "bee"))
    assert ant != bee


def test_a_class_with_fewer_different_images_than_folds_is_refused(tmp_path: Path) -> None:
    """A fold without a class; copies counted as different images; Test.txt taking what a fold needs."""
    root = class_folders(tmp_path, ant=4, bee=3)
    write(root / "bee" / "again.png", picture(1000))
    said = refused(root, "--folds", 4)
    assert f"{root}/bee: too few different images: 3, and each of the 4 folds needs one" in said
    assert "ant" not in said
    said = refused(root, "--folds", 3, "--test", 0.2)
    assert "each of the 3 folds and Test.txt needs one" in said and "ant" not in said
    assert lists(root) == {}
    prepared(root, "--folds", 2, "--test", 0.9)
    assert all({path[:3] for path in judged} == {"ant", "bee"} for _, judged in fold_lists(root, 2))


def test_lists_of_an_earlier_split_go(tmp_path: Path) -> None:
    """Fold 5 of five beside four new folds, a Train.txt with what is judged on now: each looks as if it belonged."""
    root = class_folders(tmp_path, ant=10, bee=10)
    (root / "Train-fold-notes.txt").touch()
    prepared(root)
    assert "Eval.txt, Train.txt would be replaced or removed" in refused(root, "--folds", 5)
    prepared(root, "--folds", 5, "--force")
    before = lists(root)
    assert "Train-fold5.txt would be replaced or removed" in refused(root, "--folds", 4)
    assert lists(root) == before
    assert "and removed Eval-fold5.txt, Train-fold5.txt\n" in prepared(root, "--folds", 4, "--force")
    assert "the lists are as they were" in prepared(root, "--folds", 4)
    prepared(root, "--force")
    assert sorted(lists(root)) == ["Eval.txt", "Train-fold-notes.txt", "Train.txt", "classes.txt"]


def test_training_accepts_the_folds_that_the_next_command_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study file whose list names are others than those that were written."""
    root = class_folders(tmp_path / "my photos", ant=10, bee=10)
    *_, last = prepared(root, "--folds", 5).splitlines()
    monkeypatch.chdir(COMMAND.parent)
    monkeypatch.setattr(sys, "argv", shlex.split(last)[2:])
    planned = plan.plan(train.parse_arguments())
    pools = {load_data(run.config.data.model_copy(update={"image_size": 8})).pool for run in planned.values()}
    assert len({run.config.data.eval_list for run in planned.values()}) == 5 and len(pools) == 1


@pytest.mark.parametrize("wrong", [["--folds", "1"], ["--folds", "-2"], ["--folds", "3", "--eval", "0.2"],
                                   ["--folds", "3", "--test", "1"]])  # fmt: skip
def test_folds_that_make_no_sense_are_refused(tmp_path: Path, wrong: list[str]) -> None:
    """One fold has nothing to train on; a share for Eval.txt that is not heeded."""
    root = class_folders(tmp_path, ant=5, bee=5)
    assert prepare(root, *wrong).code == 2
    assert lists(root) == {}
