"""Studies: a file that names a grid of runs.

    question: Does mixing help?     # for people
    claims:                         # declared beforehand: tested first, and corrected among themselves alone
      - {arm: mixup alone, over: none}
    metric: accuracy                # what the claims are about, as `train.metric`
    base: ../vgg_none.yaml          # relative to the study file
    set: {data.image_size: 32}      # what all its runs have in common
    axes:
      arm:                          # an axis of names, each with the keys it sets ...
        none: {augment.mode: none}
        mixup alone: {augment.mode: mixup, augment.operations: none}
      data.images_per_class: [10, 25, all]      # ... or a key with its values
    seeds: [0, 1, 2]

A section, such as `train: {epochs: 7}`, changes only the keys that it names. The grid has a cell for every
combination of the axes, and a run for every cell and seed. A claim names two points of one axis of names.
`train.py` writes question, claims, metric and seeds into the folder of the runs before the first one starts.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

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


class StatedClaim(Section):
    """A claim as a study file states it: one arm has a higher accuracy than another."""

    arm: str
    over: str


class StudyFile(Section):
    """What a study file holds."""

    question: str = ""
    claims: Annotated[tuple[StatedClaim, ...], Lax] = ()
    metric: Literal["accuracy", "balanced"] | None = None
    base: PathText
    set: Overrides = Field(default_factory=dict)
    axes: Annotated[dict[str, Axis], Field(min_length=1)]
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Lax, Field(min_length=1)] = (0,)


class Cell(NamedTuple):
    """One combination of the axes."""

    labels: tuple[str, ...]
    """The point that it is at on each axis."""
    overrides: list[str]
    """As `--set` takes them."""

    @property
    def name(self) -> str:
        """Of its folder."""
        return "-".join(self.labels)


class Claim(StatedClaim):
    """The same with the cells that lie on either side."""

    arm_cells: Annotated[tuple[str, ...], Lax]
    over_cells: Annotated[tuple[str, ...], Lax]


class Study(NamedTuple):
    """A grid: the same configuration under every cell, once for every seed."""

    base: str
    cells: list[Cell]
    seeds: list[int]
    names_seeds: bool
    """Whether the seeds stand in the file."""
    question: str
    claims: tuple[Claim, ...]


def load_study(file: str | Path) -> Study:
    """Read a study file. Loading its cells shows whether its keys and values fit the configuration.

    Raises:
        UserError: with one line for every problem found.
    """
    given = read_sections(file, StudyFile)
    axes = [_points(name, axis) for name, axis in given.axes.items()]
    if empty := [name for name, points in zip(given.axes, axes, strict=True) if not points]:
        raise UserError(f"{file}: axes.{empty[0]}: has no values")
    common = given.set | ({"train.metric": given.metric} if given.metric else {})
    cells = [_cell(common, point) for point in itertools.product(*axes)]
    _refuse_bad_names(file, [cell.name for cell in cells])
    return Study(
        base=str(Path(file).parent / given.base),
        cells=cells,
        seeds=list(dict.fromkeys(given.seeds)),
        names_seeds="seeds" in given.model_fields_set,
        question=given.question,
        claims=_claims(file, given),
    )


def _claims(file: str | Path, given: StudyFile) -> tuple[Claim, ...]:
    """The claims with their cells.

    Raises:
        UserError: with a line for every claim that names no two points of one axis, or a pair that another one names.
    """
    named = {axis: list(points) for axis, points in given.axes.items() if isinstance(points, dict)}
    labels = ", ".join(label for points in named.values() for label in points) or "none"
    problems: list[str] = []
    claims: list[Claim] = []
    for claim in given.claims:
        pair = {claim.arm, claim.over}
        axes = [axis for axis, points in named.items() if pair <= set(points)]
        if len(pair) < 2 or any(pair == {other.arm, other.over} for other in claims):
            what = "is compared with itself" if len(pair) < 2 else "stands there twice, perhaps the other way round"
            problems.append(f"{file}: claims: {claim.arm} over {claim.over}: {what}; leave it out")
        elif not axes:
            why = f"are no two names of one axis; there are {labels}"
            problems.append(f"{file}: claims: {claim.arm} over {claim.over}: {why}")
        else:
            arm_cells, over_cells = (_cells_with(given, axes[0], label) for label in (claim.arm, claim.over))
            claims.append(Claim(arm=claim.arm, over=claim.over, arm_cells=arm_cells, over_cells=over_cells))
    if problems:
        raise UserError(problems)
    return tuple(claims)


def _cells_with(given: StudyFile, axis: str, label: str) -> tuple[str, ...]:
    """The names of the cells at one point of an axis."""
    points = [
        [point for point in _points(name, values) if name != axis or point[0] == label]
        for name, values in given.axes.items()
    ]
    return tuple(_cell({}, point).name for point in itertools.product(*points))


def _cell(common: Overrides, point: Sequence[tuple[str, Overrides]]) -> Cell:
    overrides = itertools.chain(common.items(), *(keys.items() for _, keys in point))
    labels = tuple(label for label, _ in point)
    return Cell(labels, [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in overrides])


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
