"""Judge runs: let one of their checkpoints name the images of a list, and write down where it is right and where not.

    python evaluate.py logs/googlenet_mixup/seed0
    python evaluate.py logs/googlenet_mixup/seed0 --list Test.txt --checkpoint best
    python evaluate.py logs/mild/*/seed* --list Test.txt
    python plot_curves.py logs/ --evaluation evaluation-Test-last    # compares what the line above has written

The results go into the run folder: evaluation/ for the evaluation list and the last epoch, evaluation-Test-best/ and
the like for other choices.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import shlex
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import runs
from config import Config, expanded, load_config
from data import ImageSet, decode, find_root, labels_out_of_range, name_classes, read_list
from errors import UserError, run_command, shortened
from lettering import class_labels, elided, plain_text, writable
from metrics import accuracy, confusion_matrix, cross_entropy

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WORST = 24
"""How many mistakes the contact sheet shows."""

CHECKPOINTS = ("last", "best")
"""Those that every run has."""


def main() -> int:
    """Read the command line, then judge every run; what is wrong with one is said in the end, after the others."""
    args = parse_arguments()
    folders = list(dict.fromkeys(args.runs))
    remarks: list[str] = []
    problems: list[str] = []
    names: list[str] = []
    for folder in folders:
        try:
            asked = ask(folder, args.list, args.checkpoint)
            out = args.out or folder / output_name(asked)
            remarks += judge(asked, args.device, out, alone=len(folders) == 1)
            names += [out.name]
        except UserError as error:
            problems += error.problems
    for remark in shortened(list(dict.fromkeys(remarks))):
        print("note:", remark)
    if len(folders) > 1 and names:
        print(f"written into {' or '.join(dict.fromkeys(names))} of each run")
        if len(set(names)) == 1 and args.list:
            runs_in = os.path.relpath(os.path.commonpath([folder.absolute() for folder in folders]))
            print(f"next: python plot_curves.py {shlex.quote(runs_in)} --evaluation {names[0]}")
    if problems:
        raise UserError(list(dict.fromkeys(problems)))
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "runs", type=Path, nargs="+", metavar="RUN", help="run folders, such as logs/googlenet_mixup/seed0"
    )
    parser.add_argument("--list", metavar="FILE", help="in data.root, or a path (default: the run's evaluation list)")
    parser.add_argument("--checkpoint", default="last", metavar="last|best|FILE", help="which weights (default: last)")
    parser.add_argument(
        "--device", choices=["auto", "cpu", "gpu"], default="auto", help="what computes (default: auto)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: a folder in RUN)")
    args = parser.parse_args()
    if len(args.runs) > 1 and (args.out or args.checkpoint not in CHECKPOINTS):
        parser.error("--out and a --checkpoint of one's own go with one RUN")
    return args


def judge(asked: Asked, device: str, out: Path, alone: bool) -> list[str]:
    """Predict, print, and write all results into `out`; what to keep in mind about them.

    Raises:
        UserError: when checkpoint, list, images, device or `out` cannot be used.
    """
    kept = open_checkpoint(asked.checkpoint_file)
    images, digests = open_list(asked.list_file, asked.class_names, asked.config.data.image_size)
    judged = Judged(images, predict(asked, kept, images, device), asked.class_names)
    weights = f"{asked.folder}, {asked.choice[1]} (epoch {kept.facts['epochs_done']})"
    subject = f"{weights} on {asked.list_file}"
    print(*([subject, *summary(judged)] if alone else [f"{weights}: {in_short(judged)}"]), sep="\n", flush=True)
    known = trained_on(asked, digests)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = [*write_tables(judged, out), *write_pictures(judged, subject, out)]
        written.append(write_predictions(asked, judged, digests, known, out))
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    if alone:
        print("written:", *written, sep="\n  ")
    return list(notes(asked, len(digests), known))


# --- what is judged -------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A run, and by which of its weights which list is to be judged."""

    folder: Path
    config: Config
    facts: dict[str, Any]  # of `run.json`
    list_file: Path
    checkpoint_file: Path

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(self.facts["data"]["class_names"])

    @property
    def finished(self) -> bool:
        return bool(self.facts["status"] == "finished")

    @property
    def choice(self) -> tuple[str, str]:
        """Short names of list and checkpoint."""
        return shown(self.list_file, expanded(self.config.data.root)), shown(self.checkpoint_file, self.folder)


