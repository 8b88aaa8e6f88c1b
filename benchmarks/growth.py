"""How time and memory grow with the number and the size of the images."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from benchmarks.measure import apart
from benchmarks.photos import write_set
from suite import backend
from suite.config.schema import Config
from suite.data.loading import load_data

SHAPES = ((1_000, 64), (5_000, 64), (20_000, 64), (1_000, 128), (1_000, 224), (20_000, 224))
"""Images and pixels a side."""


Grown = dict[str, float]


def growth(quick: bool) -> list[Grown]:
    """What `one_epoch` says for each of `SHAPES`, in processes of their own, over one set of files."""
    shapes = [(count // 50 if quick else count, size) for count, size in SHAPES]
    most = max(count for count, _ in shapes)
    with tempfile.TemporaryDirectory() as folder:
        root = write_set(Path(folder) / "set", most, 16, 64, 64)
        lines = (root / "Train.txt").read_text().splitlines(keepends=True)
        for count, _ in shapes:
            (root / f"Train{count}.txt").write_text("".join(islice(lines, count)))
        return [apart("growth.one_epoch", {"root": str(root), "count": n, "size": size}, 2) for n, size in shapes]


def one_epoch(root: str, count: int, size: int) -> Grown:
    """Decode, open again, and train one epoch of mixup on a network that costs next to nothing.

    Seconds of each, and gigabytes: of the decoded images, and at the peak of the memory that is this process's own. The
    images are pages of a file, which the system takes back when it needs them, and count to the first only.
    """
    backend.start_paddle("cpu", 1)
    from suite.training.loop import Training

    settings = {
        "model": {"name": "vgg", "conv_arch": [[1, 1], [1, 1], [1, 1]], "fc": [8]},
        "augment": {"mode": "mixup"},
        "data": {"root": root, "train_list": f"Train{count}.txt", "cache": f"{root}/cache", "image_size": size},
        "train": {"epochs": 2, "clean_every": 2, "batch_size": 32},
    }
    config = Config.model_validate(settings)
    with own_memory() as sizes:
        began = time.perf_counter()
        load_data(config.data)
        decoded = time.perf_counter()
        data = load_data(config.data)
        opened = time.perf_counter()
        training = Training(config, data)
        training.one_epoch()
    return {
        "images": count,
        "size": size,
        "decoding": decoded - began,
        "opening": opened - decoded,
        "epoch": training.seconds[0],
        "cache": len(data.train.labels) * size * size * 3 / 1e9,
        "peak": max(sizes) / 1e9,
    }


@contextmanager
def own_memory() -> Iterator[list[int]]:
    """Bytes of this process that no file stands behind, looked at fifty times a second."""
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            _, _, after = Path("/proc/self/status").read_text().partition("RssAnon:")
            seen.append(int(after.split()[0]) * 1024)  # written in kB

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()
