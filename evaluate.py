"""Judge a run: let one of its checkpoints name the images of a list, and write down where it is right and where not.

    python evaluate.py logs/googlenet_mixup/seed0
    python evaluate.py logs/googlenet_mixup/seed0 --list Test.txt --checkpoint best

The results go into the run folder: evaluation/ for the evaluation list and the last epoch, evaluation-Test-best/ and
the like for other choices.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import checkpoint
import runs
from config import Config, load_config
from data import ImageSet, decode, find_root, name_classes, read_list
from errors import UserError, run_command, shortened
from metrics import accuracy, cross_entropy

WORST = 24
"""How many mistakes the contact sheet shows."""


def main() -> int:
    """Read the command line, predict, print and write the results."""
    args = parse_arguments()
    folder = args.run
    config, facts = open_run(folder)
    class_names = facts["data"]["class_names"]
    list_file = find_list(config, args.list)
    checkpoint_file = folder / f"{args.checkpoint}.npz" if args.checkpoint in ("last", "best") else Path(args.checkpoint)
    kept = open_checkpoint(checkpoint_file)
    images = open_list(list_file, class_names, config.data.image_size)

    judged = Judged(images, predict(config, kept, checkpoint_file, images, class_names, args.device), class_names)
    subject = f"{folder}, {shown(checkpoint_file, folder)} (epoch {kept.facts['epochs_done']}) on {list_file}"
    out = args.out or folder / output_name(config, folder, list_file, checkpoint_file)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [*write_tables(judged, out), *write_pictures(judged, subject, out)]
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None

    print(subject, *summary(judged), sep="\n")
    for note in notes(config, folder, facts, list_file, checkpoint_file):
        print("note:", note)
    print("written:", *written, sep="\n  ")
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, metavar="RUN", help="a run folder, such as logs/googlenet_mixup/seed0")
    parser.add_argument("--list", metavar="FILE", help="in data.root, or a path (default: the run's evaluation list)")
    parser.add_argument("--checkpoint", default="last", metavar="last|best|FILE", help="which weights (default: last)")
    parser.add_argument("--device", choices=["auto", "cpu", "gpu"], default="auto", help="what computes (default: auto)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: a folder in RUN)")
    return parser.parse_args()


# --- what is judged -------------------------------------------------------------------------------------------------


def open_run(folder: Path) -> tuple[Config, dict[str, Any]]:
    """The configuration and the facts of a run.

    Raises:
        UserError: when there is no run in the folder.
    """
    facts = runs.read_facts(folder)
    if facts is None:
        below = sorted(file.parent for file in folder.glob("*/run.json"))
        hint = f"did you mean {below[0]}?" if below else "name a run folder, such as logs/googlenet_mixup/seed0"
        raise UserError(f"{folder}: {'no run in this folder' if folder.is_dir() else 'no such folder'}; {hint}")
    return load_config(folder / "config.yaml"), facts


def open_checkpoint(file: Path) -> runs.Checkpoint:
    """The weights in `file`.

    Raises:
        UserError: when there is no such file, or its content is not what was written.
    """
    try:
        return runs.load_checkpoint(file)
    except FileNotFoundError:
        raise UserError(f"{file}: no such checkpoint; train.py writes last.npz and best.npz after the first epoch") from None
    except runs.DamagedFile as error:
        raise UserError(f"{error}; choose another one with --checkpoint last|best|FILE") from None


def find_list(config: Config, wanted: str | None) -> Path:
    """The list named `wanted` in the data folder, or else from here; without a name the run's evaluation list.

    Raises:
        UserError: when there is no such list.
    """
    if wanted is None:
        return find_root(config.data.root) / config.data.eval_list
    for file in (Path(config.data.root) / wanted, Path(wanted)):
        if file.is_file():
            return file
    raise UserError(f"--list {wanted}: no such list, neither in {config.data.root} nor in {Path.cwd()}")


def open_list(file: Path, class_names: Sequence[str], size: int) -> ImageSet:
    """The images of a list, whose labels must mean what they meant in training.

    Raises:
        UserError: with a line for every problem.
    """
    samples, problems = read_list(file)
    count = len(class_names)
    problems += [
        f"{file}:{sample.line}: label {sample.label} is out of range: the network knows {count} classes, 0 to {count - 1}"
        for sample in samples
        if sample.label >= count
    ]
    names = file.parent / "classes.txt"
    if names.is_file() and (now := name_classes(file.parent, samples)) != list(class_names):
        problems.append(f"{names}: names {shortlist(now)}, but the run was trained on {shortlist(class_names)}")
    if problems:
        raise UserError(shortened(problems))
    return decode(file, samples, size)[0]


def shortlist(names: Sequence[str]) -> str:
    """`16 classes (bird, building, clothing, ...)`."""
    return f"{len(names)} classes ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"


def predict(
    config: Config, kept: runs.Checkpoint, file: Path, images: ImageSet, class_names: Sequence[str], device: str
) -> NDArray[np.float32]:
    """Logits [N, classes], from the network of `config` with the weights of `kept`.

    Raises:
        UserError: when the weights are of another network, or the device cannot be used.
    """
    import backend  # Paddle takes seconds to import: the user's mistakes are found before

    backend.start_paddle(device, config.train.threads)
    import models

    model = models.build(config, len(class_names))
    try:
        checkpoint.restore_model(model, kept.arrays)
    except ValueError as error:
        raise UserError(f"{file}: {error}; choose a checkpoint of a run with the same `model` and classes") from None
    return models.predict(model, images.images)


def output_name(config: Config, folder: Path, list_file: Path, checkpoint_file: Path) -> str:
    """A name of its own for every list and checkpoint, so that no evaluation overwrites another."""
    root = Path(config.data.root)
    usual = (root / config.data.eval_list, folder / "last.npz")
    if all(file.samefile(other) for file, other in zip((list_file, checkpoint_file), usual, strict=True) if other.exists()):
        return "evaluation"
    parts = (*Path(shown(list_file, root)).with_suffix("").parts, *Path(shown(checkpoint_file, folder)).with_suffix("").parts)
    return "-".join(["evaluation", *parts])


def shown(file: Path, home: Path) -> str:
    """A short name: from `home` on, and the last three parts of the path for a file from elsewhere."""
    whole, start = file.resolve(), home.resolve()
    return str(whole.relative_to(start) if whole.is_relative_to(start) else Path(*whole.parts[-3:]))
