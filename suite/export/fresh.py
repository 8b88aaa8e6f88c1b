"""A script for a process of its own: python fresh.py FOLDER IMAGES.npy RESULTS.npz.

It loads an exported folder as a stranger would, and writes the probabilities of the images: `paddle` has those of
example.py, and `onnx` those of ONNX Runtime, where there is such a file.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np


def main(folder: str, images_file: str, results_file: str) -> None:
    """Load, compute, write."""
    sys.path.insert(0, folder)  # before the folder of this file, which has an example.py too
    images = np.load(images_file, allow_pickle=False)
    results = {"paddle": import_module("example").probabilities(images)}
    if (onnx := Path(folder, "model.onnx")).is_file():
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # it warns of constants that no node uses
        session = onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
        [results["onnx"]] = session.run(None, {"images": images})
    np.savez(results_file, **results)


if __name__ == "__main__":
    main(*sys.argv[1:])
