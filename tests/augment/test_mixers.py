"""Mixers that paste, neighbours, balanced classes, and one of several mixers: labels count what pixels show."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest

from augment.batch import Augmenter
from augment.mixers.cut_mix import cut_and_paste
from augment.mixers.neighbours import nearest_of_class, thumbnails
from augment.mixers.resize_mix import paste_smaller, share_of_scale, shrunk
from augment.mixers.table import MIXERS
from augment.operations import userdef
from augment.settings import AugmentConfig, OpsConfig
from suite.data.batches import balanced_order, batches_of_epoch
from suite.randomness import Purpose, generator

SEED = 3
PASTING = {"cutMix": cut_and_paste, "resizeMix": paste_smaller}


def noisy_images(count: int, size: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, size, size, 3), np.uint8)


def augmenter(images: np.ndarray, labels: np.ndarray, **augment: object) -> Augmenter:
    return Augmenter(AugmentConfig.model_validate(augment), SEED, 10, images, labels)


def pasted(mixer: str, size: int, lam: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the second image is seen, [N, size, size], and the lam of the labels."""
    black, white = np.zeros((len(lam), size, size, 3), np.uint8), np.full((len(lam), size, size, 3), 255, np.uint8)
    mixed, real = PASTING[mixer](black, white, lam.astype(np.float32), np.random.default_rng(0))
    assert not black.any()
    assert set(np.unique(mixed)) <= {0, 255}
    assert (mixed == mixed[..., :1]).all()
    return mixed[..., 0] == 255, real


# --- boxes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [8, 9, 32, 224])
@pytest.mark.parametrize("mixer", PASTING)
def test_the_label_counts_exactly_the_share_of_the_pixels(mixer: str, size: int) -> None:
    """Catches the wanted lambda in place of what is left after rounding and after the cut at the border."""
    seen, lam = pasted(mixer, size, np.linspace(0.001, 0.999, 200))
    shown = seen.sum(axis=(1, 2))
    np.testing.assert_array_equal(lam, ((size**2 - shown) / size**2).astype(np.float32))
    for mask, pixels in zip(seen, shown, strict=True):
        rows, columns = mask.any(axis=1).sum(), mask.any(axis=0).sum()
        assert rows * columns == pixels  # one box


def test_a_box_of_cut_mix_has_the_wanted_size_where_it_fits() -> None:
    """Catches an area that is taken for a side."""
    seen, _ = pasted("cutMix", 100, np.full(3000, 0.91))
    sides = Counter(zip(seen.any(axis=2).sum(axis=1), seen.any(axis=1).sum(axis=1), strict=True))
    assert sides[30, 30] / 3000 == pytest.approx(0.71**2, abs=0.03)
    assert max(sides) == (30, 30)


def test_boxes_of_cut_mix_have_their_middle_anywhere() -> None:
    """Catches boxes that never reach a border: pixels in the middle would be replaced more often than the paper's."""
    often = pasted("cutMix", 20, np.full(20_000, 0.75))[0].mean(axis=0)
    assert often[10, 10] == pytest.approx((10 / 21) ** 2, abs=0.015)
    assert often[0, 0] == pytest.approx((6 / 21) ** 2, abs=0.015)
    assert np.abs(often - often[::-1]).max() < 0.02
    assert np.abs(often - often.T).max() < 0.02


def test_the_scale_of_resize_mix_is_uniform_and_all_places_are_equally_likely() -> None:
    """Catches a uniform area, and a place that leaves out the last row or column."""
    config = AugmentConfig(mode="resizeMix", lam="sample")
    scale = np.sqrt(1 - share_of_scale(config, 20_000, np.random.default_rng(0)))
    assert np.quantile(scale, [0, 0.25, 0.5, 0.75, 1]) == pytest.approx([0.1, 0.275, 0.45, 0.625, 0.8], abs=0.01)
    places = pasted("resizeMix", 8, np.full(9000, 1 - 0.75**2))[0]
    corners = Counter(zip(places.any(axis=2).argmax(axis=1), places.any(axis=1).argmax(axis=1), strict=True))
    assert set(corners) == {(top, left) for top in range(3) for left in range(3)}
    assert min(corners.values()) > 850


@pytest.mark.parametrize("side", [1, 5, 22, 23, 100, 112, 179])
def test_the_small_image_is_the_whole_of_the_second(side: int) -> None:
    """Catches a cut-out in its place, and pixels that are skipped: a small image would be full of false edges."""
    image = cv2.GaussianBlur(noisy_images(1, 224)[0], (0, 0), 4)
    small = shrunk(image, side)
    assert small.shape == (side, side, 3)
    exact = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - exact).mean() < 1.5


@pytest.mark.parametrize("mode", ["cutMix", "resizeMix"])
@pytest.mark.parametrize("lam", ["batch", "sample"])
def test_every_pixel_is_of_the_image_whose_label_counts_it(mode: str, lam: str) -> None:
    """Catches images, labels or weights of different rows."""
    grey = (np.arange(24) * 10).astype(np.uint8)
    images = np.broadcast_to(grey[:, None, None, None], (24, 16, 16, 3)).copy()
    batch = augmenter(images, np.arange(24), mode=mode, lam=lam, operations=[]).batch(2, 1, np.arange(8))
    for image, a, b, weight in zip(*batch, strict=True):
        assert set(np.unique(image)) == {a * 10, b * 10}
        assert np.float32((image[..., 0] == a * 10).mean()) == weight


# --- neighbours -----------------------------------------------------------------------------------------------------


def classes_of(sizes: list[int], pixels: int = 40) -> tuple[np.ndarray, np.ndarray]:
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(sizes)), sizes))
    return noisy_images(len(labels), pixels), labels


