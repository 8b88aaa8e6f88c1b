"""Make the lists that training reads from folders of images, one folder a class.

    python prepare_data.py path/to/class_folders
    python prepare_data.py path/to/class_folders --eval 0.15 --test 0.15 --split-seed 1
    python prepare_data.py path/to/class_folders --folds 5
    python prepare_data.py path/to/class_folders --together '/(.*)/'    # class/person/photo.jpg
    python prepare_data.py path/to/sides --split-folders                # train/class/photo.jpg, val/ and test/
    python prepare_data.py path/to/class_folders --out lists            # where the images can only be read

The command writes Train.txt, Eval.txt, classes.txt and, with --test, Test.txt into that same folder or --out. With
--folds it writes Train-fold1.txt, Eval-fold1.txt and so on in place of Train.txt and Eval.txt. Every image outside
Test.txt is then in one of the evaluation lists, and in the training lists of all other folds. Images may lie at any
depth below their class folder. Each image is decoded once, so that damage shows now and not in training.

Photos of one object, person or burst must be on one side: a network that knows one of them has half seen the others.
Copies always stay together. --together PATTERN does the same for images of any class in whose paths the (...) of the
pattern finds the same text: '/(.*)/' finds the folder below the class; '(.*)/' finds class and folder, for folder names
that mean something else in every class; '/(.*)_' finds the name up to its last underscore. The column `groups` of the
table counts these groups, and its last line all of them. groups.txt has the group of every image, and plot_curves.py
takes it into account.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from suite import next_step
from suite.config.paths import as_setting
from suite.data.depth import unknown_white
from suite.errors import run_command, shortened
from suite.preparation.checking import check_images, refuse_bad_images
from suite.preparation.folders import find_images, in_words
from suite.preparation.split_folders import SplitFolders, find_sides, split_as_folders
from suite.preparation.splitting import (
    fold,
    grouped,
    needed_by,
    refuse_empty_sides,
    refuse_small_classes,
    shuffled,
    split,
)
from suite.preparation.writing import in_label_order, list_texts, summary, write_lists


def main() -> int:
    """Find the images, check them, split every class, write the lists."""
    args = parse_arguments()
    folder, out = args.folder, args.out or args.folder
    there = find_sides(folder) if args.split_folders else SplitFolders(find_images(folder), {})
    images = [image for of_class in there.found.images.values() for image in of_class]
    checked = check_images(folder, images)
    refuse_bad_images(folder, checked, args.skip_bad)

    classes = in_label_order(there.found.images, (out, folder))
    groups = shuffled(grouped(checked.digests, args.together), classes, args.split_seed)
    kind = "groups of images" if args.together else "different images"
    if there.sides:
        splits = [split_as_folders(folder, there, groups, kind, args.eval)]
    else:
        refuse_small_classes(folder, there.found, groups, kind, needed_by(args.folds, args.test > 0))
        splits = fold(groups, args.folds, args.test) if args.folds else [split(groups, args.eval, args.test)]
        refuse_empty_sides(folder, classes, splits, with_test=args.test > 0)
    known_groups = groups if args.together else None
    changes = write_lists(out, list_texts(classes, splits, known_groups), args.force)

    print(summary(classes, splits, checked.digests, known_groups))
    for problem in checked.unreadable:
        print(f"skipped: {problem}")
    white = unknown_white([folder / image.path for image in checked.digests])
    for note in shortened([*checked.one_colour, *([white] if white else [])]):
        print(f"note: {note}")
    if there.found.left_out:
        print(in_words(there.found.left_out))
    print(f"{out}: {changes}")
    where = {"data.root": out} | ({"data.images": folder} if out != folder else {})
    print(next_step.after_lists([as_setting(*each) for each in where.items()], args.folds))
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line, with shares that leave something to train on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder that holds one folder of images for each class")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--eval", type=float, default=0.2, metavar="SHARE", help="for Eval.txt (default: 0.2)")
    how.add_argument("--folds", type=int, metavar="K", help="K pairs of lists; each image is evaluated on in one")
    parser.add_argument("--test", type=float, default=0.0, metavar="SHARE", help="for Test.txt (default: 0, no list)")
    parser.add_argument(
        "--split-seed", type=int, default=0, metavar="K", help="another split for another number (default: 0)"
    )
    parser.add_argument(
        "--together", type=pattern, metavar="PATTERN", help="regular expression for paths such as class/name.jpg"
    )
    parser.add_argument("--split-folders", action="store_true", help="the folder holds train/, val/, test/ of classes")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the lists go (default: the folder itself)")
    parser.add_argument("--skip-bad", action="store_true", help="leave out images that cannot be read, and name them")
    parser.add_argument("--force", action="store_true", help="replace lists that are there and differ")
    args = parser.parse_args()
    if not (args.eval > 0 and args.test >= 0 and args.test + (0 if args.folds else args.eval) < 1):
        parser.error("--eval and --test are shares such as 0.2; --eval must be above 0, and both together below 1")
    if args.folds is not None and args.folds < 2:
        parser.error("--folds must be 2 or more")
    if args.split_folders and (args.folds or args.test):
        parser.error("--split-folders takes the split that is there: --folds and --test make another one")
    if args.split_seed < 0:
        parser.error("--split-seed must be 0 or more")
    return args


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression with a group, whose text is the same in images that stay together.

    Raises:
        argparse.ArgumentTypeError: when the text is none.
    """
    try:
        compiled = re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text}: no regular expression: {error}") from None
    if compiled.groups == 0:
        raise argparse.ArgumentTypeError(f"{text}: has no (...) around what is the same in images that stay together")
    return compiled


if __name__ == "__main__":
    run_command(main)
