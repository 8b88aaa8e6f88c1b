"""Runs that start from weights: what is frozen, what they are known by, and how they go on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import paddle
import pytest

from models.building import build, is_head
from models.settings import NETWORKS
from models.weights import model_state
from suite.comparison.reading import find_runs
from suite.config.schema import Config
from suite.data.loading import Data, load_data
from suite.runs.checkpoints import Checkpoint, save_checkpoint
from suite.training.loop import Training
from suite.weights.reading import read_weights
from tests.fixtures.commands import ROOT, Command
from tests.fixtures.images import make_image_set
from tests.fixtures.networks import SMALL

SECTION: dict[str, Any] = {"name": "resnet", **SMALL["resnet"]}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_image_set(tmp_path_factory.mktemp("set") / "images")


def write_weights(file: Path, seed: int = 0) -> Path:
    """Weights of a small ResNet that was never trained."""
    paddle.seed(seed)
    section = NETWORKS["resnet"].model_validate(SECTION)
    facts = {"epochs_done": 0, "model": {"name": "resnet", "normalise": "suite"}}
    file.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(file, Checkpoint(model_state(build(section, 32, 7)), facts))
    return file


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_weights(tmp_path_factory.mktemp("weights") / "small.npz")


def config(root: Path, weights: Path, mode: str = "none", freeze: str = "none", **train: Any) -> Config:
    return Config.model_validate(
        {
            "model": {**SECTION, "weights": str(weights), "freeze": freeze},
            "augment": {"mode": mode},
            "data": {"root": str(root), "image_size": 32},
            "train": {"epochs": 4, "batch_size": 8, "lr": 1e-2, **train},
        }
    )


def trained(settings: Config, data: Data, epochs: int) -> Training:
    training = Training(settings, data, read_weights(settings.model))
    for _ in range(epochs):
        training.one_epoch()
    return training


def test_modes_and_seeds_start_from_the_same_body(root: Path, weights: Path) -> None:
    """And each seed from a head of its own, the same in all modes."""
    data = load_data(config(root, weights).data)
    given = read_weights(config(root, weights).model)
    assert given is not None
    none, mixup, other = (
        trained(settings, data, 0).state().arrays
        for settings in (config(root, weights), config(root, weights, "mixup"), config(root, weights, seed=1))
    )
    for name, array in none.items():
        path = name.removeprefix("model/")
        assert np.array_equal(array, mixup[name])
        assert np.array_equal(array, other[name]) == (path != "classifier.weight")
        assert is_head(path) or np.array_equal(array, given.arrays[path])


@pytest.mark.parametrize("mode", ["none", "mixup"])
@pytest.mark.parametrize("freeze", ["none", "stem", "body"])
def test_resumed_training_equals_straight_training(root: Path, weights: Path, mode: str, freeze: str) -> None:
    """Features that are computed anew must be those of before; frozen parameters have no optimiser state."""
    settings = config(root, weights, mode, freeze, optimizer="adamw", weight_decay=0.1, schedule="cosine")
    data = load_data(settings.data)
    straight, kept = trained(settings, data, 4), trained(settings, data, 2).state()
    resumed = trained(settings, data, 0)
    resumed.restore(kept)
    while resumed.epochs_done < 4:
        resumed.one_epoch()
    one, other = straight.state(), resumed.state()
    assert one.arrays.keys() == other.arrays.keys()
    assert [path for path in one.arrays if one.arrays[path].tobytes() != other.arrays[path].tobytes()] == []
    assert one.facts["curves"] == other.facts["curves"]


def test_features_are_the_same_experiment_as_the_images_they_stand_for(
    root: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or mode none, which takes the shortcut, could not be compared with modes that do not. And it takes it once."""
    settings = config(root, weights, "none", "body")
    data = load_data(settings.data)
    short = trained(settings, data, 0)
    assert short.clean is short.trained
    passes: list[int] = []
    short.model.stem.register_forward_post_hook(lambda *_: passes.append(1))
    long = trained(settings, data, 0)
    whole = short.clean._replace(network=long.model, train=data.train.images, eval=data.eval.images)
    long.trained = whole
    long.augmenter.images = data.train.images
    for training in (short, long, short, long):
        training.one_epoch()
    assert passes == []
    assert short.curves["lossTrain"] == pytest.approx(long.curves["lossTrain"], rel=1e-4)
    assert short.curves["lossEval"] == pytest.approx(long.curves["lossEval"], rel=1e-4)


