"""What is kept of many predictions, and the sheets of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.prediction import sheet
from suite.prediction.overview import FEW, Overview
from suite.prediction.predicting import Prediction
from tests.fixtures.images import encoded, photo

CLASSES = ("猫", "a class with a $ and a very long name")


def overview_of(folder: Path, *certain: float, keep: int) -> Overview:
    """Of images of the second class with these probabilities of it."""
    overview = Overview(CLASSES, keep)
    for number, share in enumerate(certain):
        overview.add(Prediction(folder / f"{number}.png", np.array([1 - share, share]), 1))
    return overview


def test_the_least_sure_are_kept() -> None:
    """Catches a heap that drops the wrong end, and equal predictions that cannot be compared."""
    overview = overview_of(Path("x"), 0.9, 0.6, 0.8, 0.6, 0.99, keep=3)
    assert [each.file.name for each in overview.least_sure] == ["1.png", "3.png", "2.png"]
    assert overview.count == 5


def test_lines_for_the_screen() -> None:
    """Thousands of images must not fill the screen."""
    few, many = (overview_of(Path("x"), *[0.1, *[0.75] * count], keep=1) for count in (FEW - 1, FEW))
    assert few.lines()[:2] == ["  x/0.png: 猫 90.0 %", f"  x/1.png: {CLASSES[1]} 75.0 %"]
    assert many.lines() == [f"  {FEW:7,} {CLASSES[1]}", f"  {1:7,} 猫"]


def test_sheets_are_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a page without its last images, a page of an earlier time, and an image that is gone in between."""
    monkeypatch.setattr(sheet, "A_PAGE", 2)
    for number in (0, 1):
        (tmp_path / f"{number}.png").write_bytes(encoded(photo(number)))
    (tmp_path / "sheet-9.png").write_bytes(b"old")
    written = list(sheet.write_sheets(overview_of(tmp_path, 0.9, 0.8, 0.7, keep=10), 65535, tmp_path))
    assert sorted(tmp_path.glob("sheet-*")) == written
    assert [file.name for file in written] == ["sheet-1.png", "sheet-2.png"]
    for file in written:
        with Image.open(file) as image:
            image.load()
