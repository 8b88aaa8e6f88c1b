"""How a network starts from weights of another training, also where a library names and lays them out otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module

import numpy as np
from paddle import nn

from models.building import is_head

Renaming = Sequence[tuple[str, str]]
"""Patterns and replacements that turn the paths of another library into ours, applied in this order."""

STATISTICS_OF_TORCH = {"running_mean": "_mean", "running_var": "_variance"}
"""What PyTorch calls the statistics of BatchNorm, and Paddle."""

UNUSED = "num_batches_tracked"
"""PyTorch counts batches here."""


class Unfit(ValueError):
    """Weights of another network; has a line for each part of the reason."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(lines))


def start_from(network: nn.Layer, name: str, arrays: Mapping[str, np.ndarray], of_torch: bool) -> None:
    """Put these arrays, float32 by path, into the body of the network called `name`; its head stays as it was drawn.

    The paths may be our own, or those of a library that the network's file has in `NAMES_ELSEWHERE`. With `of_torch`
    the weights of fully connected layers are [out, in], not [in, out].

    Raises:
        Unfit: when they are of another network.
    """
    wanted = {path: tuple(value.shape) for path, value in network.state_dict().items() if not is_head(path)}
    renamings: Mapping[str, Renaming] = getattr(import_module(f"models.{name}"), "NAMES_ELSEWHERE", {})
    named = [_renamed(arrays, renaming) for renaming in ((), *renamings.values())]
    # Of several names, those that leave the fewest parameters without a value, or values without a parameter.
    given = min(named, key=lambda one: len(one.keys() ^ wanted.keys()))
    if given.keys() != wanted.keys():
        raise Unfit(
            [
                f"its names are not those of {name}, nor of {' or '.join(renamings) or 'any other library'}",
                f"only in the file: {_listed(given.keys() - wanted.keys())}",
                f"only in the network: {_listed(wanted.keys() - given.keys())}",
            ]
        )
    fitting = {path: array.T if of_torch and array.ndim == 2 else array for path, array in given.items()}
    if odd := [path for path in wanted if fitting[path].shape != wanted[path]]:
        lines = [f"{path} is {fitting[path].shape} in the file and {wanted[path]} in the network" for path in odd]
        raise Unfit([f"its shapes are not those of this {name}: other settings of `model`?", *lines])
    network.set_state_dict({**network.state_dict(), **{path: np.ascontiguousarray(fitting[path]) for path in fitting}})


def _renamed(arrays: Mapping[str, np.ndarray], renaming: Renaming) -> dict[str, np.ndarray]:
    """What belongs to the body, under our paths."""
    found = {}
    for path, array in arrays.items():
        for pattern, replacement in renaming:
            path = re.sub(pattern, replacement, path)
        layer, _, leaf = path.rpartition(".")
        path = f"{layer}.{STATISTICS_OF_TORCH.get(leaf, leaf)}"
        if leaf != UNUSED and not is_head(path):
            found[path] = array
    return found


def _listed(paths: set[str], limit: int = 8) -> str:
    """The first of them, and how many more there are."""
    more = f" and {len(paths) - limit} more" if len(paths) > limit else ""
    return ", ".join(sorted(paths)[:limit]) + more or "nothing"
