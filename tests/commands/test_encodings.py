"""Screens, logs and locales that are not UTF-8, and names of files that are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from suite.runs.facts import read_facts
from tests.fixtures.commands import ROOT, SMALL_VGG, Command
from tests.fixtures.images import make_image_set

NO_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""A locale in which Python reads and writes names and texts as ASCII."""

CHINESE = ("猫", "狗")
NOT_UTF8 = os.fsdecode(b"caf\xe9")


def training(root: object, logs: object, *names: str) -> list[object]:
    configs = [ROOT / f"configs/vgg_{name}.yaml" for name in names or ("none",)]
    return ["--config", *configs, "--logs", logs, "--set", *SMALL_VGG, f"data.root={root}", "train.epochs=1"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_screen_that_is_not_utf8_loses_no_run_and_no_result(tmp_path: Path, command: Command, encoding: str) -> None:
    """Before, the first Chinese name of a folder ended the night: 0 runs trained."""
    root = make_image_set(tmp_path / "照片", classes=CHINESE)
    logs = tmp_path / "日志"
    done = command("train.py", *training(root, logs, "none", "userDef"), "--jobs", "2", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert r"\u65e5\u5fd7/vgg_none/seed0 | epoch 1/1" in done.stdout
    for name in ("none", "userDef"):
        facts = read_facts(logs / f"vgg_{name}/seed0")
        assert facts is not None and facts.finished and facts.data.name == "照片"
    done = command("plot_curves.py", logs, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert "照片" in (logs / "comparison/summary.md").read_text(encoding="utf-8")
    done = command("evaluate.py", logs / "vgg_none/seed0", PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert "猫" in (logs / "vgg_none/seed0/evaluation/per_class.csv").read_text(encoding="utf-8")


def test_a_locale_that_is_not_utf8_writes_utf8(tmp_path: Path, command: Command) -> None:
    """Names that every encoding has are no trouble anywhere."""
    root = make_image_set(tmp_path / "set")
    (root / "classes.txt").write_text("rouge é\nvert\nbleu\n", encoding="utf-8")
    done = command("train.py", *training("set", "logs"), **NO_UTF8)
    assert done.returncode == 0, done.stderr
    facts = read_facts(tmp_path / "logs/vgg_none/seed0")
    assert facts is not None and facts.data.class_names[0] == "rouge é"
    done = command("evaluate.py", "logs/vgg_none/seed0", **NO_UTF8)
    assert done.returncode == 0, done.stderr
    assert "rouge é" in (tmp_path / "logs/vgg_none/seed0/evaluation/per_class.csv").read_text(encoding="utf-8")


def test_names_that_the_locale_misreads_are_refused_before_anything_is_written(
    tmp_path: Path, command: Command
) -> None:
    """Before, lists were written in mojibake with exit code 0."""
    root = make_image_set(tmp_path / "set", classes=CHINESE)
    for name in ("Train.txt", "Eval.txt"):
        (root / name).rename(tmp_path / name)
    why = "misread in this locale (ascii); set PYTHONUTF8=1\n"
    done = command("prepare_data.py", "set", **NO_UTF8)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert done.stderr.startswith("error: ") and why in done.stderr
    assert sorted(file.name for file in root.iterdir()) == sorted(CHINESE)
    for name in ("Train.txt", "Eval.txt"):
        (tmp_path / name).rename(root / name)
    done = command("train.py", *training("set", "logs"), **NO_UTF8)
    assert done.returncode == 2 and done.stderr.startswith("error: set/Train.txt:1: ") and why in done.stderr
    assert not (tmp_path / "logs").exists()
    done = command("train.py", *training("照片", "logs"), **NO_UTF8)
    assert done.returncode == 2 and done.stderr.count("error: ") == 1 and why in done.stderr
    config = tmp_path / "mine.yaml"
    config.write_text("data: {root: 照片}\n", encoding="utf-8")
    done = command("train.py", "--config", config, **NO_UTF8)
    assert done.returncode == 2 and done.stderr.count("error: ") == 1 and why in done.stderr
    assert command("prepare_data.py", "set", "--force", **(NO_UTF8 | {"PYTHONUTF8": "1"})).returncode == 0


@pytest.mark.parametrize(
    "line",
    [
        ["train.py", *training(NOT_UTF8, "logs")],
        ["train.py", *training("set", NOT_UTF8)],
        ["train.py", "--config", f"{NOT_UTF8}.yaml"],
        ["train.py", *training("link", "logs")],
        ["evaluate.py", f"logs/{NOT_UTF8}/seed0"],
        ["plot_curves.py", NOT_UTF8],
        ["plot_curves.py", "set", "--out", NOT_UTF8],
        ["prepare_data.py", NOT_UTF8],
        ["preview_augment.py", "--config", ROOT / "configs/vgg_none.yaml", "--out", NOT_UTF8],
    ],
)
def test_names_that_are_not_utf8_are_one_sentence(tmp_path: Path, command: Command, line: list[object]) -> None:
    """Before, they were tracebacks after the first files were written."""
    make_image_set(tmp_path / "set")
    make_image_set(tmp_path / NOT_UTF8)
    (tmp_path / "link").symlink_to(NOT_UTF8)
    before = sorted(tmp_path.iterdir())
    done = command(*line)  # type: ignore[arg-type]
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert "is not UTF-8; rename it" in done.stderr
    assert sorted(tmp_path.iterdir()) == before
