"""`imgaugLib`: what is drawn follows the article, what is applied follows plain formulas."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from augment.operations import library, library_pixels, library_warps
from augment.operations.banks import uniform_bank
from augment.operations.library import FOURTEEN, LIBRARY, Draws, draw
from tests.fixtures.operations import photos

COUNT = 20_000
DRAWN = draw(COUNT, np.random.default_rng(0))


def quantiles(column: np.ndarray) -> list[float]:
    return np.quantile(column, [0, 0.25, 0.5, 0.75, 1]).tolist()


def even(low: float, high: float) -> Any:
    """The quantiles of a uniform distribution."""
    return pytest.approx(np.linspace(low, high, 5), abs=0.02 * (high - low))


def on_in(column: np.ndarray) -> float:
    return float(column.astype(bool).mean())


# --- what is drawn --------------------------------------------------------------------------------------------------


def test_every_order_is_equally_likely() -> None:
    """Catches a step that is always the first, and one that is left out."""
    places = np.stack([(DRAWN.order == step).mean(axis=0) for step in range(5)])
    assert places == pytest.approx(np.full((5, 5), 0.2), abs=0.015)


def test_none_to_five_of_the_fourteen_are_drawn_each_once() -> None:
    """Catches one to five, and an operation that comes twice."""
    number = (DRAWN.some >= 0).sum(axis=1)
    assert np.bincount(number, minlength=6) / COUNT * 6 == pytest.approx(np.ones(6), abs=0.06)
    assert np.bincount(DRAWN.some[DRAWN.some >= 0]) / COUNT == pytest.approx(np.full(14, 2.5 / 14), abs=0.015)
    for row in DRAWN.some[:500]:
        present = row[row >= 0]
        assert len(set(present)) == len(present)
        assert (row[len(present) :] == -1).all()


def test_probabilities_are_the_articles() -> None:
    """Catches a probability of the wrong step."""
    assert DRAWN.flip.mean(axis=0) == pytest.approx([0.5, 0.2], abs=0.012)
    for column in (DRAWN.crop.any(axis=1), (DRAWN.affine != library.IDENTITY).any(axis=1), DRAWN.superpixels[:, 1]):
        assert on_in(column) == pytest.approx(0.5, abs=0.012)
    for column in (DRAWN.edges[:, 0], DRAWN.elastic, DRAWN.bend, DRAWN.noise[:, 1]):
        assert on_in(column) == pytest.approx(0.5, abs=0.012)
    assert DRAWN.invert.mean(axis=0) == pytest.approx(np.full(3, 0.05), abs=0.005)
    directed = DRAWN.edges[DRAWN.edges[:, 0] > 0, 1] >= 0
    assert directed.mean() == pytest.approx(0.5, abs=0.015)
    for column in (DRAWN.multiply, DRAWN.contrast):
        assert (column[:, 0] != column[:, 1]).mean() == pytest.approx(0.5, abs=0.012)
    assert (DRAWN.add[:, 0] != DRAWN.add[:, 1]).mean() == pytest.approx(0.5 * 20 / 21, abs=0.012)
    coarse = DRAWN.dropout[:, 1] < 1
    assert coarse.mean() == pytest.approx(0.5, abs=0.012)
    assert DRAWN.dropout[coarse, 3].mean() == pytest.approx(0.2, abs=0.012)
    assert DRAWN.dropout[~coarse, 3].mean() == pytest.approx(0.5, abs=0.015)


def test_ranges_are_the_articles() -> None:
    """Catches a range of the wrong column."""
    assert quantiles(DRAWN.crop[DRAWN.crop.any(axis=1)][:, 2]) == even(0, 0.1)
    moved = DRAWN.affine[(DRAWN.affine != library.IDENTITY).any(axis=1)]
    for column, bounds in zip(moved.T, [(0.8, 1.2)] * 2 + [(-0.2, 0.2)] * 2 + [(-45, 45), (-16, 16)], strict=True):
        assert quantiles(column) == even(*bounds)
    for place, last in enumerate((1, 4, 255)):
        counts = np.bincount(DRAWN.outside[:, place])
        assert len(counts) == last + 1 and counts.min() > 0.5 * COUNT / (last + 1)
    assert quantiles(DRAWN.superpixels[DRAWN.superpixels[:, 0] > 0, 0]) == even(20, 200)
    kinds = [DRAWN.blur[DRAWN.blur[:, 0] == kind, 1] for kind in range(3)]
    assert [len(kind) / COUNT for kind in kinds] == pytest.approx([1 / 3] * 3, abs=0.015)
    assert quantiles(kinds[0]) == even(0, 3)
    assert set(kinds[1]) == {2, 3, 4, 5, 6, 7}
    assert set(kinds[2]) == {3, 5, 7, 9, 11}
    assert quantiles(DRAWN.sharpen[:, 1]) == even(0.75, 1.5)
    assert quantiles(DRAWN.emboss[:, 1]) == even(0, 2)
    assert quantiles(DRAWN.edges[DRAWN.edges[:, 0] > 0, 0]) == even(0, 0.7)
    assert quantiles(DRAWN.noise[:, 0]) == even(0, 12.75)
    coarse = DRAWN.dropout[:, 1] < 1
    assert quantiles(DRAWN.dropout[coarse, 0]) == even(0.03, 0.15)
    assert quantiles(DRAWN.dropout[~coarse, 0]) == even(0.01, 0.1)
    assert quantiles(DRAWN.dropout[coarse, 1]) == even(0.02, 0.05)
    assert quantiles(DRAWN.add[:, 1]) == even(-10, 10)
    assert quantiles(DRAWN.multiply[:, 2]) == even(0.5, 1.5)
    assert quantiles(DRAWN.contrast[:, 0]) == even(0.5, 2)
    assert quantiles(DRAWN.grey) == even(0, 1)
    assert quantiles(DRAWN.elastic[DRAWN.elastic > 0]) == even(0.5, 3.5)
    assert quantiles(DRAWN.bend[DRAWN.bend > 0]) == even(0.01, 0.05)


def test_the_first_rows_do_not_depend_on_the_count() -> None:
    for few, many in zip(draw(3, np.random.default_rng(0)), DRAWN, strict=True):
        np.testing.assert_array_equal(few, many[:3])


# --- what is applied ------------------------------------------------------------------------------------------------


def filtered(image: np.ndarray, kernel: np.ndarray, alpha: float) -> np.ndarray:
    """By the definition, with the border mirrored about its outermost pixels."""
    size = len(image)
    wide = np.pad(image.astype(float), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    sums = sum(kernel[y, x] * wide[y : y + size, x : x + size] for y in range(3) for x in range(3))
    return np.clip((1 - alpha) * image + alpha * sums, 0, 255)


@pytest.mark.parametrize(
    ("made", "by_hand"),
    [
        (library_pixels.sharpening(1.2), [[-1, -1, -1], [-1, 9.2, -1], [-1, -1, -1]]),
        (library_pixels.embossing(0.5), [[-1.5, -0.5, 0], [-0.5, 1, 0.5], [0, 0.5, 1.5]]),
        (library_pixels.edge_detection(-1), [[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    ],
)
def test_kernels_are_imgaugs(made: np.ndarray, by_hand: list[list[float]]) -> None:
    """Catches a lightness of 8 plus something: the image would lose a ninth of its light."""
    assert made == pytest.approx(np.array(by_hand))
    (image,), out = photos(24, 1), np.empty((24, 24, 3), np.uint8)
    library_pixels.blend_with_filter(image, out, 0.6, made)
    assert np.abs(out - filtered(image, made, 0.6)).max() <= 1


def test_directed_edges_look_in_their_direction() -> None:
    """Catches x for y, and a turn the other way."""
    for direction, (y, x) in {0.0: (0, 1), 0.25: (1, 2), 0.5: (2, 1), 0.75: (1, 0)}.items():
        kernel = library_pixels.edge_detection(direction)
        assert kernel.sum() == pytest.approx(0)
        assert np.unravel_index(kernel.argmin(), (3, 3)) == (y, x)
        assert kernel[2 - y, 2 - x] == pytest.approx(0)


def test_values_are_changed_channel_by_channel() -> None:
    """Catches wrapping around, channels in another order, and a contrast that moves the middle."""
    image, out = photos(32, 1)[0], np.empty((32, 32, 3), np.uint8)
    factors = np.array([0.5, 1.0, 1.5])

    def far_from(expected: np.ndarray) -> float:
        return float(np.abs(out - np.clip(expected, 0, 255)).max())

    library_pixels.scale_channels(image, out, factors)
    assert far_from(image * factors) <= 1
    library_pixels.scale_channels(image, out, factors, middle=127)
    assert far_from(127 + (image - 127.0) * factors) <= 1
    library_pixels.add(image, out, np.array([-10, 0, 9]))
    assert far_from(image + np.array([-10, 0, 9])) == 0
    library_pixels.invert(image, out, np.array([True, False, True]))
    assert far_from(np.where([True, False, True], 255 - image, image)) == 0
    library_pixels.blend_with_greys(image, out, 0.7)
    assert far_from(0.3 * image + 0.7 * (image @ [0.299, 0.587, 0.114])[..., None]) <= 1


@pytest.mark.parametrize("by_channel", [False, True])
def test_noise_and_dropout_are_the_same_in_all_channels_or_not(by_channel: bool) -> None:
    """Catches a noise of the wrong strength, and three times the drawn share."""
    plain, out = np.full((64, 64, 3), 128, np.uint8), np.empty((64, 64, 3), np.uint8)
    library_pixels.add_noise(plain, out, 10, by_channel, 99)
    assert out.std() == pytest.approx(10, rel=0.03)
    assert (out[..., 0] == out[..., 1]).all() != by_channel
    for raster, squares in ((1.0, 4096), (0.1, 36)):
        library_pixels.drop(plain, out, 0.1, np.full(2, raster), by_channel, 99)
        assert set(np.unique(out)) <= {0, 128}
        assert (out == 0).mean() == pytest.approx(0.1, abs=3 * np.sqrt(0.09 / squares))
        assert (out[..., 0] == out[..., 1]).all() != by_channel


def test_large_medians_are_near_the_exact_ones() -> None:
    """Catches a window at half the size that is as large as at the whole."""
    for image in photos(64, 3):
        for window in (3, 5, 7, 9, 11):
            out = np.empty_like(image)
            library_pixels.blur(image, out, 2, window)
            exact = cv2.medianBlur(image, window)
            assert cv2.absdiff(out, exact).mean() <= (0 if window <= 5 else 0.6 * cv2.absdiff(image, exact).mean())


@pytest.mark.parametrize("count", [20, 90, 200])
def test_superpixels_are_flat_follow_edges_and_are_as_many_as_asked_for(count: int) -> None:
    """Catches segments that ignore the colours, a mean of the wrong segment, and a share that is of pixels."""
    (image,) = photos(128, 1, seed=4)
    out, half = np.empty_like(image), np.empty_like(image)
    library_pixels.replace_superpixels(image, out, count, 1.0, 5)
    colours = len(np.unique(out.reshape(-1, 3), axis=0))
    assert 0.6 * count < colours < 1.3 * count
    small = cv2.resize(image, (round(count**0.5),) * 2, interpolation=cv2.INTER_AREA)
    squares = cv2.resize(small, (128, 128), interpolation=cv2.INTER_NEAREST)
    assert cv2.absdiff(out, image).mean() < 0.95 * cv2.absdiff(squares, image).mean()
    library_pixels.replace_superpixels(image, half, count, 0.5, 5)
    whole, untouched = (half == out).all(axis=2), (half == image).all(axis=2)
    assert (whole | untouched).all()
    assert 0.2 < whole.mean() < 0.8


def test_an_affine_map_puts_points_where_the_formula_says() -> None:
    """Catches a rotation about a corner, a shear the other way, a translation in pixels of another size."""
    image = np.zeros((101, 101, 3), np.uint8)
    image[60:63, 70:73] = 255
    parameters = np.array([1.1, 0.9, 0.1, -0.05, 30.0, 10.0])
    out = np.empty_like(image)
    library_warps.affine(image, out, parameters, np.array([1, 0, 0]))
    turn, lean = np.deg2rad(30), np.deg2rad(40)
    x, y = 71 - 50, 61 - 50
    expected = (
        50 + 1.1 * np.cos(turn) * x - 0.9 * np.sin(lean) * y + 10.1,
        50 + 1.1 * np.sin(turn) * x + 0.9 * np.cos(lean) * y - 5.05,
    )
    weights = out[..., 0] / out[..., 0].sum()
    found = (weights.sum(axis=0) @ np.arange(101), weights.sum(axis=1) @ np.arange(101))
    assert found == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("border", range(5))
def test_every_border_is_another(border: int) -> None:
    (image,), out = photos(32, 1), np.empty((32, 32, 3), np.uint8)
    library_warps.affine(image, out, np.array([1, 1, 0.25, 0, 0, 0.0]), np.array([0, border, 77]))
    outside = [
        np.full((32, 8, 3), 77),
        np.repeat(image[:, :1], 8, axis=1),
        image[:, 7::-1],
        image[:, 8:0:-1],
        image[:, -8:],
    ]
    np.testing.assert_array_equal(out[:, 8:], image[:, :-8])
    np.testing.assert_array_equal(out[:, :8], outside[border])


def test_elastic_shifts_stay_within_their_bound_and_bends_within_the_image() -> None:
    """Catches shifts that all go one way, and black corners where imgaug has none."""
    x, y = np.meshgrid(np.arange(128), np.arange(128))
    places = np.stack([x, y, np.full_like(x, 200)], axis=-1).astype(np.uint8)
    out = np.empty_like(places)
    library_warps.shift_pixels(places, out, 3.0, 7)
    shifts = (out.astype(float) - places)[8:-8, 8:-8, :2]
    assert np.abs(shifts).max() <= 3.5
    assert np.abs(shifts.mean(axis=(0, 1))).max() < 0.1
    assert shifts.std() == pytest.approx(3 / 3**0.5, rel=0.05)
    library_warps.bend(places, out, 0.05, 7)
    assert (out[..., 2] == 200).all()
    bent = (out.astype(float) - places)[..., :2]
    assert 1 < np.abs(bent).mean() < 10
    assert np.abs(np.diff(bent, axis=1)).max() < 8  # smooth


def test_what_is_off_changes_nothing() -> None:
    """Catches a warp by nothing, which blurs, and a fifth step that is applied first or not at all."""
    off = {"flip": False, "crop": 0, "superpixels": 0, "elastic": 0, "bend": 0, "invert": False, "add": 0, "grey": 0}
    nothing = DRAWN._replace(
        **{name: np.zeros_like(getattr(DRAWN, name)) for name in (*off, "noise", "edges", "sharpen", "emboss")},
        affine=np.tile(library.IDENTITY, (COUNT, 1)),
        blur=np.zeros_like(DRAWN.blur),
        multiply=np.ones((COUNT, 3)),
        contrast=np.ones((COUNT, 3)),
        dropout=np.tile([0.0, 1, 1, 0], (COUNT, 1)),
    )
    images = photos(32, 60)
    out = np.empty_like(images)
    LIBRARY.apply(images, nothing, out)
    np.testing.assert_array_equal(out, images)
    only = nothing._replace(add=np.full((COUNT, 3), 5), some=np.full((COUNT, 5), -1))
    only.some[:, 0] = FOURTEEN.index(library.add)
    LIBRARY.apply(images, only, out)
    np.testing.assert_array_equal(out, np.minimum(images.astype(int) + 5, 255))


def test_every_operation_writes_its_target_and_leaves_its_source() -> None:
    """Catches OpenCV writing elsewhere because a type or a shape does not fit; also at the smallest size."""
    for size in (8, 33, 64):
        images = photos(size, 40)
        before = images.copy()
        drawn = Draws(*(column[:40] for column in DRAWN))
        for operation in LIBRARY.alone:
            for row, image in enumerate(images):
                targets = [np.full_like(image, fill) for fill in (0, 255)]
                for target in targets:
                    operation.apply(image, target, drawn, row)
                np.testing.assert_array_equal(*targets, err_msg=operation.name)
        np.testing.assert_array_equal(images, before)
    assert len(uniform_bank(8)) >= (1 << 20) + 225  # superpixels take up to 225 numbers from any place
