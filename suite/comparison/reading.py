"""Runs, read from their folders. What cannot be compared is left out, with a line that says why."""

from __future__ import annotations

import json
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
from suite.comparison.records import Curve, Leaves, Run, UnusableError, natural, place_of
from suite.config.reading import load_config
from suite.config.schema import MACHINE_KEYS, PATH_KEYS, flattened
from suite.errors import UserError
from suite.runs.facts import NOT_FINITE
from suite.runs.folder import CURVES

ARTICLE_PREFIXES = {f"{'no' if mode == 'none' else mode}Aug": mode for mode in MODES}
"""How the article's flat files begin: `noAug_lossTrain.npy`, `mixupAug_accEval.npy`."""

ARTICLE_CURVES = CURVES[:4]
"""The article measures nothing on clean training images."""

NOT_COMPARED = {*MACHINE_KEYS, *PATH_KEYS, "train.seed", "train.clean_every"}
"""Keys in which comparable runs may differ: the seed, how often is measured, the machine, for which `MACHINE_FACTS`
stand, and paths, for which the pool of images stands."""

MACHINE_FACTS = {"device": "device", "Paddle version": "versions.paddle", "Paddle threads": "threads.paddle"}
"""What comparable runs were computed with, and where `run.json` has it: each may change the last bits of a result."""


def find_runs(folder: Path) -> tuple[list[Run], list[str]]:
    """All runs in and below `folder`, sorted by path, and one line for everything that was left out.

    Raises:
        UserError: when there is no such folder.
    """
    if not os.path.isdir(folder):  # noqa: PTH112 (no error on impossible names)
        raise UserError(f"{folder}: no such folder; give the folder train.py writes to, which is logs unless you chose")
    found: list[Run] = []
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
                found.append(read())
            except UnusableError as reason:
                notes.append(f"{where}: {reason}")
    runs, repeated = _without_repetitions(_told_apart_by_pictures(found))
    return sorted(runs, key=place_of), notes + repeated


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
    file = folder / "run.json"
    if not file.is_file():
        raise UnusableError("no run.json, so nothing says what was trained")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        data, finished = manifest["data"], manifest["status"] == "finished"
        images = (int(data["train_images"]), int(data["eval_images"]), int(data["classes"]))
        dataset, pictures = str(data["name"]), str(data["fingerprint"])
        machine = _machine(manifest)
        seconds = np.array(manifest.get("seconds_per_epoch", []), np.float64)
        command = str(manifest["sessions"][-1]["command"]) if "sessions" in manifest else ""
        class_names = tuple(map(str, data.get("class_names", ())))
    except KeyError as error:
        raise UnusableError(f"run.json has no {error}") from None
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise UnusableError(f"run.json cannot be read: {error}") from None
    try:
        config = load_config(folder / "config.yaml")
    except UserError as error:
        raise UnusableError(error.problems[0]) from None
    curves = _read_curves({curve: folder / f"{curve}.npy" for curve in CURVES}, growing=not finished)
    done, epochs = len(curves["lossTrain"]), config.train.epochs
    if finished and done != epochs:
        raise UnusableError(f"run.json says finished, but the curves hold {done} of {epochs} epochs")
    sections = config.model_dump()
    everything = dict(flattened(sections))
    augment = tuple(flattened(sections.pop("augment")))
    leaves = [(key, value) for key, value in flattened(sections) if key not in NOT_COMPARED]
    # The pool is told by paths and labels, which may be the same in two sets; older runs know of none.
    pool = [("data.name", dataset), ("data.pool", str(data.get("pool", pictures)))]
    return Run(
        folder=folder,
        mode=config.augment.mode,
        augment=augment,
        seed=config.train.seed,
        fold=str(data.get("split", pictures)),  # older runs know of no split
        pictures=pictures,
        planned=epochs,
        finished=finished,
        broken=manifest["status"] == NOT_FINITE,
        curves=curves,
        setting=(*leaves, *pool, *machine),
        name=f"{config.model.name} on {dataset}, {config.data.image_size} px, {epochs} epochs",
        images=images,
        seconds=seconds,
        command=command,
        config=everything,
        class_names=class_names,
    )


