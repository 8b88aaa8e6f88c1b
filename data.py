"""From list files to arrays: reading, checking, decoding once, and the way of batches to the training loop.

A list file has one `path label` a line. Everything that can be wrong with lists and images is found here, before
epoch 0, and named by file and line.
"""

from __future__ import annotations

import faulthandler
import hashlib
import io
import os
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import PIL
from PIL import ExifTags, Image, UnidentifiedImageError
from tqdm import tqdm

from cache import cache_folder, cached_images
from config import DataConfig, expanded
from errors import UserError, read_user_text, shortened
from randomness import Purpose, generator
from runs import fingerprint

DECODER = "1"
"""Raise it with every change to `decode_image`: images that were decoded before are then decoded again."""

LARGEST_LIST = 50_000_000
"""Bytes; a list of a million images has about as many."""

LARGEST_IMAGE = 100_000_000
"""Pixels; a picture that claims more is refused before it is decoded."""

LARGEST_FILE = 200_000_000
"""Bytes; a longer image file is refused before it is read."""

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
"""Kinds of images, whatever their names say. Pillow knows forty more: little used parsers, and EPS, which it hands to
Ghostscript to be run as a program."""

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit prints a warning first and refuses only at twice as much

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What to do to an image by its EXIF orientation. Pillow's own `exif_transpose` also writes the EXIF data anew, and
fails where a camera has written odd ones."""


@dataclass(frozen=True)
class Sample:
    """One line of a list file."""

    path: str  # as written, relative to the root
    label: int
    line: int


class ImageSet(NamedTuple):
    """Decoded images with their labels and where they came from."""

    images: np.ndarray  # uint8 [N, S, S, 3], RGB
    labels: np.ndarray  # int64 [N]
    paths: list[str]


class Lists(NamedTuple):
    """Both lists of a run, without a mistake that can be seen before an image is opened."""

    train_file: Path
    eval_file: Path
    train: list[Sample]  # of these, `images_per_class`
    eval: list[Sample]
    class_names: list[str]
    pool: str  # as in `Data`
    split: str


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
        raise UserError(list(dict.fromkeys(problems)))  # what to do is said once
    (train_set, train_digests), (eval_set, eval_digests) = decoded
    _check_copies(lists, train_digests, eval_digests)
    listing = "".join(
        f"{side} {sample.path} {sample.label} {digest}\n"
        for side, samples, digests in (("train", lists.train, train_digests), ("eval", lists.eval, eval_digests))
        for sample, digest in zip(samples, digests, strict=True)
    )
    return Data(train_set, eval_set, lists.class_names, listing, lists.pool, lists.split)


def check_lists(config: DataConfig) -> Lists:
    """Read both lists and check all that can be checked without opening an image.

    Raises:
        UserError: with a line for every problem.
    """
    root = find_root(config.root)
    train_file, eval_file = root / config.train_list, root / config.eval_list
    train, train_problems = read_list(train_file)
    evaluation, eval_problems = read_list(eval_file)
    if problems := train_problems + eval_problems + _in_both(train_file, train, eval_file, evaluation):
        raise UserError(shortened(problems))
    class_names = name_classes(root, [*train, *evaluation])
    _check_labels(train_file, train, class_names, must_cover=True)
    _check_labels(eval_file, evaluation, class_names, must_cover=False)
    train_lines, eval_lines = (
        [f"{sample.path} {sample.label}\n" for sample in samples] for samples in (train, evaluation)
    )
    return Lists(
        train_file,
        eval_file,
        balanced_subset(train, config, class_names),
        evaluation,
        class_names,
        pool=_unordered([*train_lines, *eval_lines]),
        split=_unordered([*(f"train {line}" for line in train_lines), *(f"eval {line}" for line in eval_lines)]),
    )


def _unordered(lines: Sequence[str]) -> str:
    """Sixteen digits that change with the lines, but not with their order."""
    return fingerprint("".join(sorted(lines)).encode())


def find_root(folder: str) -> Path:
    """The folder of a data set.

    Raises:
        UserError: when there is none.
    """
    root = expanded(folder)
    if not os.path.isdir(root):  # noqa: PTH112 (no error on impossible names)
        raise UserError(f"data.root: no such folder: {folder} (looked from {Path.cwd()})")
    return root


# --- lists ----------------------------------------------------------------------------------------------------------


def read_list(file: Path) -> tuple[list[Sample], list[str]]:
    """The samples of a list file and what is wrong with its lines.

    The label is split from the right, so paths may hold spaces. Empty lines do not count.

    Raises:
        UserError: when there is no such file, or it is not text.
    """
    folds = " --folds K" if "-fold" in file.name else ""
    hint = f"make the lists with: python prepare_data.py {file.parent}{folds}"
    text = read_user_text(file, "list", LARGEST_LIST, hint)
    problems: list[str] = []
    seen: dict[str, Sample] = {}  # by the path without `./` and `//`
    root = Path(os.path.realpath(file.parent))

    @cache  # following links takes longer than all else here, so ask once a folder
    def leads_out(place: Path) -> bool:
        return not Path(os.path.realpath(place)).is_relative_to(root)

    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        *before, label = line.strip().rsplit(maxsplit=1)
        path = "".join(before)
        image = root / path
        if not path or "\0" in path or not re.fullmatch("-?[0-9]{1,9}", label):
            wanted = "`path label` with a whole number as label"
            problems.append(f"{file}:{number}: should be {wanted}, got: {line.strip()!r}")
        elif int(label) < 0:
            problems.append(f"{file}:{number}: label {label} is negative; labels count from 0")
        elif str(image) in seen:
            first = seen[str(image)]
            labels = "" if first.label == int(label) else f" with label {first.label}, here with {label}"
            problems.append(f"{file}:{number}: {path} stands already in line {first.line}{labels}; keep one of them")
        elif leads_out(image if os.path.islink(image) else image.parent):  # noqa: PTH114 (no error on impossible names)
            problems.append(f"{file}:{number}: {path} leads out of {file.parent}; paths are relative to that folder")
        elif not os.path.isfile(image):  # noqa: PTH113 (as above)
            problems.append(f"{file}:{number}: no such image: {path} (in {file.parent})")
        else:
            seen[str(image)] = Sample(path, int(label), number)
    if not seen and not problems:
        problems.append(f"{file}: the list is empty")
    return list(seen.values()), problems


def name_classes(root: Path, samples: Sequence[Sample]) -> list[str]:
    """Names in label order: from `classes.txt`, otherwise from the folders, otherwise the labels themselves.

    Raises:
        UserError: when `classes.txt` names nothing, or without it when a label is too large to be right.
    """
    file = root / "classes.txt"
    if file.exists():
        hint = "write one name a line, or remove it"
        lines = read_user_text(file, "list of class names", LARGEST_LIST, hint).split("\n")
        if names := [line.strip() for line in lines if line.strip()]:
            return names
        raise UserError(f"{file}: is empty; {hint}")
    last = max(samples, key=lambda sample: sample.label)
    count = last.label + 1
    if count > len(samples):  # a slip of the pen must not fill the memory with class names
        raise UserError(
            f"{root}: {last.path} has label {last.label}, but there are only {len(samples)} images; "
            "labels count from 0 without gaps"
        )
    folders: list[set[str]] = [set() for _ in range(count)]
    for sample in samples:
        folders[sample.label].add(sample.path.rpartition("/")[0])
    names = [next(iter(folder)) if len(folder) == 1 else "" for folder in folders]
    one_to_one = all(names) and len(set(names)) == count
    return names if one_to_one else [str(label) for label in range(count)]


def labels_out_of_range(
    file: Path, samples: Sequence[Sample], count: int, known_by: str = "classes.txt names"
) -> list[str]:
    """A line for every label that is none of `count` classes; `known_by` begins to say why they are so many."""
    return [
        f"{file}:{sample.line}: label {sample.label} is out of range: {known_by} {count} classes, from 0 on"
        for sample in samples
        if sample.label >= count
    ]


def _check_labels(file: Path, samples: Sequence[Sample], class_names: Sequence[str], must_cover: bool) -> None:
    problems = labels_out_of_range(file, samples, len(class_names))
    if must_cover:
        present = {sample.label for sample in samples}
        problems += [
            f"{file}: class {label} ({class_names[label]}) has no image; labels count from 0 without gaps"
            for label in range(len(class_names))
            if label not in present
        ]
    if problems:
        raise UserError(shortened(problems))


def _in_both(train_file: Path, train: Sequence[Sample], eval_file: Path, evaluation: Sequence[Sample]) -> list[str]:
    trained = {sample.path: sample for sample in train}
    return [
        f"{eval_file}:{sample.line}: {sample.path} is also trained on ({train_file.name}, line "
        f"{trained[sample.path].line}); an image may be on one side only"
        for sample in evaluation
        if sample.path in trained
    ]


def _check_copies(lists: Lists, train_digests: Sequence[str], eval_digests: Sequence[str]) -> None:
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


def balanced_subset(samples: list[Sample], config: DataConfig, class_names: Sequence[str]) -> list[Sample]:
    """`data.images_per_class` images of every class, in list order; a smaller subset lies within a larger one.

    Raises:
        UserError: when a class has fewer.
    """
    if config.images_per_class is None:
        return samples
    chosen: set[int] = set()
    problems: list[str] = []
    for label, name in enumerate(class_names):
        members = [index for index, sample in enumerate(samples) if sample.label == label]
        if len(members) < config.images_per_class:
            problems.append(
                f"data.images_per_class is {config.images_per_class}, but class {name} has {len(members)} images"
            )
        rng = generator(config.subset_seed, Purpose.SUBSET, index=label)
        chosen.update(members[position] for position in rng.permutation(len(members))[: config.images_per_class])
    if problems:
        raise UserError(shortened(problems))
    return [samples[index] for index in sorted(chosen)]


# --- images ---------------------------------------------------------------------------------------------------------


def decode(
    list_file: Path, samples: Sequence[Sample], size: int, cache: Path | None = None
) -> tuple[ImageSet, list[str]]:
    """Every image as uint8 RGB of `size` pixels a side, and the digest of every file; through a cache folder, if any.

    Raises:
        UserError: with a line for every image that cannot be read, or else for every copy with another label.
    """
    files = [list_file.parent / sample.path for sample in samples]
    cores = os.cpu_count() or 1

    def digest(index: int) -> str:
        try:
            return file_digest(files[index])
        except ImageError:
            return ""  # `fill` will say so, together with all that is wrong with others

    def fill(images: np.ndarray) -> None:
        def one(index: int) -> str | None:
            try:
                images[index] = read_image(files[index], size)
            except ImageError as reason:
                return f"{list_file}:{samples[index].line}: {samples[index].path}: {reason}"
            return None

        decoding = tqdm(prefetch(one, len(files), cores), "decoding", len(files), leave=False, disable=None)
        problems = [problem for problem in decoding if problem]
        if problems:
            raise UserError([*shortened(problems), "replace these files, or take their lines out of the list"])

    digests = list(prefetch(digest, len(files), cores))
    key = hashlib.sha256("\n".join([*digests, str(size), PIL.__version__, DECODER]).encode()).hexdigest()[:32]
    images = cached_images(cache, key, (len(files), size, size, 3), fill)
    _refuse_two_labels(list_file, samples, digests)
    labels = np.array([sample.label for sample in samples], np.int64)
    return ImageSet(images, labels, [sample.path for sample in samples]), digests


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


class ImageError(Exception):
    """A file that cannot be used as an image; says why, without the file's name."""


