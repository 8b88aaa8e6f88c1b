"""Decoding: what Pillow makes of every kind of image. What is refused: test_bad_images.py."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw, ImageOps

from suite.data import images
from suite.data.images import decode_image, read_image
from tests.fixtures.images import SIZE, encoded, photo
from tests.fixtures.odd_images import ODD_EXIF, with_exif, with_long_text


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        pytest.param(photo(), "PNG", {}, id="colour png"),
        pytest.param(photo(), "JPEG", {}, id="colour jpeg"),
        pytest.param(photo(), "WEBP", {}, id="colour webp"),
        pytest.param(photo().convert("L"), "JPEG", {}, id="grey"),
        pytest.param(photo().convert("LA"), "PNG", {}, id="grey with alpha, all opaque"),
        pytest.param(photo().convert("1"), "PNG", {}, id="black and white"),
        pytest.param(photo().convert("P"), "GIF", {}, id="palette gif"),
        pytest.param(photo().quantize(16), "PNG", {}, id="palette png"),
        pytest.param(photo().convert("CMYK"), "JPEG", {}, id="cmyk jpeg"),
        pytest.param(photo().convert("CMYK"), "TIFF", {}, id="cmyk tiff"),
    ],
)
def test_every_kind_of_image_becomes_the_rgb_that_pillow_makes_of_it(
    image: Image.Image, kind: str, options: dict[str, Any]
) -> None:
    """Palette indices taken for grey, four channels for three."""
    content = encoded(image, kind, **options)
    with Image.open(io.BytesIO(content)) as opened:
        expected = opened.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    decoded = decode_image(content, SIZE)
    assert decoded.shape == (SIZE, SIZE, 3) and decoded.dtype == np.uint8
    assert np.array_equal(decoded, np.asarray(expected))


def drawing() -> Image.Image:
    """A black disc on nothing, with an edge that is half transparent; where nothing is, the colour is black too."""
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((8, 8, 31, 31), fill="black", outline=(0, 0, 0, 128), width=3)
    return image


@pytest.mark.parametrize(
    ("image", "kind", "options"),
    [
        pytest.param(drawing(), "PNG", {}, id="colour with alpha"),
        pytest.param(drawing(), "WEBP", {"lossless": True, "exact": True}, id="webp with alpha"),
        pytest.param(drawing(), "TIFF", {}, id="tiff with alpha"),
        pytest.param(drawing().convert("LA"), "PNG", {}, id="grey with alpha"),
        pytest.param(drawing().quantize(16, Image.Quantize.FASTOCTREE), "PNG", {}, id="palette with alpha"),
    ],
)
def test_drawings_on_a_transparent_ground_are_put_on_white(
    image: Image.Image, kind: str, options: dict[str, Any]
) -> None:
    """Dropping the alpha made black on nothing a black square, alike for every drawing."""
    decoded = decode_image(encoded(image, kind, **options), 40)
    assert decoded[0, 0].tolist() == [255, 255, 255]
    assert decoded[20, 20].tolist() == [0, 0, 0]
    assert 120 < decoded[20, 9, 0] < 135  # half transparent


@pytest.mark.parametrize(("mode", "clear"), [("RGB", (0, 0, 0)), ("L", 0), ("P", 0)])
def test_a_colour_that_a_file_declares_clear_is_white(mode: str, clear: Any) -> None:
    """As GIF and old PNG have it: no alpha, but one colour or index that stands for nothing."""
    image = Image.new("L", (8, 8), 0)
    image.paste(200, (0, 0, 4, 8))
    decoded = decode_image(encoded(image.convert(mode), transparency=clear), 8)
    assert decoded[0, 0, 0] == 200 and decoded[0, 7].tolist() == [255, 255, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_a_pixel_are_scaled(kind: str) -> None:
    """Pillow's own conversion clips: everything above 255 of 65535 would be white."""
    grey = photo().convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    assert deep.mode == "I;16"
    assert np.array_equal(decode_image(encoded(deep, kind), SIZE), decode_image(encoded(grey), SIZE))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_as_their_camera_says(orientation: int, kind: str) -> None:
    """Telephones store pictures lying on their side and a note how to turn them."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    image = photo()
    turned = {
        1: image,
        2: ImageOps.mirror(image),
        3: image.rotate(180),
        4: ImageOps.flip(image),
        5: image.transpose(Image.Transpose.TRANSPOSE),
        6: image.rotate(-90, expand=True),
        7: image.transpose(Image.Transpose.TRANSVERSE),
        8: image.rotate(90, expand=True),
    }[orientation]
    decoded = decode_image(encoded(image, kind, exif=exif), SIZE).astype(int)
    expected = decode_image(encoded(turned, kind), SIZE).astype(int)
    assert np.abs(decoded - expected).mean() < 4  # JPEG and WebP lose a little, otherwise in every orientation


def test_odd_metadata_do_not_spoil_a_good_picture() -> None:
    """`ImageOps.exif_transpose` writes the EXIF data anew, and cannot where a text stands in place of a number."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "maker"
    content = encoded(photo(), "JPEG", exif=exif)
    odd = content.replace(b"\x01\x0f\x00\x02", b"\x01\x00\x00\x02", 1)  # the width of the image is "maker", it says
    with Image.open(io.BytesIO(odd)) as opened, pytest.raises(struct.error):
        ImageOps.exif_transpose(opened)
    assert np.array_equal(decode_image(odd, SIZE), decode_image(content, SIZE))


