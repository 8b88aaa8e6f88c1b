"""Every network is trained, stopped, continued, evaluated and drawn."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import paddle
import pytest

from augment.batch import Batch
from models.predicting import predict
from models.settings import NETWORKS
from suite.config.schema import Config
from suite.data.loading import Data, load_data
from suite.percent import per_cent
from suite.runs.curves import measured
from suite.training.loop import Training
from tests.fixtures.commands import ROOT, Command
from tests.fixtures.images import make_image_set
from tests.fixtures.networks import SMALL, image_size


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_image_set(tmp_path_factory.mktemp("set") / "images")


def config(name: str, root: Path, **train: object) -> Config:
    return Config.model_validate(
        {
            "model": {"name": name, **SMALL[name]},
            "augment": {"mode": "mixup"},
            "data": {"root": str(root), "image_size": image_size(name)},
            "train": {"epochs": 4, "batch_size": 8, "lr": 1e-3, **train},
        }
    )


def trained(settings: Config, data: Data, epochs: int) -> Training:
    training = Training(settings, data)
    for _ in range(epochs):
        training.one_epoch()
    return training


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_goes_on_as_if_it_had_never_stopped(name: str, root: Path) -> None:
    """Statistics of BatchNorm that are not kept, or of the wrong network; optimiser state under another name."""
    settings = config(name, root)
    data = load_data(settings.data)
    straight, first_half = trained(settings, data, 4), trained(settings, data, 2)
    kept = first_half.state()
    paddle.rand([7])  # whatever else the process has drawn meanwhile
    second_half = Training(settings, data)
    second_half.restore(kept)
    while second_half.epochs_done < 4:
        second_half.one_epoch()
    one, other = straight.state(), second_half.state()
    assert one.arrays.keys() == other.arrays.keys()
    assert [path for path in one.arrays if one.arrays[path].tobytes() != other.arrays[path].tobytes()] == []
    assert one.facts["curves"] == other.facts["curves"]


def test_statistics_are_recalibrated_before_an_evaluation(root: Path) -> None:
    """Mixed images have less variance than the clean ones that are evaluated. Training itself must stay the same."""
    data = load_data(config("resnet", root).data)
    plain, anew = (trained(config("resnet", root, recalibrate=recalibrate), data, 2) for recalibrate in (False, True))
    assert plain.curves["lossTrain"] == anew.curves["lossTrain"]
    assert plain.curves["lossEval"] != anew.curves["lossEval"]
    logits = predict(anew.model, data.eval.images)
    assert anew.curves["lossEval"][-1] == measured("Eval", logits, data.eval.labels)["lossEval"]


@pytest.mark.parametrize(("name", "lengths"), [("googlenet", [23, 1]), ("resnet", [24])])
def test_a_last_batch_of_one_image_does_not_reach_batch_norm(
    name: str, lengths: list[int], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an image is alone in its batch, BatchNorm has no variance. Other networks train as they always have."""
    settings = config(name, root, batch_size=23)
    training = Training(settings, load_data(settings.data))
    seen: list[int] = []
    batch = training.augmenter.batch

    def noted(epoch: int, index: int, samples: np.ndarray) -> Batch:
        seen.append(len(samples))
        return batch(epoch, index, samples)

    monkeypatch.setattr(training.augmenter, "batch", noted)
    training.one_epoch()
    assert seen == lengths


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_through_all_commands(name: str, root: Path, tmp_path: Path, command: Command) -> None:
    """The shipped file, made small: killed in the middle, continued, judged and drawn."""
    overrides = [f"model.{key}={json.dumps(value)}" for key, value in SMALL[name].items()]
    overrides += [f"data.root={root}", f"data.image_size={image_size(name)}"]
    overrides += ["train.epochs=3", "train.batch_size=8", "train.lr=0.001"]
    line = ["--config", ROOT / f"configs/{name}_mixup.yaml", "--logs", tmp_path / "logs", "--set", *overrides]
    shell = [sys.executable, str(ROOT / "train.py"), *map(str, line)]
    process = subprocess.Popen(shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while not next(process.stdout).startswith("epoch 1/3"):
        pass
    process.kill()
    _, complaints = process.communicate()
    assert (process.returncode, complaints) == (-signal.SIGKILL, "")

    resumed = command("train.py", *line)
    assert (resumed.returncode, resumed.stderr) == (0, "")
    assert re.search(r"continuing after epoch [12] of 3", resumed.stdout)
    run = tmp_path / f"logs/{name}_mixup/seed0"
    judged = command("evaluate.py", run)
    assert (judged.returncode, judged.stderr) == (0, "")
    with np.load(run / "predictions.npz") as last:
        accuracy = (last["logits"].argmax(axis=1) == last["labels"]).mean()
    assert f"accuracy (top-1)     {per_cent(accuracy)}" in judged.stdout
    drawn = command("plot_curves.py", tmp_path / "logs")
    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert any(name in picture.parent.name for picture in (tmp_path / "logs").rglob("*.png"))