def _machine(manifest: dict[str, Any]) -> Leaves:
    """What the run was computed with; of one that was continued elsewhere all values, in the order of its sessions."""
    sessions = [dict(flattened(session)) for session in manifest.get("sessions", [manifest])]
    values = {
        name: [str(session.get(key, "not recorded")).partition(":")[0] for session in sessions]  # gpu:1 is a gpu
        for name, key in MACHINE_FACTS.items()
    }
    return tuple((name, " then ".join(dict.fromkeys(found))) for name, found in values.items())


def _read_article_run(folder: Path, prefix: str) -> Run:
    if prefix not in ARTICLE_PREFIXES:
        raise UnusableError(f"not the name of a mode; known are {', '.join(ARTICLE_PREFIXES)}")
    curves = _read_curves({curve: folder / f"{prefix}_{curve}.npy" for curve in ARTICLE_CURVES}, growing=False)
    epochs = len(curves["lossTrain"])
    unmeasured = {curve: np.full(epochs, math.nan) for curve in CURVES if curve not in curves}
    return Run(
        folder=folder,
        mode=ARTICLE_PREFIXES[prefix],
        augment=(("mode", ARTICLE_PREFIXES[prefix]),),
        seed=None,
        fold="",
        pictures="",
        planned=epochs,
        broken=False,
        finished=True,  # the article's program saves once, after the last epoch
        curves={**curves, **unmeasured},
        setting=(("folder", str(folder.resolve())), ("train.epochs", epochs)),
        name=f"{folder.resolve().name}, article files, {epochs} epochs",
        images=None,
        seconds=np.empty(0),
        command="",
        config={},
        class_names=(),
    )


def _read_curves(files: dict[str, Path], growing: bool) -> dict[str, Curve]:
    missing = [file.name for file in files.values() if not file.is_file()]
    if len(missing) == len(files):
        raise UnusableError("no curves yet")
    if missing:
        raise UnusableError(f"{', '.join(missing)} missing")
    curves = {curve: _read_curve(file) for curve, file in files.items()}
    lengths = {curve: len(values) for curve, values in curves.items()}
    shortest = min(lengths.values())
    # A run that is being trained replaces its files one after the other: between two of them, one epoch is half there.
    if max(lengths.values()) - shortest > (1 if growing else 0):
        listed = ", ".join(f"{curve} {length}" for curve, length in lengths.items())
        raise UnusableError(f"curves of different lengths ({listed})")
    if shortest == 0:
        raise UnusableError("no epoch is complete yet")
    for curve in ("lossEval", "accEval"):
        if not np.isfinite(curves[curve][:shortest]).all():
            raise UnusableError(f"{curve}.npy holds values that are not finite, so nothing can be said of it")
    return {curve: values[:shortest] for curve, values in curves.items()}


def _read_curve(file: Path) -> Curve:
    try:
        values = np.load(file, allow_pickle=False)  # a pickle may run any code
    except Exception as error:  # for an odd header NumPy raises what its parser does, or allocates what it claims
        raise UnusableError(f"{file.name} cannot be read: {str(error).splitlines()[0]}") from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise UnusableError(f"{file.name} does not hold numbers")
    # One column is a row too: old Paddle's losses have shape [1], and a list of them is saved as [epochs, 1].
    if values.shape not in ((values.size,), (values.size, 1)):
        raise UnusableError(f"{file.name} is not one value an epoch, but of shape {list(values.shape)}")
    return values.reshape(-1).astype(np.float64)


def _told_apart_by_pictures(runs: list[Run]) -> list[Run]:
    """Where runs of equal setting and lists saw different pictures, the pictures are part of the setting."""
    seen: dict[Leaves, dict[str, set[str]]] = {}
    for run in runs:
        seen.setdefault(run.setting, {}).setdefault(run.fold, set()).add(run.pictures)
    changed = {setting for setting, folds in seen.items() if any(len(pictures) > 1 for pictures in folds.values())}
    return [
        replace(run, setting=(*run.setting, ("data.pictures", run.pictures))) if run.setting in changed else run
        for run in runs
    ]


def _without_repetitions(runs: list[Run]) -> tuple[list[Run], list[str]]:
    """Every seed of an arm once a fold, the most complete run of it: a copied folder is not a second measurement."""
    kept: dict[tuple[Any, ...], Run] = {}
    notes: list[str] = []
    for run in sorted(runs, key=lambda run: (-run.done, place_of(run))):
        first = kept.setdefault((run.setting, run.augment, run.seed, run.fold), run)
        if first is not run:
            notes.append(f"{run.folder}: same setting and seed as {first.folder}, which is used")
    return list(kept.values()), notes
