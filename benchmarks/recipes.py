"""The recipes beside the eight operations: their speed, their cost, and a strip of pictures of each.

.venv/bin/python -m benchmarks.recipes costs       # beside the eight operations, for docs/recipes.md
.venv/bin/python -m benchmarks.recipes pictures    # writes docs/recipes/<mode>.jpg
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from PIL import Image

from augment.batch import Augmenter
from augment.operations import library
from augment.process import prepare_process
from augment.settings import MODES, AugmentConfig
from benchmarks.augmentation import BATCH, SIZE, Pipeline, against_peer, ours
from benchmarks.measure import ROOT, ratios
from benchmarks.photos import photos
from suite.config.schema import DataConfig
from suite.data.loading import load_data

SHOWN, SHOWN_SIZE = 8, 96
"""Draws in a strip, and pixels of each."""


def against(peer: str, mode: str, quick: bool) -> list[float]:
    """A mode, times faster than in this peer.

    Raises:
        NotMeasured: when it cannot be imported.
    """
    return against_peer(peer, partial(PEERS[peer], mode), mode, quick)


def torchvision(mode: str) -> Pipeline:
    """Torchvision's second generation on Pillow images, with the ranges of the same mode."""
    import torch  # type: ignore[import-not-found]
    from torchvision.transforms import v2  # type: ignore[import-not-found]

    torch.set_num_threads(1)
    standard = AugmentConfig().standard
    crop = v2.RandomResizedCrop(SIZE, scale=standard.area, ratio=(1 / standard.ratio, standard.ratio))
    further = [v2.TrivialAugmentWide()] if mode == "trivialAugment" else []
    pipeline = v2.Compose([crop, v2.RandomHorizontalFlip(standard.flip_horizontal), *further])
    return lambda image: np.asarray(pipeline(Image.fromarray(image)))


def imgaug(mode: str) -> Pipeline:
    """The library pipeline of the article's first part, in the library."""
    assert mode == "imgaugLib"
    from benchmarks.peers import import_imgaug

    ia, iaa = import_imgaug()
    half = partial(iaa.Sometimes, 0.5)
    further = [
        half(iaa.Superpixels(p_replace=(0, 1.0), n_segments=(20, 200))),
        iaa.OneOf([iaa.GaussianBlur((0, 3.0)), iaa.AverageBlur(k=(2, 7)), iaa.MedianBlur(k=(3, 11))]),
        iaa.Sharpen(alpha=(0, 1.0), lightness=(0.75, 1.5)),
        iaa.Emboss(alpha=(0, 1.0), strength=(0, 2.0)),
        half(iaa.OneOf([iaa.EdgeDetect(alpha=(0, 0.7)), iaa.DirectedEdgeDetect(alpha=(0, 0.7), direction=(0.0, 1.0))])),
        iaa.AdditiveGaussianNoise(scale=(0.0, 0.05 * 255), per_channel=0.5),
        iaa.OneOf(
            [
                iaa.Dropout((0.01, 0.1), per_channel=0.5),
                iaa.CoarseDropout((0.03, 0.15), size_percent=(0.02, 0.05), per_channel=0.2),
            ]
        ),
        iaa.Invert(0.05, per_channel=True),
        iaa.Add((-10, 10), per_channel=0.5),
        iaa.Multiply((0.5, 1.5), per_channel=0.5),
        iaa.LinearContrast((0.5, 2.0), per_channel=0.5),
        iaa.Grayscale(alpha=(0.0, 1.0)),
        half(iaa.ElasticTransformation(alpha=(0.5, 3.5), sigma=0.25)),
        half(iaa.PiecewiseAffine(scale=(0.01, 0.05))),
    ]
    assert len(further) == len(library.FOURTEEN)
    affine = iaa.Affine(
        scale={"x": (0.8, 1.2), "y": (0.8, 1.2)},
        translate_percent={"x": (-0.2, 0.2), "y": (-0.2, 0.2)},
        rotate=(-45, 45),
        shear=(-16, 16),
        order=[0, 1],
        cval=(0, 255),
        mode=ia.ALL,
    )
    pipeline = iaa.Sequential(
        [
            iaa.Fliplr(0.5),
            iaa.Flipud(0.2),
            half(iaa.Crop(percent=(0, 0.1))),
            half(affine),
            iaa.SomeOf((0, 5), further, random_order=True),
        ],
        random_order=True,
    )
    return lambda image: pipeline(image=image)


PEERS: dict[str, Callable[[str], Pipeline]] = {"torchvision": torchvision, "imgaug": imgaug}


def share_of_mixing(mode: str, quick: bool) -> list[float]:
    """Per cent of a training step, GoogLeNet with stem stride 2 at 96 px, that the mixer takes for its batch of 8."""
    from benchmarks.training_runs import step

    images = photos(16 if quick else 128, 96, 96)
    mixed, plain = ours(images, mode), ours(images, MODES[mode].operations[0])
    mixed.call(), plain.call()
    extra = [mixed.seconds_per_image() - plain.seconds_per_image() for _ in range(1 if quick else 9)]
    return [float(100 * BATCH * np.median(extra) / step(through_backend=True, quick=quick))]


def costs() -> None:
    """Print the cost of every mode, as a multiple of that of the eight operations."""
    images = photos(64, SIZE, SIZE)
    eight = ours(images)
    for mode in MODES:
        print(f"{mode:16}{statistics.median(ratios(ours(images, mode), eight, rounds=25)):5.2f}")


def pictures() -> None:
    """Write a strip for every mode: eight times what becomes of one built-in image."""
    prepare_process()
    train = load_data(DataConfig(image_size=SHOWN_SIZE)).train
    folder = ROOT / "docs" / "recipes"
    folder.mkdir(exist_ok=True)
    for mode, what in MODES.items():
        names = ("bird/00_0009.jpg", "bird/00_0010.jpg" if what.partner == "neighbours" else "fruit/04_0013.jpg")
        shown = train.images[np.array([train.paths.index(name) for name in names])]
        # One image eight times has no partner in its batch, so the other one comes from the set.
        further = {"partner": "dataset", "lam": "sample"} if what.partner == "batch" else {}
        config = AugmentConfig.model_validate({"mode": mode, **further})
        made = Augmenter(config, 0, 2, shown, np.zeros(2, np.int64)).batch(0, 0, np.zeros(SHOWN, np.int64))
        strip = cv2.cvtColor(np.hstack(list(made.images)), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"{mode}.jpg"), strip, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    {"costs": costs, "pictures": pictures}[sys.argv[1]]()
