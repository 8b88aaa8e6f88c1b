"""The eight operations: what is drawn follows the configuration, what is applied follows Pillow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from augment.operations import banks, enhancing, geometry, userdef
from augment.operations.userdef import OPERATIONS, Draws, apply, draw
from augment.settings import STRENGTHS, OpsConfig
from tests.fixtures.images import photos
from tests.fixtures.pillow_reference import apply_with_pillow

NEUTRAL: dict[str, Any] = {
    "brightness": (1.0, 1.0),
    "contrast": (1.0, 1.0),
    "color": (1.0, 1.0),
    "sharpness": (1.0, 1.0),
    "crop": (1.0, 1.0),
    "flip_horizontal": 0.0,
    "flip_vertical": 0.0,
    "rotate": (0, 0),
    "noise": 0.0,
}
"""Settings of `augment.ops` under which every operation leaves the image as it is."""

ARTICLE = OpsConfig().model_dump(exclude={"noise_sigma"})
PHOTOMETRIC = ("brightness", "contrast", "color", "sharpness")
GEOMETRIC = ("crop", "flip_horizontal", "flip_vertical", "rotate")
SIZES = (32, 48, 64, 224)


def only(*active: str) -> OpsConfig:
    """The article's ranges for `active`, the rest neutral."""
    return OpsConfig(**{**NEUTRAL, **{name: ARTICLE[name] for name in active}})


def drawn(ops: OpsConfig, count: int, seed: int = 0) -> Draws:
    return draw(ops, count, np.random.default_rng(seed))


def applied(images: NDArray[np.uint8], draws: Draws) -> NDArray[np.uint8]:
    out = np.empty_like(images)
    apply(images, draws, out)
    return out


def differences(images: NDArray[np.uint8], draws: Draws) -> NDArray[np.float64]:
    """Ours minus Pillow's, in grey levels."""
    reference = np.stack([apply_with_pillow(image, draws, row) for row, image in enumerate(images)])
    return applied(images, draws).astype(np.float64) - reference


def crop_first(draws: Draws) -> NDArray[np.bool_]:
    place = draws.order.argsort(axis=1)
    names = [operation.__name__ for operation in OPERATIONS]
    return np.asarray(place[:, names.index("crop")] < place[:, names.index("rotate")])


# --- what is drawn --------------------------------------------------------------------------------------------------


def uniformity(values: NDArray[Any], low: float, high: float) -> float:
    """Kolmogorov-Smirnov distance from the uniform distribution times sqrt(n): above 1.95 once in a thousand times."""
    expected = (np.arange(len(values)) + 0.5) / len(values)
    return float(np.abs((np.sort(values) - low) / (high - low) - expected).max() * np.sqrt(len(values)))


@pytest.mark.parametrize("strength", STRENGTHS)
def test_continuous_parameters_are_uniform_in_their_range(strength: str) -> None:
    """A range read from the wrong key, or m used for n, shows here; `mild` differs from the defaults."""
    ops = OpsConfig(**STRENGTHS[strength])
    draws = drawn(ops, 4000)
    columns = [(getattr(draws, name), getattr(ops, name)) for name in PHOTOMETRIC]
    columns += [(draws.crop[:, axis], ops.crop) for axis in (0, 1)]
    columns += [(draws.sigma[draws.sigma > 0], ops.noise_sigma)]
    for values, (low, high) in columns:
        assert low <= values.min() and values.max() <= high
        assert uniformity(values, low, high) < 1.95


@pytest.mark.parametrize(("low", "high"), [(0, 359), (-15, 15), (-1, 0), (7, 7)])
def test_every_whole_degree_is_drawn_with_both_ends(low: int, high: int) -> None:
    """`integers(low, high)` would never draw the last degree, truncation towards zero would draw 0 twice as often."""
    draws = drawn(OpsConfig(rotate=(low, high)), 40_000)
    degrees, counts = np.unique(draws.angle, return_counts=True)
    assert degrees.tolist() == list(range(low, high + 1))
    expected = 40_000 / len(degrees)
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