def read_file(file: Path) -> bytes:
    """The bytes of an image file.

    Raises:
        ImageError: when they cannot be read, or are too many.
    """
    try:
        if not file.is_file():  # to open a pipe is to wait for its writer
            raise ImageError("cannot be decoded: not a regular file")
        if (length := file.stat().st_size) > LARGEST_FILE:
            raise ImageError(f"cannot be decoded: {length:,} bytes are more than {LARGEST_FILE:,}")
        return file.read_bytes()
    except OSError as error:
        raise ImageError(f"cannot be read: {error.strerror}") from None


def file_digest(file: Path) -> str:
    """SHA-256 of an image file's bytes; raises ImageError as `read_file` does."""
    return hashlib.sha256(read_file(file)).hexdigest()


def read_image(file: Path, size: int) -> np.ndarray:
    """An image file as uint8 RGB [size, size, 3].

    Raises:
        ImageError: when it is not a whole image.
    """
    content = read_file(file)
    try:
        return decode_image(content, size)
    except UnidentifiedImageError:
        raise ImageError("not an image of the formats BMP, GIF, JPEG, PNG, TIFF and WebP") from None
    except Exception as error:  # on damaged files Pillow raises whatever its parsers stumble over
        raise ImageError(f"cannot be decoded: {error}") from error


