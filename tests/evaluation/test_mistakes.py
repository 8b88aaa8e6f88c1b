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


def list_of(run: Path, labels: dict[str, int]) -> list[Any]:
    """A list without classes.txt, of images in folders named after classes."""
    root = run.parent / "test"
    for name, label in labels.items():
        (root / name).mkdir(parents=True)
        Image.new("RGB", (8, 8), (label, 0, 0)).save(root / name / "a.png")
    (root / "Test.txt").write_text("".join(f"{name}/a.png {label}\n" for name, label in labels.items()))
    return [run, "--list", root / "Test.txt"]


def fewer_classes(run: Path) -> list[Any]:
    """Two of three classes, counted from 0."""
    return list_of(run, {CLASSES[0]: 0, CLASSES[2]: 1})


def moved_images(run: Path) -> list[Any]:
    change_config(run, "root: ", "root: elsewhere")
    return [run]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (lambda run: [run / "nothing"], "no such folder; name a run folder, such as"),
        (lambda run: [run, "--checkpoint", "frist"], "frist: no such checkpoint; .* after the first epoch"),
        (lambda run: [run, "--checkpoint", run / "predictions.npz"], "not a checkpoint .*choose another one"),
        (lambda run: [run, "--list", "Tset.txt"], "--list Tset.txt: no such list, neither in"),
        (damage, "last.npz is damaged.*choose another one"),
        (another_network, r"last.npz: the weights are of another network.*same `model`"),
        (another_class_count, "List.txt:1: label 3 is out of range: the network knows 3 classes"),
        (fewer_classes, r"Test.txt: label 1 is blue by its folder, but the run was trained with green.* as 1; give"),
        (moved_images, r"data.root: no such folder: .*; if .* moved, give --set data.root=DIR, or --list DIR/Eval.txt"),
        (lambda run: [run, "--set", "train.lr=1"], "--set train.lr=1: only data.root and data.images can be set here"),
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


@pytest.mark.parametrize("labels", [{CLASSES[0]: 0, CLASSES[2]: 2}, {"photos": 0, "others": 1}, {f"x/{CLASSES[1]}": 1}])
def test_lists_whose_labels_mean_the_same_are_judged(
    labels: dict[str, int], run: Path, main: Callable[..., int]
) -> None:
    """Fewer classes with their own labels, and folders whose names say nothing of classes."""
    assert main(*list_of(run, labels)) == 0


def test_images_that_have_moved_are_found_where_they_are(
    run: Path, trained: Path, main: Callable[..., int], tmp_path: Path
) -> None:
    """The run's list and any other, by data.root or by the path of the list."""
    change_config(run, f"root: {trained / 'images'}", "root: gone")
    for arguments in (["--set", f"data.root={trained / 'images'}"], ["--list", trained / "images/Eval.txt"]):
        assert main(run, *arguments) == 0
    assert (run / "evaluation/per_class.csv").is_file()
