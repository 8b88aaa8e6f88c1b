"""Make the lists that training reads from folders of images, one folder a class.

    python prepare_data.py path/to/class_folders
    python prepare_data.py path/to/class_folders --eval 0.15 --test 0.15 --seed 1
    python prepare_data.py path/to/class_folders --folds 5

Train.txt, Eval.txt, classes.txt, and Test.txt with --test, are written into that same folder. With --folds there are
Train-fold1.txt, Eval-fold1.txt and so on in place of Train.txt and Eval.txt: every image that is not put aside for
Test.txt is in one of the evaluation lists, and in the training lists of all other folds. Images may lie at any depth
below their class folder. Each is decoded once, so that a damaged one is found now and not in training.
"""

from __future__ import annotations

import argparse
import os
import re
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
    """The images of one class, each on one side; of one fold, where there are folds."""

    train: list[str]
    eval: list[str]
    test: list[str]
    copies: int  # files whose bytes another file of the class has already


LIST_FILE = re.compile(r"(Train|Eval)(-fold[1-9][0-9]*)?\.txt|Test\.txt|classes\.txt")
"""Names of the files that this command writes, and removes when they belong to an earlier split."""


def main() -> int:
    """Find the images, check them, split every class, write the lists."""
    args = parse_arguments()
    found = find_images(args.folder)
    digests, unreadable = check_images(args.folder, [path for paths in found.classes.values() for path in paths])
    if unreadable and not args.skip_bad:
        raise UserError([*unreadable, "nothing was written; repair these files, or leave them out with --skip-bad"])
    refuse_two_labels(args.folder, digests)
    classes = group_copies(found.classes, digests)
    refuse_small_classes(args.folder, classes, args.folds, args.test, found.left_out)
    classes = shuffled(classes, args.seed)
    if args.folds:
        folds = fold_classes(classes, args.folds, args.test)
    else:
        folds = [{name: split_class(groups, args.eval, args.test) for name, groups in classes.items()}]
    done = write_lists(args.folder, list_texts(folds), args.force)

    print(summary(folds))
    for problem in unreadable:
        print(f"skipped: {problem}")
    if found.left_out:
        print(f"left out: {counted(found.left_out)}")
    print(f"{args.folder}: {done}")
    root = yaml.safe_dump(str(args.folder), allow_unicode=True, width=10_000).removesuffix("...\n").strip()
    what = "--config configs/googlenet_none.yaml"
    if args.folds:
        what = "--study configs/studies/folds.yaml"
        print(f"first: let `fold` in configs/studies/folds.yaml name fold1 to fold{args.folds}")
    print(f"next: python train.py {what} --set {shlex.quote(f'data.root={root}')}")
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line, with shares that leave something to train on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that holds one folder of images for each class")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--eval", type=float, default=0.2, metavar="SHARE", help="for Eval.txt (default: 0.2)")
    how.add_argument("--folds", type=int, metavar="K", help="K pairs of lists; each image is evaluated on in one")
    parser.add_argument("--test", type=float, default=0.0, metavar="SHARE", help="for Test.txt (default: 0, no list)")
    parser.add_argument("--seed", type=int, default=0, metavar="K", help="another split for another seed (default: 0)")
    parser.add_argument("--skip-bad", action="store_true", help="leave out images that cannot be read, and name them")
    parser.add_argument("--force", action="store_true", help="replace lists that are there and differ")
    args = parser.parse_args()
    if not (args.eval > 0 and args.test >= 0 and args.test + (0 if args.folds else args.eval) < 1):
        parser.error("--eval and --test are shares such as 0.2; --eval must be above 0, and both together below 1")
    if args.folds is not None and args.folds < 2:
        parser.error("--folds must be 2 or more")
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


def counted(left_out: Mapping[str, int]) -> str:
    """`12 .heic, 1 hidden`."""
    return ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))


# --- splitting ------------------------------------------------------------------------------------------------------


def refuse_small_classes(
    folder: Path,
    classes: Mapping[str, list[list[str]]],
    folds: int | None,
    test_share: float,
    left_out: Mapping[str, int],
) -> None:
    """Let every list have an image of each class.

    Raises:
        UserError: with a line for every class that has too few different images for that, and what was left out.
    """
    sides = (folds or 2) + (1 if test_share else 0)
    what = f"{folds} folds{' and Test.txt' if test_share else ''}" if folds else f"{sides} lists"
    problems = [
        f"{folder / name}: too few different images: {len(groups)}, and each of the {what} needs one; "
        "add images, or move the folder away"
        for name, groups in classes.items()
        if len(groups) < sides
    ]
    if problems:
        hint = [f"{folder}: left out: {counted(left_out)}; save images among them as JPEG or PNG"] if left_out else []
        raise UserError([*shortened(problems), *hint])


