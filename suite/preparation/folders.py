"""Class folders: finding their images, and checking that each can be decoded."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from tqdm import tqdm

from suite.data.batches import prefetch
from suite.data.images import ImageError, file_digest, read_image
from suite.errors import UserError, shortened

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

NAMES_OF_SIDES = {"train", "training", "val", "valid", "validation", "dev", "eval", "test", "testing"}
"""Folders called so hold a finished split, not classes."""


class Found(NamedTuple):
    """What lies in the folder."""

    classes: dict[str, list[str]]  # a class's images, relative to the folder; names and images sorted
    left_out: Counter[str]  # how many hidden files and folders, and how many files of each ending that is no image's


def find_images(folder: Path) -> Found:
    """The images of every class folder.

    Raises:
        UserError: when these are not class folders, or with a line for every file that could not stand in a list.
    """
    classes: dict[str, list[str]] = {}
    left_out: Counter[str] = Counter()
    problems: list[str] = []
    for place, folders, files in os.walk(folder, onerror=_cannot_be_read):
        inside = Path(place).relative_to(folder)
        left_out.update("hidden" for name in (*folders, *files) if name.startswith("."))
        folders[:] = [name for name in folders if not name.startswith(".")]
        visible = [name for name in files if not name.startswith(".")]
        images = [name for name in visible if name.lower().endswith(ENDINGS)]
        problems += [
            f"{Path(place) / name}: is a link, and links are not followed; `cp -rL` makes a copy without links"
            for name in (*folders, *images)
            if (Path(place) / name).is_symlink()
        ]
        if not classes:
            _refuse_other_layouts(folder, folders)
            classes = {name: [] for name in sorted(folders)}
            problems += [f"{folder / name}: lies in no class folder; move it into one, or away" for name in images]
            continue
        others = [name for name in visible if not name.lower().endswith(ENDINGS)]
        left_out.update(Path(name).suffix.lower() or "without ending" for name in others)
        for path in ((inside / name).as_posix() for name in images):
            classes[inside.parts[0]].append(path)
            if path.encode(errors="ignore").decode().strip().splitlines() != [path]:
                why = "it begins with a blank, has a line break or is not Unicode"
                problems.append(f"{folder}: {path!r} cannot stand in a list, because {why}; rename it")
    if problems:
        raise UserError(shortened(sorted(problems)))
    return Found({name: sorted(paths) for name, paths in classes.items()}, left_out)


def _refuse_other_layouts(folder: Path, classes: Sequence[str]) -> None:
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


def _cannot_be_read(error: OSError) -> NoReturn:
    raise UserError(f"{error.filename}: cannot be read: {error.strerror}")


def check_images(folder: Path, paths: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The digest of every image that can be decoded, and a line for every other."""

    def check(index: int) -> tuple[str, str | None]:
        try:
            read_image(folder / paths[index], size=1)
            return file_digest(folder / paths[index]), None
        except ImageError as reason:
            return "", f"{folder / paths[index]}: {reason}"

    checked = prefetch(check, len(paths), threads=os.cpu_count() or 1)
    results = list(tqdm(checked, "checking", len(paths), unit=" images", leave=False, disable=None))
    digests = {path: digest for path, (digest, problem) in zip(paths, results, strict=True) if not problem}
    return digests, [problem for _, problem in results if problem]


def refuse_two_labels(folder: Path, digests: Mapping[str, str]) -> None:
    """Let no picture have two labels.

    Raises:
        UserError: with a line for every picture that lies in two class folders.
    """
    first: dict[str, str] = {}
    problems: list[str] = []
    for path, digest in digests.items():
        other = first.setdefault(digest, path)
        if class_of(path) != class_of(other):
            problems.append(f"{folder / other} and {folder / path} are the same picture in two classes; keep one")
    if problems:
        raise UserError(shortened(problems))


def counted(left_out: Mapping[str, int]) -> str:
    """`12 .heic, 1 hidden`."""
    return ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))


def class_of(path: str) -> str:
    return path.partition("/")[0]
