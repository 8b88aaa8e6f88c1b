"""Rows of the table that need no Paddle: the operations, mixing, and the way of the batches."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.batch import Augmenter, Batch
from augment.mixers.mixer import weighted_sum
from augment.mixers.partners import partners_in_batch
from augment.operations import userdef
from augment.process import prepare_process
from augment.settings import AugmentConfig, OpsConfig
from benchmarks.measure import NotMeasured, Work, times_faster
from benchmarks.photos import CLASSES, photos, write_set
from suite.config.schema import DataConfig
from suite.data.batches import batches_of_epoch, prefetch
from suite.data.loading import load_data
from suite.image_source import ImageSource
from suite.randomness import Purpose, generator
from suite.training.clock import Clock
from tests.fixtures.pillow_reference import apply_with_pillow, fresh_noise

Pipeline = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""An image [S, S, 3] to another one, as a peer makes it."""

SIZE, BATCH, EPOCHS = 224, 8, 500


# --- the eight operations -------------------------------------------------------------------------------------------


def against_article(quick: bool) -> list[float]:
    """All eight operations, times faster than the article's Pillow code."""
    images = photos(16 if quick else 128, SIZE, SIZE)
    return times_faster(article(images), ours(images), quick)


def against_peer(peer: str, make: Callable[[], Pipeline], mode: str, quick: bool) -> list[float]:
    """A mode, times faster than the pipeline that `make` builds of this peer.

    Raises:
        NotMeasured: when it cannot be imported.
    """
    try:
        pipeline = make()
    except ImportError as error:
        raise NotMeasured(f"{peer} cannot be imported ({error})") from None
    images = photos(16 if quick else 128, SIZE, SIZE)

    def call() -> None:
        for start in range(0, len(images), BATCH):
            np.stack([pipeline(image) for image in images[start : start + BATCH]])

    return times_faster(Work(call, len(images)), ours(images, mode), quick)


def ours(images: NDArray[np.uint8], mode: str = "userDef") -> Work:
    """Every image once, from decoded images to uint8 batches, draws included."""
    make, batches = augmenter(mode, images), np.arange(images.shape[0]).reshape(-1, BATCH)
    return Work(lambda: [make.batch(0, index, samples) for index, samples in enumerate(batches)], len(images))


def augmenter(mode: str, images: ImageSource) -> Augmenter:
    """The suite's own, with the article's settings of this mode."""
    prepare_process()
    return Augmenter(AugmentConfig(mode=mode), 0, EPOCHS, images, np.arange(images.shape[0]) % CLASSES)


def article(images: NDArray[np.uint8]) -> Work:
    """The same operations with the same draws in Pillow; the noise is drawn anew, as the article draws it."""
    batches = images.reshape(-1, BATCH, *images.shape[1:])
    draws = [
        userdef.draw(OpsConfig(), BATCH, generator(0, Purpose.OPERATIONS, 0, index)) for index in range(len(batches))
    ]

    def call() -> None:
        for batch, drawn in zip(batches, draws, strict=True):
            np.stack([apply_with_pillow(image, drawn, row, fresh_noise) for row, image in enumerate(batch)])

    return Work(call, images.shape[0])


def closeness(photometric: bool, quick: bool) -> list[float]:
    """Mean absolute difference to Pillow in grey levels, same draws, on the built-in images."""
    neutral = {"crop": (1.0, 1.0), "flip_horizontal": 0.0, "flip_vertical": 0.0, "rotate": (0, 0), "noise": 0.0}
    ops = OpsConfig.model_validate(neutral) if photometric else OpsConfig()
    images = load_data(DataConfig(images_per_class=1 if quick else 16, cache="none")).train.images[:]
    draws = userdef.draw(ops, len(images), np.random.default_rng(0))
    made = np.empty_like(images)
    userdef.apply(images, draws, made)
    pillow = (apply_with_pillow(image, draws, row) for row, image in enumerate(images))
    return [float(np.mean([cv2.absdiff(*pair).mean() for pair in zip(made, pillow, strict=True)]))]


# --- mixing ---------------------------------------------------------------------------------------------------------


def mixing_against_article(quick: bool) -> list[float]:
    """A batch mixed with its partners, times faster than the article's loop."""
    return times_faster(*mixing_works(), quick)


def mixing_works() -> tuple[Work, Work]:
    """The article's loop, over float32 images and in place; and ours: partners collected, and mixed."""
    images, lam = photos(BATCH, SIZE, SIZE), 0.3
    prepare_process()
    rng = np.random.default_rng(0)
    partners = partners_in_batch(BATCH, rng)
    floats = np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / 255 * 2 - 1
    weights = np.full(BATCH, lam, np.float32)

    def loop() -> None:
        for row, partner in enumerate(partners):
            floats[row] = lam * floats[row] + (1 - lam) * floats[partner]

    def ours() -> None:
        weighted_sum(images, [images[partner] for partner in partners], weights, rng)

    return Work(loop, BATCH), Work(ours, BATCH)


# --- the way of the batches -----------------------------------------------------------------------------------------


def epoch_from_cache(quick: bool) -> list[float]:
    """An epoch of mode none from the decode cache, times faster than decoding every file again."""
    with tempfile.TemporaryDirectory() as folder:
        return times_faster(*cache_works(Path(folder), 64 if quick else 512), quick)


def cache_works(folder: Path, count: int) -> tuple[Work, Work]:
    """The article's way to RGB images of one size, its conversion to floats left out; and ours, in one thread."""
    root = write_set(folder / "set", count, CLASSES)
    train = load_data(DataConfig(root=str(root), cache=str(folder / "cache"), image_size=SIZE)).train
    files = [str(root / path) for path in train.paths]

    def decode() -> None:
        for file in files:
            cv2.resize(cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB), (SIZE, SIZE))  # type: ignore[arg-type]

    return Work(decode, count), epochs("none", train.images, threads=1)


def two_threads(quick: bool) -> list[float]:
    """All eight operations in two loader threads, times faster than in one."""
    images = photos(64 if quick else 512, SIZE, SIZE)
    return times_faster(epochs("userDef", images, threads=1), epochs("userDef", images, threads=2), quick)


def waiting_for_a_fast_device(quick: bool) -> list[float]:
    """Per cent of an epoch of mixup that a loop waits for input when a step only sleeps 4 ms; two loader threads."""
    images = np.concatenate([photos(64, SIZE, SIZE)] * (2 if quick else 25))  # 200 steps, as many as the article's
    for _ in epoch("mixup", images[:BATCH], threads=2):
        pass  # the bank of noise is made once, with the first batch
    clock = Clock()
    for _ in clock.waits("input", epoch("mixup", images, threads=2)):
        with clock.measure("step"):
            time.sleep(0.004)
    return [100 * clock.shares()["input"]]


def epochs(mode: str, images: ImageSource, threads: int) -> Work:
    """All batches of an epoch made, and thrown away."""

    def call() -> None:
        for _ in epoch(mode, images, threads):
            pass

    return Work(call, images.shape[0])


def epoch(mode: str, images: ImageSource, threads: int) -> Iterator[Batch]:
    """The batches of an epoch, as the training loop is given them."""
    batches = batches_of_epoch(0, 0, images.shape[0], BATCH)
    make = augmenter(mode, images)
    return prefetch(lambda index: make.batch(0, index, batches[index]), len(batches), threads)