def ask(folder: Path, wanted_list: str | None, checkpoint: str) -> Asked:
    """Find what is to be judged; nothing large is read yet.

    Raises:
        UserError: when there is no run in the folder, or a damaged one, or no such list or checkpoint.
    """
    facts = runs.read_facts(folder) if folder.is_dir() else None
    if facts is None:
        below = sorted(file.parent for pattern in ("*/run.json", "*/*/run.json") for file in folder.glob(pattern))
        hint = f"did you mean {below[0]}?" if below else "name a run folder, such as logs/googlenet_mixup/seed0"
        raise UserError(f"{folder}: {'no run in this folder' if folder.is_dir() else 'no such folder'}; {hint}")
    if "class_names" not in facts.get("data", ()):
        raise UserError(f"{folder}/run.json: does not name the classes, so it was not written by train.py")
    config = load_config(folder / "config.yaml")
    list_file = find_list(config, wanted_list)
    file = folder / f"{checkpoint}.npz" if checkpoint in CHECKPOINTS else Path(checkpoint)
    if not file.is_file():  # also for a pipe: to open it is to wait for its writer
        raise UserError(f"{file}: no such checkpoint; train.py writes last.npz and best.npz after the first epoch")
    return Asked(folder, config, facts, list_file, file)


def open_checkpoint(file: Path) -> runs.Checkpoint:
    """The weights in `file`.

    Raises:
        UserError: when its content is not what was written.
    """
    try:
        return runs.load_checkpoint(file)
    except runs.DamagedFile as error:
        raise UserError(f"{error}; choose another one with --checkpoint last|best|FILE") from None


def find_list(config: Config, wanted: str | None) -> Path:
    """The list named `wanted` in the data folder, or else from here; without a name the run's evaluation list.

    Raises:
        UserError: when there is no such list.
    """
    if wanted is None:
        return find_root(config.data.root) / config.data.eval_list
    for file in (expanded(config.data.root) / wanted, Path(wanted)):
        if file.is_file():
            return file
    raise UserError(f"--list {wanted}: no such list, neither in {config.data.root} nor in {Path.cwd()}")


@cache  # many runs are judged on one list
def open_list(file: Path, class_names: tuple[str, ...], size: int) -> tuple[ImageSet, list[str]]:
    """The images of a list, whose labels must mean what they meant in training, and the digests of their files.

    Raises:
        UserError: with a line for every problem.
    """
    samples, problems = read_list(file)
    problems += labels_out_of_range(file, samples, len(class_names), "the network knows")
    names = file.parent / "classes.txt"
    if names.is_file() and (now := name_classes(file.parent, samples)) != list(class_names):
        problems.append(f"{names}: names {shortlist(now)}, but the run was trained on {shortlist(class_names)}")
    if problems:
        raise UserError(shortened(problems))
    return decode(file, samples, size)


def shortlist(names: Sequence[str]) -> str:
    """`16 classes (bird, building, clothing, ...)`."""
    return f"{len(names)} classes ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"


def predict(asked: Asked, kept: runs.Checkpoint, images: ImageSet, device: str) -> NDArray[np.float32]:
    """Logits [N, classes], from the run's network with the weights of `kept`.

    Raises:
        UserError: when the weights are of another network, or the device cannot be used.
    """
    import backend  # Paddle takes seconds to import: the user's mistakes are found before

    backend.start_paddle(device, asked.config.train.threads)
    import checkpoint
    import models

    model = models.build(asked.config, len(asked.class_names))
    try:
        checkpoint.restore_model(model, kept.arrays)
    except ValueError as error:
        raise UserError(
            f"{asked.checkpoint_file}: {error}; choose a checkpoint of a run with the same `model` and classes"
        ) from None
    return models.predict(model, images.images)


