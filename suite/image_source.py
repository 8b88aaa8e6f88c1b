"""How images are read by those who do not care where they are."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class ImageSource(Protocol):
    """uint8 [N, S, S, 3], RGB: an array, or what decodes or checks an image when it is read.

    `np.asarray` makes an array of all of them, which may need much memory.
    """

    def __getitem__(self, which: Any, /) -> np.ndarray:
        """One image for an index, several for a slice or an array of indices."""

    def __len__(self) -> int:
        """How many there are."""
