"""The images of a class that lie nearest to each of its images."""

from __future__ import annotations

import cv2
import numpy as np

from suite.image_source import ImageSource

SIDE = 32
"""Pixels a side at which images are compared; smaller ones are compared as they are."""

AT_ONCE = 256
"""Images that are read, or compared with their class, in one go; bounds the memory."""


def nearest_of_class(images: ImageSource, labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """For each image the nearest others of its class: their indices, int64 [N, count], nearest first; and how many.

    Distances are Euclidean, between all values of the images at 32 pixels. Of two equal distances the lower index comes
    first. The only image of a class has itself. Rows of classes with fewer than `count` others are filled with zeros.
    """
    small = thumbnails(images, len(labels))
    nearest, counts = np.zeros((len(labels), count), np.int64), np.ones(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        if len(members) == 1:
            nearest[members, 0] = members
            continue
        taken = min(count, len(members) - 1)
        pixels = small[members].astype(np.float64)  # sums of products of whole numbers, exact in 64 bits
        lengths = (pixels**2).sum(axis=1)
        for start in range(0, len(members), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            distances = lengths[rows, None] + lengths - 2 * pixels[rows] @ pixels.T
            distances[np.arange(len(distances)), np.arange(len(distances)) + start] = np.inf  # an image to itself
            nearest[members[rows], :taken] = members[distances.argsort(axis=1, kind="stable")[:, :taken]]
        counts[members] = taken
    return nearest, counts


def thumbnails(images: ImageSource, count: int) -> np.ndarray:
    """The first `count` images, made small, uint8 [count, values]."""
    side = min(SIDE, images.shape[1])
    small = np.empty((count, side, side, 3), np.uint8)
    for start in range(0, count, AT_ONCE):
        chosen = np.arange(start, min(start + AT_ONCE, count))
        for image, out in zip(images[chosen], small[chosen[0] :], strict=False):
            cv2.resize(image, (side, side), dst=out, interpolation=cv2.INTER_AREA)
    return small.reshape(count, -1)
