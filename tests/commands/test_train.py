"""`train.py`, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import train
from suite import next_step
from suite.errors import UserError
from suite.runs.curves import CURVES
from suite.runs.facts import read_facts, write_facts
from suite.runs.folder import RUN_FILES
from suite.runs.lock import locked
from suite.training import jobs, plan
from tests.fixtures.commands import MODES, ROOT, SMALL_VGG, Command
from tests.fixtures.facts import change_facts, made_up_facts
from tests.fixtures.runs import kept

Asked = Callable[..., None]


def arguments(image_set: Path, logs: Path, mode: str = "none", *overrides: str) -> list[str]:
    settings = [*SMALL_VGG, f"data.root={image_set}", "train.batch_size=4", "train.lr=0.002", *overrides]
    return ["--config", str(ROOT / f"configs/vgg_{mode}.yaml"), "--logs", str(logs), "--set", *settings]


def is_finished(folder: Path) -> bool:
    facts = read_facts(folder)
    return facts is not None and facts.finished


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_trains_and_a_kill_in_mid_epoch_leaves_no_trace(
    mode: str, image_set: Path, tmp_path: Path, command: Command
) -> None:
    straight = command("train.py", *arguments(image_set, tmp_path / "straight", mode, "train.epochs=12"))
    assert straight.returncode == 0, straight.stderr
    assert straight.stderr == ""
    folder = tmp_path / f"straight/vgg_{mode}/seed0"
    assert {path.name for path in folder.iterdir()} == {*RUN_FILES, "run.lock"}
    facts = json.loads((folder / "run.json").read_text())
    assert (facts["status"], facts["epochs_done"], len(facts["seconds_per_epoch"])) == ("finished", 12, 12)
    assert (facts["data"]["train_images"], facts["data"]["eval_images"]) == (24, 12)
    assert len(facts["data"]["class_names"]) == 3
    curves = {name: np.load(folder / f"{name}.npy") for name in CURVES}
    assert all(len(curve) == 12 and np.isfinite(curve).all() for curve in curves.values())
    assert curves["lossTrainClean"][-1] < curves["lossTrainClean"][0]
    if mode == "none":
        assert curves["accTrain"][-1] > 0.9
    with np.load(folder / "predictions.npz") as predictions:
        assert (predictions["logits"].argmax(axis=1) == predictions["labels"]).mean() == curves["accEval"][-1]

    again = arguments(image_set, tmp_path / "killed", mode, "train.epochs=12")
    killed_folder = tmp_path / f"killed/vgg_{mode}/seed0"
    process = subprocess.Popen([sys.executable, str(ROOT / "train.py"), *again], stdout=subprocess.DEVNULL)
    while not ((so_far := read_facts(killed_folder)) and so_far.epochs_done >= 4):
        assert process.poll() is None
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert not is_finished(killed_folder)
    resumed = command("train.py", *again)
    assert resumed.returncode == 0, resumed.stderr
    assert "continuing after epoch" in resumed.stdout
    assert kept(killed_folder) == kept(folder)
    log = (killed_folder / "train.log").read_text()
    assert "epoch  1/12" in log
    assert "epoch 12/12" in log


@pytest.mark.parametrize(("metric", "is_told"), [("accuracy", True), ("balanced", False)])
def test_balanced_accuracy_is_recommended_before_the_training(
    image_set: Path, tmp_path: Path, command: Command, metric: str, is_told: bool
) -> None:
    """After it, the best epoch is chosen and the night is over. Eight images of two classes, three of the third."""
    lines = (image_set / "Train.txt").read_text().splitlines(keepends=True)
    (image_set / "Few.txt").write_text("".join(lines[:-5]))
    settings = ["train.epochs=1", "data.train_list=Few.txt", f"train.metric={metric}"]
    done = command("train.py", *arguments(image_set, tmp_path / "logs", "none", *settings))
    assert done.returncode == 0, done.stderr
    told = "the largest class has 8 training images and the smallest 3: train.metric=balanced is recommended"
    assert (told in done.stdout.partition("epoch 1/1")[0]) is is_told
    assert ("balanced acc" in done.stdout) is not is_told
    facts = read_facts(tmp_path / "logs/vgg_none/seed0")
    assert facts is not None and facts.data.train_per_class == (8, 8, 3)


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


def back_to_epoch_1(folder: Path, **session: object) -> None:
    """As if the run of two epochs had been killed in its second, with a first session that is changed like this."""
    (folder / "previous.npz").replace(folder / "last.npz")
    facts = read_facts(folder)
    assert facts is not None
    began = {**facts.sessions[0].model_dump(mode="json"), **session}
    change_facts(folder, status="running", epochs_done=1, sessions=[began])


def test_a_run_that_goes_on_with_other_code_or_libraries_is_warned_and_left_out(
    image_set: Path, tmp_path: Path, command: Command
) -> None:
    """Its curves are half of one program and half of another; nothing in them tells."""
    line = arguments(image_set, tmp_path / "logs", "none", "train.epochs=2")
    folder = tmp_path / "logs/vgg_none/seed0"
    assert "warning" not in command("train.py", *line).stdout
    facts = read_facts(folder)
    assert facts is not None
    versions = facts.sessions[0].versions
    assert {"python", "paddle", "numpy", "opencv", "pillow"} == versions.keys() and facts.sessions[0].cpu
    back_to_epoch_1(folder, code="other", versions={**versions, "opencv": "3.0"}, cpu="a sundial")
    said = command("train.py", *line).stdout
    code = f"code other, then {facts.sessions[0].code}"
    library = f"opencv 3.0, then {versions['opencv']}"
    for difference in (code, library):
        assert f"warning: {difference}: plot_curves.py leaves out a run with epochs of both" in said
    assert f"warning: CPU was a sundial and is {facts.sessions[0].cpu} now: this run cannot be repeated" in said
    compared = command("plot_curves.py", tmp_path / "logs")
    assert compared.returncode == 2
    assert f"{folder}: its epochs were not all made alike: {code}; {library}" in compared.stderr


def test_a_damaged_run_json_does_not_forget_the_earlier_sessions(
    image_set: Path, tmp_path: Path, command: Command
) -> None:
    """What had trained the first epochs would be unknown, and so that they were made otherwise."""
    line = arguments(image_set, tmp_path / "logs", "none", "train.epochs=2")
    folder = tmp_path / "logs/vgg_none/seed0"
    command("train.py", *line)
    back_to_epoch_1(folder)
    (folder / "run.json").write_text("damaged")
    assert command("train.py", *line).returncode == 0
    facts = read_facts(folder)
    assert facts is not None and [session.after_epoch for session in facts.sessions] == [0, 1]


def test_the_command_that_continues_does_not_start_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["train.py", "--config", "a b.yaml", "--fresh", "--seed", "1"])
    assert shlex.split(next_step.again())[1:] == ["train.py", "--config", "a b.yaml", "--seed", "1"]


def test_several_runs_side_by_side_one_of_which_fails(image_set: Path, tmp_path: Path, command: Command) -> None:
    line = arguments(image_set, tmp_path / "logs", "mixup", "train.epochs=2")
    blocked = tmp_path / "logs/vgg_mixup/seed1"
    blocked.mkdir(parents=True)
    (blocked / "last.npz").write_text("damaged")
    result = command("train.py", *line, "--seed", 0, 1, 2, "--jobs", 2)
    assert result.returncode == 1
    last = result.stdout.strip().splitlines()[-3:]
    assert ["done" in last[0], "failed (exit code 2)" in last[1], "done" in last[2]] == [True, True, True]
    assert all(is_finished(tmp_path / f"logs/vgg_mixup/seed{seed}") for seed in (0, 2))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Make these the arguments of the command line, for what of `train.py` runs in this process."""
    return lambda *arguments: monkeypatch.setattr(sys, "argv", ["train.py", *map(str, arguments)])


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[Path, list[str]]:
    """The commands of several runs, which are noted and not run."""
    monkeypatch.setattr(train, "may_begin", lambda *_: True)  # it would measure the article's network, for minutes
    commands: dict[Path, list[str]] = {}
    monkeypatch.setattr(jobs, "run_all", lambda given, night: commands.update(given) or 0)
    return commands


