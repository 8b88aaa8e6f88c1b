"""What a command line means: which runs predict, and which images they are shown."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.data.images import formats
from suite.errors import UserError, misread, on_one_line
from suite.image_names import SYSTEM_FOLDERS, endings
from suite.natural_order import natural
from suite.runs.trained import TrainedRun, open_run, run_folders


class Chosen(NamedTuple):
    """The runs whose probabilities are averaged; at least one."""

    runs: list[TrainedRun]
    notes: list[str]
    """What to keep in mind about them."""

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.runs[0].class_names


class Found(NamedTuple):
    """The images to predict."""

    files: list[Path]
    left_out: Counter[str]
    """Files in the folders that have no image's ending, by their ending."""
    problems: list[str]
    """A line for every image that cannot be named in a table."""


def split_paths(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The folders of runs, and the images and folders of images.

    A folder that is a run, or that holds runs as the folder of an arm does, is taken for runs, whatever its place.

    Raises:
        UserError: when one of the two is missing, or there is no such file or folder.
    """
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 (no error on impossible names)
            raise UserError(f"{path}: no such file or folder")
    runs = [path for path in paths if _holds_runs(path)]
    images = [path for path in paths if path not in runs]
    if not runs:
        open_run(paths[0])  # which says what is wrong with it
    if not images:
        raise UserError("no images to predict: name photos, or a folder of them, behind the run")
    return runs, images


def _holds_runs(path: Path) -> bool:
    return any(any(path.glob(pattern)) for pattern in ("run.json", "*/run.json", "*/*/run.json"))


def choose_runs(folders: Iterable[Path], checkpoint: str) -> Chosen:
    """The runs in these folders: a run that is named itself, and of a whole arm all that are finished.

    Raises:
        UserError: when a run cannot be used, a folder holds several arms, or the runs know different classes.
    """
    runs: dict[Path, TrainedRun] = {}
    notes: list[str] = []
    for folder in folders:
        of_folder = [open_run(each, checkpoint) for each in run_folders(folder)]
        if len(arms := dict.fromkeys(run.folder.parent for run in of_folder)) > 1:
            raise UserError(f"{folder}: holds runs of {len(arms)} arms; name one of them, such as {next(iter(arms))}")
        for run in of_folder:
            epochs = f"{run.facts.epochs_done} of {run.config.train.epochs} epochs are done"
            if run.facts.finished or run.folder == folder:
                runs[run.folder.resolve()] = run
            if not run.facts.finished:
                what = "is not finished" if run.folder == folder else "is left out"
                notes.append(f"{run.folder} {what}: {epochs}")
    if not runs:
        raise UserError([*notes, "no run here is finished; name one by itself to use it all the same"])
    first, *others = runs.values()
    for run in others:
        if run.class_names != first.class_names:
            raise UserError(
                f"{run.folder} and {first.folder} know different classes, or in another order, so their probabilities "
                "have no mean; name runs of one data set"
            )
    return Chosen([first, *others], notes)


def find_photos(paths: Sequence[Path]) -> Found:
    """The images that are named, and all those in the folders that are named, in natural order.

    Raises:
        UserError: when there is no image.
    """
    files: dict[Path, None] = {}
    left_out: Counter[str] = Counter()
    problems: list[str] = []
    known = endings(formats())
    for path in paths:
        for file in _files_in(path) if path.is_dir() else [path]:
            if why := misread(str(file)):
                problems.append(f"{on_one_line(str(file))}: {why}")
            elif path.is_dir() and not file.name.lower().endswith(known):
                left_out[file.suffix.lower() or "without ending"] += 1
            else:
                files[file] = None
    if not files:
        raise UserError([*problems, f"{', '.join(map(str, paths))}: no images here"])
    return Found(list(files), left_out, problems)


def _files_in(folder: Path) -> Iterator[Path]:
    """The files in and below a folder, but for hidden ones and copies that a system keeps."""

    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename}: cannot be read: {error.strerror}")

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted((name for name in folders if not _is_left_out(name)), key=natural)
        yield from (Path(place, name) for name in sorted(files, key=natural) if not name.startswith("."))


def _is_left_out(folder: str) -> bool:
    return folder.startswith(".") or folder.lower() in SYSTEM_FOLDERS
