"""One image file: checked, decoded, turned and resized to pixels."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

Images: TypeAlias = NDArray[np.uint8]
"""One image [S, S, 3] or several [N, S, S, 3], RGB."""

LARGEST_IMAGE = 100_000_000
"""Pixels; a larger image is refused before it is decoded."""

LARGEST_FILE = 200_000_000
"""Bytes; a larger image file is refused before it is read."""

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""Formats that are read, whatever a file's name says. Pillow knows forty more, with little used parsers; one is EPS, a
program that Pillow has Ghostscript run."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How to turn an image, by its EXIF orientation. Pillow's own `exif_transpose` also writes the EXIF data anew, which
fails on the odd data of some cameras."""


class ImageError(Exception):
    """A file that cannot be used as an image; says why, without the file's name."""


def read_file(file: Path) -> bytes:
    """The bytes of an image file.

    Raises:
        ImageError: when they cannot be read, or are too many.
    """
    try:
        if not file.is_file():  # opening a pipe would wait for its writer
            raise ImageError("cannot be decoded: not a regular file")
        if (length := file.stat().st_size) > LARGEST_FILE:
            raise ImageError(f"cannot be decoded: {length:,} bytes are more than {LARGEST_FILE:,}")
        return file.read_bytes()
    except OSError as error:
        raise ImageError(f"cannot be read: {error.strerror}") from None


def file_digest(file: Path) -> str:
    """SHA-256 of an image file's bytes.

    Raises:
        ImageError: when they cannot be read, or are too many.
    """
    return hashlib.sha256(read_file(file)).hexdigest()


def read_image(file: Path, size: int) -> Images:
    """An image file as uint8 RGB [size, size, 3].

    Raises:
        ImageError: when it is not a whole image.
    """
    content = read_file(file)
    try:
        return decode_image(content, size)
    except UnidentifiedImageError:
        raise ImageError("not an image of the formats BMP, GIF, JPEG, PNG, TIFF and WebP") from None
    except MemoryError:
        raise  # the file may be sound
    except Exception as error:  # Pillow's parsers raise exceptions of many kinds on damaged files
        raise ImageError(f"cannot be decoded: {error}") from error


def decode_image(content: bytes, size: int) -> Images:
    """The bytes of an image as uint8 RGB [size, size, 3]: turned as its EXIF says, aspect ratio not kept.

    Transparency is dropped. An animation gives its first picture. Anything but a whole image raises.
    """
    Image.MAX_IMAGE_PIXELS = None  # the limit is below: Pillow warns at its own, and refuses only at twice as much
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > LARGEST_IMAGE:
            raise ValueError(f"{opened.width} x {opened.height} pixels are more than {LARGEST_IMAGE:,}")
        opened.load()  # first: loading a TIFF turns the image and removes the orientation
        orientation = opened.getexif().get(ExifTags.Base.Orientation)
        image = opened.transpose(TURNS[orientation]) if orientation in TURNS else opened
        return np.asarray(_to_rgb(image).resize((size, size), Image.Resampling.BILINEAR))


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode[0] in "IF":  # more than 8 bits a value, which Pillow would clip to 8 instead of scaling
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > 65535:
            raise ValueError("its values have more than 16 bits; save it with 8 or 16")
        image = Image.fromarray((values / 257).astype(np.uint8))
    if image.mode == "P":  # by way of RGBA: Pillow warns when it drops transparency from a palette
        image = image.convert("RGBA")
    return image.convert("RGB")
