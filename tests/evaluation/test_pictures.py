"""The confusion matrix and the sheet of mistakes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from suite import lettering
from suite.data.decoding import ImageSet
from suite.evaluation import pictures
from suite.evaluation.judgement import Judgement
from tests.fixtures.judged import CLASSES, softmax


def test_no_mistakes_no_contact_sheet(run: Path) -> None:
    """Catches a crash when everything is right, and the sheet of an earlier evaluation left beside new tables."""
    stale = run / "mistakes.png"
    stale.touch()
    labels = np.array([0, 1, 2])
    images = ImageSet(np.zeros((3, 8, 8, 3), np.uint8), labels, ["a", "b", "c"])
    judged = Judgement(images, np.eye(3, dtype=np.float32), CLASSES)
    assert list(pictures.write_pictures(judged, "run", run)) == [run / "confusion.png"]
    assert not stale.exists()


def test_the_worst_mistakes_come_first() -> None:
    """Catches right guesses with a high loss on the sheet, and an order by confidence or by place."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 100)
    logits = rng.normal(size=(100, 5)).astype(np.float32)
    judged = Judgement(ImageSet(np.zeros((100, 8, 8, 3), np.uint8), labels, [""] * 100), logits, list("abcde"))
    worst = pictures.worst_mistakes(judged)
    wrong = np.flatnonzero(logits.argmax(axis=1) != labels)
    by_hand = sorted(wrong, key=lambda index: softmax(logits)[index, labels[index]])[:24]
    assert worst.tolist() == by_hand


@pytest.mark.parametrize("classes", [2, 20, 150])
def test_class_names_do_not_overlap(classes: int) -> None:
    """Catches a confusion matrix that cannot be read: names over each other, or too small with few classes."""
    labels = np.arange(classes)
    images = ImageSet(np.zeros((classes, 8, 8, 3), np.uint8), labels, [""] * classes)
    names = [f"class number {label} with a long name" for label in labels]
    figure = pictures.draw_confusion(Judgement(images, np.eye(classes, dtype=np.float32), names), names, "run")
    figure.draw_without_rendering()
    texts = [text for text in figure.axes[0].get_yticklabels() if text.get_text()]
    boxes = [text.get_window_extent() for text in texts]
    assert all(above.y0 >= below.y1 for above, below in pairwise(boxes))
    assert texts[0].get_fontsize() >= (9 if classes <= 20 else 6)


def test_characters_that_no_font_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a warning for every character on a machine without a Chinese font, whatever this machine has."""
    monkeypatch.setattr(lettering, "FONTS", ())
    lettering.known_characters.cache_clear()
    images = ImageSet(np.zeros((2, 8, 8, 3), np.uint8), np.array([1, 0]), ["猫/0.png", "狗/0.png"])
    judged = Judgement(images, np.eye(2, dtype=np.float32), ["狗", "猫"])
    assert len(list(pictures.write_pictures(judged, "logs/猫", tmp_path))) == 2
    assert lettering.writable("logs/猫_cat") == "logs/□_cat"
    lettering.known_characters.cache_clear()