def test_a_frozen_body_is_looked_at_once_an_epoch_when_images_change(root: Path, weights: Path) -> None:
    """Augmented images are new in each epoch; those of an evaluation are not."""
    settings = config(root, weights, "mixup", "body")
    training = trained(settings, load_data(settings.data), 0)
    seen: list[int] = []
    training.model.stem.register_forward_post_hook(lambda layer, inputs, output: seen.append(output.shape[0]))
    training.one_epoch()
    assert sum(seen) == 24


# --- through the commands -------------------------------------------------------------------------------------------


def line(root: Path, weights: Path, logs: Path, *more: str) -> list[Any]:
    """`train.py` on the shipped file, made small."""
    overrides = [f"model.{key}={json.dumps(value)}" for key, value in SECTION.items()]
    overrides += [f"model.weights={weights}", f"data.root={root}", "data.image_size=32"]
    overrides += ["train.epochs=2", "train.warmup=0.5", "train.batch_size=8"]
    return ["--config", ROOT / "configs/transfer_none.yaml", "--logs", logs, "--set", *overrides, *more]


def test_a_run_is_known_by_its_weights(root: Path, tmp_path: Path, command: Command) -> None:
    """It goes on when their file has moved, not from others, and is not compared with runs that started from others."""
    first, logs = write_weights(tmp_path / "weights/small.npz"), tmp_path / "logs"
    done = command("train.py", *line(root, first, logs))
    assert (done.returncode, done.stderr) == (0, "")
    [run] = find_runs(logs)[0]
    name = dict(run.setting)["model.weights"]
    assert f"starting from {name}" in done.stdout
    judged = command("evaluate.py", run.folder)
    assert (judged.returncode, judged.stderr) == (0, "")

    moved = tmp_path / "elsewhere/small.npz"
    moved.parent.mkdir()
    shutil.move(first, moved)
    assert "is finished and left as it is" in command("train.py", *line(root, moved, logs)).stdout
    other = write_weights(tmp_path / "others/small.npz", seed=1)
    refused = command("train.py", *line(root, other, logs))
    assert refused.returncode == 2
    assert f"model.weights were {name} when this run began and are small.npz " in refused.stderr
    command("train.py", *line(root, other, logs), "--name", "other")
    assert len({run.setting for run in find_runs(logs)[0]}) == 2


@pytest.mark.parametrize("freeze", ["none", "body"])
def test_a_killed_run_goes_on_from_its_checkpoint(
    freeze: str, root: Path, weights: Path, tmp_path: Path, command: Command
) -> None:
    """A checkpoint without the path of the weights must still be known as one that starts from them."""
    asked = line(root, weights, tmp_path / "logs", f"model.freeze={freeze}", "train.epochs=60")
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), *map(str, asked)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    while not next(process.stdout).startswith("epoch  2/60"):
        pass
    process.kill()
    process.communicate()
    resumed = command("train.py", *asked)
    assert (resumed.returncode, resumed.stderr) == (0, "")
    assert "continuing after epoch" in resumed.stdout


def test_weights_that_cannot_be_used_stop_several_runs_before_the_first(
    root: Path, tmp_path: Path, command: Command
) -> None:
    refused = command("train.py", *line(root, tmp_path / "gone.pth", tmp_path / "logs"), "--seed", "0", "1")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("no such file") == 1
    assert not (tmp_path / "logs").exists()


def test_weights_of_another_network_are_a_mistake_of_the_user(
    root: Path, weights: Path, tmp_path: Path, command: Command
) -> None:
    refused = command("train.py", *line(root, weights, tmp_path / "logs"), "model.width=0.5")
    assert refused.returncode == 2
    assert "its shapes are not those of this resnet" in refused.stderr
    assert "Traceback" not in refused.stderr
