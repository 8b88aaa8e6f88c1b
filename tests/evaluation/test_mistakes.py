"""What evaluate.py says to a user's mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from suite.errors import UserError
from tests.fixtures.facts import change_config
from tests.fixtures.judged import CLASSES


def damage(run: Path) -> list[Any]:
    content = bytearray((run / "last.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (run / "last.npz").write_bytes(content)
    return [run]


def another_network(run: Path) -> list[Any]:
    change_config(run, "fc:\n  - 32", "fc:\n  - 33")
    return [run]


def another_class_count(run: Path) -> list[Any]:
    (run.parent / "more").mkdir()
    Image.new("RGB", (8, 8)).save(run.parent / "more/a.png")
    (run.parent / "more/List.txt").write_text("a.png 3\n")
    return [run, "--list", run.parent / "more/List.txt"]


def another_class_order(run: Path) -> list[Any]:
    arguments = another_class_count(run)
    (run.parent / "more/List.txt").write_text("a.png 2\n")
    (run.parent / "more/classes.txt").write_text("\n".join(reversed(CLASSES)), encoding="utf-8")
    return arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (lambda run: [run / "nothing"], "no such folder; name a run folder, such as"),
        (lambda run: [run.parent], "no run in this folder; did you mean .*seed0"),
        (lambda run: [run, "--checkpoint", "frist"], "frist: no such checkpoint; .* after the first epoch"),
        (lambda run: [run, "--checkpoint", run / "predictions.npz"], "not a checkpoint .*choose another one"),
        (lambda run: [run, "--list", "Tset.txt"], "--list Tset.txt: no such list, neither in"),
        (damage, "last.npz is damaged.*choose another one"),
        (another_network, r"last.npz: the weights are of another network.*same `model`"),
        (another_class_count, "List.txt:1: label 3 is out of range: the network knows 3 classes"),
        (another_class_order, r"classes.txt: names 3 classes \(blue, .*the run was trained on 3 classes \(猫"),
        (lambda run: [run, "--out", run / "run.json" / "here"], "here: cannot be written.*choose a folder with --out"),
    ],
)
def test_one_sentence_for_a_mistake(
    arguments: Callable[[Path], list[Any]], said: str, run: Path, main: Callable[..., int]
) -> None:
    """Catches tracebacks, and sentences that do not say where, what and what to do."""
    with pytest.raises(UserError, match=said) as error:
        main(*arguments(run))
    assert len(error.value.problems) == 1
