"""What prepare_data.py writes and says, and that training takes it."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from suite.config.reading import load_config
from suite.config.schema import DataConfig
from suite.config.study import load_study
from suite.data.loading import load_data
from tests.fixtures.preparation import COMMAND, class_folders, lists, paths, picture, prepare, prepared, refused, write


def test_training_accepts_what_the_command_wrote(tmp_path: Path) -> None:
    """Any disagreement on format, labels, class names or copies between writer and reader."""
    root = class_folders(tmp_path / "my photos", cat=10, dog=20, ant=5)
    for copy in range(6):
        write(root / "dog" / f"copy{copy}.png", picture(1003))
    prepared(root, "--test", "0.2")

    loaded = load_data(DataConfig(root=str(root), image_size=8))
    assert loaded.class_names == ["ant", "cat", "dog"]
    for images in (loaded.train, loaded.eval):
        assert [loaded.class_names[label] for label in images.labels] == [path.split("/")[0] for path in images.paths]
    everything = [*loaded.train.paths, *loaded.eval.paths, *paths(root, "Test.txt")]
    assert sorted(everything) == sorted(file.relative_to(root).as_posix() for file in root.rglob("*.png"))


SCRIPTS = ("preview_augment.py", "train.py")


@pytest.mark.parametrize("name", ["photos", "my photos", "2024", "a: b #c", "照片", "on", "it's"])
def test_the_next_command_means_this_folder(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--set` reads its value as YAML: a folder called 2024 would be a number, a blank would end the argument."""
    class_folders(tmp_path / name, ant=2, bee=2)
    monkeypatch.chdir(tmp_path)
    study = str(COMMAND.with_name("configs") / "studies/mild.yaml")
    for line, start, script in zip(prepared(name).splitlines()[-2:], ("next:", "then:"), SCRIPTS, strict=True):
        words = shlex.split(line)
        assert words[:5] == [start, sys.executable, str(COMMAND.with_name(script)), "--study", study]
        settings = words[words.index("--set") + 1 :]
        assert load_config(load_study(study).base, settings).data.root == name


def test_summary_counts(tmp_path: Path) -> None:
    """Columns swapped or totals that do not add up."""
    root = class_folders(tmp_path, ant=10, bee=5)
    write(root / "ant" / "again.png", picture(0))
    lines = prepared(root, "--test", "0.2").splitlines()
    assert lines[0].split() == ["class", "images", "train", "eval", "test", "copies"]
    assert lines[1].split() == ["ant", "11", "7", "2", "2", "1"]
    assert lines[2].split() == ["bee", "5", "3", "1", "1", "0"]
    assert lines[3].split() == ["2", "classes", "16", "10", "3", "3", "1"]


def test_lists_that_are_there_are_kept(tmp_path: Path) -> None:
    """Lists made with care, lost to a command run twice; and a second run must not even touch equal ones."""
    root = class_folders(tmp_path, ant=10, bee=10)
    prepared(root, "--test", "0.2")
    before = {file: file.stat().st_mtime_ns for file in root.glob("*.txt")}
    assert "the lists are as they were" in prepared(root, "--test", "0.2")
    assert {file: file.stat().st_mtime_ns for file in root.glob("*.txt")} == before

    old = lists(root)
    assert "--force" in refused(root, "--test", "0.2", "--split-seed", "5")
    assert lists(root) == old
    prepared(root, "--test", "0.2", "--split-seed", "5", "--force")
    assert lists(root)["Eval.txt"] != old["Eval.txt"]


def test_an_old_test_list_does_not_outlive_its_split(tmp_path: Path) -> None:
    """Its images are training images now: judged on them, any model looks good."""
    root = class_folders(tmp_path, ant=10, bee=10)
    prepared(root, "--test", 0.2)
    assert "Test.txt" in refused(root)
    prepared(root, "--force")
    assert not (root / "Test.txt").exists()


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("call", ["os.fsync", "Path.replace"])
@pytest.mark.parametrize("number", range(1, 7))
def test_a_rewrite_that_fails_half_way_keeps_the_old_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, call: str, number: int
) -> None:
    """Before, --force removed all old lists first, Test.txt among them, and a full disk took them for good."""
    root = class_folders(tmp_path, ant=10, bee=10)
    prepared(root, "--test", "0.2")
    old = lists(root)
    owner, name = {"os.fsync": (os, "fsync"), "Path.replace": (Path, "replace")}[call]
    function, calls = getattr(owner, name), 0

    def failing(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number:
            raise failure
        return function(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, failing)
        outcome = prepare(root, "--split-seed", 3, "--force")
    if calls < number:
        assert outcome.code == 0 and lists(root) != old
        return
    assert outcome.code == (2 if isinstance(failure, OSError) else 130)
    assert lists(root) == old
    assert not [*root.glob(".*")]
    if isinstance(failure, OSError):
        assert "the lists cannot be written, and are as they were: No space left on device" in outcome.err
    prepared(root, "--split-seed", 3, "--force")
    assert "Test.txt" not in lists(root)
