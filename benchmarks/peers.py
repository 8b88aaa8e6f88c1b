"""The eight operations in other libraries, against ours. Runs in an environment of its own, without Paddle.

Each peer does the same eight operations, in a random order for every image, with the article's ranges and
probabilities, from uint8 to uint8 batches, in the way that its documentation shows. What corresponds to what stands
beside each operation, and where a peer has no equal, the nearest that does as much work.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from PIL import Image

from augment.settings import OpsConfig
from benchmarks.augmentation import SIZE, Pipeline, against_peer

OPS = OpsConfig()
SIDE = (OPS.crop[1] - 1) / OPS.crop[1] / 2
"""The most that the centred crop takes from one side; a part of the whole."""

FILTERS = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC)
"""The same replacement for Lanczos as in `userdef`: OpenCV's own takes ten times as long, which would flatter us."""


def against(peer: str, quick: bool) -> list[float]:
    """All eight operations, times faster than in this peer.

    Raises:
        NotMeasured: when it cannot be imported.
    """
    return against_peer(peer, PEERS[peer], "userDef", quick)


def albumentations() -> Pipeline:
    """Albumentations, which works with OpenCV as we do."""
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it would ask for newer versions over the network
    import albumentations as A  # type: ignore[import-not-found]  # noqa: N812 (its own habit)

    still = {"brightness": (1, 1), "contrast": (1, 1), "saturation": (1, 1), "hue": (0, 0)}
    operations = [
        # One operation each, as the other seven may come between them; a factor of 1 costs it nothing.
        A.ColorJitter(**(still | {"brightness": OPS.brightness}), p=1),
        A.ColorJitter(**(still | {"contrast": OPS.contrast}), p=1),
        A.ColorJitter(**(still | {"saturation": OPS.color}), p=1),
        # A blend with a sharpened image; it has none with a smoothed one that would also sharpen.
        A.Sharpen(alpha=(0, 0.5), lightness=(1, 1), p=1),
        # Each side on its own: not always about the centre, but the same sizes, and the resize is what takes the time.
        A.OneOf([A.CropAndPad(percent=(-SIDE, 0.0), interpolation=each) for each in FILTERS], p=1),
        A.Sequential([A.HorizontalFlip(p=OPS.flip_horizontal), A.VerticalFlip(p=OPS.flip_vertical)], p=1),
        A.Rotate(OPS.rotate, interpolation=cv2.INTER_NEAREST, border_mode=cv2.BORDER_CONSTANT, p=1),
        A.GaussNoise(std_range=(0, OPS.noise_sigma[1] / 255), per_channel=True, p=OPS.noise),
    ]
    assert len(operations) == 8
    pipeline = A.Compose([A.RandomOrder(operations, n=8)], seed=0)
    return lambda image: pipeline(image=image)["image"]


def torchvision() -> Pipeline:
    """Torchvision's second generation on Pillow images; its noise takes tensors only."""
    import torch  # type: ignore[import-not-found]
    from torchvision.transforms import InterpolationMode, v2  # type: ignore[import-not-found]

    torch.set_num_threads(1)
    F = v2.functional  # noqa: N806 (its own habit)
    filters = (
        InterpolationMode.NEAREST,
        InterpolationMode.BILINEAR,
        InterpolationMode.BICUBIC,
        InterpolationMode.LANCZOS,
    )

    def sharpness(picture: Image.Image) -> Any:
        return F.adjust_sharpness(picture, random.uniform(*OPS.sharpness))

    def crop(picture: Image.Image) -> Any:
        height, width = (round(SIZE / random.uniform(*OPS.crop)) for _ in range(2))
        corner = (SIZE - height) // 2, (SIZE - width) // 2
        return F.resized_crop(picture, *corner, height, width, [SIZE, SIZE], random.choice(filters))

    def noise(picture: Image.Image) -> Any:
        if random.random() >= OPS.noise:
            return picture
        sigma = random.uniform(*OPS.noise_sigma) / 255
        return F.to_pil_image(F.gaussian_noise(F.pil_to_tensor(picture), sigma=sigma))

    pipeline = v2.RandomOrder(
        [
            v2.ColorJitter(brightness=OPS.brightness),
            v2.ColorJitter(contrast=OPS.contrast),
            v2.ColorJitter(saturation=OPS.color),
            sharpness,
            crop,
            v2.Compose([v2.RandomHorizontalFlip(OPS.flip_horizontal), v2.RandomVerticalFlip(OPS.flip_vertical)]),
            v2.RandomRotation(OPS.rotate),
            noise,
        ]
    )
    return lambda image: np.asarray(pipeline(Image.fromarray(image)))


def import_imgaug() -> tuple[Any, Any]:
    """imgaug and its augmenters.

    Raises:
        ImportError: when it is not installed.
    """
    kinds = {"int": "bhil", "uint": "BHIL", "float": "efd", "complex": "FD", "others": "?"}
    # numpy 2 has lost this table, and the last imgaug, of 2020, reads it while it is imported.
    np.sctypes = {kind: [np.dtype(code).type for code in codes] for kind, codes in kinds.items()}  # type: ignore[attr-defined]
    import imgaug as ia  # type: ignore[import-not-found]
    import imgaug.augmenters as iaa  # type: ignore[import-not-found]

    return ia, iaa


def imgaug() -> Pipeline:
    """The library of the article's first part."""
    iaa = import_imgaug()[1]
    pipeline = iaa.Sequential(
        [
            iaa.pillike.EnhanceBrightness(OPS.brightness),
            iaa.pillike.EnhanceContrast(OPS.contrast),
            iaa.pillike.EnhanceColor(OPS.color),
            iaa.pillike.EnhanceSharpness(OPS.sharpness),
            iaa.KeepSizeByResize(
                iaa.Crop(percent=(0, SIDE), keep_size=False), interpolation=["nearest", "linear", "cubic", "cubic"]
            ),
            iaa.Sequential([iaa.Fliplr(OPS.flip_horizontal), iaa.Flipud(OPS.flip_vertical)]),
            iaa.Rotate(OPS.rotate, order=0, backend="cv2"),
            iaa.Sometimes(OPS.noise, iaa.AdditiveGaussianNoise(scale=OPS.noise_sigma, per_channel=True)),
        ],
        random_order=True,
    )
    return lambda image: pipeline(image=image)  # given a batch, it would draw one order for all


PEERS: dict[str, Callable[[], Pipeline]] = {
    "albumentations": albumentations,
    "torchvision": torchvision,
    "imgaug": imgaug,
}
