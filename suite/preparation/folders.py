"""Class folders: finding their images among all that lies there."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

from suite.data.images import SAVE_HEIC, formats
from suite.errors import UserError, misread, shortened
from suite.image_names import HEIC, SYSTEM_FOLDERS, endings
from suite.preparation.sides import refuse_sides


class Output(NamedTuple):
    """How to know a folder that a command of this suite has made."""

    command: str
    name: str  # a regular expression
    traces: tuple[str, ...]  # patterns of which one is there


OWN_OUTPUT = (
    Output("train.py", ".*", ("*/run.json", "*/*/run.json", "*/*/*/run.json")),
    Output("preview_augment.py", "previews", ("*/batch.png", "*/arms.png")),
)


class ImageFile(NamedTuple):
    """An image in a class folder."""

    inside: str  # the path from the class folder on, with slashes: `cat/1.jpg`
    side: str = ""  # the folder of class folders, where every side of a split has one: `train`

    @property
    def path(self) -> str:
        """The path as a list has it, relative to the folder of the data set."""
        return f"{self.side}/{self.inside}" if self.side else self.inside

    @property
    def class_name(self) -> str:
        """The class folder."""
        return self.inside.partition("/")[0]


class ClassFolders(NamedTuple):
    """The images of every class, and how much lies among them that is none."""

    images: dict[str, list[ImageFile]]  # by class, in natural order; the images of a class sorted
    left_out: Counter[str]  # by kind: hidden files and folders, folders by name, files without an image's ending by it


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


def find_images(folder: Path, side: str = "") -> ClassFolders:
    """The images of every class folder; `side` is the side of a split that they are, if any.

    Raises:
        UserError: when these are not class folders, or with a line for every entry that cannot be used.
    """
    _refuse_other_layouts(folder)  # before the walk, which takes long in a wrong folder
    entries = sorted(_walk(folder))
    usable = [entry for entry in entries if not _left_out_as(folder, entry)]
    if problems := [problem for entry in usable for problem in _problems(folder, entry)]:
        raise UserError(shortened(sorted(problems)))
    images: dict[str, list[ImageFile]] = {}
    for entry in usable:
        image = ImageFile(entry.path, side)
        of_class = images.setdefault(image.class_name, [])
        if not entry.is_folder:
            of_class.append(image)
    _refuse_look_alikes(folder, images)
    left_out = Counter(kind for entry in entries if (kind := _left_out_as(folder, entry)))
    del left_out[BESIDE_THE_CLASSES]
    return ClassFolders({name: images[name] for name in in_natural_order(images)}, left_out)


def in_natural_order(names: Iterable[str]) -> list[str]:
    """Sorted, with numbers in the names by their value: 2 before 10."""

    def key(name: str) -> tuple[list[str | int], str]:
        parts = re.split("([0-9]+)", name)
        return [int(part) if place % 2 else part for place, part in enumerate(parts)], name

    return sorted(names, key=key)


def _walk(folder: Path) -> Iterator[Entry]:
    """Everything below the folder; of a folder that is left out, the folder alone."""
    for place, folders, files in os.walk(folder, onerror=_refuse_unreadable):
        inside = Path(place).relative_to(folder)
        below = [Entry((inside / name).as_posix(), is_folder=True) for name in folders]
        yield from below
        folders[:] = [entry.name for entry in below if not _left_out_as(folder, entry)]
        yield from (Entry((inside / name).as_posix(), is_folder=False) for name in files)


BESIDE_THE_CLASSES = "beside the classes"
"""What lists and notes in the folder of the classes are left out as. They belong there, so they are not counted."""


def _left_out_as(folder: Path, entry: Entry) -> str:
    """The kind by which an entry is counted when it is left out; empty for folders and images of classes."""
    if entry.name.startswith("."):
        return "hidden"
    if entry.is_folder:
        if entry.name.lower() in SYSTEM_FOLDERS:
            return entry.name
        writer = "" if entry.is_in_a_class else _writer(folder / entry.path)
        return f"{entry.name} of {writer}" if writer else ""
    if entry.name.lower().endswith(endings(formats())):
        return ""
    if not entry.is_in_a_class:
        return BESIDE_THE_CLASSES
    return Path(entry.name).suffix.lower() or "without ending"


def _writer(folder: Path) -> str:
    """The command of this suite that has made the folder; empty for any other folder."""
    for output in OWN_OUTPUT:
        traces = (next(folder.glob(trace), None) for trace in output.traces)
        if re.fullmatch(output.name, folder.name) and any(traces):
            return output.command
    return ""


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


def class_names(folder: Path) -> list[str]:
    """The folders right in `folder` that are not left out."""
    _, folders, _ = next(os.walk(folder, onerror=_refuse_unreadable))
    return sorted(name for name in folders if not _left_out_as(folder, Entry(name, is_folder=True)))


def _refuse_other_layouts(folder: Path) -> None:
    classes = class_names(folder)
    if not classes:
        raise UserError(f"{folder}: has no class folders; put the images of each class into a folder of its own in it")
    if len(classes) == 1:
        inner = shlex.quote(str(folder / classes[0]))
        raise UserError(
            f"{folder}: {classes[0]} is its only class folder, and training needs two; if the classes lie in there: "
            f"python prepare_data.py {inner}"
        )
    refuse_sides(folder, classes)


def _refuse_look_alikes(folder: Path, names: Iterable[str]) -> None:
    """Find classes whose names differ only in how their accents are written, as on a Mac and elsewhere."""
    first: dict[str, str] = {}
    problems = [
        f"{folder}: {other!a} and {name!a} look the same, and are two folders; merge them into one"
        for name in names
        if (other := first.setdefault(unicodedata.normalize("NFC", name), name)) != name
    ]
    if problems:
        raise UserError(shortened(problems))


def _refuse_unreadable(error: OSError) -> NoReturn:
    raise UserError(f"{error.filename}: cannot be read: {error.strerror}")


def in_words(left_out: Mapping[str, int]) -> str:
    """`left out: 12 .heic, 1 hidden`, with advice where there is any."""
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))
    advice = f"; of {' and '.join(heic)}: {SAVE_HEIC}" if (heic := [kind for kind in HEIC if kind in left_out]) else ""
    return f"left out: {counts}{advice}"