def config_files(folder: Path, **texts: str) -> list[Path]:
    """A configuration of this text under each name."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
    return [folder / f"{name}.yaml" for name in texts]


def test_what_is_given_again_is_added_and_counts_once(tmp_path: Path, asked: Asked) -> None:
    """The last would silently be all that is trained."""
    first, second = config_files(tmp_path, a="train: {lr: 0.1}", b="train: {lr: 0.2}")
    asked("--config", first, "--config", second, "--seed", 0, "--seed", 1, 0, "--logs", "logs")
    planned = plan.plan(train.parse_arguments())
    assert list(map(str, planned)) == ["logs/a/seed0", "logs/b/seed0", "logs/a/seed1", "logs/b/seed1"]


def test_a_seed_that_is_set_reaches_the_runs_once(
    image_set: Path, tmp_path: Path, asked: Asked, started: dict[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every run of the night would refuse two of them. One that is set has no effect beside --seed, also if it is 0."""
    files = config_files(tmp_path, a="train: {lr: 0.1}", b="train: {lr: 0.2}")
    line = ["--config", *files, "--logs", tmp_path / "logs", "--set", f"data.root={image_set}"]
    asked(*line, "train.seed=3")
    assert train.main() == 0
    for command in list(started.values()):
        monkeypatch.setattr(sys, "argv", command[1:])
        (planned,) = plan.plan(train.parse_arguments()).values()
        assert planned.config.train.seed == 3
    asked(*line, "train.seed=0", "--seed", 0, 1)
    with pytest.raises(UserError, match=r"train\.seed is set to 0, but the seeds are those of --seed"):
        plan.plan(train.parse_arguments())


