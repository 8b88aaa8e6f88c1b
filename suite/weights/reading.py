"""The file that `model.weights` names, as arrays by their paths."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from models.settings import NetworkConfig
from suite.config.paths import expanded
from suite.errors import UserError
from suite.runs.checkpoints import load_checkpoint
from suite.weights.torch_files import read_pth, widened
from suite.weights.unpickling import NumpyUnpickler, Refused, array_of

Layout = Literal["paddle", "torch"]
"""Paddle has the weights of a fully connected layer as [in, out], PyTorch as [out, in]."""

LARGEST_FILE = 2_000_000_000
"""Bytes; ResNet-152 in float32 takes an eighth of that."""

MODEL = "model/"
"""What the paths of a network's weights begin with in our own files."""


class Weights(NamedTuple):
    """What a file of weights holds."""

    file: Path
    digest: str  # SHA-256 of the file
    arrays: dict[str, np.ndarray]  # float32, by path
    layout: Layout
    settings: dict[str, Any]  # of the section `model` that they were trained with, as far as the file tells

    @property
    def name(self) -> str:
        """What tells these weights from all others: the file's name, and sixteen digits of its digest."""
        return f"{self.file.name} {self.digest[:16]}"


def name_of(weights: Weights | None) -> str | None:
    """Their name, if there are any."""
    return weights.name if weights else None


def read_weights(model: NetworkConfig) -> Weights | None:
    """The weights that a section `model` names, if it does, read without running anything in their file.

    Raises:
        UserError: when the file cannot be used, or tells of another network or normalisation.
    """
    if model.weights is None:
        return None
    weights = read_file(model.weights)
    for key in ("name", "normalise"):
        was, now = weights.settings.get(key), getattr(model, key)
        if was not in (None, now):
            raise UserError(
                f"model.weights: {model.weights}: was trained with model.{key} {was}, but model.{key} is {now}; set it "
                f"to {was}, or take other weights"
            )
    return weights


def read_file(file: str) -> Weights:
    """Read a file of weights without running anything in it: .pdparams, .safetensors, .pth, .pt, or our own .npz.

    Raises:
        UserError: when there is no such file, or it is none of these, is damaged, or wants to run code.
    """
    path = expanded(file)
    kinds = ", ".join(READERS)
    if not path.is_file():  # nor is a pipe: to open it is to wait for its writer
        raise UserError(f"model.weights: {file}: no such file; where weights come from stands in configs/README.md")
    if path.suffix not in READERS:
        raise UserError(f"model.weights: {file}: should end in one of {kinds}, which tells how to read it")
    if path.stat().st_size > LARGEST_FILE:
        raise UserError(
            f"model.weights: {file}: is larger than {LARGEST_FILE // 1_000_000:,} MB, too large for weights"
        )
    try:
        arrays, layout, settings = READERS[path.suffix](path)
        arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    except OSError as error:
        raise UserError(f"model.weights: {file}: cannot be read: {error.strerror}") from None
    except Exception as error:  # on damaged files the readers raise whatever their parsers stumble over
        reason = str(error) if isinstance(error, (Refused, UserError)) else f"{type(error).__name__}: {error}"
        raise UserError(f"model.weights: {file}: cannot be used as weights: {reason}") from None
    return Weights(path, hashlib.sha256(path.read_bytes()).hexdigest(), arrays, layout, settings)


Content = tuple[dict[str, np.ndarray], Layout, dict[str, Any]]


def _read_npz(file: Path) -> Content:
    """A checkpoint of a run, or what `python -m suite.weights` has made."""
    arrays, facts = load_checkpoint(file)
    paths = {name.removeprefix(MODEL): array for name, array in arrays.items() if name.startswith(MODEL)}
    return paths, "paddle", facts.get("model", {})


def _read_pdparams(file: Path) -> Content:
    with file.open("rb") as stream:
        content = NumpyUnpickler(stream, encoding="latin1").load()
    if not isinstance(content, dict):
        raise Refused("it holds no weights by name")
    found = {str(path): array_of(value) for path, value in content.items() if path != "StructuredToParameterName@@"}
    if odd := [path for path, array in found.items() if array is None]:
        raise Refused(f"{odd[0]} is no array")
    return {path: array for path, array in found.items() if array is not None}, "paddle", {}


def _read_torch(file: Path) -> Content:
    return read_pth(file), "torch", {}


def _read_safetensors(file: Path) -> Content:
    """Read by hand where numbers are bfloat16, which the package leaves to others."""
    from safetensors import safe_open

    with safe_open(file, framework="numpy") as opened:
        layout: Layout = "paddle" if (opened.metadata() or {}).get("format") in ("pd", "paddle", "np") else "torch"
        names = opened.keys()
        halves = [name for name in names if opened.get_slice(name).get_dtype() == "BF16"]
        arrays = {name: opened.get_tensor(name) for name in names if name not in halves}
    if halves:
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(length))
            for name in halves:
                begin, end = header[name]["data_offsets"]
                stream.seek(8 + length + begin)
                arrays[name] = widened(np.frombuffer(stream.read(end - begin), "<u2").reshape(header[name]["shape"]))
    return arrays, layout, {}


READERS: dict[str, Callable[[Path], Content]] = {
    ".npz": _read_npz,
    ".pdparams": _read_pdparams,
    ".safetensors": _read_safetensors,
    ".pth": _read_torch,
    ".pt": _read_torch,
}
"""How a file is read, by the end of its name."""
