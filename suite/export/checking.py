"""Whether what was exported computes what evaluate.py computes, in a process that knows nothing of the suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from suite.data.images import WHITE, ImageError, Images, quiet_pillow, read_image
from suite.data.lists import find_root, image_folder, read_list
from suite.errors import RunFailed, UserError
from suite.runs.trained import TrainedRun

TOLERANCE = 1e-5
"""How far a probability may be from that of evaluate.py."""

MANY = 64
"""Images that are compared."""


class Comparison(NamedTuple):
    """Images, and their probabilities by evaluate.py's way."""

    images: Images
    expected: NDArray[np.float64]
    what: str
    """`64 evaluation images`."""


def images_to_compare(run: TrainedRun) -> tuple[Images, str]:
    """Images of the run's evaluation list, spread over it, or random ones where these cannot be read; and which."""
    data = run.config.data
    try:
        list_file = find_root(data.root) / data.eval_list
        samples, _ = read_list(list_file, folder := image_folder(data, list_file))
        some = samples[:: -(-len(samples) // MANY) or 1]
        with quiet_pillow():
            images = [read_image(folder / sample.path, data.image_size, data.white or WHITE) for sample in some]
        return np.stack(images), f"{len(images)} evaluation images"
    except (UserError, ImageError, ValueError):  # the last for a list without images
        shape = (MANY, data.image_size, data.image_size, 3)
        random = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
        return random, f"{MANY} random images, as those of the evaluation list cannot be read"


def refuse_other_results(folder: Path, comparison: Comparison, room: Path) -> dict[str, float]:
    """Compare the exported `folder` with what is expected; `room` is a folder for files in between.

    Returns the largest difference of a probability, by `paddle` and `onnx`.

    Raises:
        RunFailed: when one is above `TOLERANCE`, or the process fails.
    """
    images_file, results_file = room / "images.npy", room / "results.npz"
    np.save(images_file, comparison.images)
    in_fresh_process("fresh.py", folder, images_file, results_file)
    with np.load(results_file, allow_pickle=False) as results:
        differences = {name: float(abs(results[name] - comparison.expected).max()) for name in results.files}
    for name, difference in differences.items():
        if not difference <= TOLERANCE:  # so written, NaN is refused too
            raise RunFailed(
                f"the exported network ({name}) differs from evaluate.py by up to {difference:.1e} in a probability, "
                f"more than {TOLERANCE:.0e}, so nothing was written; please report it"
            )
    return differences


def in_fresh_process(script: str, *arguments: Path) -> None:
    """Run a script of this room.

    Raises:
        RunFailed: when it fails; with the end of what it said.
    """
    line = [sys.executable, str(Path(__file__).with_name(script)), *map(str, arguments)]
    done = subprocess.run(line, capture_output=True, text=True, errors="replace")
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-500:]
        raise RunFailed(f"{script} ended with {done.returncode}, so nothing was written: {said}")
