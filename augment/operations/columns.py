"""From uniform numbers in [0, 1) to columns of draws."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Uniform: TypeAlias = NDArray[np.float64]
Bound: TypeAlias = "float | NDArray[np.float64]"


def between(bounds: tuple[Bound, Bound], uniform: Uniform) -> NDArray[np.float64]:
    """Numbers in [from, to); with bounds for each column [C], of numbers [N, C]."""
    low, high = bounds
    return low + (high - low) * uniform


def whole_between(bounds: tuple[int, int], uniform: Uniform) -> NDArray[np.intp]:
    """Whole numbers, both bounds included."""
    low, high = bounds
    return low + ((high - low + 1) * uniform).astype(np.intp)


def box_sides(area: NDArray[np.float64], ratio: float, uniform: Uniform) -> NDArray[np.float64]:
    """Width and height of boxes within a square, as shares of its side, [N, 2].

    Each box has exactly its share `area` of the square. Width to height is log-uniform between 1 / `ratio` and `ratio`,
    as far as the box fits.
    """
    longest = np.minimum(ratio, 1 / area)
    width_to_height = longest ** (2 * uniform - 1)
    return np.sqrt(np.column_stack([area * width_to_height, area / width_to_height]))


def place_box(sides: NDArray[np.float64], place: NDArray[np.float64], size: int) -> tuple[slice, slice]:
    """Rows and columns of a box in an image of `size` pixels a side; at least one pixel.

    `sides` are width and height as shares, `place` two numbers in [0, 1): 0 is the leftmost or topmost place.
    """
    columns, rows = (
        slice(start := int(at * (size - length + 1)), start + length)
        for length, at in zip(np.clip(np.rint(sides * size).astype(int), 1, size), place, strict=True)
    )
    return rows, columns
