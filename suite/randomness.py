"""Random numbers from coordinates instead of state.

Every random decision has an address, (seed, purpose, epoch, index), and its own generator. So nothing depends on which
thread prepared a batch or on what was drawn before; a resumed run needs no saved generator; and two modes with one seed
share the order, the initial weights and the basic augmentation, because they ask at the same addresses.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a random number is for. The values are part of every result: never renumber them."""

    SUBSET = 0  # which images `data.images_per_class` takes
    ORDER = 1  # the order of the training images in an epoch
    OPERATIONS = 2  # the operations on a batch, a stream for each set of them
    PARTNER = 3  # who is mixed with whom
    PARTNER_OPERATIONS = 4  # the operations on partners that come from the whole training set
    LAMBDA = 5  # how strongly two images are mixed
    WEIGHTS = 6  # initial weights
    DROPOUT = 7  # what Paddle draws while it trains
    SPLIT = 8  # which images `prepare_data.py` puts on which side
    PREVIEW = 9  # the draws that `preview_augment.py` shows
    MIXING = 10  # what a mixer draws besides lambda, such as the place of a box
    SWITCH = 11  # which of several mixers a batch gets


def generator(seed: int, purpose: Purpose, epoch: int = 0, index: int = 0, stream: int = 0) -> np.random.Generator:
    """An independent generator for this address; `stream` tells several apart that serve one purpose."""
    address = [seed, purpose, epoch, index, *([stream] if stream else [])]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(address)))
