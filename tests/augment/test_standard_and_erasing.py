"""`standard` and `erasing`: what is drawn follows the configuration, what is applied follows the draws."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from augment.operations import erasing, standard
from augment.operations.banks import uniform_bank
from augment.operations.columns import place_box
from augment.settings import ErasingConfig, StandardConfig

COUNT = 20_000


def drawn_standard(count: int = COUNT, **settings: object) -> standard.Draws:
    return standard.draw(StandardConfig.model_validate(settings), count, np.random.default_rng(0))


def drawn_erasing(count: int = COUNT, **settings: object) -> erasing.Draws:
    return erasing.draw(ErasingConfig.model_validate(settings), count, np.random.default_rng(0))


def soft_images(size: int, count: int = 4) -> np.ndarray:
    rng = np.random.default_rng(1)
    rough = rng.integers(0, 256, (count, 5, 5, 3), np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)) for image in rough]
    )


def quantiles(column: np.ndarray) -> list[float]:
    return np.quantile(column, [0, 0.25, 0.5, 0.75, 1]).tolist()


# --- what is drawn --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", [drawn_standard().crop, drawn_erasing(probability=1).box])
def test_a_box_fits_and_is_as_often_wide_as_high(sides: np.ndarray) -> None:
    """Catches a ratio that is uniform instead of log-uniform: it prefers wide boxes."""
    assert sides.min() > 0
    assert sides.max() <= 1 + 1e-12
    assert (sides[:, 0] > sides[:, 1]).mean() == pytest.approx(0.5, abs=0.015)


def test_the_area_of_a_crop_is_uniform_and_its_ratio_bounded() -> None:
    """Catches boxes that are thrown away when they do not fit, which makes large crops rare."""
    width, height = drawn_standard().crop.T
    assert quantiles(width * height) == pytest.approx([0.35, 0.5125, 0.675, 0.8375, 1.0], abs=0.01)
    assert quantiles(np.log(width / height))[::4] == pytest.approx([-np.log(4 / 3), np.log(4 / 3)], abs=0.01)


def test_a_box_is_erased_in_half_of_the_images() -> None:
    """Catches an area that is the side's, and a probability that also shifts what is drawn."""
    width, height = drawn_erasing().box.T
    erased = width > 0
    assert erased.mean() == pytest.approx(0.5, abs=0.01)
    assert quantiles((width * height)[erased]) == pytest.approx([0.02, 0.115, 0.21, 0.305, 0.4], abs=0.01)
    always = drawn_erasing(probability=1)
    np.testing.assert_array_equal(always.box[erased], drawn_erasing().box[erased])


def test_a_flip_has_its_probability() -> None:
    assert drawn_standard().flip.mean() == pytest.approx(0.5, abs=0.01)
    assert not drawn_standard(flip_horizontal=0).flip.any()


def test_the_first_rows_do_not_depend_on_the_count() -> None:
    """Catches draws by columns: a short last batch would draw other numbers."""
    for draw in (drawn_standard, drawn_erasing):
        for few, many in zip(draw(3), draw(100), strict=True):
            np.testing.assert_array_equal(few, many[:3])


@pytest.mark.parametrize("size", [8, 9, 224])
def test_a_box_reaches_every_border_and_never_leaves_the_image(size: int) -> None:
    """Catches a place that leaves out the last row, or reaches one too far; and a box without pixels at 8 px."""
    sides, rng = np.array([0.5, 0.05]), np.random.default_rng(0)
    columns, rows = set(), set()
    for place in rng.random((4000, 2)):
        across, along = place_box(sides, place, size)
        assert (across.stop - across.start, along.stop - along.start) == (max(1, round(0.05 * size)), round(0.5 * size))
        rows.add(across.start), columns.add(along.start)
    assert rows == set(range(size - max(1, round(0.05 * size)) + 1))
    assert columns == set(range(size - round(0.5 * size) + 1))


# --- what is applied ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [8, 32, 224])
def test_standard_is_pillows_crop_resize_and_flip(size: int) -> None:
    """Catches width and height that change places, a flip before the crop, and another interpolation."""
    images, draws = soft_images(size, 40), drawn_standard(40)
    out = np.empty_like(images)
    standard.apply(images, draws, out)
    for row, (image, result) in enumerate(zip(images, out, strict=True)):
        rows, columns = place_box(draws.crop[row], draws.place[row], size)
        box = (columns.start, rows.start, columns.stop, rows.stop)
        picture = Image.fromarray(image).crop(box).resize((size, size), Image.Resampling.BILINEAR)
        expected = np.asarray(picture)[:, ::-1] if draws.flip[row] else np.asarray(picture)
        assert np.abs(result.astype(int) - expected).max() <= 1


def test_the_whole_area_is_the_image_itself() -> None:
    images = soft_images(32)
    out = np.empty_like(images)
    standard.apply(images, drawn_standard(4, area=[1, 1], flip_horizontal=0), out)
    np.testing.assert_array_equal(out, images)


@pytest.mark.parametrize("size", [8, 32, 224])
def test_erasing_changes_the_box_and_nothing_else(size: int) -> None:
    """Catches one grey for the whole box, the same pixels in every image, and an image that is written into."""
    images, draws = np.zeros((8, size, size, 3), np.uint8), drawn_erasing(8, probability=1)
    out = np.empty_like(images)
    erasing.apply(images, draws, out)
    assert not images.any()
    corners = set()
    for row, result in enumerate(out):
        box = place_box(draws.box[row], draws.place[row], size)
        erased = result[box].copy()
        result[box] = 0
        assert not result.any()
        assert len(np.unique(erased)) > min(3, erased.size // 2)
        corners.add(tuple(erased[0, 0]))
    assert len(corners) == len(out)


def test_erased_pixels_are_uniform() -> None:
    """Catches the low byte of the bank, or a shift that leaves out bright values."""
    values = np.bincount(uniform_bank(64)[:1_000_000] >> 8, minlength=256) / 1_000_000 * 256
    assert values == pytest.approx(np.ones(256), abs=0.1)
