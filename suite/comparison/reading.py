"""Runs, read from their folders. What cannot be compared is left out, with a line that says why."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from augment.settings import MODES
from suite.comparison.folds import told_apart
from suite.comparison.predictions import damaged_predictions
from suite.comparison.records import Run, UnusableError, place_of
from suite.errors import UserError
from suite.files import DamagedFile
from suite.natural_order import natural
from suite.runs.curves import CURVES, EVAL, read_curve, read_curves, with_unmeasured
from suite.runs.facts import Facts, made_unlike, read_facts
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
                for run in read():  # it may give a run and then say why there is no other
                    readable.append(run)
            except UnusableError as reason:
                notes.append(f"{where}: {reason}")
            except DamagedFile as reason:  # it names the file
                notes.append(str(reason))
    apart, unknown = told_apart(readable)
    runs, repeated = _without_repetitions(apart)
    return sorted(runs, key=place_of), [*notes, *unknown, *repeated, *damaged_predictions(runs)]


def _readers(folder: Path, names: list[str]) -> list[tuple[Path, Callable[[], Iterator[Run]]]]:
    """Where runs seem to be in this folder, and the function that reads them."""
    readers: list[tuple[Path, Callable[[], Iterator[Run]]]] = []
    if not {"run.json", "config.yaml", *(f"{curve}.npy" for curve in CURVES)}.isdisjoint(names):
        readers.append((folder, partial(_read_run, folder)))
    flat = (re.fullmatch(rf"(\w+)_(?:{'|'.join(ARTICLE_CURVES)})\.npy", name) for name in names)
    for prefix in sorted({match[1] for match in flat if match}):
        readers.append((folder / f"{prefix}_*.npy", partial(_read_article_run, folder, prefix)))
    return readers


def _read_run(folder: Path) -> Iterator[Run]:
    """The run in this folder; before it the run that it began as, if that was stopped and got a lower learning rate."""
    facts = read_facts(folder)
    if facts is None:
        raise UnusableError("no run.json, so nothing says what was trained")
    config = read_config(folder, facts)
    run = Run(folder, config.augment.mode, config, facts, read_curves(folder, facts), broken=facts.diverged)
    if stopped := [each for each in facts.sessions if each.not_finite and each.lr != config.train.lr]:
        yield _as_it_began(run, facts, stopped[0].lr)
    if unlike := made_unlike(facts.counted_sessions):
        raise UnusableError(f"its epochs were not all made alike: {'; '.join(unlike)}")
    if facts.epochs_done or run.broken:
        yield _compared(run)
    if facts.epochs_done == 0:
        raise UnusableError("its loss was not finite in the first epoch" if run.broken else "no epoch is complete yet")


def _as_it_began(run: Run, facts: Facts, lr: float) -> Run:
    """The run before a loss that was not finite, after which it got a lower learning rate than this one."""
    assert run.config
    epochs = min(session.after_epoch for session in facts.sessions if session.lr != lr)
    config = run.config.model_copy(update={"train": run.config.train.model_copy(update={"lr": lr})})
    curves = {name: values[:epochs] for name, values in run.curves.items()}
    return replace(run, config=config, curves=curves, broken=True)


def _read_article_run(folder: Path, prefix: str) -> Iterator[Run]:
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
    yield _compared(Run(folder, ARTICLE_PREFIXES[prefix], None, None, with_unmeasured(curves, epochs)))


def _compared(run: Run) -> Run:
    for curve in ("lossEval", EVAL[run.metric]):
        if not np.isfinite(run.curves[curve]).all():
            raise UnusableError(f"{curve}.npy holds values that are not finite, so nothing can be said of it")
    return run


def _without_repetitions(runs: list[Run]) -> tuple[list[Run], list[str]]:
    """Every seed of an arm once a fold: a copied folder is not a second measurement.

    The most complete run counts, and of several the one that was made with what the other arms were made with.
    """
    made = {run: (run.setting, tuple(run.made_with.items())) for run in runs}
    of_seed = Counter((made[run], run.seed, run.fold) for run in runs if run.finished)
    of_all = Counter(made[run] for run in runs if run.finished)

    def preference(run: Run) -> tuple[Any, ...]:
        alike = of_seed[made[run], run.seed, run.fold], of_all[made[run]]
        return -run.done, -alike[0], -alike[1], made[run][1], place_of(run)

    unique: dict[tuple[Any, ...], Run] = {}
    notes: list[str] = []
    for run in sorted(runs, key=preference):
        first = unique.setdefault((run.setting, run.augment, run.seed, run.fold), run)
        if first is not run:
            notes.append(f"{run.folder}: same setting and seed as {first.folder}, which is used")
    return list(unique.values()), notes
