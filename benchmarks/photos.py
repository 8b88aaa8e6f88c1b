"""Images to measure with: made up, of the size and weight of the photos that the article used."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

CLASSES = 16


def photos(count: int, height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Soft areas of colour with grain, uint8 RGB [count, height, width, 3]."""
    rng = np.random.default_rng(seed)
    made = np.empty((count, height, width, 3), np.uint8)
    for photo in made:
        soft = cv2.resize(rng.uniform(0, 255, (8, 8, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
        photo[:] = np.clip(soft + rng.normal(0, 6, soft.shape), 0, 255)
    return made


def write_set(root: Path, train: int, evaluation: int, height: int = 250, width: int = 300) -> Path:
    """A set of JPEG files with `Train.txt` and `Eval.txt`, no two files alike; a file of 300 x 250 has about 20 kB."""
    lists: dict[str, list[str]] = {"Train.txt": [], "Eval.txt": []}
    for label in range(CLASSES):
        (root / f"class{label:02}").mkdir(parents=True)
    some = photos(min(64, train + evaluation), height, width)
    for number in range(train + evaluation):
        label, photo = number % CLASSES, some[number % len(some)].copy()
        photo[:8] = np.random.default_rng(number).integers(0, 256, (8, width, 3))  # no copy of another
        path = f"class{label:02}/{number:05}.jpg"
        cv2.imwrite(str(root / path), photo, [cv2.IMWRITE_JPEG_QUALITY, 90])
        lists["Train.txt" if number < train else "Eval.txt"].append(f"{path} {label}\n")
    for file, lines in lists.items():
        (root / file).write_text("".join(lines))
    return root