def decode_image(content: bytes, size: int) -> np.ndarray:
    """The bytes of an image as uint8 RGB [size, size, 3]: turned as its EXIF says, aspect ratio not kept.

    Transparency is dropped, of an animation the first picture is taken. Anything but a whole image raises.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        if opened.width * opened.height > LARGEST_IMAGE:
            raise ValueError(f"{opened.width} x {opened.height} pixels are more than {LARGEST_IMAGE:,}")
        opened.load()  # first: of a TIFF, this turns the image and removes the orientation
        orientation = opened.getexif().get(ExifTags.Base.Orientation)
        image = opened.transpose(TURNS[orientation]) if orientation in TURNS else opened
        if image.mode[0] in "IF":  # more than 8 bits a value, which Pillow would clip to 8 instead of scaling
            values = np.asarray(image)
            if image.mode == "F" or values.min() < 0 or values.max() > 65535:
                raise ValueError("its values have more than 16 bits; save it with 8 or 16")
            image = Image.fromarray((values / 257).astype(np.uint8))
        if image.mode == "P":  # by way of RGBA: Pillow warns about transparency it has to drop from a palette
            image = image.convert("RGBA")
        return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))


# --- batches --------------------------------------------------------------------------------------------------------


def batches_of_epoch(seed: int, epoch: int, count: int, batch_size: int) -> list[np.ndarray]:
    """The indices 0..count-1 in the order of this epoch, cut into batches; the last one may be short."""
    order = generator(seed, Purpose.ORDER, epoch).permutation(count)
    return [order[start : start + batch_size] for start in range(0, count, batch_size)]


Made = TypeVar("Made")


def prefetch(make: Callable[[int], Made], count: int, threads: int, patience: float | None = None) -> Iterator[Made]:
    """`make(0)`, ..., `make(count - 1)` in order, a few of them made ahead in `threads` threads.

    Threads are enough because OpenCV works outside the interpreter's lock. An exception of `make` appears here. When
    nothing comes for `patience` seconds, the stacks of all threads are printed and the process ends with exit code 1:
    a thread that hangs cannot be stopped in any other way.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="batches")
    waiting: deque[Future[Made]] = deque()
    try:
        for index in range(count):
            waiting.append(pool.submit(make, index))
            if len(waiting) > 2 * threads:
                yield _patiently(waiting.popleft(), patience)
        while waiting:
            yield _patiently(waiting.popleft(), patience)
    finally:
        pool.shutdown(cancel_futures=True)  # waits: a thread inside OpenCV at the interpreter's end would abort it


def _patiently(coming: Future[Made], patience: float | None) -> Made:
    done, _ = wait([coming], patience)
    if not done:
        faulthandler.dump_traceback(all_threads=True)
        print(
            f"stopped: no batch came for {patience:g} s (data.patience); above is what each thread did", file=sys.stderr
        )
        sys.stdout.flush()
        os._exit(1)
    return coming.result()
