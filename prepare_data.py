"""Make the lists that training reads from folders of images, one folder a class.

    python prepare_data.py path/to/class_folders
    python prepare_data.py path/to/class_folders --eval 0.15 --test 0.15 --seed 1
    python prepare_data.py path/to/class_folders --folds 5
    python prepare_data.py path/to/class_folders --together '/(.*)/'    # class/person/photo.jpg

The command writes Train.txt, Eval.txt, classes.txt and, with --test, Test.txt into that same folder. With --folds it
writes Train-fold1.txt, Eval-fold1.txt and so on in place of Train.txt and Eval.txt. Every image outside Test.txt is
then in one of the evaluation lists, and in the training lists of all other folds. Images may lie at any depth below
their class folder. Each image is decoded once, so that damage shows now and not in training.

Photos of one object, person or burst must be on one side: a network that knows one of them has half seen the others.
Copies always stay together. --together PATTERN does the same for images of any class in whose paths the (...) of the
pattern finds the same text: '/(.*)/' finds the folder below the class; '(.*)/' finds class and folder, for folder names
that mean something else in every class; '/(.*)_' finds the name up to its last underscore. The column `groups` of the
table counts these groups, and its last line all of them.
"""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import yaml

from suite.errors import UserError, run_command, shortened
from suite.preparation.folders import check_images, find_images, in_two_classes, in_words
from suite.preparation.splitting import fold, grouped, refuse_empty_sides, refuse_small_classes, shuffled, split
from suite.preparation.writing import list_texts, summary, write_lists


def main() -> int:
    """Find the images, check them, split every class, write the lists."""
    args = parse_arguments()
    class_folders = find_images(args.folder)
    classes = list(class_folders.images)
    digests, unreadable = check_images(args.folder, [path for paths in class_folders.images.values() for path in paths])
    if unreadable and not args.skip_bad:
        raise UserError([*unreadable, "nothing was written; repair these files, or leave them out with --skip-bad"])
    if two_labels := in_two_classes(args.folder, digests):
        raise UserError(shortened(two_labels))

    groups = grouped(digests, args.together)
    kind = "groups of images" if args.together else "different images"
    refuse_small_classes(args.folder, class_folders, groups, kind, args.folds, args.test)
    groups = shuffled(groups, classes, args.seed)
    splits = fold(groups, args.folds, args.test) if args.folds else [split(groups, args.eval, args.test)]
    refuse_empty_sides(args.folder, classes, splits, with_test=args.test > 0)
    changes = write_lists(args.folder, list_texts(classes, splits), args.force)

    print(summary(classes, splits, digests, groups if args.together else None))
    for problem in unreadable:
        print(f"skipped: {problem}")
    if class_folders.left_out:
        print(f"left out: {in_words(class_folders.left_out)}")
    print(f"{args.folder}: {changes}")
    print_next_step(args.folder, args.folds)
    return 0


def print_next_step(folder: Path, folds: int | None) -> None:
    """The command that trains on the lists."""
    root = yaml.safe_dump(str(folder), allow_unicode=True, width=10_000).removesuffix("...\n").strip()
    what = "--config configs/googlenet_none.yaml"
    if folds:
        what = "--study configs/studies/folds.yaml"
        print(f"first: let `fold` in configs/studies/folds.yaml name fold1 to fold{folds}")
    print(f"next: python train.py {what} --set {shlex.quote(f'data.root={root}')}")


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
