"""Files with 16 bits a value that hold fewer, as those of 12-bit cameras: what is white in them must be said."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from suite.data.images import ImageError, largest_value, read_image
from suite.errors import UserError
from tests.fixtures.commands import Command
from tests.fixtures.images import EVAL, TRAIN, load

PATHS = [line.split()[0] for line in (TRAIN + EVAL).splitlines()]


def deep(number: int, largest: int) -> np.ndarray:
    """Grey values, uint16 [20, 20], up to and with the largest."""
    values = np.random.default_rng(number).integers(0, largest, (20, 20), dtype=np.uint16)
    values[3, 4] = largest
    return values


def deep_set(root: Path, *largest: int) -> Path:
    """The images of `root` with 16 bits a value, whose largest values are these in turn."""
    for number, path in enumerate(PATHS):
        Image.fromarray(deep(number, largest[number % len(largest)])).save(root / path)
    return root


@pytest.mark.parametrize(("largest", "likely"), [(4095, 4095), (3972, 4095), (1023, 1023), (16383, 16383), (200, 255)])
def test_values_of_fewer_bits_are_refused_until_white_is_known(root: Path, largest: int, likely: int) -> None:
    """The network saw six greys, 10 to 15 of 255, and nothing was said."""
    with pytest.raises(UserError, match=rf"16-bit images here, {largest}, .* data.white={likely}, or .*=65535 if"):
        load(deep_set(root, largest), cache="none")
    images = load(root, cache="none", white=likely).train.images[:]
    assert np.ptp(images) > 100
    assert load(root, cache="none", white=65535).train.images[:].max() <= 255 * largest // 65535


@pytest.mark.parametrize("largest", [(65535,), (9000,), (40_000, 900, 900)], ids=str)
def test_sets_that_use_their_16_bits_are_taken(root: Path, largest: tuple[int, ...]) -> None:
    """The whole set decides: one dark picture among bright ones is a dark picture."""
    load(deep_set(root, *largest), cache="none")


def test_pictures_in_the_cache_count_too(root: Path) -> None:
    """A second start must say what the first one said."""
    deep_set(root, 4095)
    cache = str(root.parent / "cache")
    for _ in range(2):
        with pytest.raises(UserError, match=r"data\.white=4095"):
            load(root, cache=cache)
    bright = load(root, cache=cache, white=4095).train.images[:]
    assert bright.max() > 150
    assert load(root, cache=cache, white=65535).train.images[:].max() < 16


def test_white_scales_the_values(tmp_path: Path) -> None:
    """4095 is white, and half of it is half as bright."""
    Image.fromarray(np.array([[0, 2048], [4095, 4095]], np.uint16)).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png", 2, white=4095)[..., 0].tolist() == [[0, 127], [255, 255]]
    with pytest.raises(ImageError, match=r"largest value is 4095, above data\.white"):
        read_image(tmp_path / "a.png", 2, white=1023)


@pytest.mark.parametrize("ending", ["png", "tiff"])
def test_colours_of_16_bits(tmp_path: Path, ending: str) -> None:
    """Pillow gives the upper eight bits, and no sign that there were more."""
    file = tmp_path / f"a.{ending}"
    cv2.imwrite(str(file), np.full((8, 8, 3), 4095, np.uint16))
    assert largest_value(file) == 4095
    with pytest.raises(ImageError, match="its colours have 16 bits"):
        read_image(file, 8, white=4095)
    cv2.imwrite(str(file), np.full((8, 8, 3), 65535, np.uint16))
    assert read_image(file, 8).min() == 255


def test_the_command_says_it(root: Path, command: Command) -> None:
    """One sentence and exit 2, before anything is trained; with `data.white` it trains."""
    deep_set(root, 4095)
    arguments = ["--config", Path("configs/quickstart_none.yaml").absolute(), "--set", f"data.root={root}"]
    arguments += ["data.image_size=16", "data.images_per_class=all", "train.epochs=1", "train.batch_size=2"]
    refused = command("train.py", *arguments)
    assert (refused.returncode, refused.stderr.count("error: ")) == (2, 1)
    assert command("preview_augment.py", *arguments).stderr == refused.stderr
    assert command("train.py", *arguments, "data.white=4095").returncode == 0
