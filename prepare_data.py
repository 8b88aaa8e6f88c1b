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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
import yaml
from tqdm import tqdm

import runs
from data import ImageError, prefetch, read_image
from errors import UserError, run_command, shortened
from randomness import Purpose, generator

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")

NAMES_OF_SIDES = {"train", "training", "val", "valid", "validation", "dev", "eval", "test", "testing"}
"""Folders called so hold a finished split, not classes."""


class Found(NamedTuple):
    """What lies in the folder."""

    classes: dict[str, list[str]]  # a class's images, relative to the folder; names and images sorted
    hidden: int  # files and folders whose names begin with a dot
    others: Counter[str]  # files that are not images, by ending


class Split(NamedTuple):
    """The images of one class, each on one side."""

    train: list[str]
    eval: list[str]
    test: list[str]
    copies: int  # files whose bytes another file of the class has already

    def counts(self) -> list[int]:
        """Images, train, eval, test, copies."""
        sides = [len(self.train), len(self.eval), len(self.test)]
        return [sum(sides), *sides, self.copies]


def main() -> int:
    """Find the images, check them, split every class, write the lists."""
    args = parse_arguments()
    found = find_images(args.folder)
    digests, unreadable = check_images(args.folder, [path for paths in found.classes.values() for path in paths])
    if unreadable and not args.skip_bad:
        raise UserError([*unreadable, "nothing was written; repair these files, or leave them out with --skip-bad"])
    refuse_two_labels(args.folder, digests)
    splits = split_classes(args.folder, group_copies(found.classes, digests), args.eval, args.test, args.seed)
    lists = list_texts(splits, with_test=args.test > 0)
    changed = write_lists(args.folder, lists, args.force)

    print(summary(splits, with_test=args.test > 0))
    for problem in unreadable:
        print(f"skipped: {problem}")
    if found.hidden or found.others:
        endings = ", ".join(f"{count} {ending or 'without ending'}" for ending, count in sorted(found.others.items()))
        print(f"left out: {found.hidden} hidden, {found.others.total()} other files{endings and f' ({endings})'}")
    print(f"{args.folder}: " + (f"wrote {', '.join(changed)}" if changed else "the lists are as they were"))
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
        UserError: when these are not class folders, or a file could not stand in a list.
    """
    images: list[str] = []
    top: list[str] = []
    hidden = 0
    others: Counter[str] = Counter()
    problems: list[str] = []
    for place, folders, files in os.walk(folder, onerror=_cannot_be_read):
        inside = Path(place).relative_to(folder)
        hidden += sum(name.startswith(".") for name in (*folders, *files))
        folders[:] = [name for name in folders if not name.startswith(".")]
        files = [name for name in files if not name.startswith(".")]
        pictures = [name for name in files if name.lower().endswith(ENDINGS)]
        if place == str(folder):
            top = sorted(folders)
            problems += [f"{folder / name}: lies in no class folder; move it into one, or away" for name in pictures]
        else:
            images += [(inside / name).as_posix() for name in pictures]
            others.update(Path(name).suffix for name in set(files) - set(pictures))
        problems += [
            f"{Path(place) / name}: is a link, and links are not followed; `cp -rL` makes a copy without links"
            for name in (*folders, *pictures)
            if (Path(place) / name).is_symlink()
        ]
    if not top:
        raise UserError(f"{folder}: has no class folders; put the images of each class into a folder of its own in it")
    if len(top) == 1:
        deeper = f"; if the classes lie in there: python prepare_data.py {shlex.quote(str(folder / top[0]))}"
        raise UserError(f"{folder}: has a single class folder, {top[0]}, and training needs two{deeper}")
    if {name.lower() for name in top} <= NAMES_OF_SIDES:
        raise UserError(f"{folder}: {', '.join(top)} are a split, not classes; put the class folders side by side")
    problems += [
        f"{folder / path!s}: {path!r} cannot stand in a list; rename it: no blank in front, no line break, only Unicode"
        for path in images
        if path.encode(errors="ignore").decode().strip().splitlines() != [path]
    ]
    if problems:
        raise UserError(shortened(sorted(problems)))
    classes: dict[str, list[str]] = {name: [] for name in top}
    for path in sorted(images):
        classes[path.partition("/")[0]].append(path)
    return Found(classes, hidden, others)


def _cannot_be_read(error: OSError) -> NoReturn:
    raise UserError(f"{error.filename}: cannot be read: {error.strerror}")


def check_images(folder: Path, paths: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The digest of every image that can be decoded, and a line for every other."""

    def check(index: int) -> tuple[str, str | None]:
        try:
            return read_image(folder / paths[index], size=1)[1], None
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
        f"{folder / name}: has {len(groups)} different images, and {sides} are needed, one for each list; "
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
    evaluation = _take(groups, eval_share * images, leave=2 if test_share else 1)
    rest = [group for group in groups if group not in evaluation]
    test = _take(rest, test_share * images, leave=1) if test_share else []
    train = [group for group in rest if group not in test]
    sides = [sorted(path for group in side for path in group) for side in (train, evaluation, test)]
    return Split(*sides, copies=images - len(groups))


def _take(groups: Sequence[list[str]], share: float, leave: int) -> list[list[str]]:
    """Groups of about `share` images together, at least one group, so that `leave` groups are left."""
    wanted = round(share)
    taken: list[list[str]] = []
    for group in groups:
        if sum(map(len, taken)) + len(group) <= wanted and len(taken) < len(groups) - leave:
            taken.append(group)
    return taken or [min(groups, key=len)]


# --- writing --------------------------------------------------------------------------------------------------------


def list_texts(splits: Mapping[str, Split], with_test: bool) -> dict[str, str | None]:
    """The content of every list file by its name; None where there shall be none."""

    def lines(side: str) -> str:
        labelled = [(path, label) for label, split in enumerate(splits.values()) for path in getattr(split, side)]
        return "".join(f"{path} {label}\n" for path, label in labelled)

    return {
        "Train.txt": lines("train"),
        "Eval.txt": lines("eval"),
        "Test.txt": lines("test") if with_test else None,
        "classes.txt": "".join(f"{name}\n" for name in splits),
    }


def write_lists(folder: Path, lists: Mapping[str, str | None], force: bool) -> list[str]:
    """Write the lists that differ from what is there; their names.

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
            if name in new:
                runs.write_text(folder / name, lists[name] or "")
    except OSError as error:
        raise UserError(f"{folder}: the lists cannot be written: {error.strerror}") from None
    return changed


def summary(splits: Mapping[str, Split], with_test: bool) -> str:
    """A table of how many images every class has on each side."""
    rows = [(name, split.counts()) for name, split in splits.items()]
    totals = np.sum([counts for _, counts in rows], axis=0).tolist()
    rows.append((f"{len(splits)} classes", totals))
    titles = ("images", "train", "eval", "test", "copies")
    shown = [column for column, title in enumerate(titles) if title != "test" or with_test]
    width = max(_columns(name) for name, _ in rows)
    lines = [" " * width + "".join(f"{titles[column]:>8}" for column in shown)]
    for name, counts in rows:
        lines.append(name + " " * (width - _columns(name)) + "".join(f"{counts[column]:>8}" for column in shown))
    return "\n".join(lines)


def _columns(text: str) -> int:
    """Columns of a terminal: Chinese characters and most emoji take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


if __name__ == "__main__":
    run_command(main)
