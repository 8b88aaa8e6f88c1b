"""The list files and the table of how many images each class has on each side."""

from __future__ import annotations

import errno
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.data import groups as groups_file
from suite.errors import UserError, read_user_text
from suite.files import exchange
from suite.lettering import columns
from suite.preparation.folders import ImageFile
from suite.preparation.splitting import Group, Split, groups_of_each, images_of_each

LIST_FILE = re.compile(r"(Train|Eval)(-fold[1-9][0-9]*)?\.txt|Test\.txt|classes\.txt|groups\.txt")
"""Names of the files that this command writes, and removes when they belong to an earlier split."""


def in_label_order(classes: Iterable[str], folders: Iterable[Path]) -> list[str]:
    """The classes as a classes.txt in one of the folders has them, which may be the user's own; otherwise as given."""
    given = list(classes)
    for file in (folder / "classes.txt" for folder in folders):
        if file.is_file():
            lines = read_user_text(file, "list of class names", 1_000_000, "remove it").split("\n")
            names = [line.strip() for line in lines if line.strip()]
            if sorted(names) == sorted(given):
                return names
    return given


def list_texts(classes: Sequence[str], splits: Sequence[Split], groups: Sequence[Group] | None) -> dict[str, str]:
    """The content of every list file by its name; `groups` is given where more than copies stays together."""
    labels = {name: label for label, name in enumerate(classes)}

    def lines(side: Iterable[ImageFile]) -> str:
        in_order = sorted(side, key=lambda image: labels[image.class_name])
        return "".join(f"{image.path} {labels[image.class_name]}\n" for image in in_order)

    texts = {}
    for number, parts in enumerate(splits, 1):
        name = f"-fold{number}" if len(splits) > 1 else ""
        texts[f"Train{name}.txt"] = lines(parts.train)
        texts[f"Eval{name}.txt"] = lines(parts.eval)
    if splits[0].test:
        texts["Test.txt"] = lines(splits[0].test)
    texts["classes.txt"] = "".join(f"{name}\n" for name in classes)
    if groups is not None:
        texts[groups_file.FILE] = groups_file.groups_text([image.path for image in group] for group in groups)
    return texts


# --- list files -----------------------------------------------------------------------------------------------------


class Changes(NamedTuple):
    """Names of list files: what writing new lists does to the folder."""

    written: list[str]
    removed: list[str]  # of an earlier split
    replaced: list[str]  # the old files among `written`, and all that are removed

    def __str__(self) -> str:
        verbs = {"wrote": self.written, "removed": self.removed}
        sentence = " and ".join(f"{verb} {', '.join(names)}" for verb, names in verbs.items() if names)
        return sentence or "the lists are as they were"


def write_lists(folder: Path, texts: Mapping[str, str], force: bool) -> Changes:
    """Write the lists that differ from those in the folder, and remove those of an earlier split.

    Raises:
        UserError: when that would replace a list and `force` is not given, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        changes = _changes(folder, texts)
    except OSError as error:
        raise UserError(f"{folder}: cannot be a folder of lists: {error.strerror}") from None
    if changes.replaced and not force:
        names = ", ".join(changes.replaced)
        raise UserError(f"{folder}: {names} would be replaced or removed, and nothing was written; --force does it")
    try:
        exchange(folder, {name: texts[name].encode() for name in changes.written}, changes.removed)
    except OSError as error:
        hint = "; --out DIR writes them elsewhere" if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM) else ""
        raise UserError(
            f"{folder}: the lists cannot be written, and are as they were: {error.strerror}{hint}"
        ) from None
    return changes


def _changes(folder: Path, texts: Mapping[str, str]) -> Changes:
    old = {file.name: file.read_bytes() for file in folder.iterdir() if LIST_FILE.fullmatch(file.name)}
    written = [name for name, text in texts.items() if old.get(name) != text.encode()]
    removed = sorted(old.keys() - texts.keys())
    return Changes(written, removed, [name for name in (*written, *removed) if name in old])


# --- the table ------------------------------------------------------------------------------------------------------


def summary(
    classes: Sequence[str], splits: Sequence[Split], digests: Mapping[ImageFile, str], groups: Sequence[Group] | None
) -> str:
    """A table of how many images every class has on each side, or in the evaluation list of each fold.

    `groups` is given where more than copies stays together; the table then counts groups too.
    """
    sides = {side: images_of_each([own]) for side, own in _sides(splits).items()}
    images = sum(sides.values(), Counter())
    pictures = Counter(name for name, _ in {(image.class_name, digest) for image, digest in digests.items()})
    counts = {"images": images, **sides, "copies": images - pictures}
    totals = {kind: count.total() for kind, count in counts.items()}
    if groups is not None:
        counts["groups"] = groups_of_each(groups)
        totals["groups"] = len(groups)  # not the sum: a group of several classes is one
    return _table(
        [
            ("class", list(counts)),
            *((name, [count[name] for count in counts.values()]) for name in classes),
            (f"{len(classes)} classes", list(totals.values())),
        ]
    )


def _sides(splits: Sequence[Split]) -> dict[str, list[ImageFile]]:
    """All images once, by the side on which the table counts them."""
    if len(splits) == 1:
        sides = {"train": splits[0].train, "eval": splits[0].eval}
    else:
        sides = {f"fold {number}": parts.eval for number, parts in enumerate(splits, 1)}
    return sides | ({"test": splits[0].test} if splits[0].test else {})


def _table(rows: Sequence[tuple[str, Sequence[object]]]) -> str:
    width = max(columns(name) for name, _ in rows)
    return "\n".join(
        name + " " * (width - columns(name)) + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows
    )
