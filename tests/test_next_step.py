"""The printed next command can be pasted as it stands."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from suite import next_step
from suite.comparison.following import next_after, run_to_use
from suite.comparison.groups import baseline_arm
from suite.comparison.rows import compare
from tests.fixtures.commands import ROOT
from tests.fixtures.runs import comparison_over, only_group, write_run


def test_the_interpreter_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`python` is another one without an activated environment; a resolved link is the system's, without packages."""
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv/bin/python"))
    monkeypatch.chdir(tmp_path)
    assert next_step.command("train.py") == f".venv/bin/python {ROOT}/train.py"
    monkeypatch.chdir(ROOT)
    assert next_step.command("train.py", "--name", "a b") == f"{tmp_path}/.venv/bin/python train.py --name 'a b'"


def test_the_runs_of_a_study_are_a_pattern_and_their_folder_is_quoted() -> None:
    """A quoted star finds nothing, and a blank in the name of a study ends the word."""
    lines = next_step.after_comparison([Path("logs/my night")], "Test.txt", Path("logs/my night"), "user Def")
    judging, comparing = lines.splitlines()
    assert " 'logs/my night'/*/seed* --list Test.txt " in judging
    assert shlex.split(judging, comments=True)[-1] == "Test.txt"
    assert shlex.split(comparing)[3:7] == ["logs/my night", "--baseline", "user Def", "--evaluation"]


ACCURACIES = {
    "none": [0.50, 0.51, 0.50, 0.49, 0.50, 0.51, 0.50, 0.49],
    "userDef": [0.60, 0.62, 0.61, 0.60, 0.61, 0.60, 0.62, 0.61],
    "mixup": [0.70, 0.72, 0.71, 0.70, 0.71, 0.70, 0.72, 0.71],
}


def write_night(folder: Path, root: Path, seeds: int = 8) -> None:
    for mode, accuracies in ACCURACIES.items():
        for seed, accuracy in enumerate(accuracies[:seeds]):
            write_run(folder / mode / f"seed{seed}", mode, seed, curves={"accEval": accuracy}, data={"root": str(root)})


def test_the_network_to_use(tmp_path: Path) -> None:
    """The last arm, or one that is not proven to be better."""
    write_night(tmp_path / "night", tmp_path)
    for baseline in ("none", "mixup"):  # none is better than the second
        used = run_to_use(comparison_over(tmp_path / "night", baseline))
        assert used and used.folder == tmp_path / "night/mixup/seed0"
    write_night(tmp_path / "short", tmp_path, seeds=2)
    unproven = run_to_use(comparison_over(tmp_path / "short", "none"))
    assert unproven and unproven.folder == tmp_path / "short/none/seed0"


def test_a_comparison_is_followed_by_the_list_for_the_end(tmp_path: Path) -> None:
    """Test.txt that is forgotten, named where there is none, or used up before all runs are there."""
    write_night(tmp_path / "night", tmp_path)
    comparison = comparison_over(tmp_path / "night", "none")
    assert f" predict.py {tmp_path}/night/mixup/seed0 " in next_after([comparison], tmp_path, None).replace(
        f"{ROOT}/", ""
    )
    (tmp_path / "Test.txt").touch()
    assert f" {tmp_path}/night/*/seed* --list Test.txt" in next_after([comparison], tmp_path, None)
    write_run(tmp_path / "night/mixup/seed8", "mixup", 8, done=3, data={"root": str(tmp_path)})
    group = only_group(tmp_path / "night")
    assert next_after([compare(group, baseline_arm(group, "none"))], tmp_path, None) == ""
