"""Decoded images, in memory or in the cache, as training and evaluation read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from suite.data.cache import Kept, pixel_digest
from suite.data.images import Images


class DecodedImages:
    """uint8 [N, S, S, 3] by index, slice or array of indices; `images[:]` and `np.asarray` copy all of them.

    What the cache has kept is compared with its digest when it is read first. So damage is noticed, and a start does
    not read gigabytes.
    """

    def __init__(self, images: Sequence[Images | Kept], decode_again: Callable[[int, Kept], Images]) -> None:
        """`decode_again` makes the pixels of an image whose kept ones are damaged."""
        self._pixels = [image.pixels if isinstance(image, Kept) else image for image in images]
        self._unread = {number: image for number, image in enumerate(images) if isinstance(image, Kept)}
        self._decode_again = decode_again

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, S, S, 3)."""
        return (len(self._pixels), *self._pixels[0].shape)

    def __getitem__(self, which: Any, /) -> np.ndarray:
        """One image [S, S, 3] for an index, several [B, S, S, 3] for a slice or an array of indices.

        Raises:
            RunFailed: when kept pixels are damaged, and the image file has changed or gone since the start.
        """
        if isinstance(which, slice):
            which = range(self.shape[0])[which]
        elif np.ndim(which) == 0:
            return self._one(int(which))
        return np.stack([self._one(int(index)) for index in which])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        """All images as one array in memory."""
        return np.asarray(self[:], dtype)

    def _one(self, index: int) -> Images:
        kept = self._unread.get(index)
        if kept is not None:
            if pixel_digest(kept.pixels) != kept.digest:
                self._pixels[index] = self._decode_again(index, kept)
            self._unread.pop(index, None)  # another thread may have been faster
        return self._pixels[index]
