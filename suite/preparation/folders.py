"""Class folders: finding their images, and checking that each can be decoded."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from tqdm import tqdm

from suite.data.batches import prefetch
from suite.data.images import ImageError, file_digest, read_image
from suite.errors import UserError, misread, shortened

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

NAMES_OF_SIDES = {"train", "training", "val", "valid", "validation", "dev", "eval", "test", "testing"}
"""Folders with these names hold a finished split, not classes."""


class ClassFolders(NamedTuple):
    """The images of every class, and how much lies among them that is none."""

    images: dict[str, list[str]]  # by class: paths relative to the folder of the classes; classes and paths sorted
    left_out: Counter[str]  # hidden files and folders together, and files without an image's ending by their ending


class Entry(NamedTuple):
    """A file or a folder below the folder of the classes."""

    path: str  # relative to that folder, with slashes
    is_folder: bool

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_in_a_class(self) -> bool:
        return "/" in self.path


def find_images(folder: Path) -> ClassFolders:
    """The images of every class folder.

    Raises:
        UserError: when these are not class folders, or with a line for every entry that cannot be used.
    """
    _refuse_other_layouts(folder)  # before the walk, which takes long in a wrong folder
    entries = sorted(_walk(folder))
    usable = [entry for entry in entries if not _left_out_as(entry)]
    if problems := [problem for entry in usable for problem in _problems(folder, entry)]:
        raise UserError(shortened(sorted(problems)))
    images: dict[str, list[str]] = {}
    for entry in usable:
        paths = images.setdefault(class_of(entry.path), [])
        if not entry.is_folder:
            paths.append(entry.path)
    left_out = Counter(kind for entry in entries if (kind := _left_out_as(entry)))
    del left_out[BESIDE_THE_CLASSES]
    return ClassFolders(images, left_out)


def _walk(folder: Path) -> Iterator[Entry]:
    """Everything below the folder; of a folder that is left out, the folder alone."""
    for place, folders, files in os.walk(folder, onerror=_refuse_unreadable):
        inside = Path(place).relative_to(folder)
        below = [Entry((inside / name).as_posix(), is_folder=True) for name in folders]
        yield from below
        folders[:] = [entry.name for entry in below if not _left_out_as(entry)]
        yield from (Entry((inside / name).as_posix(), is_folder=False) for name in files)


BESIDE_THE_CLASSES = "beside the classes"
"""What lists and notes in the folder of the classes are left out as. They belong there, so they are not counted."""


def _left_out_as(entry: Entry) -> str:
    """The kind by which an entry is counted when it is left out; empty for folders and images of classes."""
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_folder or entry.name.lower().endswith(ENDINGS):
        return ""
    if not entry.is_in_a_class:
        return BESIDE_THE_CLASSES
    return Path(entry.name).suffix.lower() or "without ending"


def _problems(folder: Path, entry: Entry) -> Iterator[str]:
    """Why a folder or an image cannot be used, if there are reasons."""
    if (folder / entry.path).is_symlink():
        yield f"{folder / entry.path}: is a link, and links are not followed; `cp -rL` makes a copy without links"
    if entry.is_folder:
        return
    if not entry.is_in_a_class:
        yield f"{folder / entry.path}: lies in no class folder; move it into one, or away"
    elif why := misread(entry.path):
        yield f"{folder}: {entry.path!r}: {why}"
    elif not _fits_a_list(entry.path):
        why = "it begins with a blank or has a line break"
        yield f"{folder}: {entry.path!r} cannot stand in a list, because {why}; rename it"


def _fits_a_list(path: str) -> bool:
    return path.strip().splitlines() == [path]


def _refuse_other_layouts(folder: Path) -> None:
    _, folders, _ = next(os.walk(folder, onerror=_refuse_unreadable))
    classes = [name for name in folders if not _left_out_as(Entry(name, is_folder=True))]
    if not classes:
        raise UserError(f"{folder}: has no class folders; put the images of each class into a folder of its own in it")
    if len(classes) == 1:
        inner = shlex.quote(str(folder / classes[0]))
        raise UserError(
            f"{folder}: {classes[0]} is its only class folder, and training needs two; if the classes lie in there: "
            f"python prepare_data.py {inner}"
        )
    if {name.lower() for name in classes} <= NAMES_OF_SIDES:
        raise UserError(
            f"{folder}: {' and '.join(sorted(classes))} are the sides of a split, not classes; merge them into one "
            "folder a class, or write the lists by hand"
        )


def _refuse_unreadable(error: OSError) -> NoReturn:
    raise UserError(f"{error.filename}: cannot be read: {error.strerror}")


class Checked(NamedTuple):
    """What reading every image has shown."""

    digests: dict[str, str]  # by path, of the images that can be decoded
    unreadable: list[str]  # a line for every other


def check_images(folder: Path, paths: Sequence[str]) -> Checked:
    """Decode every image once."""

    def check(index: int) -> tuple[str, str]:
        """The digest, or what is wrong."""
        file = folder / paths[index]
        try:
            read_image(file, size=1)
            return file_digest(file), ""
        except ImageError as reason:
            return "", f"{file}: {reason}"

    checked = prefetch(check, len(paths), threads=os.cpu_count() or 1)
    results = list(tqdm(checked, "checking", len(paths), unit=" images", leave=False, disable=None))
    digests = {path: digest for path, (digest, problem) in zip(paths, results, strict=True) if not problem}
    return Checked(digests, [problem for _, problem in results if problem])


def in_two_classes(folder: Path, digests: Mapping[str, str]) -> list[str]:
    """A line for every copy of a picture in the folder of another class."""
    first: dict[str, str] = {}
    return [
        f"{folder / other} and {folder / path} are the same picture in two classes; keep one"
        for path, digest in digests.items()
        if class_of(path) != class_of(other := first.setdefault(digest, path))
    ]


def in_words(left_out: Mapping[str, int]) -> str:
    """`12 .heic, 1 hidden`."""
    return ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))


def class_of(path: str) -> str:
    """The class folder in which an image lies; `path` is relative to the folder of the classes."""
    return path.partition("/")[0]
