"""What `train.py` says before it trains: the plan, and a question before a long night."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import train
from suite.config.schema import Config
from suite.planning import long_night, plan_in_words
from suite.planning.estimate import Pace
from suite.training import jobs, room
from suite.training.run import train as train_run
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.runs import write_run

Asked = Callable[..., int]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Run `train.py` with these arguments in this process; no run is started."""
    monkeypatch.setattr(jobs, "run_all", lambda commands, night: print("begun") or 0)

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", ["train.py", *map(str, arguments)])
        return train.main()

    return run


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of a step that take the place of a measurement; one may be put in."""
    steps = [0.2]

    def paces(configs: Sequence[Config], seconds: float) -> list[Pace]:
        return [Pace(steps[-1], 0.0, 1_000_000, config.augment.mode) for config in configs]

    for module in (plan_in_words, long_night):
        monkeypatch.setattr(module, "paces", paces)
    return steps


def test_the_plan_is_measured_and_trains_nothing(image_set: Path, tmp_path: Path, command: Command) -> None:
    """By the real command: two modes of a network are timed in a process of their own."""
    configs = [ROOT / f"configs/vgg_{mode}.yaml" for mode in ("none", "mixup")]
    settings = [*SMALL_VGG, f"data.root={image_set}", "train.batch_size=4", "train.epochs=20"]
    for seed in (0, 1):
        write_run(tmp_path / f"logs/vgg_none/seed{seed}", seed=seed, done=20 if seed else 5)
    before = sorted(tmp_path.rglob("*"))
    line = ["--config", *configs, "--seed", 0, 1, 2, "--jobs", 2, "--logs", tmp_path / "logs", "--set", *settings]
    done = command("train.py", *line, "--plan")
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(None, 1) for line in done.stdout.splitlines() if not line.startswith(" "))
    assert lines["runs"] == "2 arms x 3 seeds = 6 runs, 1 of them finished, 1 begun"
    assert lines["images"] == "24 for training, 12 for evaluation, 16 px"
    assert lines["steps"] == "20 epochs a run, 570 steps in all that are left"  # 6 an epoch, of 95 epochs
    speeds = [line for line in done.stdout.splitlines() if line.startswith("speed")]
    assert [" a step with none, " in speeds[0], " a step with mixup, " in speeds[1]] == [True, True]
    assert "begun now, all is done about " in lines["time"] and "5 runs of " in done.stdout
    assert lines["verdicts"].endswith("nothing can be shown; it takes 6 seeds: --seed 0 1 2 3 4 5")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_the_checkpoints_take_the_room_that_is_told(optimizer: str, image_set: Path, tmp_path: Path) -> None:
    """A disk that is full at four in the morning ends the night."""
    sections = {
        "model": {"name": "vgg", "conv_arch": [[1, 32]], "fc": [256]},
        "data": {"root": str(image_set), "image_size": 16},
        "train": {"epochs": 2, "optimizer": optimizer},
    }
    config = Config.model_validate(sections)
    train_run(config, tmp_path / "run")
    parameters = 3 * 32 * 9 + 32 + 32 * 64 * 256 + 256 + 256 * 3 + 3
    there = sum(file.stat().st_size for file in (tmp_path / "run").glob("*.npz"))
    assert there == pytest.approx(room.kept(parameters, config.train), rel=0.02)
    assert room.at_most(parameters, config.train) > there


def test_the_families_of_a_study_are_those_of_its_verdict(
    image_set: Path, tmp_path: Path, asked: Asked, measured: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """A claim is tested alone; the other two modes of each number of images are corrected together."""
    study = tmp_path / "study.yaml"
    study.write_text(
        f"base: {ROOT}/configs/vgg_none.yaml\n"
        "claims: [{arm: mixup, over: none}]\n"
        f"set: {{data.root: {image_set}, data.image_size: 32, train.epochs: 4}}\n"
        "axes:\n"
        "  arm: {none: {augment.mode: none}, userDef: {augment.mode: userDef}, cutMix: {augment.mode: cutMix},"
        " mixup: {augment.mode: mixup}}\n"
        "  data.images_per_class: [2, 4]\n"
        "seeds: [0, 1, 2, 3, 4, 5]\n"
    )
    assert asked("--study", study, "--logs", tmp_path / "logs", "--plan") == 0
    claims, others = (line for line in capsys.readouterr().out.splitlines() if line.startswith("verdicts"))
    assert "declared claims: with 6 seeds p is 0.031 at best, 0.062 after Holm over 2, not below 0.05" in claims
    assert "other comparisons: with 6 seeds p is 0.031 at best, 0.062 after Holm over 2, not below" in others
    assert claims.endswith("it takes 7 seeds: --seed 0 1 2 3 4 5 6")
    assert asked("--study", study, "--seed", *range(7), "--plan") == 0
    assert capsys.readouterr().out.count("below 0.05: better or worse can be shown") == 2
    assert not (tmp_path / "logs").exists()


# --- the question before a long night

LONG = ["train.epochs=10000", "data.image_size=224"]


def long_line(image_set: Path, logs: Path) -> list[object]:
    """24 images are 3 steps an epoch: ten seeds take 17 hours, at 0.2 seconds a step."""
    config = ROOT / "configs/vgg_none.yaml"
    return ["--config", config, "--logs", logs, "--seed", *range(10), "--set", f"data.root={image_set}", *LONG]


def test_a_short_night_is_not_measured(image_set: Path, tmp_path: Path, asked: Asked, measured: list[float]) -> None:
    """Each start would be seconds later."""
    measured.clear()  # a measurement would fail
    assert asked(*long_line(image_set, tmp_path), "train.epochs=20") == 0


def test_without_a_terminal_a_long_night_is_warned_of(
    image_set: Path, tmp_path: Path, asked: Asked, measured: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    """A question would wait for the whole night."""
    assert asked(*long_line(image_set, tmp_path)) == 0
    warning, begun, *_ = capsys.readouterr().out.splitlines()
    assert warning.startswith("warning: this would take about ") and begun == "begun"
    measured.append(0.001)
    assert asked(*long_line(image_set, tmp_path)) == 0
    assert capsys.readouterr().out.startswith("begun\n")


@pytest.mark.parametrize(("answer", "begun"), [("y", True), ("", False), ("n", False)])
def test_on_a_terminal_a_long_night_is_a_question(
    answer: str,
    begun: bool,
    image_set: Path,
    tmp_path: Path,
    asked: Asked,
    measured: list[float],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No clears nothing, not even with --fresh."""
    questions: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: questions.append(question) or answer)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    there = write_run(tmp_path / "logs/vgg_none/seed0", epochs=4)
    assert asked(*long_line(image_set, tmp_path / "logs"), "--fresh") == 0
    assert ("begun\n" in capsys.readouterr().out.splitlines(keepends=True)) is begun
    assert (there / "run.json").exists() is not begun
    [question] = questions
    assert question.endswith("Begin? [y/N] ")
    monkeypatch.setenv(jobs.LIFELINE, "stdin")  # as in a run that was started by another process
    monkeypatch.setattr(jobs, "stop_with_parent", lambda: None)
    assert asked(*long_line(image_set, tmp_path / "logs")) == 0
    assert len(questions) == 1
