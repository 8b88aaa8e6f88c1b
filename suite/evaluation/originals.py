"""The image files themselves, beside what the network gets of them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import ExifTags, Image

from suite.data.images import Images, read_image

LARGEST_SIDE = 192
"""Pixels."""

QUARTER_TURNS = (5, 6, 7, 8)
"""The EXIF orientations that exchange width and height."""


class Originals(NamedTuple):
    """Where the images of a list are."""

    folder: Path
    white: int
    """The value of a 16-bit file that is white."""

    def read(self, path: str) -> Images:
        """An image of the list as uint8 RGB [H, W, 3] with its own aspect ratio, scaled to `LARGEST_SIDE`.

        Raises:
            ImageError: when it cannot be read any more.
        """
        file = self.folder / path
        square = read_image(file, LARGEST_SIDE, self.white)
        with Image.open(file) as opened:
            width, height = opened.size
            if opened.getexif().get(ExifTags.Base.Orientation) in QUARTER_TURNS:
                width, height = height, width
        scale = LARGEST_SIDE / max(width, height)
        size = max(1, round(scale * width)), max(1, round(scale * height))
        return np.asarray(Image.fromarray(square).resize(size, Image.Resampling.BILINEAR))