@pytest.mark.parametrize(
    ("axes", "overrides", "cells"),
    [
        (
            "data.images_per_class: [10, 25]",
            ["data.images_per_class=10"],
            "g/images_per_class_10 and g/images_per_class_25",
        ),
        ("train.lr: [0.1, 0.2], arm: {a: {train.lr: 0.3}}", ["train.epochs=3"], "g/lr_0.1-a and g/lr_0.2-a"),
        ("augment.strength: [article, mild]", ["augment.mode=none"], "g/strength_article and g/strength_mild"),
    ],
)
def test_cells_that_compute_the_same_are_refused(
    axes: str, overrides: list[str], cells: str, tmp_path: Path, asked: Asked
) -> None:
    """Half of the night would be spent twice, and the table would show a sweep that there was none."""
    base, study = config_files(tmp_path, base="", g=f"base: base.yaml\naxes: {{{axes}}}\nseeds: [0, 1]")
    asked("--study", study, "--set", *overrides)
    with pytest.raises(UserError, match=f"{study}: {cells} are the same experiment"):
        plan.plan(train.parse_arguments())
    asked("--config", base, *config_files(tmp_path, other="train: {epochs: 500}"))
    with pytest.raises(UserError, match="base and other are the same experiment"):
        plan.plan(train.parse_arguments())


def test_lists_of_all_runs_are_read_before_the_first_starts(
    image_set: Path, tmp_path: Path, asked: Asked, started: dict[Path, list[str]]
) -> None:
    """A list of the last arm would be missed at four in the morning."""
    files = config_files(
        tmp_path,
        sound="data: {image_size: 32}",
        one="data: {train_list: One.txt}",
        same="data: {train_list: One.txt, image_size: 16}",
        other="data: {eval_list: Other.txt}",
    )
    asked("--config", *files, "--seed", 0, 1, "--logs", tmp_path / "logs", "--set", f"data.root={image_set}")
    with pytest.raises(UserError) as raised:
        train.main()
    first, second = raised.value.problems
    assert f"{image_set}/One.txt: no such list" in first
    assert f"{image_set}/Other.txt: no such list" in second
    assert not started


def test_fresh_clears_all_runs_or_none_before_the_first_starts(
    image_set: Path, tmp_path: Path, asked: Asked, started: dict[Path, list[str]]
) -> None:
    """After an interruption, the old results of a run that was not begun would pass for those of this night."""
    folders = [tmp_path / f"logs/vgg_none/seed{seed}" for seed in range(3)]
    for folder in folders[:2]:
        folder.mkdir(parents=True)
        write_facts(folder, made_up_facts(status="finished"))
    line = [*arguments(image_set, tmp_path / "logs"), "--seed", 0, 1, 2, "--fresh"]

    asked(*line, "--set", "data.eval_list=Other.txt")
    with pytest.raises(UserError, match="no such list"):
        train.main()
    asked(*line, "--device", "gpu")
    with pytest.raises(UserError, match=r"device gpu was asked for, but Paddle .* was built without GPU support"):
        train.main()
    asked(*line)
    with locked(folders[1]), pytest.raises(UserError, match="another process is at work here"):
        train.main()
    assert is_finished(folders[0]) and is_finished(folders[1])
    assert train.main() == 0
    assert not is_finished(folders[0]) and not is_finished(folders[1])
    assert list(started) == folders
    assert not any("--fresh" in command for command in started.values())


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
