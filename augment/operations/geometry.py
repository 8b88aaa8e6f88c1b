"""Flips and turns that several sets of operations share."""

from __future__ import annotations

import cv2
import numpy as np

from augment.operations.operation_set import Image

FLIP_CODES = {(True, False): 1, (False, True): 0, (True, True): -1}


def flip(source: Image, target: Image, left_right: bool, top_bottom: bool) -> None:
    """Exchange left and right, or top and bottom, or both."""
    if left_right or top_bottom:
        cv2.flip(source, FLIP_CODES[left_right, top_bottom], dst=target)
    else:
        np.copyto(target, source)


def turn(source: Image, target: Image, degrees: float) -> None:
    """Turn about the centre, counter-clockwise, nearest pixel; what comes from outside the image is black."""
    size = len(source)
    centre = (size - 1) / 2
    matrix = cv2.getRotationMatrix2D((centre, centre), degrees, 1.0)
    cv2.warpAffine(source, matrix, (size, size), dst=target, flags=cv2.INTER_NEAREST)
