"""What a user wants to have judged: which run, which of its checkpoints, which list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite import backend
from suite.config.paths import expanded
from suite.config.schema import Config, DataConfig
from suite.data.decoding import ImageSet, decode
from suite.data.groups import groups_of
from suite.data.lists import Sample, find_root, image_folder, labels_out_of_range, name_classes, read_list
from suite.errors import UserError, shortened
from suite.files import DamagedFile
from suite.runs.checkpoints import Checkpoint, load_checkpoint
from suite.runs.facts import Facts, read_facts
from suite.runs.inputs import read_config

WHERE = ("data.root", "data.images")
"""Keys that can be set here: where the images are now. All else is as the run was trained."""

CHECKPOINTS = ("last", "best")
"""Those that every run has."""


class Request(NamedTuple):
    """A run, and by which of its weights which list is to be judged."""

    folder: Path
    config: Config
    facts: Facts
    list_file: Path
    checkpoint_file: Path

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.facts.data.class_names

    @property
    def choice(self) -> tuple[str, str]:
        """Short names of list and checkpoint."""
        list_name = short_name(self.list_file, expanded(self.config.data.root))
        return list_name, short_name(self.checkpoint_file, self.folder)

    @property
    def output_name(self) -> str:
        """A folder name of its own for every list and checkpoint, so that no evaluation overwrites another."""
        if self.choice == (self.config.data.eval_list, "last.npz"):
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
    try:
        facts = read_facts(folder) if folder.is_dir() else None
        config = read_config(folder, facts, overrides) if facts else None
    except DamagedFile as error:
        raise UserError(f"{error}; the command that trained the run writes it anew") from None
    if facts is None or config is None:
        below = sorted(file.parent for pattern in ("*/run.json", "*/*/run.json") for file in folder.glob(pattern))
        hint = f"did you mean {below[0]}?" if below else "name a run folder, such as logs/googlenet_mixup/seed0"
        raise UserError(f"{folder}: {'no run in this folder' if folder.is_dir() else 'no such folder'}; {hint}")
    list_file = find_list(config, wanted_list)
    file = folder / f"{checkpoint}.npz" if checkpoint in CHECKPOINTS else Path(checkpoint)
    if not file.is_file():  # also for a pipe: opening it would wait for its writer
        raise UserError(f"{file}: no such checkpoint; train.py writes last.npz and best.npz after the first epoch")
    return Request(folder, config, facts, list_file, file)


def open_checkpoint(file: Path) -> Checkpoint:
    """The weights in `file`.

    Raises:
        UserError: when its content is not what was written.
    """
    try:
        return load_checkpoint(file)
    except DamagedFile as error:
        raise UserError(f"{error}; choose another one with --checkpoint last|best|FILE") from None


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
    [(images, digests, _)] = decode({file: samples}, config)
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


def predict(request: Request, checkpoint: Checkpoint, images: ImageSet, device: str) -> NDArray[np.float32]:
    """Logits [N, classes], from the run's network with the weights of `checkpoint`.

    Raises:
        UserError: when the weights are of another network, or the device cannot be used.
    """
    backend.start_paddle(device, request.config.train.threads)
    # Paddle takes seconds to import: the user's mistakes are found before.
    from models.building import build
    from models.predicting import predict as predict_with
    from models.weights import restore_model

    model = build(request.config.model, request.config.data.image_size, len(request.class_names))
    try:
        restore_model(model, checkpoint.arrays)
    except ValueError as error:
        raise UserError(
            f"{request.checkpoint_file}: {error}; choose a checkpoint of a run with the same `model` and classes"
        ) from None
    return predict_with(model, images.images, request.config.model.normalise)