def test_neighbours_are_the_nearest_of_the_class() -> None:
    """Catches distances within the wrong class, an image as its own neighbour, and a block that is one row off."""
    images, labels = classes_of([300, 40, 3])
    nearest, counts = nearest_of_class(images, labels, 5)
    small = thumbnails(images, len(images)).astype(np.int64)
    for index, label in enumerate(labels):
        others = [other for other in np.flatnonzero(labels == label) if other != index]
        by_distance = sorted(others, key=lambda other: int(((small[index] - small[other]) ** 2).sum()))
        assert nearest[index, : counts[index]].tolist() == by_distance[:5]
    assert Counter(counts.tolist()) == {5: 340, 2: 3}


def test_neighbours_are_those_of_scikit_learn() -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    images, labels = classes_of([60])
    nearest, _ = nearest_of_class(images, labels, 5)
    small = thumbnails(images, len(images)).astype(np.float64)
    theirs = neighbors.NearestNeighbors(n_neighbors=6).fit(small).kneighbors(return_distance=False, X=small)
    np.testing.assert_array_equal(nearest, theirs[:, 1:])


def test_smote_stays_in_the_class_and_treats_both_images_alike() -> None:
    """Catches a partner that is cropped and turned on its own: the sum would show two objects."""
    images, labels = classes_of([9, 7], pixels=24)
    samples = np.arange(8)
    made = augmenter(images, labels, mode="smote", operations="userDef", neighbours=3).batch(1, 2, samples)
    np.testing.assert_array_equal(made.label_a, labels[samples])
    np.testing.assert_array_equal(made.label_b, made.label_a)
    draws = userdef.draw(OpsConfig(), 8, generator(SEED, Purpose.OPERATIONS, 1, 2))
    nearest, _ = nearest_of_class(images, labels, 3)

    def operated(chosen: np.ndarray) -> np.ndarray:
        out = np.empty_like(chosen)
        userdef.apply(chosen, draws, out)
        return out.astype(np.float64)

    first, fitting = operated(images[samples]), np.zeros(8, np.int64)
    for place in range(3):
        second = operated(images[nearest[samples, place]])
        lam = made.lam[:, None, None, None]
        fitting += np.abs(lam * first + (1 - lam) * second - made.images).max(axis=(1, 2, 3)) < 0.51
    np.testing.assert_array_equal(fitting, 1)
    assert len(set(made.lam)) == 8


def test_the_only_image_of_a_class_stays_as_it_is() -> None:
    """Catches a partner of another class, or none at all, which ends the run."""
    images, labels = classes_of([1, 5], pixels=8)
    (alone,) = np.flatnonzero(labels == 0)
    made = augmenter(images, labels, mode="smote", operations=[]).batch(0, 0, np.arange(6))
    np.testing.assert_array_equal(made.images[alone], images[alone])
    assert all((made.images[other] != images[other]).any() for other in range(6) if other != alone)


# --- balance --------------------------------------------------------------------------------------------------------


def test_balance_draws_small_classes_as_often_as_large_ones() -> None:
    """Catches weights that balance on average only, and images of a small class that are left out."""
    _, labels = classes_of([90, 7, 3], pixels=8)
    order = balanced_order(labels, np.random.default_rng(0))
    assert len(order) == 100
    assert sorted(Counter(labels[order].tolist()).values()) == [33, 33, 34]
    for label in (1, 2):
        times = Counter(order[labels[order] == label].tolist())
        assert len(times) == (labels == label).sum()
        assert max(times.values()) - min(times.values()) <= 1
    large = order[labels[order] == 0]
    assert len(set(large)) == len(large)


def test_balance_takes_other_images_in_every_epoch_and_leaves_the_order_alone() -> None:
    """Catches a large class of which most images are never seen; and an epoch without `balance` that has changed."""
    _, labels = classes_of([90, 5], pixels=8)
    seen = [np.concatenate(batches_of_epoch(SEED, epoch, 95, 8, labels)) for epoch in range(12)]
    assert len(np.unique(np.concatenate(seen))) == 95
    plain = np.concatenate(batches_of_epoch(SEED, 4, 95, 8))
    np.testing.assert_array_equal(plain, generator(SEED, Purpose.ORDER, 4).permutation(95))


# --- one of several -------------------------------------------------------------------------------------------------


def test_switch_draws_one_mixer_a_batch_and_changes_nothing_else() -> None:
    """Catches two mixers in one batch, one that never comes, and draws that depend on the other."""
    images, labels = noisy_images(40, 16), np.arange(40)
    switching = augmenter(images, labels, mode="switch", switch=["mixup", "cutMix"])
    alone = {name: augmenter(images, labels, mode=name, alpha=1, operations="standard") for name in ("mixup", "cutMix")}
    drawn: Counter[str] = Counter()
    for index in range(60):
        batch = switching.batch(0, index, np.arange(8))
        same = [
            name
            for name, maker in alone.items()
            if all(map(np.array_equal, batch, maker.batch(0, index, np.arange(8))))
        ]
        drawn.update(same)
        assert len(same) == 1
    assert min(drawn.values()) > 18


def test_every_mixer_leaves_its_images_alone_and_works_on_the_smallest() -> None:
    """Catches work in place: the image would be mixed before it serves as a partner."""
    first, second = noisy_images(4, 8), noisy_images(8, 8)[4:]
    for mixer in MIXERS.values():
        lam = np.array([0.01, 0.4, 0.6, 0.99], np.float32)
        mixed, real = mixer.mix(first, second, lam, np.random.default_rng(0))
        np.testing.assert_array_equal(first, noisy_images(4, 8))
        assert mixed.shape == first.shape and mixed is not first
        assert ((real >= 0) & (real <= 1)).all() and real.dtype == np.float32
