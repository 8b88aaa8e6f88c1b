"""Look at what a configuration does to its own training images, before a night of training. Needs no Paddle.

    python preview_augment.py --config configs/googlenet_mixup.yaml
    python preview_augment.py --config configs/googlenet_userDef.yaml --set augment.strength=mild --out previews/mild
    python preview_augment.py --config configs/googlenet_mixup.yaml --images bird/00_0001.jpg tool/13_0001.jpg

Two training images show what the operations and the mixing do; batch.png is a batch exactly as the network gets it.
Another --seed shows other images and other draws.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import report
from augment import Phase, fullest_epoch, image_ops, mixing
from augment.mixing import Batch
from config import Config, OpsConfig, load_config
from errors import UserError, run_command
from lettering import class_labels, elided, plain_text
from randomness import Purpose, generator
from training_images import Images, TrainingImages, first_batch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN_OF_BATCH = 16
COLUMNS = 4


def main() -> int:
    """Read the command line, say what the configuration does, and draw it."""
    args = parse_arguments()
    config = load_config(args.config, [*args.set, *([] if args.seed is None else [f"train.seed={args.seed}"])])
    training = TrainingImages(config)
    pair = [find(training, wanted) for wanted in args.images] if args.images else two_of(training, config.train.seed)
    print(report.describe_augment(config.augment))
    print(extent(config))

    out = args.out or Path("previews") / Path(args.config).stem
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = list(write_panels(config, training, pair, out))
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written: {error.strerror}; choose a folder with --out") from None
    if len(written) > 1:  # batch.png alone does not show them
        print("shown:", *(training.samples[index].path for index in pair), sep="\n  ")
    print("written:", *written, sep="\n  ")
    return 0


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, metavar="FILE", help="YAML file, see configs/")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="override a key")
    parser.add_argument("--seed", type=int, metavar="K", help="other images and draws (default: the config's)")
    parser.add_argument("--images", nargs=2, metavar="FILE", help="two images of the training list to show")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write (default: previews/<config>)")
    return parser.parse_args()


def extent(config: Config) -> str:
    """In how many epochs the operations and the mixing are on."""
    phases = [Phase(config, epoch) for epoch in range(config.train.epochs)]
    operations, mixed = sum(phase.operations for phase in phases), sum(phase.mixing for phase in phases)
    if not operations and not mixed:
        return "nothing is changed: the network gets the training images as they are, in every epoch"
    return f"of {len(phases)} epochs, the operations are on in {operations} and mixing in {mixed}"


# --- images ---------------------------------------------------------------------------------------------------------


def find(training: TrainingImages, wanted: str) -> int:
    """The index of an image, given as in the list or from here.

    Raises:
        UserError: when it is not trained on.
    """
    list_file = training.list_file
    for index, sample in enumerate(training.samples):
        if wanted in (sample.path, str(list_file.parent / sample.path)):
            return index
    raise UserError(f"--images {wanted}: not among the training images; name two as they stand in {list_file}")


def two_of(training: TrainingImages, seed: int) -> list[int]:
    """Any two training images, of different classes where there are several."""
    order = generator(seed, Purpose.PREVIEW).permutation(len(training.samples)).tolist()
    others = (index for index in order if training.labels[index] != training.labels[order[0]])
    return [order[0], next(others, order[-1])]


def augmented(config: Config, images: Sequence[Images], index: int) -> Images:
    """Every image after all operations, drawn and applied as in training; unchanged where there are none."""
    out = np.stack(images)
    if config.augment.operations != "none":
        rng = generator(config.train.seed, Purpose.PREVIEW, index=index)
        image_ops.apply(images, image_ops.draw(config.augment.ops, len(images), rng), out)
    return out


def fullest_batch(config: Config, training: TrainingImages) -> tuple[int, Batch]:
    """The first epoch (from 0) in which as much as possible is on, and its first batch, as training makes it."""
    epoch = fullest_epoch([config])
    return epoch, first_batch(config, training, epoch)[1]


# --- panels ---------------------------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """One of the two images that the panels are made of."""

    image: Images
    name: str


class Picture(NamedTuple):
    """A place in a sheet, and what is written above and to the left of it."""

    image: Images
    above: str = ""
    left: str = ""


def write_panels(config: Config, training: TrainingImages, pair: Sequence[int], out: Path) -> Iterator[Path]:
    """Draw and write the panels of what the configuration uses."""
    from matplotlib import rc_context  # slow to import: --help and the user's mistakes do without it

    names = [elided(name, 18) for name in class_labels(tuple(training.class_names))]
    first, second = (Shown(training[index], names[training.labels[index]]) for index in pair)
    operations, mixer = config.augment.operations != "none", config.augment.mixer
    panels: dict[str, tuple[bool, Callable[[], Figure]]] = {  # whether it is used
        "operations.png": (operations, lambda: operations_sheet(config, first)),
        "all_together.png": (operations, lambda: all_together_sheet(config, first)),
        "pairing.png": (mixer == "samplePairing", lambda: pairing_sheet(config, first, second)),
        "mixup.png": (mixer == "mixup", lambda: mixup_sheet(config, first, second)),
        "batch.png": (True, lambda: batch_sheet(config, training, names)),
    }
    for name in panels:
        (out / name).unlink(missing_ok=True)  # of an earlier configuration, which may have used others
    with rc_context(plain_text()):
        for name, (used, draw) in panels.items():
            if used:
                draw().savefig(out / name, dpi=100, pil_kwargs={"optimize": True})
                yield out / name


def operations_sheet(config: Config, shown: Shown) -> Figure:
    """A row for each operation alone: the original, and draws spread over what can be drawn."""
    draws = image_ops.draw(config.augment.ops, 100, generator(config.train.seed, Purpose.PREVIEW, index=1))
    rows = []
    for operation in image_ops.OPERATIONS:
        name, words = operation.__name__, WORDS[operation.__name__]
        pictures = [Picture(shown.image, "original", f"{name}\n{words.drawn_from(config.augment.ops)}")]
        for row in spread(getattr(draws, words.column)):
            changed = np.empty_like(shown.image)
            operation(shown.image, changed, draws, row)
            pictures.append(Picture(changed, words.drawn(getattr(draws, words.column)[row])))
        rows.append(pictures)
    return sheet(rows, "Each operation alone: four of a hundred draws,\nfrom the lowest to the highest", inches=1.0)


def spread(column: NDArray[np.generic]) -> list[int]:
    """Four rows of a column of draws [N] or [N, 2]: the lowest, two in between, the highest."""
    by_value = np.lexsort(column.reshape(len(column), -1).T[::-1])
    return [int(by_value[place]) for place in np.linspace(0, len(column) - 1, 4).astype(int)]


def all_together_sheet(config: Config, shown: Shown) -> Figure:
    """Sixteen draws of all operations together."""
    changed = augmented(config, [shown.image] * 16, index=2)
    return sheet(in_rows([Picture(image) for image in changed]), f"{shown.name}: 16 draws of all operations together")


def pairing_sheet(config: Config, first: Shown, second: Shown) -> Figure:
    """Both images, original and augmented, and their average."""
    changed = augmented(config, [first.image, second.image], index=3)
    [average] = mixing.mix_images(changed[:1], changed[1:], np.full(1, 0.5, np.float32))
    pair = Picture(average, f"the pair, label: {first.name}")
    rows = [
        [Picture(shown.image, shown.name), Picture(image, "augmented"), pair, pair]
        for shown, image in zip((first, second), changed, strict=True)
    ]
    return sheet(rows, "SamplePairing: the average of two images, with the label of the first")


def mixup_sheet(config: Config, first: Shown, second: Shown) -> Figure:
    """Both images, original and augmented, and twelve mixtures of the augmented ones by falling lambda."""
    changed = augmented(config, [first.image, second.image], index=3)
    rng = generator(config.train.seed, Purpose.PREVIEW, index=4)
    lam = np.sort(np.concatenate([mixing.beta(config.augment, 1, rng) for _ in range(12)]))[::-1]
    mixtures = mixing.mix_images(np.stack([changed[0]] * 12), np.stack([changed[1]] * 12), lam)
    pictures = [
        Picture(first.image, first.name),
        Picture(second.image, second.name),
        Picture(changed[0], f"{first.name}, augmented"),
        Picture(changed[1], f"{second.name}, augmented"),
        *(Picture(image, f"λ = {weight:.2f}") for image, weight in zip(mixtures, lam, strict=True)),
    ]
    alpha = config.augment.alpha
    title = f"mixup: λ · {first.name} + (1 - λ) · {second.name}\ntwelve λ drawn from Beta({alpha:g}, {alpha:g}), sorted"
    return sheet(in_rows(pictures), title)


def batch_sheet(config: Config, training: TrainingImages, names: Sequence[str]) -> Figure:
    """The images of a batch with what their loss counts."""
    epoch, batch = fullest_batch(config, training)
    captions = [names[label] for label in batch.label_a]
    meaning = "its label"
    if (batch.lam < 1).any():
        meaning = "its label, and the share λ of that image in the mixture"
        captions = [f"{name}\nλ = {lam:.2f}" for name, lam in zip(captions, batch.lam, strict=True)]
        if mixing.MIXERS[config.augment.mixer].second_label:
            meaning = "its two labels, and how much each image and label counts"
            captions = [
                f"{lam:.2f} {names[a]}\n{1 - lam:.2f} {names[b]}"
                for a, b, lam in zip(batch.label_a, batch.label_b, batch.lam, strict=True)
            ]
    pictures = [Picture(image, caption) for image, caption in zip(batch.images, captions, strict=True)]
    size = f"{SHOWN_OF_BATCH} of its {len(pictures)}" if len(pictures) > SHOWN_OF_BATCH else f"all {len(pictures)}"
    title = f"Epoch {epoch + 1} of {config.train.epochs}, first batch, {size} images\nabove each: {meaning}"
    return sheet(in_rows(pictures[:SHOWN_OF_BATCH]), title)


# --- words for the operations ---------------------------------------------------------------------------------------


class Words(NamedTuple):
    """How an operation's parameters are shown."""

    column: str
    """Of `Draws`."""
    drawn_from: Callable[[OpsConfig], str]
    """The range or the probability in the configuration."""
    drawn: Callable[[Any], str]
    """A value of the column."""


