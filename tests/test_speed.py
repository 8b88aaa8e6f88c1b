"""Optimisations that are easily lost, guarded by about half of what docs/performance.md measures.

Only ratios of things that run alternately in one process count, and the best of several rounds: on a machine that does
other work too, a single round may be off by a factor, and time can only be lost.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks import augmentation
from benchmarks.measure import Work, ratios
from benchmarks.photos import photos
from suite.data.batches import prefetch

ROUNDS = 5
IMAGES = 16


def test_operations_are_faster_than_pillow() -> None:
    """Lost by an operation that makes arrays of its own, works in floats, or draws its noise anew."""
    images = photos(IMAGES, 224, 224)
    assert max(ratios(augmentation.article(images), augmentation.ours(images), ROUNDS)) > 5.5


def test_mixing_is_faster_than_the_loop_over_floats() -> None:
    """Lost by mixing in numpy: its temporary arrays make it slower than the article's loop."""
    loop, ours = augmentation.mixing_works()
    assert max(ratios(loop, ours, ROUNDS)) > 1.3


def test_images_are_decoded_once(tmp_path: Path) -> None:
    """Lost by an epoch that reads files again: a ratio of one. On the busiest machine seen it was nine."""
    decoding, ours = augmentation.cache_works(tmp_path, 4 * IMAGES)
    assert max(ratios(decoding, ours, ROUNDS)) > 5


def test_an_epoch_begins_with_its_first_batch() -> None:
    """Lost by a loader that starts processes, or that looks for a finished batch only now and then."""
    make = augmentation.augmenter("userDef", photos(IMAGES, 224, 224)).batch
    samples = np.arange(8)
    alone = Work(lambda: make(0, 0, samples), 1)
    first_of_epoch = Work(lambda: next(iter(prefetch(lambda index: make(0, index, samples), 1, threads=1))), 1)
    assert min(ratios(first_of_epoch, alone, ROUNDS)) < 3
