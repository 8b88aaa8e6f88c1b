"""Make the lists that training reads from folders of images, one folder a class.

    python prepare_data.py path/to/class_folders
    python prepare_data.py path/to/class_folders --eval 0.15 --test 0.15 --seed 1

Train.txt, Eval.txt, classes.txt, and Test.txt with --test, are written into that same folder. Images may lie at any
depth below their class folder. Each is decoded once, so that a damaged one is found now and not in training.
"""

from __future__ import annotations

import argparse
import os
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import yaml
from tqdm import tqdm

import runs
from data import ImageError, file_digest, prefetch, read_image
from errors import UserError, run_command, shortened
from randomness import Purpose, generator

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

NAMES_OF_SIDES = {"train", "training", "val", "valid", "validation", "dev", "eval", "test", "testing"}
"""Folders called so hold a finished split, not classes."""


class Found(NamedTuple):
    """What lies in the folder."""

    classes: dict[str, list[str]]  # a class's images, relative to the folder; names and images sorted
    left_out: Counter[str]  # how many hidden files and folders, and how many files of each ending that is no image's


class Split(NamedTuple):
    """The images of one class, each on one side."""

    train: list[str]
    eval: list[str]
    test: list[str]
    copies: int  # files whose bytes another file of the class has already


def main() -> int:
    """Find the images, check them, split every class, write the lists."""
    args = parse_arguments()
    found = find_images(args.folder)
    digests, unreadable = check_images(args.folder, [path for paths in found.classes.values() for path in paths])
    if unreadable and not args.skip_bad:
        raise UserError([*unreadable, "nothing was written; repair these files, or leave them out with --skip-bad"])
    refuse_two_labels(args.folder, digests)
    splits = split_classes(args.folder, group_copies(found.classes, digests), args.eval, args.test, args.seed)
    with_test = args.test > 0
    done = write_lists(args.folder, list_texts(splits, with_test), args.force)

    print(summary(splits, with_test))
    for problem in unreadable:
        print(f"skipped: {problem}")
    if found.left_out:
        print("left out: " + ", ".join(f"{count} {kind}" for kind, count in sorted(found.left_out.items())))
    print(f"{args.folder}: {done}")
    root = yaml.safe_dump(str(args.folder), allow_unicode=True, width=10_000).removesuffix("...\n").strip()
    print(f"next: python train.py --config configs/googlenet_none.yaml --set {shlex.quote(f'data.root={root}')}")
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line, with shares that leave something to train on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that holds one folder of images for each class")
    parser.add_argument("--eval", type=float, default=0.2, metavar="SHARE", help="for Eval.txt (default: 0.2)")
    parser.add_argument("--test", type=float, default=0.0, metavar="SHARE", help="for Test.txt (default: 0, no list)")
    parser.add_argument("--seed", type=int, default=0, metavar="K", help="another split for another seed (default: 0)")
    parser.add_argument("--skip-bad", action="store_true", help="leave out images that cannot be read, and name them")
    parser.add_argument("--force", action="store_true", help="replace lists that are there and differ")
    args = parser.parse_args()
    if not (args.eval > 0 and args.test >= 0 and args.eval + args.test < 1):
        parser.error("--eval and --test are shares such as 0.2; --eval must be above 0, and both together below 1")
    if args.seed < 0:
        parser.error("--seed must be 0 or more")
    return args


# --- finding and checking -------------------------------------------------------------------------------------------


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
        if path.partition("/")[0] != other.partition("/")[0]:
            problems.append(f"{folder / other} and {folder / path} are the same picture in two classes; keep one")
    if problems:
        raise UserError(shortened(problems))


def group_copies(classes: Mapping[str, Sequence[str]], digests: Mapping[str, str]) -> dict[str, list[list[str]]]:
    """The readable images of every class, byte-identical ones together."""
    grouped = {}
    for name, paths in classes.items():
        groups: dict[str, list[str]] = {}
        for path in paths:
            if path in digests:
                groups.setdefault(digests[path], []).append(path)
        grouped[name] = list(groups.values())
    return grouped


# --- splitting ------------------------------------------------------------------------------------------------------