def output_name(asked: Asked) -> str:
    """A name of its own for every list and checkpoint, so that no evaluation overwrites another."""
    if asked.choice == (asked.config.data.eval_list, "last.npz"):
        return "evaluation"
    return "-".join(["evaluation", *(part for name in asked.choice for part in Path(name).with_suffix("").parts)])


def shown(file: Path, home: Path) -> str:
    """A short name: the path from `home` on, or its last three parts for a file from elsewhere."""
    whole, start = file.resolve(), home.resolve()
    return str(whole.relative_to(start) if whole.is_relative_to(start) else Path(*whole.parts[-3:]))


# --- the judgement --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judged:
    """Images and what the network takes them for."""

    images: ImageSet
    logits: NDArray[np.float32]  # [N, classes]
    class_names: Sequence[str]

    @cached_property
    def guesses(self) -> NDArray[np.int64]:
        """The most probable class of every image, [N]."""
        guesses: NDArray[np.int64] = self.logits.argmax(axis=1)
        return guesses

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """Cross-entropy of every image in nats, [N]; exp(-loss) is the probability of the right class."""
        return cross_entropy(self.logits, self.images.labels)

    @cached_property
    def confidences(self) -> NDArray[np.float64]:
        """Probability of every guess, [N]."""
        return np.exp(-cross_entropy(self.logits, self.guesses))

    @cached_property
    def confusion(self) -> NDArray[np.int64]:
        """How many images of class `row` were taken for class `column`, [classes, classes]."""
        return confusion_matrix(self.logits, self.images.labels)

    @cached_property
    def class_accuracies(self) -> list[float]:
        """Share of right guesses of every class, NaN for a class without images in the list."""
        return [float(row[label] / row.sum()) if row.any() else math.nan for label, row in enumerate(self.confusion)]

    @property
    def accuracy(self) -> float:
        """Share of right guesses."""
        return accuracy(self.logits, self.images.labels)

    @property
    def mean_class_accuracy(self) -> float:
        """Every class counts the same here, however many images it has; classes without images do not."""
        return float(np.nanmean(self.class_accuracies))


def summary(judged: Judged) -> Iterator[str]:
    """The lines for the screen."""
    present = int(np.count_nonzero(judged.confusion.sum(axis=1)))
    yield f"  images               {len(judged.images.labels):,} of {present} classes"
    yield f"  loss                 {judged.losses.mean():.4f}"
    yield f"  accuracy (top-1)     {judged.accuracy:.1%}"
    yield f"  mean class accuracy  {judged.mean_class_accuracy:.1%}"


def in_short(judged: Judged) -> str:
    """The same of one of many runs."""
    return f"{judged.accuracy:.1%} of {len(judged.images.labels):,} images right, loss {judged.losses.mean():.4f}"


def notes(asked: Asked, images: int, known: int | None) -> Iterator[str]:
    """What to keep in mind when reading the numbers; so many of the images are `known` from training."""
    if not asked.finished:
        done, planned = asked.facts["epochs_done"], asked.config.train.epochs
        yield f"{asked.folder}: the run is not finished: {done} of {planned} epochs are done"
    if known is None:
        yield f"{asked.folder}/data.txt is gone or damaged, so nothing tells which of the images were trained on"
    elif known:
        yield f"{asked.folder}: {known:,} of the {images:,} images were trained on: this is no accuracy on new images"
    if asked.choice == (asked.config.data.eval_list, "best.npz"):
        yield (
            "the epoch of best.npz was chosen on this very list, so the accuracy is too high by a little; "
            "last.npz, or a list that nobody has looked at, tells the truth"
        )


