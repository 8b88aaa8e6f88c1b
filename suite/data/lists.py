"""List files, with one `path label` a line: read, and checked for all that can be wrong before an image is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from suite.config.schema import DataConfig, expanded
from suite.errors import UserError, misread, read_user_text, refuse_misread, shortened
from suite.files import fingerprint
from suite.randomness import Purpose, generator

LARGEST_LIST = 50_000_000
"""Bytes; a list of a million images has about as many."""


@dataclass(frozen=True)
class Sample:
    """One line of a list file."""

    path: str  # as written, relative to the root
    label: int
    line: int


class Lists(NamedTuple):
    """Both lists of a run, without a mistake that can be seen before an image is opened."""

    train_file: Path
    eval_file: Path
    train: list[Sample]  # of these, `images_per_class`
    eval: list[Sample]
    class_names: list[str]
    pool: str  # as in `Data`
    split: str


def check_lists(config: DataConfig) -> Lists:
    """Read both lists and check all that can be checked without opening an image.

    Raises:
        UserError: with a line for every problem.
    """
    root = find_root(config.root)
    train_file, eval_file = root / config.train_list, root / config.eval_list
    train, train_problems = read_list(train_file)
    evaluation, eval_problems = read_list(eval_file)
    if problems := train_problems + eval_problems + _in_both(train_file, train, eval_file, evaluation):
        raise UserError(shortened(problems))
    class_names = name_classes(root, [*train, *evaluation])
    _check_labels(train_file, train, class_names, must_cover=True)
    _check_labels(eval_file, evaluation, class_names, must_cover=False)
    train_lines, eval_lines = (
        [f"{sample.path} {sample.label}\n" for sample in samples] for samples in (train, evaluation)
    )
    return Lists(
        train_file,
        eval_file,
        balanced_subset(train, config, class_names),
        evaluation,
        class_names,
        pool=_unordered([*train_lines, *eval_lines]),
        split=_unordered([*(f"train {line}" for line in train_lines), *(f"eval {line}" for line in eval_lines)]),
    )


def _unordered(lines: Sequence[str]) -> str:
    """Sixteen digits that change with the lines, but not with their order."""
    return fingerprint("".join(sorted(lines)).encode())


def find_root(folder: str) -> Path:
    """The folder of a data set.

    Raises:
        UserError: when there is none.
    """
    root = expanded(folder)
    refuse_misread([folder, os.path.basename(os.path.realpath(root))])  # noqa: PTH119 (no error on impossible names)
    if not os.path.isdir(root):  # noqa: PTH112 (no error on impossible names)
        raise UserError(f"data.root: no such folder: {folder} (looked from {Path.cwd()})")
    return root


def read_list(file: Path) -> tuple[list[Sample], list[str]]:
    """The samples of a list file and what is wrong with its lines.

    The label is split from the right, so paths may hold spaces. Empty lines do not count.

    Raises:
        UserError: when there is no such file, or it is not text.
    """
    folds = " --folds K" if "-fold" in file.name else ""
    hint = f"make the lists with: python prepare_data.py {file.parent}{folds}"
    text = read_user_text(file, "list", LARGEST_LIST, hint)
    problems: list[str] = []
    seen: dict[str, Sample] = {}  # by the path without `./` and `//`
    root = Path(os.path.realpath(file.parent))

    @cache  # following links takes longer than all else here, so ask once a folder
    def leads_out(place: Path) -> bool:
        return not Path(os.path.realpath(place)).is_relative_to(root)

    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        *before, label = line.strip().rsplit(maxsplit=1)
        path = "".join(before)
        image = root / path
        if not path or "\0" in path or not re.fullmatch("-?[0-9]{1,9}", label):
            wanted = "`path label` with a whole number as label"
            problems.append(f"{file}:{number}: should be {wanted}, got: {line.strip()!r}")
        elif why := misread(path):
            problems.append(f"{file}:{number}: {path}: {why}")
        elif int(label) < 0:
            problems.append(f"{file}:{number}: label {label} is negative; labels count from 0")
        elif str(image) in seen:
            first = seen[str(image)]
            labels = "" if first.label == int(label) else f" with label {first.label}, here with {label}"
            problems.append(f"{file}:{number}: {path} stands already in line {first.line}{labels}; keep one of them")
        elif leads_out(image if os.path.islink(image) else image.parent):  # noqa: PTH114 (no error on impossible names)
            problems.append(f"{file}:{number}: {path} leads out of {file.parent}; paths are relative to that folder")
        elif not os.path.isfile(image):  # noqa: PTH113 (as above)
            problems.append(f"{file}:{number}: no such image: {path} (in {file.parent})")
        else:
            seen[str(image)] = Sample(path, int(label), number)
    if not seen and not problems:
        problems.append(f"{file}: the list is empty")
    return list(seen.values()), problems


def name_classes(root: Path, samples: Sequence[Sample]) -> list[str]:
    """Names in label order: from `classes.txt`, otherwise from the folders, otherwise the labels themselves.

    Raises:
        UserError: when `classes.txt` names nothing, or without it when a label is too large to be right.
    """
    file = root / "classes.txt"
    if file.exists():
        hint = "write one name a line, or remove it"
        lines = read_user_text(file, "list of class names", LARGEST_LIST, hint).split("\n")
        if names := [line.strip() for line in lines if line.strip()]:
            return names
        raise UserError(f"{file}: is empty; {hint}")
    last = max(samples, key=lambda sample: sample.label)
    count = last.label + 1
    if count > len(samples):  # a slip of the pen must not fill the memory with class names
        raise UserError(
            f"{root}: {last.path} has label {last.label}, but there are only {len(samples)} images; "
            "labels count from 0 without gaps"
        )
    folders: list[set[str]] = [set() for _ in range(count)]
    for sample in samples:
        folders[sample.label].add(sample.path.rpartition("/")[0])
    names = [next(iter(folder)) if len(folder) == 1 else "" for folder in folders]
    one_to_one = all(names) and len(set(names)) == count
    return names if one_to_one else [str(label) for label in range(count)]


def labels_out_of_range(
    file: Path, samples: Sequence[Sample], count: int, known_by: str = "classes.txt names"
) -> list[str]:
    """A line for every label that is none of `count` classes; `known_by` begins to say why they are so many."""
    return [
        f"{file}:{sample.line}: label {sample.label} is out of range: {known_by} {count} classes, from 0 on"
        for sample in samples
        if sample.label >= count
    ]


def _check_labels(file: Path, samples: Sequence[Sample], class_names: Sequence[str], must_cover: bool) -> None:
    problems = labels_out_of_range(file, samples, len(class_names))
    if must_cover:
        present = {sample.label for sample in samples}
        problems += [
            f"{file}: class {label} ({class_names[label]}) has no image; labels count from 0 without gaps"
            for label in range(len(class_names))
            if label not in present
        ]
    if problems:
        raise UserError(shortened(problems))


def _in_both(train_file: Path, train: Sequence[Sample], eval_file: Path, evaluation: Sequence[Sample]) -> list[str]:
    trained = {sample.path: sample for sample in train}
    return [
        f"{eval_file}:{sample.line}: {sample.path} is also trained on ({train_file.name}, line "
        f"{trained[sample.path].line}); an image may be on one side only"
        for sample in evaluation
        if sample.path in trained
    ]


def balanced_subset(samples: list[Sample], config: DataConfig, class_names: Sequence[str]) -> list[Sample]:
    """`data.images_per_class` images of every class, in list order; a smaller subset lies within a larger one.

    Raises:
        UserError: when a class has fewer.
    """
    if config.images_per_class is None:
        return samples
    chosen: set[int] = set()
    problems: list[str] = []
    for label, name in enumerate(class_names):
        members = [index for index, sample in enumerate(samples) if sample.label == label]
        if len(members) < config.images_per_class:
            problems.append(
                f"data.images_per_class is {config.images_per_class}, but class {name} has {len(members)} images"
            )
        rng = generator(config.subset_seed, Purpose.SUBSET, index=label)
        chosen.update(members[position] for position in rng.permutation(len(members))[: config.images_per_class])
    if problems:
        raise UserError(shortened(problems))
    return [samples[index] for index in sorted(chosen)]
