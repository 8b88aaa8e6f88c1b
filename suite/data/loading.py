"""Both lists of a run as arrays: read, checked and decoded once, before the first epoch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import PIL
from tqdm import tqdm

from suite.config.schema import DataConfig
from suite.data.batches import prefetch
from suite.data.cache import cache_folder, cached_images
from suite.data.images import ImageError, Images, file_digest, read_image
from suite.data.lists import Lists, Sample, check_lists
from suite.errors import UserError, shortened
from suite.files import fingerprint

DECODER = "1"
"""Raise it with every change to `decode_image`, so that cached images are decoded again."""


class ImageSet(NamedTuple):
    """Decoded images with their labels and where they came from."""

    images: Images  # [N, S, S, 3]
    labels: np.ndarray  # int64 [N]
    paths: list[str]


class Data(NamedTuple):
    """What a run trains and evaluates on."""

    train: ImageSet
    eval: ImageSet
    class_names: list[str]
    listing: str  # a line `side path label digest` for every image that is used
    pool: str  # sixteen digits, the same for all folds and all `images_per_class` of one set of labelled images
    split: str  # sixteen digits, the same for all `images_per_class` of one pair of lists, but not for other folds

    @property
    def fingerprint(self) -> str:
        """Sixteen digits that change with the lists, the labels and the bytes of the images."""
        return fingerprint(self.listing.encode())


def load_data(config: DataConfig) -> Data:
    """Read, check and decode the training and the evaluation list.

    Raises:
        UserError: with a line for every problem in the lists, or every image that cannot be read.
    """
    lists = check_lists(config)
    cache = cache_folder(config.cache)
    decoded: list[tuple[ImageSet, list[str]]] = []
    problems: list[str] = []
    for file, samples in ((lists.train_file, lists.train), (lists.eval_file, lists.eval)):
        try:
            decoded.append(decode(file, samples, config.image_size, cache))
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(list(dict.fromkeys(problems)))  # the line that says what to do comes once
    (train_set, train_digests), (eval_set, eval_digests) = decoded
    _refuse_copies(lists, train_digests, eval_digests)
    listing = "".join(
        f"{side} {sample.path} {sample.label} {digest}\n"
        for side, samples, digests in (("train", lists.train, train_digests), ("eval", lists.eval, eval_digests))
        for sample, digest in zip(samples, digests, strict=True)
    )
    return Data(train_set, eval_set, lists.class_names, listing, lists.pool, lists.split)


def _refuse_copies(lists: Lists, train_digests: Sequence[str], eval_digests: Sequence[str]) -> None:
    """No evaluation image may be a byte-identical copy of a training image: accuracy on it would mean nothing."""
    trained = dict(zip(train_digests, lists.train, strict=True))
    problems = [
        f"{lists.eval_file}:{sample.line}: {sample.path} is a copy of {trained[digest].path} "
        f"({lists.train_file.name}, line {trained[digest].line}); prepare_data.py keeps copies on one side"
        for sample, digest in zip(lists.eval, eval_digests, strict=True)
        if digest in trained
    ]
    if problems:
        raise UserError(shortened(problems))


def decode(
    list_file: Path, samples: Sequence[Sample], size: int, cache: Path | None = None
) -> tuple[ImageSet, list[str]]:
    """Every image as uint8 RGB of `size` pixels a side, and the digest of every file; through a cache folder, if any.

    Raises:
        UserError: with a line for every image that cannot be read, or else for every copy with another label.
    """
    files = [list_file.parent / sample.path for sample in samples]
    digests = list(prefetch(lambda index: _digest(files[index]), len(files), _cores()))
    key = hashlib.sha256("\n".join([*digests, str(size), PIL.__version__, DECODER]).encode()).hexdigest()[:32]
    images = cached_images(cache, key, (len(files), size, size, 3), partial(_fill, list_file, samples))
    _refuse_two_labels(list_file, samples, digests)
    labels = np.array([sample.label for sample in samples], np.int64)
    return ImageSet(images, labels, [sample.path for sample in samples]), digests


def _cores() -> int:
    return os.cpu_count() or 1


def _digest(file: Path) -> str:
    """The digest of a file; empty when it cannot be read, which `_fill` reports together with all other mistakes."""
    try:
        return file_digest(file)
    except ImageError:
        return ""


def _fill(list_file: Path, samples: Sequence[Sample], images: Images) -> None:
    """Decode every sample into its row of `images` [N, S, S, 3].

    Raises:
        UserError: with a line for every image that cannot be read.
    """

    def decode_row(row: int) -> str | None:
        """What is wrong, if anything."""
        sample = samples[row]
        try:
            images[row] = read_image(list_file.parent / sample.path, images.shape[1])
        except ImageError as reason:
            return f"{list_file}:{sample.line}: {sample.path}: {reason}"
        return None

    rows = prefetch(decode_row, len(samples), _cores())
    problems = [problem for problem in tqdm(rows, "decoding", len(samples), leave=False, disable=None) if problem]
    if problems:
        raise UserError([*shortened(problems), "replace these files, or take their lines out of the list"])


def _refuse_two_labels(file: Path, samples: Sequence[Sample], digests: Sequence[str]) -> None:
    """No two copies of one image may have different labels."""
    first: dict[str, Sample] = {}
    problems = [
        f"{file}:{sample.line}: {sample.path} has label {sample.label}, and its copy {other.path} (line {other.line}) "
        f"has label {other.label}; keep one of them"
        for sample, digest in zip(samples, digests, strict=True)
        if (other := first.setdefault(digest, sample)).label != sample.label
    ]
    if problems:
        raise UserError(shortened(problems))
