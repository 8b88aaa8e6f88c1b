"""The eight operations: what is applied follows Pillow."""

from __future__ import annotations

import numpy as np
import pytest

from augment.operations.userdef import Draws
from augment.settings import OpsConfig
from tests.fixtures.operations import (
    GEOMETRIC,
    NEUTRAL,
    PHOTOMETRIC,
    SIZES,
    applied,
    crop_first,
    differences,
    drawn,
    only,
    photos,
)
from tests.fixtures.pillow_reference import apply_with_pillow


@pytest.mark.parametrize("size", SIZES)
def test_neutral_parameters_reproduce_the_image(size: int) -> None:
    """A warp off by half a pixel, or a rounding that lowers whole numbers, shows even where nothing is to be done."""
    images = photos(size, 4)
    np.testing.assert_array_equal(applied(images, drawn(only(), 4)), images)


@pytest.mark.parametrize("size", SIZES)
def test_flips_only_move_pixels(size: int) -> None:
    """Axis mixed up, or width for height."""
    images = photos(size, 4)
    flips = [[False, False], [True, False], [False, True], [True, True]]
    out = applied(images, drawn(only(), 4)._replace(flip=np.array(flips)))
    np.testing.assert_array_equal(out[0], images[0])
    np.testing.assert_array_equal(out[1], images[1][:, ::-1])
    np.testing.assert_array_equal(out[2], images[2][::-1])
    np.testing.assert_array_equal(out[3], images[3][::-1, ::-1])


@pytest.mark.parametrize("angle", [90, 180, 270, -90])
def test_quarter_turns_are_exact_and_counter_clockwise(angle: int) -> None:
    """The sign of the angle, and a centre off by half a pixel (a black line at the edge)."""
    images = photos(48, 1)
    ops = OpsConfig(**{**NEUTRAL, "rotate": (angle, angle)})
    np.testing.assert_array_equal(applied(images, drawn(ops, 1))[0], np.rot90(images[0], angle // 90))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("operation", PHOTOMETRIC)
def test_photometric_operation_equals_pillows(operation: str, size: int) -> None:
    """A wrong weight, a wrong plain image or rounding where Pillow truncates; each alone, so that it can be named."""
    error = differences(photos(size, 24), drawn(only(operation), 24))
    assert np.abs(error).mean() < 0.25
    assert np.abs(error).mean(axis=(1, 2, 3)).max() < 0.5
    assert abs(error.mean()) < 0.1


@pytest.mark.parametrize("operation", PHOTOMETRIC)
def test_photometric_operation_equals_pillows_at_any_factor(operation: str) -> None:
    """The schema allows factors up to 10: nearly everything is clipped, OpenCV's coefficients near their limit."""
    strong = OpsConfig(**{**NEUTRAL, operation: (0.0, 10.0)})
    error = differences(photos(64, 24), drawn(strong, 24))
    assert np.abs(error).mean() < 1.5  # sharpness, which multiplies what is rounded; the others stay below 0.3


@pytest.mark.parametrize("size", SIZES)
def test_photometric_operations_together_equal_pillows(size: int) -> None:
    """The order, and the clipping after each step: without it bright colours come out wrong."""
    error = differences(photos(size, 24), drawn(only(*PHOTOMETRIC), 24))
    assert np.abs(error).mean() < 0.3
    assert np.abs(error).mean(axis=(1, 2, 3)).max() < 1.0  # contrast's mean, a whole number, may fall on the other side


def test_greys_have_no_colour_to_change() -> None:
    """Coefficients that do not sum to 1 would darken every white background by a level."""
    greys = np.repeat(np.arange(256, dtype=np.uint8), 12).reshape(1, 32, 32, 3)
    assert (greys[..., 0] == greys[..., 2]).all()
    images = np.repeat(greys, 64, axis=0)
    np.testing.assert_array_equal(applied(images, drawn(only("color"), 64)), images)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("first", [True, False])
def test_geometry_equals_pillows(size: int, first: bool) -> None:
    """Direction and centre of the rotation, width against height in the crop, and crop before and after rotation."""
    draws = drawn(only(*GEOMETRIC), 40)
    rows = np.flatnonzero(crop_first(draws) == first)[:12]
    draws = Draws._make(column[rows] for column in draws)
    error = np.abs(differences(photos(size, len(rows)), draws)).mean(axis=(1, 2, 3))
    assert error.mean() < 1.0
    assert error.max() < 3.0


@pytest.mark.parametrize("first", [True, False])
def test_black_corners_lie_where_pillows_lie(first: bool) -> None:
    """Crop before rotation: black is all outside the crop. Rotation before crop: the crop cuts the corners away."""
    draws = drawn(only(*GEOMETRIC), 60)
    rows = np.flatnonzero(crop_first(draws) == first)
    draws = Draws._make(column[rows] for column in draws)
    images = np.full((len(rows), 224, 224, 3), 200, np.uint8)
    ours = applied(images, draws) == 0
    pillows = np.stack([apply_with_pillow(image, draws, row) == 0 for row, image in enumerate(images)])
    assert pillows.mean() > 0.01
    assert (ours != pillows).mean(axis=(1, 2, 3)).max() < 0.005


@pytest.mark.parametrize("size", SIZES)
def test_all_eight_equal_pillows(size: int) -> None:
    """Everything at once, in the drawn order; to drop the order or join the geometry costs 3 to 5 grey levels."""
    error = differences(photos(size, 32), drawn(OpsConfig(), 32))
    assert np.abs(error).mean() < 1.0
    assert np.abs(error).mean(axis=(1, 2, 3)).max() < 3.5
    assert np.abs(error.mean(axis=(1, 2, 3))).max() < 1.0
