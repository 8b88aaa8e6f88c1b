"""List files: one `path label` a line, read and checked for every mistake that shows before an image is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from suite.config.paths import expanded
from suite.config.schema import DataConfig
from suite.data.groups import groups_of
from suite.data.hints import LookAlikes, meant
from suite.errors import UserError, misread, read_user_text, refuse_misread, shortened
from suite.files import fingerprint
from suite.randomness import Purpose, generator

LARGEST_LIST = 50_000_000
"""Bytes; about as many as a list of a million images has."""


@dataclass(frozen=True)
class Sample:
    """One line of a list file."""

    path: str  # as written, relative to the root
    label: int
    line: int


class Lists(NamedTuple):
    """Both lists of a run, checked."""

    train_file: Path
    eval_file: Path
    train: list[Sample]  # of these, `images_per_class`
    eval: list[Sample]
    class_names: list[str]
    pool: str  # as in `Data`
    split: str


def check_lists(config: DataConfig) -> Lists:
    """Read both lists and check everything that needs no open image.

    Raises:
        UserError: with a line for every problem.
    """
    root = find_root(config.root)
    train_file, eval_file = root / config.train_list, root / config.eval_list
    train, train_problems = read_list(train_file, image_folder(config, train_file))
    evaluation, eval_problems = read_list(eval_file, image_folder(config, eval_file))
    if problems := train_problems + eval_problems + _in_both(train_file, train, eval_file, evaluation):
        raise UserError(shortened(problems))
    class_names = name_classes(root, [*train, *evaluation])
    _check_labels(train_file, train, class_names, must_cover=True)
    _check_labels(eval_file, evaluation, class_names, must_cover=False)
    groups_of(eval_file, [])  # a mistake in `groups.txt` must not show in the middle of the night
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


def image_folder(config: DataConfig, list_file: Path) -> Path:
    """Where the images of a list are: in `data.images` for the lists of `config` and others in `data.root`.

    Without that key, and for a list from elsewhere, they are in the folder of the list.

    Raises:
        UserError: when there is none.
    """
    root = expanded(config.root).absolute()
    file = list_file.absolute()
    is_ours = file.is_relative_to(root) or file in (root / config.train_list, root / config.eval_list)
    return find_root(config.images, "data.images") if config.images and is_ours else list_file.parent


def find_root(folder: str, key: str = "data.root") -> Path:
    """The folder of a data set, which is the value of `key`.

    Raises:
        UserError: when there is none.
    """
    root = expanded(folder)
    refuse_misread([folder])
    refuse_misread([os.path.basename(os.path.realpath(root))])  # noqa: PTH119 (no error on impossible names)
    if not os.path.isdir(root):  # noqa: PTH112 (no error on impossible names)
        raise UserError(f"{key}: no such folder: {folder} (looked from {Path.cwd()})")
    return root


def read_list(file: Path, images: Path | None = None) -> tuple[list[Sample], list[str]]:
    """The samples of a list file, and a line for every mistake in it.

    Paths are relative to `images`, or else to the folder of the list. Empty lines do not count.

    Raises:
        UserError: when there is no such file, or it is not text.
    """
    folds = " --folds K" if "-fold" in file.name else ""
    hint = f"make the lists with: python prepare_data.py {file.parent}{folds}"
    text = read_user_text(file, "list", LARGEST_LIST, hint)
    folder = _Folder(images or file.parent)
    problems: list[str] = []
    samples: dict[str, Sample] = {}  # by the path without `./` and `//`
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            sample = _parse(line.strip(), number)
            path = str(Path(sample.path))
            _refuse_repetition(sample, samples.get(path))
            folder.refuse_missing(sample.path)
        except ValueError as problem:
            right = meant(line.strip(), folder.has)
            problems.append(f"{file}:{number}: {problem}{f'; write: {right}' if right else ''}")
        else:
            samples[path] = sample
    if not samples and not problems:
        problems.append(f"{file}: the list is empty")
    return list(samples.values()), problems


def _parse(line: str, number: int) -> Sample:
    """The sample of a line `path label`; the label is split from the right, so a path may hold spaces."""
    *before, label = line.rsplit(maxsplit=1)
    path = "".join(before)
    if not path or "\0" in path or not re.fullmatch("-?[0-9]{1,9}", label):
        raise ValueError(f"should be `path label` with a whole number as label, got: {line!r}")
    if int(label) < 0:
        raise ValueError(f"label {label} is negative; labels count from 0")
    if why := misread(path):
        raise ValueError(f"{path}: {why}")
    return Sample(path, int(label), number)


def _refuse_repetition(sample: Sample, first: Sample | None) -> None:
    if first:
        labels = "" if first.label == sample.label else f" with label {first.label}, here with {sample.label}"
        raise ValueError(f"{sample.path} stands already in line {first.line}{labels}; keep one of them")


class _Folder:
    """The folder in which a list and its images lie."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.target = folder, Path(os.path.realpath(folder))
        self._look_alikes = LookAlikes(self.target)
        # Following links takes longer than all else here, so it is done once for each folder of images.
        self._leads_out = cache(lambda place: not Path(os.path.realpath(place)).is_relative_to(self.target))

    def has(self, path: str) -> bool:
        """Whether there is a file of that name, in the folder."""
        # `os.path`, because pathlib raises on names that no file can have.
        return "\0" not in path and not self._is_outside(path) and os.path.isfile(self.target / path)  # noqa: PTH113

    def refuse_missing(self, path: str) -> None:
        """Check that an image is there, and not outside the folder."""
        if self._is_outside(path):
            raise ValueError(f"{path} leads out of {self.folder}; paths are relative to that folder")
        if not self.has(path):
            other = self._look_alikes.of(path)
            hint = f"; {other!a} is there, whose name looks the same: prepare_data.py makes the lists anew"
            raise ValueError(f"no such image: {path} (in {self.folder}){hint if other else ''}")

    def _is_outside(self, path: str) -> bool:
        image = self.target / path
        return self._leads_out(image if os.path.islink(image) else image.parent)  # noqa: PTH114


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
    if count > len(samples):  # a mistyped label must not fill the memory with class names
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
    """A line for every label that is none of `count` classes; `known_by` is the start of "... names 3 classes"."""
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
    by_class: list[list[int]] = [[] for _ in class_names]
    for index, sample in enumerate(samples):
        by_class[sample.label].append(index)
    chosen: set[int] = set()
    problems: list[str] = []
    least = len(samples)
    for label, (name, members) in enumerate(zip(class_names, by_class, strict=True)):
        least = min(least, len(members))
        if len(members) < config.images_per_class:
            problems.append(
                f"data.images_per_class is {config.images_per_class}, but class {name} has {len(members)} images"
            )
        rng = generator(config.subset_seed, Purpose.SUBSET, index=label)
        chosen.update(members[position] for position in rng.permutation(len(members))[: config.images_per_class])
    if problems:
        raise UserError([*shortened(problems), f"the largest data.images_per_class for these lists is {least}"])
    return [samples[index] for index in sorted(chosen)]
