"""The sheets that preview_augment.py draws, one for each part of an augmentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from augment.batch import Batch
from augment.mixers.mixer import Mixer
from augment.mixers.partners import PARTNER_RULES
from augment.mixers.table import MIXERS
from augment.operations.table import OPERATION_SETS, operate
from augment.schedule import Phase, fullest_epoch
from suite.config.schema import Config
from suite.data.images import Images
from suite.lettering import class_labels, elided, plain_style
from suite.preview.images import TrainingImages, first_batch
from suite.preview.sheet import Picture, in_rows, sheet, write_sheet
from suite.randomness import Purpose, generator

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST_OF_BATCH = 16
"""Images of a batch that its sheet has room for."""


def extent(config: Config) -> str:
    """In how many epochs the operations and the mixing are on."""
    epochs = config.train.epochs
    phases = [Phase(config.augment, epoch, epochs) for epoch in range(epochs)]
    operations, mixed = sum(phase.operations for phase in phases), sum(phase.mixing for phase in phases)
    if not operations and not mixed:
        return "nothing is changed: the network gets the training images as they are, in every epoch"
    return f"of {len(phases)} epochs, the operations are on in {operations} and mixing in {mixed}"


def augmented(config: Config, images: Sequence[Images], index: int) -> Images:
    """Every image after all operations, drawn and applied as in training; unchanged where there are none."""
    return operate(config.augment, images, lambda stream: preview_rng(config, index, stream))


def preview_rng(config: Config, index: int, stream: int = 0) -> np.random.Generator:
    """The generator of the panel number `index`."""
    return generator(config.train.seed, Purpose.PREVIEW, index=index, stream=stream)


def fullest_batch(config: Config, training: TrainingImages) -> tuple[int, Batch]:
    """The first epoch (from 0) in which as much as possible is on, and its first batch, as training makes it."""
    epoch = fullest_epoch([config.augment], config.train.epochs)
    return epoch, first_batch(config, training, epoch)[1]


class Example(NamedTuple):
    """One of the two images that the panels are made of, and the name of its class."""

    image: Images
    name: str


def write_panels(config: Config, training: TrainingImages, pair: Sequence[int], out: Path) -> Iterator[Path]:
    """Draw and write the panels of what the configuration uses."""
    with plain_style():
        names = [elided(name, 18) for name in class_labels(tuple(training.class_names))]
        first, second = (Example(training[index], names[training.labels[index]]) for index in pair)
        operations = config.augment.operations
        alone = any(OPERATION_SETS[name].alone for name in operations)
        panels: dict[str, tuple[bool, Callable[[], Figure]]] = {  # whether it is used
            "operations.png": (alone, lambda: operations_sheet(config, first)),
            "all_together.png": (bool(operations), lambda: all_together_sheet(config, first)),
        }
        for name, mixer in MIXERS.items():
            draw_mixing = partial(mixing_sheet, config, mixer, first, second)
            panels[f"{mixer.panel}.png"] = (name in config.augment.mixers, draw_mixing)
        panels["batch.png"] = (True, lambda: batch_sheet(config, training, names))
        for name in panels:
            (out / name).unlink(missing_ok=True)  # of an earlier configuration, which may have used others
        for name, (used, draw) in panels.items():
            if used:
                yield write_sheet(draw(), out / name)


def operations_sheet(config: Config, example: Example) -> Figure:
    """A row for each operation alone: the original, and four draws from the lowest to the highest."""
    rows = []
    for operations in (OPERATION_SETS[name] for name in config.augment.operations):
        draws = operations.draw(config.augment, 100, preview_rng(config, 1, operations.stream))
        for operation in operations.alone:
            column = getattr(draws, operation.column)
            heading = f"{operation.name}\n{operation.drawn_from(config.augment)}"
            pictures = [Picture(example.image, "original", heading)]
            for row in spread(column):
                changed = np.empty_like(example.image)
                operation.apply(example.image, changed, draws, row)
                pictures.append(Picture(changed, operation.drawn(column[row])))
            rows.append(pictures)
    return sheet(rows, "Each operation alone: four of a hundred draws,\nfrom the lowest to the highest", inches=1.0)


def spread(column: NDArray[np.generic]) -> list[int]:
    """Four rows of a column of draws [N] or [N, 2]: the lowest, two in between, the highest."""
    by_value = np.lexsort(column.reshape(len(column), -1).T[::-1])
    return [int(by_value[place]) for place in np.linspace(0, len(column) - 1, 4).astype(int)]


def all_together_sheet(config: Config, example: Example) -> Figure:
    """Sixteen draws of all operations together."""
    changed = augmented(config, [example.image] * 16, index=2)
    return sheet(in_rows([Picture(image) for image in changed]), f"{example.name}: 16 draws of all operations together")


def mixing_sheet(config: Config, mixer: Mixer, first: Example, second: Example) -> Figure:
    """Both images, original and augmented, and what a mixer makes of the augmented ones."""
    pair = [first.image, second.image]
    if PARTNER_RULES[config.augment.partner].alike:
        changed = np.concatenate([augmented(config, [image], index=3) for image in pair])
    else:
        changed = augmented(config, pair, index=3)
    title = mixer.title.format(first=first.name, second=second.name)
    if mixer.lam_from is None:
        return sheet(_one_mixture(config, mixer, changed, first, second), title)
    pictures = [
        Picture(first.image, first.name),
        Picture(second.image, second.name),
        Picture(changed[0], f"{first.name}, augmented"),
        Picture(changed[1], f"{second.name}, augmented"),
        *_mixtures(config, mixer, changed, 12),
    ]
    return sheet(in_rows(pictures), f"{title}\ntwelve λ drawn from {mixer.lam_from(config.augment)}, sorted")


def _one_mixture(
    config: Config, mixer: Mixer, changed: Images, first: Example, second: Example
) -> list[Sequence[Picture]]:
    [mixture] = _mixtures(config, mixer, changed, 1)
    pair = mixture._replace(above=f"the pair, label: {first.name}")
    return [
        [Picture(example.image, example.name), Picture(image, "augmented"), pair, pair]
        for example, image in zip((first, second), changed, strict=True)
    ]


def _mixtures(config: Config, mixer: Mixer, pair: Images, count: int) -> list[Picture]:
    """Mixtures of two images [2, S, S, 3] by falling lambda."""
    rng = preview_rng(config, 4)
    lam = np.sort(np.concatenate([mixer.draw_lam(config.augment, 1, rng) for _ in range(count)]))[::-1]
    mixtures, lam = mixer.mix(np.stack([pair[0]] * count), np.stack([pair[1]] * count), lam, rng)
    return [Picture(mixtures[row], f"λ = {lam[row]:.2f}") for row in (-lam).argsort(kind="stable")]


def in_captions(config: Config, batch: Batch, names: Sequence[str]) -> tuple[str, list[str]]:
    """What the loss counts of each image of a batch, and before it what these captions mean."""
    if (batch.lam == 1).all():
        return "its label", [names[label] for label in batch.label_a]
    each = list(zip(batch.label_a, batch.label_b, batch.lam, strict=True))
    if any(MIXERS[name].second_label for name in config.augment.mixers):
        meaning = "its two labels, and how much each image and label counts"
        return meaning, [f"{lam:.2f} {names[a]}\n{1 - lam:.2f} {names[b]}" for a, b, lam in each]
    return "its label, and the share λ of that image in the mixture", [
        f"{names[a]}\nλ = {lam:.2f}" for a, _, lam in each
    ]


def batch_sheet(config: Config, training: TrainingImages, names: Sequence[str]) -> Figure:
    """The images of a batch with what their loss counts."""
    epoch, batch = fullest_batch(config, training)
    meaning, captions = in_captions(config, batch, names)
    pictures = [Picture(image, caption) for image, caption in zip(batch.images, captions, strict=True)]
    size = f"{MOST_OF_BATCH} of its {len(pictures)}" if len(pictures) > MOST_OF_BATCH else f"all {len(pictures)}"
    title = f"Epoch {epoch + 1} of {config.train.epochs}, first batch, {size} images\nabove each: {meaning}"
    return sheet(in_rows(pictures[:MOST_OF_BATCH]), title)
