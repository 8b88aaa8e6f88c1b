"""The images of lists as pixels: each different file is decoded once, or found in the cache."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from suite.config.schema import DataConfig
from suite.data.batches import prefetch
from suite.data.cache import Cache, Kept
from suite.data.decoded import DecodedImages
from suite.data.images import WHITE, ImageError, Images, file_digest, quiet_pillow, read_image
from suite.data.lists import Sample, image_folder
from suite.errors import RunFailed, UserError, shortened
from suite.image_source import ImageSource

MUCH = 1_000_000_000
"""Bytes of other sets in the cache that are worth a word."""

CLEAR = "python train.py --clear-cache"
"""The command that empties the cache."""


class ImageSet(NamedTuple):
    """Decoded images with their labels and where they came from."""

    images: ImageSource  # uint8 [N, S, S, 3], RGB
    labels: np.ndarray  # int64 [N]
    paths: list[str]
    groups: NDArray[np.int64] | None = None
    """[N], which images belong together, of a set that is judged; None where no `groups.txt` says so."""


class _Wanted(NamedTuple):
    """What the pixels should be."""

    size: int
    white: int

    def of(self, file: Path) -> Images:
        return read_image(file, self.size, self.white)


class _Listed(NamedTuple):
    """An image as a list names it."""

    list_file: Path
    sample: Sample
    file: Path


def decode(
    lists: Mapping[Path, Sequence[Sample]], config: DataConfig, cache: Cache | None = None
) -> list[tuple[ImageSet, list[str]]]:
    """For every list, its images as uint8 RGB of `config.image_size`, and the digest of every image file.

    Raises:
        UserError: with a line for every image that cannot be read, or else for every copy with another label; or when
            there is too little memory.
    """
    size, wanted = config.image_size, _Wanted(config.image_size, config.white or WHITE)
    folders = {list_file: image_folder(config, list_file) for list_file in lists}
    listed = [
        _Listed(list_file, sample, folders[list_file] / sample.path)
        for list_file, samples in lists.items()
        for sample in samples
    ]
    try:
        digests, problems = _digests(listed)
        with quiet_pillow():
            images = _decode_each_once(listed, digests, problems, wanted, cache)
    except MemoryError:
        raise UserError(
            f"{len(listed):,} images of {size} px take {len(listed) * size * size * 3 / 1e9:,.2f} GB of memory, more "
            "than there is; lower data.image_size, list fewer images, or name a folder on a disk as data.cache"
        ) from None
    results, start = [], 0
    for list_file, samples in lists.items():
        end = start + len(samples)
        own, files = digests[start:end], [each.file for each in listed[start:end]]
        start = end
        _refuse_two_labels(list_file, samples, own)
        again = partial(_decode_again, files, own, wanted)
        labels = np.array([sample.label for sample in samples], np.int64)
        decoded = DecodedImages([images[digest] for digest in own], again)
        results.append((ImageSet(decoded, labels, [sample.path for sample in samples]), own))
    return results


def _digests(listed: Sequence[_Listed]) -> tuple[list[str], dict[int, str]]:
    """The SHA-256 of every file; "" for one that cannot be read, and why by its place."""
    problems: dict[int, str] = {}

    def digest(place: int) -> str:
        try:
            return file_digest(listed[place].file)
        except ImageError as reason:
            problems[place] = str(reason)
            return ""

    return list(prefetch(digest, len(listed), os.cpu_count() or 1)), problems


def _decode_each_once(
    listed: Sequence[_Listed], digests: Sequence[str], problems: dict[int, str], wanted: _Wanted, cache: Cache | None
) -> dict[str, Images | Kept]:
    """The images by their digests. `problems` has those of files without a digest, by their places in `listed`."""
    places: dict[str, list[int]] = {}
    for place, digest in enumerate(digests):
        if digest:
            places.setdefault(digest, []).append(place)
    images: dict[str, Images | Kept] = {**cache.read()} if cache else {}
    missing = [digest for digest in places if digest not in images]

    def one(number: int) -> Images | None:
        same = places[missing[number]]
        try:
            return wanted.of(listed[same[0]].file)
        except ImageError as reason:
            problems.update(dict.fromkeys(same, str(reason)))
            return None

    def decoded() -> Iterator[Images]:
        """Those of the missing images; in the end, all problems are raised together."""
        made = prefetch(one, len(missing), os.cpu_count() or 1)
        for pixels in tqdm(made, "decoding", len(missing), leave=False, disable=None):
            if pixels is not None:
                yield pixels
        if problems:
            lines = [
                f"{listed[place].list_file}:{listed[place].sample.line}: {listed[place].sample.path}: {problems[place]}"
                for place in sorted(problems)
            ]
            raise UserError([*shortened(lines), "replace these files, or take their lines out of the list"])

    if not missing and not problems:
        return images
    if cache and cache.add(missing, decoded()):
        _tell_of_other_sets(cache)
        images |= cache.read()
        if all(digest in images for digest in missing):
            return images
    pixels = np.empty((len(missing), wanted.size, wanted.size, 3), np.uint8)
    for number, image in enumerate(decoded()):
        pixels[number] = image
    return images | dict(zip(missing, pixels, strict=True))


def _decode_again(files: Sequence[Path], digests: Sequence[str], wanted: _Wanted, index: int, kept: Kept) -> Images:
    """The pixels of an image whose kept ones are damaged. The whole part is removed: the next run makes it anew.

    Raises:
        RunFailed: when the image file is no longer what it was at the start.
    """
    print(f"warning: {kept.part} is damaged; {files[index]} is decoded again", file=sys.stderr)
    with suppress(OSError):
        kept.part.unlink(missing_ok=True)
    with suppress(ImageError):
        if file_digest(files[index]) == digests[index]:
            return wanted.of(files[index])
    raise RunFailed(f"{files[index]} has changed since the start, and what {kept.part} kept of it is damaged")


def _tell_of_other_sets(cache: Cache) -> None:
    _, size = cache.others()
    if size > MUCH:
        print(f"note: {cache.folder} also keeps {size / 1e9:,.2f} GB of other sets or sizes; `{CLEAR}` removes all")


def _refuse_two_labels(file: Path, samples: Sequence[Sample], digests: Sequence[str]) -> None:
    first: dict[str, Sample] = {}
    problems = [
        f"{file}:{sample.line}: {sample.path} has label {sample.label}, and its copy {other.path} (line {other.line}) "
        f"has label {other.label}; keep one of them"
        for sample, digest in zip(samples, digests, strict=True)
        if (other := first.setdefault(digest, sample)).label != sample.label
    ]
    if problems:
        raise UserError(shortened(problems))