def trained_on(asked: Asked, digests: Sequence[str]) -> int | None:
    """How many of the images the run was trained on; None when its `data.txt` is gone or damaged."""
    file = asked.folder / "data.txt"
    listing = file.read_bytes() if file.is_file() else b""
    if runs.fingerprint(listing) != asked.facts["data"].get("fingerprint"):
        return None
    seen = {line.rpartition(" ")[2] for line in listing.decode().split("\n") if line.startswith("train ")}
    return sum(digest in seen for digest in digests)


# --- files and tables -------------------------------------------------------------------------------------------------


def write_predictions(asked: Asked, judged: Judged, digests: Sequence[str], known: int | None, out: Path) -> Path:
    """The file that `plot_curves.py --evaluation` compares."""
    file = out / "predictions.npz"
    runs.write_arrays(
        file,
        labels=judged.images.labels,
        logits=judged.logits,
        digests=np.array(digests),
        trained_on=np.array(-1 if known is None else known),
        finished=np.array(asked.finished),
    )
    return file


def write_tables(judged: Judged, out: Path) -> Iterator[Path]:
    """The CSV files: UTF-8, with a header; probabilities and accuracies lie between 0 and 1."""
    names = judged.class_names
    yield write_csv(
        out / "confusion.csv",
        ["class \\ taken for", *names],
        ([name, *row] for name, row in zip(names, judged.confusion.tolist(), strict=True)),
    )
    yield write_csv(
        out / "per_class.csv",
        ["class", "images", "correct", "accuracy", "most_often_taken_for", "times"],
        class_rows(judged),
    )
    yield write_csv(
        out / "predictions.csv",
        ["file", "label", "class", "guess", "probability_of_guess", "probability_of_class", "loss", "verdict"],
        prediction_rows(judged),
    )


def class_rows(judged: Judged) -> Iterator[list[Any]]:
    for label, (name, counts) in enumerate(zip(judged.class_names, judged.confusion, strict=True)):
        share = judged.class_accuracies[label]
        wrong = np.where(np.arange(len(counts)) == label, 0, counts)
        taken_for = judged.class_names[int(wrong.argmax())] if wrong.any() else ""
        yield [name, counts.sum(), counts[label], "" if math.isnan(share) else f"{share:.6f}", taken_for, wrong.max()]


def prediction_rows(judged: Judged) -> Iterator[list[Any]]:
    names = judged.class_names
    for path, label, guess, confidence, loss in zip(
        judged.images.paths, judged.images.labels, judged.guesses, judged.confidences, judged.losses, strict=True
    ):
        numbers = (f"{value:.6g}" for value in (confidence, math.exp(-loss), loss))
        yield [path, label, names[label], names[guess], *numbers, "right" if guess == label else "wrong"]


def write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
    return file


# --- pictures -------------------------------------------------------------------------------------------------------


def write_pictures(judged: Judged, subject: str, out: Path) -> Iterator[Path]:
    """The confusion matrix, and a contact sheet where there are mistakes."""
    from matplotlib import rc_context  # slow to import: --help and the user's mistakes do without it

    names = class_labels(tuple(judged.class_names))
    with rc_context(plain_text()):
        draw_confusion(judged, names, subject).savefig(out / "confusion.png", dpi=100)
        yield out / "confusion.png"
        worst = worst_mistakes(judged)
        (out / "mistakes.png").unlink(missing_ok=True)  # of an earlier evaluation, which may have found some
        if len(worst):
            draw_mistakes(judged, worst, names, subject).savefig(
                out / "mistakes.png", dpi=100, pil_kwargs={"optimize": True}
            )
            yield out / "mistakes.png"


