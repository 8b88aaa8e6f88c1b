"""How images are read, wherever they are."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class ImageSource(Protocol):
    """Images, uint8 [N, S, S, 3]: an array, or an object that decodes or checks an image when it is taken.

    `images[:]` is an array of all of them, which may need much memory.
    """

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, which: Any, /) -> np.ndarray:
        """One image [S, S, 3] for an index, several [B, S, S, 3] for a slice or an array of indices."""
