"""Make the lists that training reads from folders of images, one folder a class.

    python prepare_data.py path/to/class_folders
    python prepare_data.py path/to/class_folders --eval 0.15 --test 0.15 --seed 1
    python prepare_data.py path/to/class_folders --folds 5
    python prepare_data.py path/to/class_folders --together '/(.*)/'    # class/person/photo.jpg

Train.txt, Eval.txt, classes.txt, and Test.txt with --test, are written into that same folder. With --folds there are
Train-fold1.txt, Eval-fold1.txt and so on in place of Train.txt and Eval.txt: every image that is not put aside for
Test.txt is in one of the evaluation lists, and in the training lists of all other folds. Images may lie at any depth
below their class folder. Each is decoded once, so that a damaged one is found now and not in training.

Photos of one object, person or burst must be on one side: a network that knows one by heart has half seen the other.
Copies are kept together anyway, and with --together all images, of whatever class, in whose paths the (...) of a
pattern finds the same: '/(.*)/' the folder below the class, '(.*)/' the same where it means another one in every class,
'/(.*)_' the name up to its last underscore. The column `groups` counts them, its last line all of them.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
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
    """All images, each on one side; of one fold, where there are folds."""

    train: list[str]
    eval: list[str]
    test: list[str]


Group = list[str]
"""Images that stay on one side, of one class or of several."""


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
    names = list(found.classes)
    groups = grouped(digests, args.together)
    kind = "groups of images" if args.together else "different images"
    refuse_small_classes(args.folder, found, groups, kind, args.folds, args.test)
    groups = shuffled(groups, names, args.seed)
    splits = fold(groups, args.folds, args.test) if args.folds else [split(groups, args.eval, args.test)]
    refuse_empty_sides(args.folder, names, splits, with_test=args.test > 0)
    done = write_lists(args.folder, list_texts(names, splits), args.force)

    print(summary(names, splits, digests, groups if args.together else None))
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
    parser.add_argument(
        "--together", type=pattern, metavar="PATTERN", help="regular expression for paths such as class/name.jpg"
    )
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


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression with something to be alike in."""
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text}: no regular expression: {error}") from None
    if compiled.groups == 0:
        raise argparse.ArgumentTypeError(f"{text}: has no (...) around what is the same in images that stay together")
    return compiled


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
        if class_of(path) != class_of(other):
            problems.append(f"{folder / other} and {folder / path} are the same picture in two classes; keep one")
    if problems:
        raise UserError(shortened(problems))


def counted(left_out: Mapping[str, int]) -> str:
    """`12 .heic, 1 hidden`."""
    return ", ".join(f"{count} {kind}" for kind, count in sorted(left_out.items()))


# --- splitting ------------------------------------------------------------------------------------------------------


def class_of(path: str) -> str:
    return path.partition("/")[0]


def grouped(digests: Mapping[str, str], together: re.Pattern[str] | None) -> list[Group]:
    """The readable images, those together that are byte-identical or in whose paths `together` finds the same.

    Raises:
        UserError: with a line for every path in which it finds nothing, or when it keeps no two images together.
    """
    leaders: dict[str, str] = {}

    def leader(name: str) -> str:
        while (above := leaders.setdefault(name, name)) != name:
            name = above
        return name

    problems: list[str] = []
    for path, digest in digests.items():
        leaders[leader(path)] = leader(f"bytes {digest}")
        if together and (found := together.search(path)) and any(found.groups()):
            leaders[leader(path)] = leader(f"name {found.groups()}")
        elif together:
            problems.append(f"--together {together.pattern}: finds nothing in {path}")
    if problems:
        raise UserError(shortened(problems))
    groups: dict[str, Group] = {}
    for path in digests:
        groups.setdefault(leader(path), []).append(path)
    if together and len(groups) == len(set(digests.values())):
        raise UserError(f"--together {together.pattern}: keeps no two images together; mind what its (...) finds")
    return list(groups.values())


def refuse_small_classes(
    folder: Path, found: Found, groups: Sequence[Group], kind: str, folds: int | None, test_share: float
) -> None:
    """Let every list have an image of each class; `kind` is what the groups are called.

    Raises:
        UserError: with a line for every class that has too few groups for that, and what was left out.
    """
    sides = (folds or 2) + (1 if test_share else 0)
    what = f"{folds} folds{' and Test.txt' if test_share else ''}" if folds else f"{sides} lists"
    different = _groups_of_each(groups)
    problems = [
        f"{folder / name}: too few {kind}: {different[name]}, and each of the {what} needs one; "
        "add images, or move the folder away"
        for name in found.classes
        if different[name] < sides
    ]
    if problems:
        hint = f"{folder}: left out: {counted(found.left_out)}; save images among them as JPEG or PNG"
        raise UserError([*shortened(problems), *([hint] if found.left_out else [])])


