"""The list files and the table of how many images each class has on each side."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from suite.errors import UserError
from suite.files import exchange
from suite.preparation.folders import class_of
from suite.preparation.splitting import Group, Split, groups_of_each, images_of_each

LIST_FILE = re.compile(r"(Train|Eval)(-fold[1-9][0-9]*)?\.txt|Test\.txt|classes\.txt")
"""Names of the files that this command writes, and removes when they belong to an earlier split."""


def list_texts(classes: Sequence[str], splits: Sequence[Split]) -> dict[str, str]:
    """The content of every list file by its name."""
    labels = {name: label for label, name in enumerate(classes)}

    def lines(side: Iterable[str]) -> str:
        in_order = sorted(side, key=lambda path: labels[class_of(path)])
        return "".join(f"{path} {labels[class_of(path)]}\n" for path in in_order)

    texts = {}
    for number, parts in enumerate(splits, 1):
        name = f"-fold{number}" if len(splits) > 1 else ""
        texts[f"Train{name}.txt"] = lines(parts.train)
        texts[f"Eval{name}.txt"] = lines(parts.eval)
    if splits[0].test:
        texts["Test.txt"] = lines(splits[0].test)
    texts["classes.txt"] = "".join(f"{name}\n" for name in classes)
    return texts


def write_lists(folder: Path, lists: Mapping[str, str], force: bool) -> str:
    """Write the lists that differ from what is there, remove those of an earlier split; say what was done.

    Raises:
        UserError: when that would replace a list and `force` is not given, or the folder cannot be written to.
    """
    old = {file.name: file.read_bytes() for file in folder.iterdir() if LIST_FILE.fullmatch(file.name)}
    written = [name for name, text in lists.items() if old.get(name) != text.encode()]
    removed = sorted(old.keys() - lists.keys())
    replaced = [name for name in (*written, *removed) if name in old]
    if replaced and not force:
        raise UserError(
            f"{folder}: {', '.join(replaced)} would be replaced or removed, and nothing was written; --force does it"
        )
    try:
        exchange(folder, {name: lists[name].encode() for name in written}, removed)
    except OSError as error:
        raise UserError(f"{folder}: the lists cannot be written, and are as they were: {error.strerror}") from None
    done = [f"{verb} {', '.join(names)}" for verb, names in (("wrote", written), ("removed", removed)) if names]
    return " and ".join(done) or "the lists are as they were"


def summary(
    classes: Sequence[str], splits: Sequence[Split], digests: Mapping[str, str], groups: Sequence[Group] | None
) -> str:
    """A table of how many images every class has on each side, or in the evaluation list of each fold.

    `groups` is given where more than copies was kept together, and counted.
    """
    if len(splits) == 1:
        sides = {"train": splits[0].train, "eval": splits[0].eval}
    else:
        sides = {f"fold {number}": parts.eval for number, parts in enumerate(splits, 1)}
    if splits[0].test:
        sides["test"] = splits[0].test
    counts = {side: images_of_each([paths]) for side, paths in sides.items()}
    images = sum(counts.values(), Counter())
    different = Counter(name for name, _ in {(class_of(path), digest) for path, digest in digests.items()})
    counts = {"images": images, **counts, "copies": images - different}
    if groups is not None:
        counts["groups"] = groups_of_each(groups)
    totals = [sum(count.values()) for count in counts.values()]
    if groups is not None:
        totals[-1] = len(groups)  # one of several classes is one
    lines: list[tuple[str, Sequence[object]]] = [
        ("class", list(counts)),
        *((name, [count[name] for count in counts.values()]) for name in classes),
        (f"{len(classes)} classes", totals),
    ]
    width = max(_columns(name) for name, _ in lines)
    return "\n".join(
        name + " " * (width - _columns(name)) + "".join(f"{cell:>8}" for cell in cells) for name, cells in lines
    )


def _columns(text: str) -> int:
    """Columns of a terminal: Chinese characters and most emoji take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
