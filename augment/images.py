"""Where the training images come from."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class ImageSource(Protocol):
    """Training images, uint8 [N, S, S, 3]: an array, or an object that decodes an image when it is taken."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, which: Any, /) -> np.ndarray:
        """One image [S, S, 3] for an index, several [B, S, S, 3] for an array of indices."""