def split_classes(
    folder: Path, classes: Mapping[str, list[list[str]]], eval_share: float, test_share: float, seed: int
) -> dict[str, Split]:
    """Every class on its sides; each side has an image of each class.

    Raises:
        UserError: with a line for every class that has too few images for that.
    """
    sides = 3 if test_share else 2
    problems = [
        f"{folder / name}: too few different images: {len(groups)}, and each of the {sides} lists needs one; "
        "add images, or move the folder away"
        for name, groups in classes.items()
        if len(groups) < sides
    ]
    if problems:
        raise UserError(shortened(problems))
    splits = {}
    for label, (name, groups) in enumerate(classes.items()):
        rng = generator(seed, Purpose.SPLIT, index=label)
        splits[name] = split_class([groups[index] for index in rng.permutation(len(groups))], eval_share, test_share)
    return splits


def split_class(groups: list[list[str]], eval_share: float, test_share: float) -> Split:
    """The first groups that fit go to the evaluation, the next ones to the test, all others to the training."""
    images = sum(map(len, groups))
    evaluation, rest = _take(groups, round(eval_share * images), leave=2 if test_share else 1)
    test, train = _take(rest, round(test_share * images), leave=1) if test_share else ([], rest)
    return Split(_flat(train), _flat(evaluation), _flat(test), copies=images - len(groups))


def _take(groups: Sequence[list[str]], wanted: int, leave: int) -> tuple[list[list[str]], list[list[str]]]:
    """Groups of `wanted` images or less together, but at least one group; and the rest, at least `leave` groups."""
    taken: list[list[str]] = []
    rest: list[list[str]] = []
    free = wanted
    for group in groups:
        if len(group) <= free and len(taken) < len(groups) - leave:
            taken.append(group)
            free -= len(group)
        else:
            rest.append(group)
    if not taken:
        taken = [rest.pop(min(range(len(rest)), key=lambda index: len(rest[index])))]
    return taken, rest


def _flat(groups: Sequence[list[str]]) -> list[str]:
    return sorted(path for group in groups for path in group)


# --- writing --------------------------------------------------------------------------------------------------------


def list_texts(splits: Mapping[str, Split], with_test: bool) -> dict[str, str | None]:
    """The content of every list file by its name; None where there shall be none."""

    def lines(side: Iterable[list[str]]) -> str:
        return "".join(f"{path} {label}\n" for label, paths in enumerate(side) for path in paths)

    return {
        "Train.txt": lines(split.train for split in splits.values()),
        "Eval.txt": lines(split.eval for split in splits.values()),
        "Test.txt": lines(split.test for split in splits.values()) if with_test else None,
        "classes.txt": "".join(f"{name}\n" for name in splits),
    }


def write_lists(folder: Path, lists: Mapping[str, str | None], force: bool) -> str:
    """Write the lists that differ from what is there, remove those that shall not be there; say what was done.

    Raises:
        UserError: when that would replace a list and `force` is not given, or the folder cannot be written to.
    """
    old = {name: (folder / name).read_bytes() for name in lists if (folder / name).is_file()}
    new = {name: text.encode() for name, text in lists.items() if text is not None}
    changed = [name for name in lists if old.get(name) != new.get(name)]
    replaced = [name for name in changed if name in old]
    if replaced and not force:
        raise UserError(f"{folder}: {', '.join(replaced)} would change, and nothing was written; --force replaces them")
    try:
        for name in replaced:  # all old ones first: an interruption may leave too few lists, never a mixture
            (folder / name).unlink()
        for name in changed:
            if text := lists[name]:
                runs.write_text(folder / name, text)
    except OSError as error:
        raise UserError(f"{folder}: the lists cannot be written: {error.strerror}") from None
    names = {
        "wrote": [name for name in changed if lists[name]],
        "removed": [name for name in changed if not lists[name]],
    }
    done = [f"{verb} {', '.join(those)}" for verb, those in names.items() if those]
    return " and ".join(done) or "the lists are as they were"


def summary(splits: Mapping[str, Split], with_test: bool) -> str:
    """A table of how many images every class has on each side."""
    titles = ("images", "train", "eval", *(["test"] if with_test else []), "copies")
    rows = []
    for name, split in splits.items():
        sides = [len(split.train), len(split.eval), *([len(split.test)] if with_test else [])]
        rows.append((name, [sum(sides), *sides, split.copies]))
    totals = [sum(column) for column in zip(*(counts for _, counts in rows), strict=True)]
    lines = [("class", titles), *rows, (f"{len(rows)} classes", totals)]
    width = max(_columns(name) for name, _ in lines)
    return "\n".join(
        name + " " * (width - _columns(name)) + "".join(f"{cell:>8}" for cell in cells) for name, cells in lines
    )


def _columns(text: str) -> int:
    """Columns of a terminal: Chinese characters and most emoji take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


if __name__ == "__main__":
    run_command(main)