def test_resamplings_are_equally_likely() -> None:
    """The article chooses among four filters."""
    counts = np.bincount(drawn(OpsConfig(), 4000).resampling, minlength=4)
    assert len(counts) == len(userdef.RESAMPLINGS)
    assert np.abs(counts - 1000).max() < 5 * np.sqrt(1000)


@pytest.mark.parametrize("probability", [0.0, 0.25, 1.0])
def test_probabilities_are_kept_and_separate(probability: float) -> None:
    """0 must mean never and 1 always (`<=` or `>` in place of `<` breaks one of them), and no key may serve another."""
    for key in ("flip_horizontal", "flip_vertical", "noise"):
        draws = drawn(OpsConfig(**{**NEUTRAL, key: probability, "noise_sigma": (1.0, 5.0)}), 4000)
        happened = {
            "flip_horizontal": draws.flip[:, 0].mean(),
            "flip_vertical": draws.flip[:, 1].mean(),
            "noise": (draws.sigma > 0).mean(),
        }
        tolerance = 4 * np.sqrt(probability * (1 - probability) / 4000)
        assert abs(happened.pop(key) - probability) <= tolerance
        assert list(happened.values()) == [0, 0]


def test_degenerate_ranges_give_their_value() -> None:
    """A range of one value switches an operation to that value; a division by its width would give NaN."""
    draws = drawn(OpsConfig(brightness=(0.7, 0.7), crop=(1.2, 1.2), noise=1.0, noise_sigma=(3.0, 3.0)), 50)
    assert (draws.brightness == 0.7).all() and (draws.crop == 1.2).all() and (draws.sigma == 3.0).all()


def test_order_is_a_uniform_permutation() -> None:
    """Every operation once per image, each as often in each place, each pair as often one way as the other."""
    count = 8000
    order = drawn(OpsConfig(), count).order
    assert (np.sort(order, axis=1) == np.arange(8)).all()
    place = order.argsort(axis=1)
    in_place = np.stack([np.bincount(column, minlength=8) for column in place.T])
    assert np.abs(in_place - count / 8).max() < 5 * np.sqrt(count / 8)
    before = (place[:, :, None] < place[:, None, :]).mean(axis=0)[~np.eye(8, dtype=bool)]
    assert np.abs(before - 0.5).max() < 5 * 0.5 / np.sqrt(count)


def test_parameters_are_independent() -> None:
    """One number used for two columns (m for n, one flip for both) would tie them together."""
    draws = drawn(OpsConfig(noise=1.0), 8000)
    columns = np.column_stack([np.asarray(column, dtype=float) for column in draws])
    correlation = np.corrcoef(columns.T)
    np.fill_diagonal(correlation[8:, 8:], 0)
    assert np.abs(correlation[8:]).max() < 5 / np.sqrt(8000)  # the places in an order do depend on one another


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"brightness": (0.9, 1.0)}, "brightness"),
        ({"crop": (1.0, 1.0)}, "crop"),
        ({"flip_vertical": 0.0}, "flip"),
        ({"rotate": (0, 0)}, "angle"),
        ({"noise": 0.0}, "sigma"),
    ],
)
def test_a_changed_range_leaves_the_other_columns_alone(changed: dict[str, Any], column: str) -> None:
    """Two runs that differ in one range must differ by that range: no draw may be skipped where it is not needed."""
    before, after = drawn(OpsConfig(), 40), drawn(OpsConfig(**changed), 40)
    assert [name for name in Draws._fields if (getattr(before, name) != getattr(after, name)).any()] == [column]


def test_rows_do_not_depend_on_the_count() -> None:
    """The last, short batch of an epoch draws like a full one."""
    few, many = drawn(OpsConfig(), 3), drawn(OpsConfig(), 8)
    for short, full in zip(few, many, strict=True):
        np.testing.assert_array_equal(short, full[:3])


# --- what is applied ------------------------------------------------------------------------------------------------


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


# --- noise ----------------------------------------------------------------------------------------------------------


def noisy(level: int, sigma: float, count: int = 4, size: int = 64) -> NDArray[np.float64]:
    ops = OpsConfig(**{**NEUTRAL, "noise": 1.0, "noise_sigma": (sigma, sigma)})
    images = np.full((count, size, size, 3), level, np.uint8)
    return applied(images, drawn(ops, count)).astype(np.float64) - level