@pytest.mark.parametrize("directory", ODD_EXIF.values(), ids=ODD_EXIF.keys())
def test_odd_exif_is_not_worth_a_word(directory: bytes) -> None:
    """Pillow warned of it without the name of the image, and a warning about a sound picture helps in nothing."""
    content = with_exif(directory)
    with images.quiet_pillow():
        assert np.array_equal(decode_image(content, SIZE), decode_image(encoded(photo(), "JPEG"), SIZE))


def test_a_picture_with_megabytes_of_text_is_a_picture() -> None:
    """Editors and generators of images write their history beside the picture; Pillow refuses it from 1 MB on."""
    assert np.array_equal(decode_image(with_long_text(), SIZE), decode_image(encoded(photo()), SIZE))


def test_photos_of_108_megapixels_are_read_at_half_their_size() -> None:
    """Telephones take them. At full size they were refused: as bombs, they would take much memory."""
    photo_of_12000 = encoded(photo().resize((12_000, 9_000)), "JPEG", quality=50)
    with images._opened(io.BytesIO(photo_of_12000)) as opened:
        assert opened.size == (6_000, 4_500)
    difference = decode_image(photo_of_12000, SIZE).astype(int) - decode_image(encoded(photo()), SIZE)
    assert np.abs(difference).mean() < 8


def test_pictures_of_a_telephone_that_hold_several_are_read() -> None:
    """An MPO file is a JPEG file with more behind it."""
    content = encoded(photo(), "MPO", save_all=True, append_images=[photo(2)])
    assert np.array_equal(decode_image(content, SIZE), decode_image(encoded(photo(), "JPEG"), SIZE))


def test_heic_is_read_where_its_plugin_is_installed() -> None:
    """Telephones save it by default."""
    heif = pytest.importorskip("pillow_heif")
    heif.register_heif_opener()
    difference = decode_image(encoded(photo(), "HEIF"), SIZE).astype(int) - decode_image(encoded(photo()), SIZE)
    assert np.abs(difference).mean() < 8


def test_an_animation_gives_its_first_picture() -> None:
    """Not the last one, and not an error."""
    first, second = photo(1).quantize(), photo(2).quantize()
    content = encoded(first, "GIF", save_all=True, append_images=[second])
    assert np.array_equal(decode_image(content, SIZE), decode_image(encoded(first, "GIF"), SIZE))


def test_the_whole_picture_is_kept() -> None:
    """A crop to the middle would lose what stands at the sides."""
    wide = Image.new("RGB", (80, 20))
    ImageDraw.Draw(wide).rectangle((0, 0, 9, 19), fill="red")
    ImageDraw.Draw(wide).rectangle((70, 0, 79, 19), fill="blue")
    decoded = decode_image(encoded(wide), SIZE)
    assert decoded[:, 0, 0].min() > 200 and decoded[:, -1, 2].min() > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"])
def test_no_damage_gets_past_the_one_exception(tmp_path: Path, kind: str) -> None:
    """Pillow's parsers raise many things; each of them would be a traceback in place of a line with the file's name."""
    rng = np.random.default_rng(0)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    whole = np.frombuffer(encoded(photo(), kind, **({"exif": exif} if kind in ("JPEG", "PNG") else {})), np.uint8)
    failures = 0
    for _ in range(60):
        content = whole[: rng.integers(1, len(whole))].copy() if rng.random() < 0.3 else whole.copy()
        places = rng.integers(0, min(len(content), 100), 4)
        content[places] = rng.integers(0, 256, 4)
        (tmp_path / "image").write_bytes(content.tobytes())
        try:
            assert read_image(tmp_path / "image", SIZE).shape == (SIZE, SIZE, 3)
        except images.ImageError:
            failures += 1
    assert failures > 10
