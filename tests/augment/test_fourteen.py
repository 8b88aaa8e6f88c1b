"""The fourteen operations of TrivialAugment and RandAugment against Pillow, and how both draw them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from augment.operations import rand_augment, trivial_augment
from augment.operations.fourteen import FOURTEEN, Draws
from augment.operations.trivial_augment import TRIVIAL_AUGMENT
from augment.settings import AugmentConfig, RandAugmentConfig

COUNT = 30_000
KINDS = {kind.name: kind for kind in FOURTEEN}
Picture = Image.Image


def affine(picture: Picture, *matrix: float) -> Picture:
    return picture.transform(picture.size, Image.Transform.AFFINE, matrix)


PILLOW: dict[str, Callable[[Picture, float], Picture]] = {
    "identity": lambda picture, amount: picture,
    "shear_x": lambda picture, amount: affine(picture, 1, amount, 0, 0, 1, 0),
    "shear_y": lambda picture, amount: affine(picture, 1, 0, 0, amount, 1, 0),
    "translate_x": lambda picture, amount: affine(picture, 1, 0, round(amount * picture.width), 0, 1, 0),
    "translate_y": lambda picture, amount: affine(picture, 1, 0, 0, 0, 1, round(amount * picture.width)),
    "rotate": lambda picture, amount: picture.rotate(amount),
    "brightness": lambda picture, amount: ImageEnhance.Brightness(picture).enhance(1 + amount),
    "color": lambda picture, amount: ImageEnhance.Color(picture).enhance(1 + amount),
    "contrast": lambda picture, amount: ImageEnhance.Contrast(picture).enhance(1 + amount),
    "sharpness": lambda picture, amount: ImageEnhance.Sharpness(picture).enhance(1 + amount),
    "posterize": lambda picture, amount: ImageOps.posterize(picture, 8 - round(amount)),
    "solarize": lambda picture, amount: ImageOps.solarize(picture, 256 - round(amount)),
    "auto_contrast": lambda picture, amount: ImageOps.autocontrast(picture),
    "equalize": lambda picture, amount: ImageOps.equalize(picture),
}


def soft_images(size: int) -> np.ndarray:
    """One of a narrow range of values, one of the whole, one of few values, one of a single colour."""
    rng = np.random.default_rng(2)
    soft = [
        cv2.resize(rng.uniform(*values, (6, 6, 3)), (size, size), interpolation=cv2.INTER_CUBIC)
        for values in ((60, 180), (-40, 295))
    ]
    few = rng.choice([20, 90, 200], (size, size, 3))
    return np.clip(np.stack([*soft, few, np.full((size, size, 3), 77)]), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [8, 32, 224])
@pytest.mark.parametrize("name", KINDS)
def test_every_operation_is_pillows(name: str, size: int) -> None:
    """Catches another origin of a shear, a threshold that is one off, the wrong bits, a rounding that brightens."""
    full = trivial_augment.FULL.get(name, 0.0)
    for strength in (-1, -0.4, -1 / 30, 0, 0.1, 0.7, 1) if KINDS[name].signed else (0, 1 / 6, 0.5, 1):
        for image in soft_images(size):
            made = np.empty_like(image)
            KINDS[name].apply(image, made, full * strength)
            expected = np.asarray(PILLOW[name](Image.fromarray(image), full * strength)).astype(int)
            far = np.abs(made - expected)
            if name in ("rotate", "shear_x", "shear_y"):  # a place between two pixels may fall to either
                assert (far.max(axis=2) > 0).mean() < 0.02 + 0.5 / size
            elif name == "sharpness":  # Pillow leaves the outermost pixels as they are
                assert far[1:-1, 1:-1].max() <= 2
            else:
                assert far.max() <= (1 if name in ("brightness", "color", "contrast") else 0)


def trivially_drawn(count: int = COUNT) -> Draws:
    return trivial_augment.draw(count, np.random.default_rng(0))


def test_trivial_augment_draws_one_operation_at_one_of_31_strengths() -> None:
    """Catches a level that never comes, a sign that always does, and operations that bring their own strength."""
    operation, strength = (column[:, 0] for column in trivially_drawn())
    counts = np.bincount(operation, minlength=14) / COUNT * 14
    assert counts == pytest.approx(np.ones(14), abs=0.1)
    levels = np.bincount(np.rint(np.abs(strength) * 30).astype(int), minlength=31) / COUNT * 31
    assert levels == pytest.approx(np.ones(31), abs=0.12)
    assert (strength < 0).mean() == pytest.approx(30 / 31 / 2, abs=0.01)
    assert abs(np.corrcoef(operation, strength)[0, 1]) < 0.02


def test_rand_augment_draws_n_operations_at_its_magnitude() -> None:
    """Catches one operation for all places, and a magnitude of 10 in place of 30."""
    settings = RandAugmentConfig(n=3, magnitude=15)
    operation, strength = rand_augment.draw(settings, COUNT, np.random.default_rng(0))
    assert operation.shape == strength.shape == (COUNT, 3)
    assert set(np.unique(strength)) == {-0.5, 0.5}
    assert np.bincount(operation[:, 2], minlength=14) / COUNT * 14 == pytest.approx(np.ones(14), abs=0.1)
    assert (operation[:, 0] == operation[:, 1]).mean() == pytest.approx(1 / 14, abs=0.01)


def test_the_first_rows_do_not_depend_on_the_count() -> None:
    for few, many in zip(trivially_drawn(3), trivially_drawn(50), strict=True):
        np.testing.assert_array_equal(few, many[:3])
    draws = [rand_augment.draw(RandAugmentConfig(), count, np.random.default_rng(0)) for count in (3, 50)]
    for few, many in zip(*draws, strict=True):
        np.testing.assert_array_equal(few, many[:3])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_operations_follow_one_another(n: int) -> None:
    """Catches a step that reads the original again, and one whose result is left in the spare image."""
    images = soft_images(32)
    names = [list(KINDS).index(name) for name in ("posterize", "translate_x", "solarize")[:n]]
    draws = Draws(np.tile(names, (4, 1)), np.full((4, n), 0.5))
    made = np.empty_like(images)
    rand_augment.RAND_AUGMENT.apply(images, draws, made)
    expected = images
    for place in names:
        before, expected = expected, np.empty_like(expected)
        full = rand_augment.FULL[FOURTEEN[place].name]
        for source, target in zip(before, expected, strict=True):
            FOURTEEN[place].apply(source, target, 0.5 * full)
    np.testing.assert_array_equal(made, expected)


def test_strengths_that_are_named_belong_to_operations_that_exist() -> None:
    """Catches a misspelt name: the operation would do nothing, silently."""
    weak = {"identity", "auto_contrast", "equalize"}
    assert set(trivial_augment.FULL) == set(rand_augment.FULL) == set(KINDS) - weak
    assert {kind.name.replace("_", " ") for kind in FOURTEEN} == {one.name for one in TRIVIAL_AUGMENT.alone}
    drawn = TRIVIAL_AUGMENT.draw(AugmentConfig(mode="trivialAugment"), 5, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn.operation, trivially_drawn(5).operation)
