"""Studies: a file that names a grid of runs.

    base: ../vgg_none.yaml          # relative to the study file
    set: {data.image_size: 32}      # what all its runs have in common
    axes:
      arm:                          # an axis of names, each with the keys it sets ...
        none: {augment.mode: none}
        mixup alone: {augment.mode: mixup, augment.operations: none}
      data.images_per_class: [10, 25, all]      # ... or a key with its values
    seeds: [0, 1, 2]

A section, such as `train: {epochs: 7}`, changes only the keys that it names. The grid has a cell for every
combination of the axes, and a run for every cell and seed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field

from suite.config.reading import read_sections
from suite.errors import UserError
from suite.section import Lax, PathText, Section

Overrides = dict[str, Any]
"""Dotted key -> value."""


def _values_or_names(axis: Any) -> Any:
    if isinstance(axis, list) or (isinstance(axis, dict) and all(isinstance(keys, dict) for keys in axis.values())):
        return axis
    raise ValueError("should be a list of values, or names with the keys that each of them sets")


Axis = Annotated[Any, AfterValidator(_values_or_names)]
"""Values of the key that the axis is named after; or names, each with the keys that it sets."""


class StudyFile(Section):
    """What a study file holds."""

    base: PathText
    set: Overrides = Field(default_factory=dict)
    axes: Annotated[dict[str, Axis], Field(min_length=1)]
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Lax, Field(min_length=1)] = (0,)


class Cell(NamedTuple):
    """One combination of the axes."""

    name: str
    overrides: list[str]  # as `--set` takes them


class Study(NamedTuple):
    """A grid: the same configuration under every cell, once for every seed."""

    base: str
    cells: list[Cell]
    seeds: list[int]


def load_study(file: str | Path) -> Study:
    """Read a study file. Loading its cells shows whether its keys and values fit the configuration.

    Raises:
        UserError: with one line for every problem found.
    """
    given = read_sections(file, StudyFile)
    axes = [_points(name, axis) for name, axis in given.axes.items()]
    if empty := [name for name, points in zip(given.axes, axes, strict=True) if not points]:
        raise UserError(f"{file}: axes.{empty[0]}: has no values")
    cells = [_cell(given.set, point) for point in itertools.product(*axes)]
    _refuse_bad_names(file, [cell.name for cell in cells])
    base = Path(file).parent / given.base
    return Study(str(base), cells, list(dict.fromkeys(given.seeds)))


def _cell(common: Overrides, point: Sequence[tuple[str, Overrides]]) -> Cell:
    overrides = itertools.chain(common.items(), *(keys.items() for _, keys in point))
    name = "-".join(label for label, _ in point)
    return Cell(name, [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in overrides])


def _refuse_bad_names(file: str | Path, names: Sequence[str]) -> None:
    for name in names:
        if "/" in name or name.startswith("."):
            raise UserError(f"{file}: axes: {name!r} is no folder name; rename it")
        if names.count(name) > 1:
            raise UserError(f"{file}: axes: two cells would be called {name!r}; rename one")


def _points(name: str, axis: list[Any] | dict[str, Overrides]) -> list[tuple[str, Overrides]]:
    """The labels along an axis, each with the keys that it sets."""
    if isinstance(axis, dict):
        return list(axis.items())
    key = name.rpartition(".")[2]
    return [(f"{key}_{'all' if value is None else value}", {name: value}) for value in axis]