def between(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:g} to {bounds[1]:g}"


def factor(name: str) -> Words:
    return Words(name, lambda ops: between(getattr(ops, name)), lambda value: f"{value:.2f}")


WORDS = {
    "brightness": factor("brightness"),
    "contrast": factor("contrast"),
    "color": factor("color"),
    "sharpness": factor("sharpness"),
    "crop": Words(
        "crop",
        lambda ops: f"w, h ÷ {between(ops.crop)}",
        lambda zooms: "÷ {:.2f}, ÷ {:.2f}".format(*zooms),
    ),
    "flip": Words(
        "flip",
        lambda ops: f"↔ in {ops.flip_horizontal:.0%}\n↕ in {ops.flip_vertical:.0%}",
        lambda flips: " ".join(arrow for arrow, flipped in zip("↔↕", flips, strict=True) if flipped) or "no flip",
    ),
    "rotate": Words("angle", lambda ops: f"{between(ops.rotate)}°", lambda angle: f"{angle}°"),
    "noise": Words(
        "sigma",
        lambda ops: f"in {ops.noise:.0%}\nsigma {between(ops.noise_sigma)}",
        lambda sigma: f"sigma {sigma:.1f}" if sigma else "no noise",
    ),
}


# --- drawing --------------------------------------------------------------------------------------------------------