def test_noise_never_wraps() -> None:
    """The article's own fault: noise cast before it was added turned 42 % of the black values into 200 and more."""
    assert noisy(0, 5.0).max() < 6 * 5
    assert noisy(255, 5.0).min() > -6 * 5


@pytest.mark.parametrize("sigma", [2.0, 5.0, 50.0])
def test_noise_has_the_drawn_strength_and_no_bias(sigma: float) -> None:
    """sigma taken for variance or for a share of 1, a bank that is off-centre, truncation in place of rounding."""
    added = noisy(128, sigma)
    clipping = 1.0 if sigma < 50 else 0.985  # of a normal distribution cut at 128 / 50 standard deviations
    assert added.std() == pytest.approx(np.hypot(sigma, 1 / np.sqrt(12)) * clipping, rel=0.02)
    assert abs(added.mean()) < 0.02 * sigma
    assert np.abs(added).mean() == pytest.approx(added.std() * np.sqrt(2 / np.pi), rel=0.03)


def test_noise_differs_by_pixel_channel_and_image() -> None:
    """Noise that is repeated over the channels, or the same in every image, is far easier to learn away."""
    added = noisy(128, 5.0, count=2)
    one, other = added

    def correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        return abs(float(np.corrcoef(a.ravel(), b.ravel())[0, 1]))

    assert correlation(one[..., 0], one[..., 1]) < 0.06
    assert correlation(one[:, 1:], one[:, :-1]) < 0.06
    assert correlation(one, other) < 0.06


def test_noise_bank_is_standard_normal_and_always_the_same() -> None:
    """Two threads may both build the bank, and a resumed run builds it anew: they must all read the same numbers."""
    bank = banks.noise_bank(32)
    np.testing.assert_array_equal(bank, banks.noise_bank.__wrapped__(32))
    z = (bank.astype(np.float64) - banks.NOISE_ZERO) / banks.NOISE_UNIT
    within = [(np.abs(z) <= bound + 0.5 / banks.NOISE_UNIT).mean() for bound in (1, 2, 3)]
    assert within == pytest.approx([0.6925, 0.9566, 0.99760], abs=0.002)


# --- buffers --------------------------------------------------------------------------------------------------------


def test_read_only_memory_maps_are_read_and_left_alone(tmp_path: Path) -> None:
    """The cache is a read-only memory map; an operation that works in place would crash, or spoil the next epoch."""
    images = photos(32, 8)
    np.save(tmp_path / "cache.npy", images)
    mapped = np.load(tmp_path / "cache.npy", mmap_mode="r")
    draws = drawn(OpsConfig(), 8)
    out = np.empty_like(images)
    apply([mapped[index] for index in range(8)], draws, out)
    before = images.copy()
    np.testing.assert_array_equal(out, applied(images, draws))
    np.testing.assert_array_equal(images, before)


def test_threads_give_the_bits_of_one() -> None:
    """A scratch buffer shared by two threads corrupts both, silently."""
    images, batches = photos(64, 16), [drawn(OpsConfig(), 16, seed) for seed in range(24)]
    alone = [applied(images, draws) for draws in batches]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda draws: applied(images, draws), batches))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("size", SIZES)
def test_opencv_writes_where_it_is_told_to(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV silently allocates where `dst` does not fit: the result is then lost, and so is the speed."""
    written: Counter[str] = Counter()

    class Watched:
        def __getattr__(self, name: str) -> Any:
            found = getattr(cv2, name)
            return watch(found) if callable(found) else found

    def watch(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if "dst" in kwargs:
                assert result is kwargs["dst"]
                written[function.__name__] += 1
            return result

        return call

    draws = drawn(OpsConfig(noise=1.0, flip_horizontal=1.0), 8)
    images = photos(size, 8)
    expected = applied(images, draws)
    for module in (enhancing, geometry, userdef):
        monkeypatch.setattr(module, "cv2", Watched())
    np.testing.assert_array_equal(applied(images, draws), expected)
    assert written == {"transform": 24, "blur": 8, "addWeighted": 16, "resize": 8, "flip": 8, "warpAffine": 8}
