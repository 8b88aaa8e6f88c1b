"""`train.py`, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, SMALL_VGG, Command

import provenance
import runs

MODES = ["none", "userDef", "samplePairing", "mixup"]


def arguments(image_set: Path, logs: Path, mode: str = "none", *overrides: str) -> list[str]:
    settings = [*SMALL_VGG, f"data.root={image_set}", "train.batch_size=4", "train.lr=0.002", *overrides]
    return ["--config", str(ROOT / f"configs/vgg_{mode}.yaml"), "--logs", str(logs), "--set", *settings]


def kept(folder: Path) -> dict[str, bytes]:
    """All that a run has computed, to be compared bit for bit."""
    arrays = dict(runs.load_checkpoint(folder / "last.npz").arrays)
    arrays |= {name: np.load(folder / f"{name}.npy") for name in runs.CURVES}
    with np.load(folder / "predictions.npz") as predictions:
        arrays |= dict(predictions)
    arrays |= {f"best {name}": array for name, array in runs.load_checkpoint(folder / "best.npz").arrays.items()}
    return {name: array.tobytes() for name, array in arrays.items()}


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_trains_and_a_kill_in_mid_epoch_leaves_no_trace(
    mode: str, image_set: Path, tmp_path: Path, command: Command
) -> None:
    straight = command("train.py", *arguments(image_set, tmp_path / "straight", mode, "train.epochs=12"))
    assert straight.returncode == 0, straight.stderr
    assert straight.stderr == ""
    folder = tmp_path / f"straight/vgg_{mode}/seed0"
    assert {path.name for path in folder.iterdir()} == {*runs.RUN_FILES, "run.lock"}
    facts = json.loads((folder / "run.json").read_text())
    assert (facts["status"], facts["epochs_done"], len(facts["seconds_per_epoch"])) == ("finished", 12, 12)
    assert (facts["data"]["train_images"], facts["data"]["eval_images"], facts["data"]["classes"]) == (24, 12, 3)
    curves = {name: np.load(folder / f"{name}.npy") for name in runs.CURVES}
    assert all(len(curve) == 12 and np.isfinite(curve).all() for curve in curves.values())
    assert curves["lossTrainClean"][-1] < curves["lossTrainClean"][0]
    if mode == "none":
        assert curves["accTrain"][-1] > 0.9
    with np.load(folder / "predictions.npz") as predictions:
        assert (predictions["logits"].argmax(axis=1) == predictions["labels"]).mean() == curves["accEval"][-1]

    again = arguments(image_set, tmp_path / "killed", mode, "train.epochs=12")
    killed_folder = tmp_path / f"killed/vgg_{mode}/seed0"
    process = subprocess.Popen([sys.executable, str(ROOT / "train.py"), *again], stdout=subprocess.DEVNULL)
    while not ((facts := runs.read_facts(killed_folder)) and facts["epochs_done"] >= 4):
        assert process.poll() is None
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert not runs.is_finished(killed_folder)
    resumed = command("train.py", *again)
    assert resumed.returncode == 0, resumed.stderr
    assert "continuing after epoch" in resumed.stdout
    assert kept(killed_folder) == kept(folder)
    log = (killed_folder / "train.log").read_text()
    assert "epoch  1/12" in log
    assert "epoch 12/12" in log


def test_a_finished_run_is_left_alone_until_told_otherwise(image_set: Path, tmp_path: Path, command: Command) -> None:
    line = arguments(image_set, tmp_path / "logs", "none", "train.epochs=1")
    first = command("train.py", *line)
    assert "  model   vgg, " in first.stdout
    assert "24 training and 12 evaluation images, 3 classes" in first.stdout
    assert "epoch 1/1 | train loss" in first.stdout
    last = tmp_path / "logs/vgg_none/seed0/last.npz"
    written = last.stat().st_mtime_ns
    assert "is finished and left as it is" in command("train.py", *line).stdout
    assert last.stat().st_mtime_ns == written
    changed = command("train.py", *line, "train.lr=0.5")
    assert (changed.returncode, changed.stdout) == (2, "")
    assert "train.lr was 0.002 when this run began and is 0.5 now" in changed.stderr
    assert command("train.py", *line, "--fresh").returncode == 0
    assert last.stat().st_mtime_ns > written


def test_the_command_that_continues_does_not_start_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", "--config", "a b.yaml", "--fresh", "--seed", "1"])
    assert provenance.command_line() == "python train.py --config 'a b.yaml' --seed 1"


def test_several_runs_side_by_side_one_of_which_fails(image_set: Path, tmp_path: Path, command: Command) -> None:
    line = arguments(image_set, tmp_path / "logs", "mixup", "train.epochs=2")
    blocked = tmp_path / "logs/vgg_mixup/seed1"
    blocked.mkdir(parents=True)
    (blocked / "config.yaml").write_text("train: {lr: 5}")
    result = command("train.py", *line, "--seed", 0, 1, 2, "--jobs", 2)
    assert result.returncode == 1
    last = result.stdout.strip().splitlines()[-3:]
    assert ["done" in last[0], "failed (exit code 2)" in last[1], "done" in last[2]] == [True, True, True]
    assert all(runs.is_finished(tmp_path / f"logs/vgg_mixup/seed{seed}") for seed in (0, 2))


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (["data.root=nowhere"], "data.root: no such folder: nowhere"),
        (["data.eval_list=Other.txt"], "Other.txt: no such list; make the lists with: python prepare_data.py"),
        (["train.epoch=3"], "--set train.epoch=3: train.epoch: unknown key; did you mean train.epochs?"),
        (["data.images_per_class=9"], "data.images_per_class is 9, but class red has 8 images"),
        (["train.device=gpu"], "device gpu was asked for, but Paddle"),
    ],
)
def test_a_mistake_is_one_sentence_and_writes_nothing(
    change: list[str], wanted: str, image_set: Path, tmp_path: Path, command: Command
) -> None:
    result = command("train.py", *arguments(image_set, tmp_path / "logs", "none", *change))
    assert (result.returncode, result.stdout) == (2, "")
    assert wanted in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "logs").exists()


def test_every_bad_image_is_named_before_epoch_0(image_set: Path, tmp_path: Path, command: Command) -> None:
    (image_set / "red/000.png").write_bytes((image_set / "red/000.png").read_bytes()[:300])
    (image_set / "blue/001.png").write_text("<html>not found</html>")
    result = command("train.py", *arguments(image_set, tmp_path / "logs"))
    assert result.returncode == 2
    assert "Train.txt:1: red/000.png: cannot be decoded" in result.stderr
    assert "blue/001.png: not an image" in result.stderr


def test_help_is_quick_because_paddle_is_not_imported(command: Command) -> None:
    environment = os.environ | {"PYTHONPROFILEIMPORTTIME": "1"}
    result = subprocess.run(
        [sys.executable, str(ROOT / "train.py"), "--help"], env=environment, capture_output=True, text=True, check=True
    )
    assert "python train.py --config configs/googlenet_mixup.yaml" in result.stdout
    assert re.search(r"\| +argparse$", result.stderr, re.MULTILINE)  # the modules that were imported are listed there
    assert not re.search(r"\| +paddle\b", result.stderr)
