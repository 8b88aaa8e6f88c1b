"""One image file: checked, decoded, turned and resized to pixels."""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, PngImagePlugin, UnidentifiedImageError

Images: TypeAlias = NDArray[np.uint8]
"""One image [S, S, 3] or several [N, S, S, 3], RGB."""

LARGEST_IMAGE = 100_000_000
"""Pixels; a larger image is refused before it is decoded."""

LARGEST_PHOTO = 250_000_000
"""Pixels of a JPEG file, which can be decoded at half its width and height; telephones take photos of 200 million."""

WHITE = 65535
"""The value of a 16-bit file that is white, unless `data.white` names another one."""

MAYBE_DEEP = re.compile(rb"\x89PNG.{20}\x10|II[*+]\0|MM\0[*+]", re.DOTALL)
"""How files begin that may have 16 bits a value: PNG files which say so, and TIFF files."""

GROUND = "white"
"""What shows through transparent parts. Drawings without a ground are mostly dark."""

LARGEST_FILE = 200_000_000
"""Bytes; a larger image file is refused before it is read."""

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""Formats that are read, whatever a file's name says. Pillow knows forty more, with little used parsers; one is EPS, a
program that Pillow has Ghostscript run."""

SAVE_HEIC = "save it as JPEG, or install what reads HEIC: pip install -c constraints.txt -e '.[heic]'"

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


@cache
def formats() -> tuple[str, ...]:
    """The formats that are read here: HEIF among them where pillow-heif is installed."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return FORMATS
    register_heif_opener()
    return (*FORMATS, "HEIF")


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Have Pillow keep its warnings to itself: they are about odd metadata, and do not name the image.

    For the thread that starts those which decode; a filter of warnings is the whole process's.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        yield


def read_image(file: Path, size: int, white: int = WHITE) -> Images:
    """An image file as uint8 RGB [size, size, 3]; `white` is the value of a 16-bit file that is white.

    Raises:
        ImageError: when it is not a whole image, or has values above `white`.
    """
    content = read_file(file)
    try:
        return decode_image(content, size, white)
    except UnidentifiedImageError:
        if content[4:11] in (b"ftyphei", b"ftypmif"):  # a telephone's photo, whatever its name says
            raise ImageError(f"a HEIC image; {SAVE_HEIC}") from None
        raise ImageError("not an image of the formats BMP, GIF, JPEG, PNG, TIFF and WebP") from None
    except MemoryError:
        raise  # the file may be sound
    except Exception as error:  # Pillow's parsers raise exceptions of many kinds on damaged files
        raise ImageError(f"cannot be decoded: {error}") from error


def decode_image(content: bytes, size: int, white: int = WHITE) -> Images:
    """The bytes of an image as uint8 RGB [size, size, 3]: turned as its EXIF says, aspect ratio not kept.

    Transparent parts show `GROUND`. An animation gives its first picture. Anything but a whole image raises.
    """
    with _opened(io.BytesIO(content)) as opened:
        if white != WHITE and is_deep(opened) and opened.mode[0] != "I":
            raise ValueError("its colours have 16 bits, and data.white is for grey images; save it with 8 bits")
        opened.load()  # first: loading a TIFF turns the image and removes the orientation
        orientation = opened.getexif().get(ExifTags.Base.Orientation)
        image = opened.transpose(TURNS[orientation]) if orientation in TURNS else opened
        return np.asarray(_to_rgb(image, white).resize((size, size), Image.Resampling.BILINEAR))


def largest_value(file: Path) -> int:
    """The largest value of a file with 16 bits a value; 0 for one with 8, or that cannot be read."""
    try:
        with file.open("rb") as stream:
            if not MAYBE_DEEP.match(stream.read(26)):
                return 0
            stream.seek(0)
            opened = _opened(stream, ("PNG", "TIFF"))
            if not is_deep(opened):
                return 0
            largest = int(np.asarray(opened).max())
            return largest if opened.mode[0] == "I" else 256 * largest + 255
    except MemoryError:
        raise
    except Exception:  # as in `read_image`, which says what is wrong
        return 0


def is_deep(opened: Image.Image) -> bool:
    """Whether values in the file have 16 bits. Of colours, Pillow keeps the upper 8, and no mode tells."""
    return any(";16" in str(tile) for tile in getattr(opened, "tile", []))


def _opened(stream: io.BytesIO | io.BufferedReader, of: tuple[str, ...] | None = None) -> Image.Image:
    """The image, not decoded yet; too many pixels raise."""
    Image.MAX_IMAGE_PIXELS = None  # the limit is below: Pillow warns at its own, and refuses only at twice as much
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY  # editors write megabytes of text beside a picture
    opened = Image.open(stream, formats=of or formats())
    is_photo = opened.format in ("JPEG", "MPO")
    limit = LARGEST_PHOTO if is_photo else LARGEST_IMAGE
    if (pixels := opened.width * opened.height) > limit:
        raise ValueError(f"{opened.width} x {opened.height} pixels are more than {limit:,}")
    if pixels > LARGEST_IMAGE:
        opened.draft(None, (opened.width // 2, opened.height // 2))
    return opened


def _to_rgb(image: Image.Image, white: int) -> Image.Image:
    if image.mode[0] in "IF":  # more than 8 bits a value, which Pillow would clip to 8 instead of scaling
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > WHITE:
            raise ValueError("its values have more than 16 bits; save it with 8 or 16")
        if (largest := values.max()) > white:
            raise ValueError(f"its largest value is {largest}, above data.white, which is {white}")
        return Image.fromarray((values * 255.0 / white).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        picture = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, GROUND), picture).convert("RGB")
    return image.convert("RGB")
