"""Images that are refused, and images that only look bad."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import prepare_data
from suite.data import images
from tests.fixtures.bad_input import HTML, NO_IMAGE, REPLACE, Case, answer_to, assert_says, of_size, written
from tests.fixtures.images import SIZE, TRAIN, encoded, load, photo

JPEG, PNG = (encoded(photo(7, 200, 150), kind) for kind in ("JPEG", "PNG"))
REPAIR = "nothing was written; repair these files, or leave them out with --skip-bad"
TOO_DEEP = "cannot be decoded: its values have more than 16 bits; save it with 8 or 16"


def cut(content: bytes, percent: int) -> bytes:
    return content[: len(content) * percent // 100]


def claims_to_be_huge() -> bytes:
    """A PNG of some hundred bytes that says it is 20,000 x 20,000."""
    content = bytearray(encoded(photo()))
    content[16:24] = struct.pack(">II", 20_000, 20_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def one_bit_flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


IMAGES = {
    "empty": Case(written("ant/2.png", b""), NO_IMAGE),
    "text": Case(written("ant/2.png", "see folder two\n"), NO_IMAGE),
    "HTML": Case(HTML, NO_IMAGE),
    "EPS, which Pillow has Ghostscript run": Case(written("ant/2.png", encoded(photo(), "EPS")), NO_IMAGE),
    "SVG": Case(written("ant/2.png", '<svg xmlns="http://www.w3.org/2000/svg"/>'), NO_IMAGE),
    **{
        f"{kind} cut at {percent} %": Case(written("ant/2.png", cut(content, percent)), "cannot be decoded: {library}")
        for kind, content in (("JPEG", JPEG), ("PNG", PNG))
        for percent in (10, 50, 99)
    },
    "flipped bit": Case(written("ant/2.png", one_bit_flipped(PNG)), "cannot be decoded: {library}"),
    "bomb by dimensions": Case(
        written("ant/2.png", claims_to_be_huge()),
        "cannot be decoded: 20000 x 20000 pixels are more than 100,000,000",
    ),
    "bomb by size": Case(
        of_size("ant/2.png", images.LARGEST_FILE + 1), "cannot be decoded: 200,000,001 bytes are more than 200,000,000"
    ),
    "floating point": Case(  # Pillow takes 0.0 to 1.0 for black
        written("ant/2.png", encoded(Image.fromarray(np.eye(8, dtype=np.float32)), "TIFF")), TOO_DEEP
    ),
    "32 bits": Case(
        written("ant/2.png", encoded(Image.fromarray(np.full((8, 8), 70_000, np.int32)), "TIFF")), TOO_DEEP
    ),
}


@pytest.mark.parametrize("case", IMAGES.values(), ids=IMAGES.keys())
def test_images(root: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, before epoch 0 and when the lists are made; OpenCV has a picture for a cut JPEG, and None for text."""
    case.spoil(root)
    said = answer_to(lambda: load(root, cache="none"), root)
    assert_says(said, f"{{root}}/Train.txt:2: ant/2.png: {case.answer}\n{REPLACE}", root)
    monkeypatch.setattr("sys.argv", ["prepare_data.py", str(root)])
    said = answer_to(prepare_data.main, root)
    assert_says(said, f"{{root}}/ant/2.png: {case.answer}\n{REPAIR}", root)


# --- what only looks bad --------------------------------------------------------------------------------------------


ODD = {
    "1 x 1": ("ant/2.png", encoded(photo(30, 1, 1))),
    "10000 x 3": ("ant/2.png", encoded(photo(30, 10_000, 3))),
    "3 x 10000": ("ant/2.png", encoded(photo(30, 3, 10_000))),
    "wrong extension": ("ant/2.png", encoded(photo(30), "WEBP")),
    "no extension": ("ant/two", encoded(photo(30), "JPEG")),
    "progressive": ("ant/2.jpg", encoded(photo(30), "JPEG", progressive=True)),
    "Chinese name": ("蚂蚁/二.png", encoded(photo(30))),
    "emoji name": ("ant/🐜 👩‍🔬.png", encoded(photo(30))),
}


@pytest.mark.parametrize(("path", "content"), ODD.values(), ids=ODD.keys())
def test_odd_images_are_taken(root: Path, path: str, content: bytes) -> None:
    """The content decides, not the name, and no size is too small; as Pillow alone makes them."""
    written(path, content)(root)
    written("Train.txt", TRAIN.replace("ant/2.png", path))(root)
    with Image.open(io.BytesIO(content)) as opened:
        expected = np.asarray(opened.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    loaded = load(root, cache="none").train
    assert loaded.paths[1] == path
    assert np.array_equal(loaded.images[1], expected)
