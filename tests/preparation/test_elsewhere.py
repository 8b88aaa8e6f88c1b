"""Lists in another folder than the images, which may not be written to."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from suite.config.reading import load_config
from suite.data.loading import load_data
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.preparation import class_folders, lists, prepare, prepared, refused


def test_lists_elsewhere_train_evaluate_and_preview(tmp_path: Path, command: Command) -> None:
    """Images on a read-only disk: without the key, their folder had to be copied."""
    images, out = class_folders(tmp_path / "my images", ant=6, bee=6), tmp_path / "my lists"
    before = [*images.rglob("*")]
    done = command("prepare_data.py", "my images", "--out", "my lists", "--test", 0.2)
    assert done.returncode == 0, done.stderr
    assert [*images.rglob("*")] == before
    assert sorted(lists(out)) == ["Eval.txt", "Test.txt", "Train.txt", "classes.txt"]

    words = shlex.split(done.stdout.splitlines()[-1])
    assert words[2] == str(ROOT / "train.py") and "data.images=my images" in words
    settings = [*words[words.index("--set") + 1 :], *SMALL_VGG, "train.epochs=1", "train.device=cpu"]
    arguments = ["--config", ROOT / "configs/vgg_none.yaml", "--set", *settings]
    trained = command("train.py", *arguments)
    assert trained.returncode == 0, trained.stderr
    assert "finished and left as it is" in command("train.py", *arguments).stdout
    for more in ([], ["--list", "Test.txt"]):
        judged = command("evaluate.py", "logs/vgg_none/seed0", *more)
        assert judged.returncode == 0, judged.stderr
    assert command("preview_augment.py", *arguments).returncode == 0


def test_the_same_images_from_either_kind_of_list(tmp_path: Path) -> None:
    """Other paths would be other data to a run that goes on."""
    images, out = class_folders(tmp_path / "images", ant=6, bee=6), tmp_path / "lists"
    prepared(images)
    prepared(images, "--out", out)
    assert lists(images) == lists(out)
    config = ROOT / "configs/vgg_none.yaml"
    beside = load_config(config, [f"data.root={images}", "data.image_size=32"])
    elsewhere = load_config(config, [f"data.root={out}", f"data.images={images}", "data.image_size=32"])
    named = load_config(
        config,
        [f"data.root={images}", f"data.images={images}", "data.image_size=32"]
        + [f"data.{side}_list={out}/{side.title()}.txt" for side in ("train", "eval")],
    )
    assert len({load_data(each.data).fingerprint for each in (beside, elsewhere, named)}) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_to_as_a_user(tmp_path: Path) -> None:
    """The advice that helps, not only what the system says."""
    root = class_folders(tmp_path, ant=2, bee=2)
    root.chmod(0o555)
    assert "--out DIR writes them elsewhere" in refused(root)
    root.chmod(0o755)


def test_a_folder_on_a_read_only_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The advice that helps, not only what the system says."""
    root = class_folders(tmp_path, ant=2, bee=2)

    def read_only(*_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("suite.preparation.writing.exchange", read_only)
    assert "Read-only file system; --out DIR writes them elsewhere" in refused(root)


def test_a_wrong_place_for_lists_or_images(tmp_path: Path, command: Command) -> None:
    """One sentence, with the name of what is wrong."""
    root = class_folders(tmp_path / "images", ant=2, bee=2)
    (tmp_path / "file").touch()
    assert prepare(root, "--out", tmp_path / "file").err.count("error: ") == 1
    prepared(root, "--out", tmp_path / "lists")
    arguments = ["--config", ROOT / "configs/vgg_none.yaml", "--set", "data.root=lists"]
    for more, said in (
        ([], "no such image: ant/"),
        (["data.images=imgaes"], "data.images: no such folder: imgaes"),
    ):
        done = command("train.py", *arguments, *more)
        assert done.returncode == 2 and said in done.stderr
