"""What reading every image once shows: damage, copies in two classes, pictures of nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from suite.data.batches import prefetch
from suite.data.images import ImageError, file_digest, quiet_pillow, read_image
from suite.errors import UserError, shortened
from suite.preparation.folders import ImageFile

SIZE = 32
"""Pixels a side at which an image is looked at: a hair line still shows."""


class Checked(NamedTuple):
    """What reading every image has shown."""

    digests: dict[ImageFile, str]  # of the images that can be decoded
    unreadable: list[str]  # a line for every other
    one_colour: list[str]  # a line for every image that comes out as one colour


def check_images(folder: Path, images: Sequence[ImageFile]) -> Checked:
    """Decode every image once."""

    def check(index: int) -> tuple[str, str, bool]:
        """The digest, or what is wrong, and whether there is only one colour."""
        file = folder / images[index].path
        try:
            pixels = read_image(file, SIZE)
            return file_digest(file), "", bool((pixels == pixels[0, 0]).all())
        except ImageError as reason:
            return "", f"{file}: {reason}", False

    with quiet_pillow():
        checked = prefetch(check, len(images), threads=os.cpu_count() or 1)
        results = list(tqdm(checked, "checking", len(images), unit=" images", leave=False, disable=None))
    found = list(zip(images, results, strict=True))
    return Checked(
        {image: digest for image, (digest, problem, _) in found if not problem},
        [problem for _, (_, problem, _) in found if problem],
        [f"{folder / image.path}: comes out as one colour" for image, (_, _, plain) in found if plain],
    )


def refuse_bad_images(folder: Path, checked: Checked, skip_bad: bool) -> None:
    """Check that all images can be read, or may be left out, and that none is in two classes: all in one round.

    Raises:
        UserError: with a line for every image that is not in order.
    """
    unreadable = [] if skip_bad else checked.unreadable
    two_labels = in_two_classes(folder, checked.digests)
    if unreadable or two_labels:
        hint = "nothing was written; repair these files, or leave them out with --skip-bad"
        raise UserError([*unreadable, *([hint] if unreadable else []), *shortened(two_labels)])


def in_two_classes(folder: Path, digests: Mapping[ImageFile, str]) -> list[str]:
    """A line for every copy of a picture in the folder of another class."""
    first: dict[str, ImageFile] = {}
    return [
        f"{folder / other.path} and {folder / image.path} are the same picture in two classes; keep one"
        for image, digest in digests.items()
        if image.class_name != (other := first.setdefault(digest, image)).class_name
    ]