def shuffled(classes: Mapping[str, list[list[str]]], seed: int) -> dict[str, list[list[str]]]:
    """The groups of every class in the order of this seed; each class has a draw of its own."""
    return {
        name: [groups[place] for place in generator(seed, Purpose.SPLIT, index=label).permutation(len(groups))]
        for label, (name, groups) in enumerate(classes.items())
    }


def split_class(groups: list[list[str]], eval_share: float, test_share: float) -> Split:
    """The first groups that fit go to the evaluation, the next ones to the test, all others to the training."""
    images = sum(map(len, groups))
    evaluation, rest = _take(groups, round(eval_share * images), leave=2 if test_share else 1)
    test, train = _take(rest, round(test_share * images), leave=1) if test_share else ([], rest)
    return Split(_flat(train), _flat(evaluation), _flat(test), copies=images - len(groups))


def fold_classes(classes: Mapping[str, list[list[str]]], folds: int, test_share: float) -> list[dict[str, Split]]:
    """The split of every class in every fold. Without copies, no fold has two images more than another one."""
    made: list[dict[str, Split]] = [{} for _ in range(folds)]
    for name, groups in classes.items():
        so_far = [sum(len(split.eval) for split in fold.values()) for fold in made]
        for fold, split in zip(made, fold_class(groups, so_far, test_share), strict=True):
            fold[name] = split
    return made


def fold_class(groups: list[list[str]], so_far: Sequence[int], test_share: float) -> list[Split]:
    """A split for every fold. `so_far` counts the images that each has of other classes: the smallest goes first."""
    images = sum(map(len, groups))
    test, rest = _take(groups, round(test_share * images), leave=len(so_far)) if test_share else ([], groups)
    parts: list[list[str]] = [[] for _ in so_far]
    for group in sorted(rest, key=len, reverse=True):  # large ones first: small ones can even them out
        smallest = min(range(len(parts)), key=lambda fold: (len(parts[fold]), so_far[fold]))
        parts[smallest] += group
    return [
        Split(_flat(parts[:fold] + parts[fold + 1 :]), sorted(part), _flat(test), copies=images - len(groups))
        for fold, part in enumerate(parts)
    ]


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


def list_texts(folds: Sequence[Mapping[str, Split]]) -> dict[str, str]:
    """The content of every list file by its name."""

    def lines(side: Iterable[list[str]]) -> str:
        return "".join(f"{path} {label}\n" for label, paths in enumerate(side) for path in paths)

    texts = {}
    for number, fold in enumerate(folds, 1):
        name = f"-fold{number}" if len(folds) > 1 else ""
        texts[f"Train{name}.txt"] = lines(split.train for split in fold.values())
        texts[f"Eval{name}.txt"] = lines(split.eval for split in fold.values())
    if test := lines(split.test for split in folds[0].values()):
        texts["Test.txt"] = test
    texts["classes.txt"] = "".join(f"{name}\n" for name in folds[0])
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
        for name in replaced:  # all old ones first: an interruption may leave too few lists, never a mixture
            (folder / name).unlink()
        for name in written:
            runs.write_text(folder / name, lists[name])
    except OSError as error:
        raise UserError(f"{folder}: the lists cannot be written: {error.strerror}") from None
    done = [f"{verb} {', '.join(names)}" for verb, names in (("wrote", written), ("removed", removed)) if names]
    return " and ".join(done) or "the lists are as they were"


def summary(folds: Sequence[Mapping[str, Split]]) -> str:
    """A table of how many images every class has on each side, or in the evaluation list of each fold."""
    splits = folds[0].values()
    if len(folds) == 1:
        sides = {"train": [len(split.train) for split in splits], "eval": [len(split.eval) for split in splits]}
    else:
        sides = {f"fold {n}": [len(split.eval) for split in fold.values()] for n, fold in enumerate(folds, 1)}
    if any(split.test for split in splits):
        sides["test"] = [len(split.test) for split in splits]
    images = [sum(row) for row in zip(*sides.values(), strict=True)]
    columns = {"images": images, **sides, "copies": [split.copies for split in splits]}
    lines: list[tuple[str, Iterable[object]]] = [
        ("class", columns),
        *zip(folds[0], zip(*columns.values(), strict=True), strict=True),
        (f"{len(splits)} classes", map(sum, columns.values())),
    ]
    width = max(_columns(name) for name, _ in lines)
    return "\n".join(
        name + " " * (width - _columns(name)) + "".join(f"{cell:>8}" for cell in cells) for name, cells in lines
    )


def _columns(text: str) -> int:
    """Columns of a terminal: Chinese characters and most emoji take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


if __name__ == "__main__":
    run_command(main)
