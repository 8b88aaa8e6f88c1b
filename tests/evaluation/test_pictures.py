"""The confusion matrix and the sheet of mistakes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from suite import lettering
from suite.data.decoding import ImageSet
from suite.data.images import WHITE
from suite.evaluation import pictures
from suite.evaluation.judgement import Judgement
from suite.evaluation.originals import Originals
from tests.fixtures.judged import CLASSES, softmax


def test_no_mistakes_no_contact_sheet(run: Path) -> None:
    """Catches a crash when everything is right, and the sheet of an earlier evaluation left beside new tables."""
    stale = run / "mistakes.png"
    stale.touch()
    labels = np.array([0, 1, 2])
    images = ImageSet(np.zeros((3, 8, 8, 3), np.uint8), labels, ["a", "b", "c"])
    judged = Judgement(images, np.eye(3, dtype=np.float32), CLASSES)
    assert list(pictures.write_pictures(judged, "run", Originals(run, WHITE), run)) == [run / "confusion.png"]
    assert not stale.exists()


def test_the_worst_mistakes_come_first() -> None:
    """In the order of the number that stands below them; catches right guesses on the sheet."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 5, 100)
    logits = rng.normal(size=(100, 5)).astype(np.float32)
    judged = Judgement(ImageSet(np.zeros((100, 8, 8, 3), np.uint8), labels, [""] * 100), logits, list("abcde"))
    worst = pictures.worst_mistakes(judged)
    wrong = np.flatnonzero(logits.argmax(axis=1) != labels)
    by_hand = sorted(wrong, key=lambda index: -softmax(logits)[index].max())[:24]
    assert worst.tolist() == by_hand


def test_the_original_lies_beside_each_mistake(tmp_path: Path) -> None:
    """What the network saw is small and square: whether its guess can be understood, only the photo shows."""
    photo = Image.new("RGB", (40, 20), "red")
    photo.paste("blue", (20, 0, 40, 20))
    photo.save(tmp_path / "wide.png")
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned by a quarter
    photo.save(tmp_path / "turned.jpg", exif=exif)
    images = ImageSet(np.zeros((2, 8, 8, 3), np.uint8), np.array([1, 0]), ["wide.png", "turned.jpg"])
    judged = Judgement(images, np.float32([[2, 0], [0, 3]]), ["a", "b"])
    originals = Originals(tmp_path, WHITE)
    figure = pictures.draw_mistakes(judged, pictures.worst_mistakes(judged), ["a", "b"], "run", originals)
    seen, turned, _, wide = figure.axes
    assert seen.get_xlabel() == "b 95.3 %" and turned.get_xlabel() == "turned.jpg"
    pixels = [axes.images[0].get_array() for axes in (turned, wide)]
    assert [each.shape for each in pixels] == [(192, 96, 3), (96, 192, 3)]
    assert pixels[1][48, 20].tolist() == [255, 0, 0] and pixels[1][48, 170].tolist() == [0, 0, 255]
    assert pixels[0][20, 48][0] > 200 and pixels[0][170, 48][2] > 200


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
    for path in images.paths:
        (tmp_path / path).parent.mkdir()
        Image.new("RGB", (8, 8)).save(tmp_path / path)
    judged = Judgement(images, np.eye(2, dtype=np.float32), ["狗", "猫"])
    assert len(list(pictures.write_pictures(judged, "logs/猫", Originals(tmp_path, WHITE), tmp_path))) == 2
    assert lettering.writable("logs/猫_cat") == "logs/□_cat"
    lettering.known_characters.cache_clear()
