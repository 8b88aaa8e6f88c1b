"""What a user wants to have judged: which run, which of its checkpoints, which list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.config.paths import expanded
from suite.config.schema import Config, DataConfig
from suite.data.decoding import ImageSet, decode
from suite.data.groups import groups_of
from suite.data.lists import Sample, find_root, image_folder, labels_out_of_range, name_classes, read_list
from suite.errors import UserError, shortened
from suite.runs.checkpoints import Checkpoint
from suite.runs.trained import TrainedRun, build_network, open_run

WHERE = ("data.root", "data.images")
"""Keys that can be set here: where the images are now. All else is as the run was trained."""


class Request(NamedTuple):
    """A run, and which list it is to be judged by."""

    run: TrainedRun
    list_file: Path

    @property
    def choice(self) -> tuple[str, str]:
        """Short names of list and checkpoint."""
        list_name = short_name(self.list_file, expanded(self.run.config.data.root))
        return list_name, short_name(self.run.weights_file, self.run.folder)

    @property
    def output_name(self) -> str:
        """A folder name of its own for every list and checkpoint, so that no evaluation overwrites another."""
        if self.choice == (self.run.config.data.eval_list, "last.npz"):
            return "evaluation"
        parts = (part for name in self.choice for part in Path(name).with_suffix("").parts)
        return "-".join(["evaluation", *parts])


def short_name(file: Path, home: Path) -> str:
    """The path from `home` on, or its last three parts for a file from elsewhere."""
    whole, start = file.resolve(), home.resolve()
    return str(whole.relative_to(start) if whole.is_relative_to(start) else Path(*whole.parts[-3:]))


def read_request(folder: Path, wanted_list: str | None, checkpoint: str, overrides: Sequence[str] = ()) -> Request:
    """Find what is to be judged; nothing large is read yet. `overrides` say where the images are now.

    Raises:
        UserError: when another key is set, or there is no run in the folder, or a damaged one, or no such list or
            checkpoint.
    """
    if others := [override for override in overrides if override.partition("=")[0].strip() not in WHERE]:
        raise UserError(f"--set {others[0]}: only {' and '.join(WHERE)} can be set here; all else is as in training")
    run = open_run(folder, checkpoint, overrides)
    return Request(run, find_list(run.config, wanted_list))


def find_list(config: Config, wanted: str | None) -> Path:
    """The list named `wanted` in the data folder, or else from here; without a name the run's evaluation list.

    Raises:
        UserError: when there is no such list.
    """
    moved = "if the images have moved, give --set data.root=DIR"
    if wanted is None:
        try:
            return find_root(config.data.root) / config.data.eval_list
        except UserError as error:
            raise UserError(f"{error}; {moved}, or --list DIR/{config.data.eval_list}") from None
    for file in (expanded(config.data.root) / wanted, Path(wanted)):
        if file.is_file():
            return file
    raise UserError(f"--list {wanted}: no such list, neither in {config.data.root} nor in {Path.cwd()}; {moved}")


@cache  # many runs are judged on one list
def open_list(file: Path, class_names: tuple[str, ...], config: DataConfig) -> tuple[ImageSet, list[str]]:
    """The images of a list, whose labels must mean what they meant in training, and the digests of their files.

    Raises:
        UserError: with a line for every problem.
    """
    samples, problems = read_list(file, image_folder(config, file))
    problems += labels_out_of_range(file, samples, len(class_names), "the network knows")
    names = file.parent / "classes.txt"
    if not names.is_file():
        problems += _labels_of_other_classes(file, samples, class_names)
    elif (now := name_classes(file.parent, samples)) != list(class_names):
        problems.append(f"{names}: names {shortlist(now)}, but the run was trained on {shortlist(class_names)}")
    if problems:
        raise UserError(shortened(problems))
    [(images, digests)] = decode({file: samples}, config)
    return images._replace(groups=groups_of(file, images.paths)), digests


def _labels_of_other_classes(file: Path, samples: Sequence[Sample], class_names: Sequence[str]) -> Iterator[str]:
    """A line for every label whose images all lie in the folder of another class than the one it had in training."""
    folders: dict[int, set[str]] = {}  # those with the name of a class that all images of a label have in common
    for sample in samples:
        names = set(Path(sample.path).parent.parts).intersection(class_names)
        folders[sample.label] = folders.get(sample.label, names) & names
    for label, names in sorted(folders.items()):
        if label < len(class_names) and names and class_names[label] not in names:
            yield (
                f"{file}: label {label} is {' or '.join(sorted(names))} by its folder, but the run was trained with "
                f"{class_names[label]} as {label}; give every class the label that it had then"
            )


def shortlist(names: Sequence[str]) -> str:
    """`16 classes (bird, building, clothing, ...)`."""
    return f"{len(names)} classes ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"


def predict(run: TrainedRun, checkpoint: Checkpoint, images: ImageSet, device: str) -> NDArray[np.float32]:
    """Logits [N, classes], from the run's network with the weights of `checkpoint`.

    Raises:
        UserError: when the weights are of another network, or the device cannot be used.
    """
    network = build_network(run, checkpoint, device)
    from models.predicting import predict as predict_with  # imports Paddle

    return predict_with(network, images.images, run.config.model.normalise)
