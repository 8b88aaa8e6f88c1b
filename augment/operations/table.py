"""The sets of operations by their names in `augment.operations`, and several of them in a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.operations.erasing import ERASING
from augment.operations.library import LIBRARY
from augment.operations.operation_set import Image, OperationSet
from augment.operations.rand_augment import RAND_AUGMENT
from augment.operations.standard import STANDARD
from augment.operations.trivial_augment import TRIVIAL_AUGMENT
from augment.operations.userdef import USERDEF
from augment.settings import AugmentConfig

OPERATION_SETS: dict[str, OperationSet[Any]] = {
    "userDef": USERDEF,
    "imgaugLib": LIBRARY,
    "standard": STANDARD,
    "trivialAugment": TRIVIAL_AUGMENT,
    "randAugment": RAND_AUGMENT,
    "erasing": ERASING,
}


def operate(
    augment: AugmentConfig, images: Sequence[Image], rng: Callable[[int], np.random.Generator]
) -> NDArray[np.uint8]:
    """The images after every set of `augment.operations`, uint8 [N, S, S, 3], in an array of their own.

    A set draws the same, whatever other sets stand around it: `rng` gives the generator of its stream.
    """
    out = None
    for name in augment.operations:
        operations = OPERATION_SETS[name]
        out = np.empty((len(images), *images[0].shape), np.uint8)
        operations.apply(images, operations.draw(augment, len(images), rng(operations.stream)), out)
        images = list(out)
    return np.stack(images) if out is None else out
