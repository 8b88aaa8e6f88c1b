"""The log for VisualDL, read back with its own reader, and what belongs to it in train.py."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from suite.comparison import records
from suite.config.reading import load_config
from suite.config.schema import Config
from suite.errors import UserError
from suite.runs import continuing
from suite.training import dashboard, loop, run
from tests.fixtures.commands import SMALL_VGG
from tests.fixtures.facts import made_up_facts
from tests.fixtures.images import make_image_set

SETTINGS = [*SMALL_VGG, "train.epochs=4", "train.clean_every=3", "train.device=cpu"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    root = make_image_set(tmp_path / "images", train_per_class=2, eval_per_class=1)
    (tmp_path / "small.yaml").write_text(f"data:\n  root: {root}\n")
    return tmp_path / "small.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "logs/small/seed0"


def config(file: Path, visualdl: bool) -> Config:
    return load_config(file, [*SETTINGS, f"log.visualdl={str(visualdl).lower()}"])


def logged(folder: Path) -> dict[str, list[Any]]:
    """The records of every scalar: `id` is the step."""
    visualdl = pytest.importorskip("visualdl")
    [log] = (folder / "visualdl").iterdir()  # the dashboard shows no more than one file of a folder
    reader = visualdl.LogReader(file_path=str(log))
    return {tag: reader.get_data("scalar", tag) for tag in reader.get_tags()["scalar"]}


def train_until(epoch: int, config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train, and be interrupted after so many epochs."""
    one_epoch = loop.Training.one_epoch

    def interrupted(self: loop.Training) -> None:
        if self.epochs_done == epoch:
            raise KeyboardInterrupt
        one_epoch(self)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(loop.Training, "one_epoch", interrupted)
        run.train(config, folder)


@pytest.mark.parametrize("visualdl_from_the_start", [True, False])
def test_a_continued_run_has_every_epoch_once(
    file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, visualdl_from_the_start: bool
) -> None:
    """Epochs twice after going back to previous.npz; a log that begins where it was switched on; values of the wrong
    curve; a run that may not be continued because its curves are watched."""
    pytest.importorskip("visualdl")
    train_until(3, config(file, visualdl_from_the_start), folder, monkeypatch)
    (folder / "last.npz").write_bytes(b"damaged")
    assert run.train(config(file, True), folder) == 0
    records = logged(folder)
    assert records.keys() == {*dashboard.TAGS.values(), "learning rate"}
    for curve, tag in dashboard.TAGS.items():
        values = np.load(folder / f"{curve}.npy")
        measured = np.flatnonzero(~np.isnan(values))
        assert [record.id for record in records[tag]] == [int(epoch) + 1 for epoch in measured]
        assert [record.value for record in records[tag]] == values[measured].astype(np.float32).tolist()
    assert len(records["loss/clean train"]) == 2  # epochs 3 and 4


def test_learning_rate_and_time_of_every_epoch(tmp_path: Path) -> None:
    """The rate of the last session for all epochs; a damaged run.json that stops the run; times that stand still."""
    pytest.importorskip("visualdl")
    seconds = [60.0, 1.0, 60.0]
    curves = {curve: [1.0, math.nan, 3.0] for curve in dashboard.TAGS}
    stub: Any = SimpleNamespace(seconds=seconds, curves=curves, config=Config())
    began = [{"lr": 1e-2, "after_epoch": 0}, {"lr": 1e-3, "after_epoch": 2}, {"lr": 1e-4, "after_epoch": 1}]
    rates = made_up_facts(sessions=began).sessions
    for sessions, expected in ((rates, {1: 1e-2, 2: 1e-4, 3: 1e-4}), (rates[1:2], {3: 1e-3})):
        dashboard.write_scalars(tmp_path, stub, sessions)
        records = logged(tmp_path)
        assert {record.id: record.value for record in records["learning rate"]} == pytest.approx(expected)
        assert [record.id for record in records["loss/eval"]] == [1, 3]
    first, last = (record.timestamp for record in records["loss/eval"])
    assert last - first == pytest.approx(61_000, abs=1)  # milliseconds


def test_a_missing_package_is_told_before_anything_is_done(
    file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour of decoding, or a first epoch, and then a traceback."""
    monkeypatch.setitem(sys.modules, "visualdl", None)
    with pytest.raises(UserError, match=r"log\.visualdl: .* install it with pip install -e '\.\[visualdl\]'"):
        run.train(config(file, True), folder)
    assert not folder.exists()


def test_being_watched_makes_no_other_run(file: Path) -> None:
    """A run refused, or put into another group, because its curves are also written elsewhere."""
    plain, watched = config(file, False), config(file, True)
    assert continuing.differences(plain, watched) == []
    assert continuing.identity(plain, 1.0) == continuing.identity(watched, 1.0)
    assert "log.visualdl" in records.NOT_COMPARED


def test_fresh_leaves_nothing_of_the_training_before(file: Path, folder: Path, tmp_path: Path) -> None:
    """A confusion matrix of other weights beside the new curves; and a stranger's files behind a link, lost."""
    for name in ("visualdl", "evaluation", "evaluation-Test-best", "notes"):
        (folder / name).mkdir(parents=True)
        (folder / name / "old.txt").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/photo.png").touch()
    (folder / "evaluation-link").symlink_to(tmp_path / "elsewhere")
    run.train(config(file, False), folder, fresh=True)
    left = {path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink()}
    assert left == {"notes"}
    assert (tmp_path / "elsewhere/photo.png").exists()
