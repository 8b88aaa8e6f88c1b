"""Pillow's four enhancements, with Pillow's definitions and Pillow's rounding.

Pillow defines all four as `(1 - factor) * plain + factor * image`, with another plain image each, and truncates the
result. The first three are linear in red, green and blue: one 3x4 colour matrix each, in a third of the time that a
look-up table takes.
"""

from __future__ import annotations

import cv2
import numpy as np

from augment.operations.operation_set import Image

UNCHANGED = np.eye(3, 4)
OFFSET = np.array([[0.0, 0.0, 0.0, 1.0]] * 3)
LUMINANCE = np.array([0.299, 0.587, 0.114, 0.0])
"""Weights of red, green and blue in a grey (ITU-R 601, as in Pillow); the fourth belongs to the matrix's offset."""

COEFFICIENT_UNIT = 1 / 1024
"""`cv2.transform` rounds coefficients to whole multiples of this."""
TRUNCATION = -0.5 + 2 * COEFFICIENT_UNIT
"""Added where OpenCV will round, this truncates; a little above -0.5, for a whole number must stay what it is."""


def brightness(source: Image, target: Image, factor: float) -> None:
    """Blend with black."""
    cv2.transform(source, factor * UNCHANGED + TRUNCATION * OFFSET, dst=target)


def contrast(source: Image, target: Image, factor: float) -> None:
    """Blend with the mean grey of the image, a whole number."""
    mean = int(LUMINANCE @ cv2.mean(source) + 0.5)
    cv2.transform(source, factor * UNCHANGED + ((1 - factor) * mean + TRUNCATION) * OFFSET, dst=target)


def color(source: Image, target: Image, factor: float) -> None:
    """Blend with the image in greys."""
    # Rounded here and not by OpenCV, so that the coefficients of a row sum to exactly 1 and greys stay as they are.
    grey = np.rint((1 - factor) * LUMINANCE / COEFFICIENT_UNIT) * COEFFICIENT_UNIT
    cv2.transform(source, grey + (1 - grey.sum()) * UNCHANGED + TRUNCATION * OFFSET, dst=target)


def sharpness(source: Image, target: Image, factor: float) -> None:
    """Blend with Pillow's SMOOTH: of 13 parts, 5 are the pixel and 1 each of its neighbours.

    The outermost pixels are smoothed with the edge repeated; Pillow leaves them as they are.
    """
    smooth = 1 - factor
    # 5 + 8 neighbours = 4 + a box of 9, and OpenCV's box filter takes a quarter of the time of a free 3x3 kernel.
    cv2.blur(source, (3, 3), dst=target, borderType=cv2.BORDER_REPLICATE)
    cv2.addWeighted(source, 1 - smooth * 9 / 13, target, smooth * 9 / 13, TRUNCATION, dst=target)
