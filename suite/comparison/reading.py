"""Runs, read from their folders. What cannot be compared is left out, with a line that says why."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from augment.settings import MODES
from suite.comparison.predictions import damaged_predictions
from suite.comparison.records import Leaves, Run, UnusableError, natural, place_of
from suite.errors import UserError
from suite.files import DamagedFile
from suite.runs.curves import CURVES, Curve, read_curve, read_curves
from suite.runs.facts import read_facts
from suite.runs.inputs import read_config

ARTICLE_PREFIXES = {f"{'no' if mode == 'none' else mode}Aug": mode for mode in MODES}
"""How the article's flat files begin: `noAug_lossTrain.npy`, `mixupAug_accEval.npy`."""

ARTICLE_CURVES = CURVES[:4]
"""The article measures nothing on clean training images."""


def find_runs(folder: Path) -> tuple[list[Run], list[str]]:
    """All runs in and below `folder`, sorted by path, and one line for everything that was left out.

    Raises:
        UserError: when there is no such folder.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 (no error on impossible names)
        raise UserError(f"{folder}: no such folder; give the folder train.py writes to, which is logs unless you chose")
    readable: list[Run] = []
    notes: list[str] = []
    seen: set[Path] = set()
    for place, subfolders, names in os.walk(
        folder, followlinks=True, onerror=lambda error: notes.append(f"{error.filename}: {error.strerror}")
    ):
        here = Path(place)
        if here.resolve() in seen:  # a link to a folder that was visited, perhaps its own parent
            subfolders.clear()
            continue
        seen.add(here.resolve())
        subfolders[:] = sorted((name for name in subfolders if not name.startswith(".")), key=natural)
        for where, read in _readers(here, names):
            try:
                readable.append(read())
            except UnusableError as reason:
                notes.append(f"{where}: {reason}")
            except DamagedFile as reason:  # it names the file
                notes.append(str(reason))
    runs, repeated = _without_repetitions(_told_apart_by_pictures(readable))
    return sorted(runs, key=place_of), [*notes, *repeated, *damaged_predictions(runs)]


def _readers(folder: Path, names: list[str]) -> list[tuple[Path, Callable[[], Run]]]:
    """Where a run seems to be in this folder, and the function that reads it."""
    readers: list[tuple[Path, Callable[[], Run]]] = []
    if not {"run.json", "config.yaml", *(f"{curve}.npy" for curve in CURVES)}.isdisjoint(names):
        readers.append((folder, partial(_read_run, folder)))
    flat = (re.fullmatch(rf"(\w+)_(?:{'|'.join(ARTICLE_CURVES)})\.npy", name) for name in names)
    for prefix in sorted({match[1] for match in flat if match}):
        readers.append((folder / f"{prefix}_*.npy", partial(_read_article_run, folder, prefix)))
    return readers


def _read_run(folder: Path) -> Run:
    facts = read_facts(folder)
    if facts is None:
        raise UnusableError("no run.json, so nothing says what was trained")
    if facts.epochs_done == 0:
        raise UnusableError("no epoch is complete yet")
    config = read_config(folder, facts)
    return _compared(Run(folder, config.augment.mode, config, facts, read_curves(folder, facts)))


def _read_article_run(folder: Path, prefix: str) -> Run:
    """A run of the article's program, which records nothing but the mode and four curves."""
    if prefix not in ARTICLE_PREFIXES:
        raise UnusableError(f"not the name of a mode; known are {', '.join(ARTICLE_PREFIXES)}")
    curves = {curve: read_curve(folder / f"{prefix}_{curve}.npy") for curve in ARTICLE_CURVES}
    lengths = {curve: len(values) for curve, values in curves.items()}
    epochs = min(lengths.values())
    if epochs < max(lengths.values()):
        listed = ", ".join(f"{curve} {length}" for curve, length in lengths.items())
        raise UnusableError(f"curves of different lengths ({listed})")
    if epochs == 0:
        raise UnusableError("no epoch is complete yet")
    unmeasured: dict[str, Curve] = {curve: np.full(epochs, math.nan) for curve in CURVES if curve not in curves}
    return _compared(Run(folder, ARTICLE_PREFIXES[prefix], None, None, {**curves, **unmeasured}))


def _compared(run: Run) -> Run:
    for curve in ("lossEval", "accEval"):
        if not np.isfinite(run.curves[curve]).all():
            raise UnusableError(f"{curve}.npy holds values that are not finite, so nothing can be said of it")
    return run


def _told_apart_by_pictures(runs: list[Run]) -> list[Run]:
    """Where runs of equal setting and lists saw different pictures, the pictures are part of the setting."""
    seen: dict[Leaves, dict[str, set[str]]] = {}
    for run in runs:
        seen.setdefault(run.setting, {}).setdefault(run.fold, set()).add(run.pictures)
    changed = {setting for setting, folds in seen.items() if any(len(pictures) > 1 for pictures in folds.values())}
    return [replace(run, told_apart_by_pictures=True) if run.setting in changed else run for run in runs]


def _without_repetitions(runs: list[Run]) -> tuple[list[Run], list[str]]:
    """Every seed of an arm once a fold, the most complete run of it: a copied folder is not a second measurement."""
    unique: dict[tuple[Any, ...], Run] = {}
    notes: list[str] = []
    for run in sorted(runs, key=lambda run: (-run.done, place_of(run))):
        first = unique.setdefault((run.setting, run.augment, run.seed, run.fold), run)
        if first is not run:
            notes.append(f"{run.folder}: same setting and seed as {first.folder}, which is used")
    return list(unique.values()), notes
