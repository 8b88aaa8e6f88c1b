"""The command that trains longer: it stands where it can be copied, and it works."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

import plot_curves
import train
from suite import machine
from suite.report.language import ENGLISH
from suite.report.longer_training import longer_training
from suite.runs.facts import read_facts
from tests.fixtures.commands import ROOT, SMALL_VGG
from tests.fixtures.runs import comparison_over, write_run


def write_arm(logs: Path, mode: str, clean: float, code: str | None = None, night: str | None = None) -> None:
    machine_facts = {"code": code or machine.code_fingerprint(), "night": night}
    curves = {"accTrainClean": clean}
    write_run(logs / mode / "seed0", mode, curves=curves, machine=machine_facts)


def commands(logs: Path) -> list[str]:
    """The lines behind the sentences."""
    return [
        line.strip()
        for text in longer_training(comparison_over(logs, "none"), ENGLISH)
        for line in text.split("\n")[1:]
    ]


@pytest.mark.parametrize("code", [None, "other"])
@pytest.mark.parametrize("mode", ["mixup", "samplePairing"])
def test_all_arms_go_on_together_or_begin_together(mode: str, code: str | None, tmp_path: Path) -> None:
    """One arm that cannot go on, or would go on with other code, and the arms would be of unlike length."""
    night = "python train.py --study a.yaml --logs 'my logs'"
    write_arm(tmp_path, "none", 0.99, code, night)
    write_arm(tmp_path, mode, 0.4, night=f"{night} --minutes 5 --on-finish='sudo poweroff'")
    goes_on = mode == "mixup" and code is None
    anew = "" if goes_on else " --logs 'my logs/40-epochs'"
    assert commands(tmp_path) == [f"{night}{anew} --set train.epochs=40"]


def test_nothing_is_said_where_nothing_is_short(tmp_path: Path) -> None:
    write_arm(tmp_path, "none", 0.99)
    write_arm(tmp_path, "mixup", 0.99)
    assert commands(tmp_path) == []


def test_the_printed_command_trains_longer(
    image_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is read off the screen, where it may be longer than a line, and given to `train.py`."""
    logs = tmp_path / "logs"
    settings = [*SMALL_VGG, f"data.root={image_set}", "train.epochs=2", "train.lr=0.000001", "train.clean_every=2"]
    line = ["--config", str(ROOT / "configs/vgg_none.yaml"), "--logs", str(logs), "--set", *settings]
    monkeypatch.setattr(sys, "argv", ["train.py", *line])
    assert train.main() == 0
    plot_curves.main([str(logs)])
    [printed] = [line for line in capsys.readouterr().out.splitlines() if line.endswith(" --set train.epochs=4")]
    assert len(printed) > 120 and printed.strip() in (logs / "comparison/summary.md").read_text()
    words = shlex.split(printed)
    monkeypatch.setattr(sys, "argv", words[next(place for place, word in enumerate(words) if "train.py" in word) :])
    assert train.main() == 0
    facts = read_facts(logs / "vgg_none/seed0")
    assert facts is not None and (facts.status, facts.epochs_done) == ("finished", 4)