def draw_confusion(judged: Judged, names: Sequence[str], subject: str) -> Figure:
    """Counts in cells, coloured by their share of the class; accuracies at the right edge."""
    from matplotlib.figure import Figure

    count = len(names)
    cell = min(0.5, 14 / count)  # inches
    every = math.ceil(0.14 / cell)  # with hundreds of classes there is no room for all names
    ticks, size = range(0, count, every), min(11.0, 72 * cell * every * 0.7)
    figure = Figure(figsize=(cell * count + 3.4, cell * count + 3.0), layout="constrained")
    axes = figure.add_subplot()
    totals = judged.confusion.sum(axis=1, keepdims=True)
    shares = judged.confusion / np.maximum(totals, 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if cell > 0.24:
        for row, column in zip(*judged.confusion.nonzero(), strict=True):
            colour = "white" if shares[row, column] > 0.5 else "#303030"
            number = judged.confusion[row, column]
            axes.text(column, row, number, ha="center", va="center", color=colour, fontsize=min(10.0, 72 * cell * 0.4))
    labels = [elided(names[label], 20) for label in ticks]
    axes.set_xticks(ticks, labels, fontsize=size, rotation=45 if every == 1 else 90, ha="right", rotation_mode="anchor")
    axes.set_yticks(ticks, labels, fontsize=size)
    axes.set_xticks(np.arange(count + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(count + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#e4e4e4", linewidth=min(0.8, 3 * cell))
    axes.tick_params(which="both", length=0)
    axes.set_ylabel("what it is", fontsize=12)
    axes.set_xlabel("what it was taken for", fontsize=12)
    right = axes.secondary_yaxis("right")
    accuracies = ["" if math.isnan(share) else f"{share:.0%}" for share in judged.class_accuracies]
    right.set_yticks(ticks, [accuracies[label] for label in ticks], fontsize=size)
    right.tick_params(length=0)
    figure.suptitle(
        f"{titled(judged, subject, 8 * count + 20)}\nnumbers: images; colour: share of their class; right: accuracy",
        fontsize=10,
    )
    return figure


def worst_mistakes(judged: Judged) -> NDArray[np.int64]:
    """Positions of the wrongly taken images with the highest loss, worst first, at most `WORST`."""
    wrong = np.flatnonzero(judged.guesses != judged.images.labels)
    return wrong[np.argsort(-judged.losses[wrong], kind="stable")][:WORST]


def draw_mistakes(judged: Judged, worst: NDArray[np.int64], names: Sequence[str], subject: str) -> Figure:
    """A contact sheet of pictures as the network saw them: above, what each is; below, what it was taken for."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    columns = min(6, len(worst))
    rows = math.ceil(len(worst) / columns)
    figure = Figure(figsize=(max(1.4 * columns, 6), 1.95 * rows + 0.8), layout=ConstrainedLayoutEngine(hspace=0.04))
    for place, image in enumerate(worst, 1):
        axes = figure.add_subplot(rows, columns, place, xticks=[], yticks=[])
        axes.imshow(judged.images.images[image])
        axes.spines[:].set_color("#d0d0d0")
        label, guess, confidence = judged.images.labels[image], judged.guesses[image], judged.confidences[image]
        axes.set_title(elided(names[label], 19), fontsize=8.5, pad=3)
        axes.set_xlabel(f"{elided(names[guess], 15)} {confidence:.0%}", fontsize=8.5, color="#b00020", labelpad=3)
        file = elided(writable(judged.images.paths[image]), 26)
        axes.annotate(
            file,
            (0.5, 0),
            (0, -15),
            "axes fraction",
            "offset points",
            fontsize=6.5,
            color="#808080",
            ha="center",
            va="top",
        )
    wrong = np.count_nonzero(judged.guesses != judged.images.labels)
    what = f"The {len(worst)} worst of {wrong} mistakes: what it is, in red what it was taken for"
    figure.suptitle(f"{titled(judged, subject, 80)}\n{what}", fontsize=10)
    return figure


def titled(judged: Judged, subject: str, width: int) -> str:
    right = f"{judged.accuracy:.1%} of {len(judged.images.labels):,} right"
    return "\n".join(textwrap.wrap(f"{writable(subject)}: {right}", width))


if __name__ == "__main__":
    run_command(main)