def shuffled(groups: Sequence[Group], classes: Sequence[str], seed: int) -> list[Group]:
    """The groups in the order of this seed, class by class; each class has a draw of its own."""
    at_home: dict[str, list[Group]] = {name: [] for name in classes}
    for group in groups:
        at_home[class_of(group[0])].append(group)
    return [
        own[place]
        for label, own in enumerate(at_home.values())
        for place in generator(seed, Purpose.SPLIT, index=label).permutation(len(own))
    ]


def split(groups: Sequence[Group], eval_share: float, test_share: float) -> Split:
    """The first groups that fit go to the test, the next ones to the evaluation, all others to the training.

    The test comes first, so that with `fold` it is the same (where no class has few groups): it stays aside.
    """
    images = _counts(groups)
    test, rest = _take(groups, _share(images, test_share), leave=2) if test_share else ([], groups)
    evaluation, train = _take(rest, _share(images, eval_share), leave=1)
    return Split(_flat(train), _flat(evaluation), _flat(test))


def fold(groups: Sequence[Group], folds: int, test_share: float) -> list[Split]:
    """A split for every fold. Where no images stay together, no fold has two more of a class, or at all, than another.

    Each group goes where its classes are fewest, large ones first: small ones can even them out.
    """
    test, rest = _take(groups, _share(_counts(groups), test_share), leave=folds) if test_share else ([], groups)
    parts: list[list[Group]] = [[] for _ in range(folds)]
    filled: list[Counter[str]] = [Counter() for _ in range(folds)]
    class_by_class = groupby(rest, key=lambda group: class_of(group[0]))
    for group in (group for _, own in class_by_class for group in sorted(own, key=len, reverse=True)):
        counts = _counts([group])
        there = [sum(count * images[name] for name, count in counts.items()) for images in filled]
        best = min(range(folds), key=lambda place: (there[place], filled[place].total()))
        parts[best].append(group)
        filled[best] += counts
    return [
        Split(_flat(group for other in parts if other is not part for group in other), _flat(part), _flat(test))
        for part in parts
    ]


def refuse_empty_sides(folder: Path, classes: Iterable[str], splits: Sequence[Split], with_test: bool) -> None:
    """Let every list have an image of each class also where groups are of several classes.

    Raises:
        UserError: with a line for every class that is missing somewhere.
    """
    sides = [side for parts in splits for side in (parts.train, parts.eval, parts.test)[: 3 if with_test else 2]]
    there = [set(map(class_of, side)) for side in sides]
    problems = [
        f"{folder / name}: is missing in one of the lists, for its images stay together in few, large groups; add "
        "others, try another --seed or share, or move the folder away"
        for name in classes
        if any(name not in side for side in there)
    ]
    if problems:
        raise UserError(shortened(problems))


def _take(groups: Sequence[Group], wanted: Mapping[str, int], leave: int) -> tuple[list[Group], list[Group]]:
    """Groups with `wanted` images of each class or less together, but one group of it at least, and the rest.

    The rest keeps `leave` groups of each class.
    """
    counts = [_counts([group]) for group in groups]
    free, left = Counter(wanted), _groups_of_each(groups)
    taken: set[int] = set()

    def take(place: int) -> None:
        taken.add(place)
        free.subtract(counts[place])
        left.subtract(counts[place].keys())

    def is_spare(place: int) -> bool:
        return all(left[name] > leave for name in counts[place])

    for place, count in enumerate(counts):
        if is_spare(place) and all(images <= free[name] for name, images in count.items()):
            take(place)
    for name, images in wanted.items():
        is_missing = free[name] == images  # no group of it has been taken
        if is_missing and (spare := [at for at, count in enumerate(counts) if name in count and is_spare(at)]):
            take(min(spare, key=lambda place: len(groups[place])))
    rest = [group for place, group in enumerate(groups) if place not in taken]
    return [groups[place] for place in sorted(taken)], rest


def _counts(groups: Iterable[Group]) -> Counter[str]:
    """Images of every class."""
    return Counter(class_of(path) for group in groups for path in group)


def _groups_of_each(groups: Iterable[Group]) -> Counter[str]:
    """Groups with an image of a class, for every class."""
    return Counter(name for group in groups for name in set(map(class_of, group)))


def _share(images: Mapping[str, int], share: float) -> dict[str, int]:
    return {name: round(share * count) for name, count in images.items()}


def _flat(groups: Iterable[Group]) -> list[str]:
    return sorted(path for group in groups for path in group)


# --- writing --------------------------------------------------------------------------------------------------------


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
        for name in replaced:  # all old ones first: an interruption may leave too few lists, never a mixture
            (folder / name).unlink()
        for name in written:
            runs.write_text(folder / name, lists[name])
    except OSError as error:
        raise UserError(f"{folder}: the lists cannot be written: {error.strerror}") from None
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
    counts = {side: _counts([paths]) for side, paths in sides.items()}
    images = sum(counts.values(), Counter())
    different = Counter(name for name, _ in {(class_of(path), digest) for path, digest in digests.items()})
    counts = {"images": images, **counts, "copies": images - different}
    if groups is not None:
        counts["groups"] = _groups_of_each(groups)
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


if __name__ == "__main__":
    run_command(main)