def in_rows(pictures: Sequence[Picture]) -> list[Sequence[Picture]]:
    return [pictures[start : start + COLUMNS] for start in range(0, len(pictures), COLUMNS)]


def sheet(rows: Sequence[Sequence[Picture]], title: str, inches: float = 1.45) -> Figure:
    """Pictures in rows, `inches` each; one that stands in several neighbouring places fills them all."""
    from matplotlib.figure import Figure

    columns = max(map(len, rows))
    lines = max(picture.above.count("\n") + 1 if picture.above else 0 for row in rows for picture in row)
    left = 0.5 if rows[0][0].left else 0.0
    figure = Figure(
        (inches * columns + left, (inches + 0.16 * lines) * len(rows) + 0.2 * (title.count("\n") + 1)),
        layout="constrained",
    )
    places = [[*map(id, row), *["."] * (columns - len(row))] for row in rows]
    axes_of: dict[int | str, Axes] = figure.subplot_mosaic(places)
    for picture in {id(picture): picture for row in rows for picture in row}.values():
        axes = axes_of[id(picture)]
        axes.imshow(picture.image)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("#d0d0d0")
        axes.set_title(picture.above, fontsize=8, pad=3)
        axes.set_ylabel(picture.left, fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


if __name__ == "__main__":
    run_command(main)
