"""Every mode gives equal bits in any number of threads, and on the smallest images."""

from __future__ import annotations

import numpy as np
import pytest

from augment.batch import Augmenter, Batch
from augment.settings import MODES, AugmentConfig
from suite.data.batches import batches_of_epoch, prefetch


def made(mode: str, size: int, threads: int) -> list[Batch]:
    """The batches of an epoch in which everything is on."""
    images = np.random.default_rng(0).integers(0, 256, (40, size, size, 3), np.uint8)
    augmenter = Augmenter(AugmentConfig(mode=mode), 0, 10, images, np.arange(40) % 3)
    batches = batches_of_epoch(0, 5, 40, 4)
    return list(prefetch(lambda index: augmenter.batch(5, index, batches[index]), len(batches), threads))


@pytest.mark.parametrize("size", [8, 33])
@pytest.mark.parametrize("mode", MODES)
def test_threads_give_the_bits_of_one(mode: str, size: int) -> None:
    """Catches a scratch buffer or a generator that two threads share, and a box of no pixels."""
    alone, together = made(mode, size, threads=1), made(mode, size, threads=4)
    for one, other in zip(alone, together, strict=True):
        assert all(map(np.array_equal, one, other))
        assert one.images.shape == (4, size, size, 3)
