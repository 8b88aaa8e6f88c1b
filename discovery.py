"""Runs, read from their folders and put into groups that may be compared. No plotting, no Paddle.

    folder --find_runs--> runs --grouped--> groups of arms --sweeps--> groups that differ in images per class
    runs --judged_by--> the same with what evaluate.py made of another list

A group holds the runs that differ in nothing but `augment`, seed and fold, so that a difference between two of its
arms is the augmentation's. An arm is one `augment` section with all its seeds, in all folds.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config import MACHINE_KEYS, MODES, PATH_KEYS, flattened, load_config
from errors import UserError, shortened
from runs import CURVES, NOT_FINITE, fingerprint

Curve = NDArray[np.float64]
Leaves = tuple[tuple[str, Any], ...]

ARTICLE_PREFIXES = {f"{'no' if mode == 'none' else mode}Aug": mode for mode in MODES}
"""How the article's flat files begin: `noAug_lossTrain.npy`, `mixupAug_accEval.npy`."""

ARTICLE_CURVES = CURVES[:4]
"""The article measures nothing on clean training images."""

NOT_COMPARED = {*MACHINE_KEYS, *PATH_KEYS, "train.seed", "train.clean_every"}
"""Keys in which comparable runs may differ: the seed, how often is measured, the machine, for which `MACHINE_FACTS`
stand, and paths, for which the pool of images stands."""

MACHINE_FACTS = {"device": "device", "Paddle version": "versions.paddle", "Paddle threads": "threads.paddle"}
"""What comparable runs were computed with, and where `run.json` has it: each may change the last bits of a result."""

IMAGES_PER_CLASS = "data.images_per_class"
"""The one key in which the groups of a sweep differ."""


@dataclass(frozen=True, eq=False)
class Run:
    """One training run.

    Every array of `curves` holds one value an epoch, NaN where nothing was measured; all have the same length.
    """

    folder: Path
    mode: str
    augment: Leaves
    seed: int | None
    """None in the article's files, which do not tell."""
    fold: str
    """Fingerprint of both lists: runs of one pool with different ones are different folds of it."""
    pictures: str
    """Fingerprint of the images themselves, which tells a repaired or replaced one."""
    planned: int
    """Epochs the run is to have in the end."""
    finished: bool
    broken: bool
    """Whether a loss that was not finite has ended it."""
    curves: dict[str, Curve]
    setting: Leaves
    """Everything in which comparable runs agree."""
    name: str
    """The setting in a few words."""
    images: tuple[int, int, int] | None
    """Training images, evaluation images, classes; None in the article's files, which do not tell."""
    seconds: Curve
    """Of each epoch; empty when unknown."""
    command: str
    """What continues or repeats the run; empty when unknown."""
    config: dict[str, Any]
    """All of the configuration by dotted key; empty when unknown."""
    class_names: tuple[str, ...]
    evaluation: str = ""
    """Below `folder`, where the predictions are; empty for those of the last epoch of training."""

    @property
    def done(self) -> int:
        """Epochs trained so far."""
        return len(self.curves["lossTrain"])


@dataclass(frozen=True, eq=False)
class Arm:
    """The runs of one `augment` section, by seed and fold."""

    label: str
    mode: str
    runs: tuple[Run, ...]

    @property
    def finished(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if run.finished)

    @property
    def unfinished(self) -> tuple[Run, ...]:
        return tuple(run for run in self.runs if not run.finished)


@dataclass(frozen=True, eq=False)
class Group:
    """Arms that may be compared with each other."""

    title: str
    slug: str
    """The title as a folder name, unique among the groups."""
    planned: int
    arms: tuple[Arm, ...]
    folds: int
    """How many folds its runs have together; a seed counts with all of them or not at all."""

    @property
    def reached(self) -> int:
        """The last epoch that any of its runs has done, counted from 1."""
        return max(run.done for arm in self.arms for run in arm.runs)

    @property
    def setting(self) -> Leaves:
        return self.arms[0].runs[0].setting

    @property
    def images(self) -> tuple[int, int, int] | None:
        """Training images, evaluation images, classes; of several folds in the first."""
        return self.arms[0].runs[0].images

    @property
    def evaluation(self) -> str:
        return self.arms[0].runs[0].evaluation


@dataclass(frozen=True, eq=False)
class SweptArm:
    """One `augment` section along a sweep."""

    label: str
    steps: tuple[tuple[int, Arm], ...]
    """The steps, from 0, in which it has finished runs; at least one."""

    @property
    def last(self) -> Arm:
        """The arm of the last step, in whose style all are drawn."""
        return self.steps[-1][1]


@dataclass(frozen=True, eq=False)
class Sweep:
    """Groups that differ in nothing but the number of training images."""

    title: str
    slug: str
    steps: tuple[tuple[int | None, Group], ...]
    """Images per class and the group trained on them, ascending; None is all, and last."""

    @property
    def places(self) -> list[float]:
        """Where figures have the steps: logarithms, and all, which are unlike many in every class, one step further."""
        known = [math.log(count) for count, _ in self.steps if count is not None]
        step = (known[-1] - known[0]) / (len(known) - 1) if len(known) > 1 else 1.0
        return known if len(known) == len(self.steps) else [*known, known[-1] + step]

    @property
    def arms(self) -> list[SweptArm]:
        """In the order of the modes; an arm is known in several groups by its `augment`."""
        found: dict[Leaves, list[tuple[int, Arm]]] = {}
        for step, (_, group) in enumerate(self.steps):
            for arm in group.arms:
                if arm.finished:
                    found.setdefault(arm.runs[0].augment, []).append((step, arm))
        arms = [SweptArm(common_name([arm.label for _, arm in steps]), tuple(steps)) for steps in found.values()]
        return sorted(arms, key=lambda arm: list(MODES).index(arm.steps[0][1].mode))


# --- finding and reading runs ---------------------------------------------------------------------------------------


class _UnusableError(Exception):
    """Why a folder cannot be compared; becomes a note, since one bad folder is no reason to show nothing."""


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
            except _UnusableError as reason:
                notes.append(f"{where}: {reason}")
    runs, repeated = _without_repetitions(_told_apart_by_pictures(found))
    return sorted(runs, key=_place), notes + repeated


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
        raise _UnusableError("no run.json, so nothing says what was trained")
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
        raise _UnusableError(f"run.json has no {error}") from None
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise _UnusableError(f"run.json cannot be read: {error}") from None
    try:
        config = load_config(folder / "config.yaml")
    except UserError as error:
        raise _UnusableError(error.problems[0]) from None
    curves = _read_curves({curve: folder / f"{curve}.npy" for curve in CURVES}, growing=not finished)
    done, epochs = len(curves["lossTrain"]), config.train.epochs
    if finished and done != epochs:
        raise _UnusableError(f"run.json says finished, but the curves hold {done} of {epochs} epochs")
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
        raise _UnusableError(f"not the name of a mode; known are {', '.join(ARTICLE_PREFIXES)}")
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
        raise _UnusableError("no curves yet")
    if missing:
        raise _UnusableError(f"{', '.join(missing)} missing")
    curves = {curve: _read_curve(file) for curve, file in files.items()}
    lengths = {curve: len(values) for curve, values in curves.items()}
    shortest = min(lengths.values())
    # A run that is being trained replaces its files one after the other: between two of them, one epoch is half there.
    if max(lengths.values()) - shortest > (1 if growing else 0):
        listed = ", ".join(f"{curve} {length}" for curve, length in lengths.items())
        raise _UnusableError(f"curves of different lengths ({listed})")
    if shortest == 0:
        raise _UnusableError("no epoch is complete yet")
    for curve in ("lossEval", "accEval"):
        if not np.isfinite(curves[curve][:shortest]).all():
            raise _UnusableError(f"{curve}.npy holds values that are not finite, so nothing can be said of it")
    return {curve: values[:shortest] for curve, values in curves.items()}


def _read_curve(file: Path) -> Curve:
    try:
        values = np.load(file, allow_pickle=False)  # a pickle may run any code
    except Exception as error:  # for an odd header NumPy raises what its parser does, or allocates what it claims
        raise _UnusableError(f"{file.name} cannot be read: {str(error).splitlines()[0]}") from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise _UnusableError(f"{file.name} does not hold numbers")
    # One column is a row too: old Paddle's losses have shape [1], and a list of them is saved as [epochs, 1].
    if values.shape not in ((values.size,), (values.size, 1)):
        raise _UnusableError(f"{file.name} is not one value an epoch, but of shape {list(values.shape)}")
    return values.reshape(-1).astype(np.float64)


def predictions_file(run: Run) -> Path:
    return run.folder / run.evaluation / "predictions.npz"


def read_predictions(run: Run) -> tuple[NDArray[np.int64], NDArray[np.float32]] | None:
    """Labels [N] and logits [N, classes] of the images that were judged; None where there are none."""
    try:
        with np.load(predictions_file(run), allow_pickle=False) as arrays:
            labels, logits = arrays["labels"].astype(np.int64), arrays["logits"].astype(np.float32)
    except Exception:  # what is missing or damaged is not shown; NumPy raises whatever its parsers stumble over
        return None
    sound = logits.ndim == 2 and labels.shape == logits.shape[:1] and labels.size > 0 and np.isfinite(logits).all()
    return (labels, logits) if sound and labels.min() >= 0 and labels.max() < logits.shape[1] else None


def judged_by(runs: Iterable[Run], evaluation: str) -> tuple[list[Run], list[str]]:
    """Finished runs with what `evaluate.py` has written into their folder `evaluation` as their predictions.

    Only runs that were judged on the same images will be compared. The second list has a line for every run left out.

    Raises:
        UserError: when none is left.
    """
    judged: list[Run] = []
    notes: list[str] = []
    for run in runs:
        try:
            judged.append(_judged_by(run, evaluation))
        except _UnusableError as reason:
            notes.append(f"{run.folder}: {reason}")
    if not judged:
        hint = "evaluate.py makes such folders, of many runs at once: python evaluate.py logs/*/*/seed* --list Test.txt"
        raise UserError([f"--evaluation {evaluation}: no run can be compared by it; {hint}", *shortened(notes)])
    return judged, notes


def _judged_by(run: Run, evaluation: str) -> Run:
    there = replace(run, evaluation=evaluation)
    found = read_predictions(there)
    if found is None or run.images is None:
        raise _UnusableError(f"no {evaluation}/predictions.npz of evaluate.py that can be read")
    try:
        with np.load(predictions_file(there), allow_pickle=False) as arrays:
            digests, trained_on = arrays["digests"].astype(str).tolist(), int(arrays["trained_on"])
            finished = bool(arrays["finished"])
        listed = "\n".join(f"{label} {digest}" for label, digest in zip(found[0], digests, strict=True))
    except Exception as error:  # as in `read_predictions`
        raise _UnusableError(f"{evaluation}/predictions.npz was not written by evaluate.py: {error}") from None
    if not finished:
        raise _UnusableError(f"was not finished when evaluate.py wrote {evaluation}/; let it judge the run again")
    if trained_on < 0:
        raise _UnusableError("its data.txt is gone or damaged, so nothing tells which images it was trained on")
    if trained_on:
        raise _UnusableError(f"{trained_on:,} of the {len(digests):,} images of {evaluation}/ were trained on")
    training, _, classes = run.images
    return replace(
        there,
        images=(training, len(digests), classes),
        setting=(*run.setting, ("evaluation", evaluation), ("evaluation.images", fingerprint(listed.encode()))),
        name=f"{run.name}, {evaluation}",
    )


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
    for run in sorted(runs, key=lambda run: (-run.done, _place(run))):
        first = kept.setdefault((run.setting, run.augment, run.seed, run.fold), run)
        if first is not run:
            notes.append(f"{run.folder}: same setting and seed as {first.folder}, which is used")
    return list(kept.values()), notes


def _place(run: Run) -> list[list[tuple[int, str]]]:
    """Sort key: the path, part by part, so that `vgg/seed0` comes before `vgg2/seed0`."""
    return [natural(part) for part in run.folder.parts]


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key that puts `seed10` after `seed9`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part]


# --- groups, arms and sweeps ----------------------------------------------------------------------------------------


def grouped(runs: Iterable[Run]) -> list[Group]:
    """Runs in groups of equal setting, arms in the order of the modes."""
    by_setting: dict[Leaves, list[Run]] = {}
    for run in sorted(runs, key=lambda run: natural(run.name)):
        by_setting.setdefault(run.setting, []).append(run)
    names = _unique_names({setting: members[0].name for setting, members in by_setting.items()})
    groups = []
    for setting, members in by_setting.items():
        title, slug = names[setting]
        folds = len({run.fold for run in members})
        groups.append(Group(title, slug, members[0].planned, _arms(members), folds))
    return groups


def sweeps(groups: Iterable[Group]) -> list[Sweep]:
    """Groups of equal setting but for `data.images_per_class`, two or more together."""
    by_rest: dict[Leaves, list[tuple[int | None, Group]]] = {}
    for group in groups:
        rest = tuple(leaf for leaf in group.setting if leaf[0] != IMAGES_PER_CLASS)
        by_rest.setdefault(rest, []).append((dict(group.setting).get(IMAGES_PER_CLASS), group))
    found = {rest: steps for rest, steps in by_rest.items() if len(steps) > 1}
    names = _unique_names({rest: steps[0][1].arms[0].runs[0].name for rest, steps in found.items()})
    return [
        Sweep(
            names[rest][0],
            f"{names[rest][1]}-sweep",
            tuple(sorted(steps, key=lambda step: math.inf if step[0] is None else step[0])),
        )
        for rest, steps in found.items()
    ]


def kept_apart(groups: Sequence[Group]) -> list[str]:
    """A line for each group that resembles an earlier one: why the two are not compared.

    Silent on what is plain to see: another network, the steps of a sweep, and groups of the article's files, which
    record no setting.
    """
    lines = []
    for i, group in enumerate(groups):
        earlier = [(_differing_keys(group.setting, other.setting), other) for other in groups[:i]]
        near = [pair for pair in earlier if "model.name" not in pair[0] and "folder" not in pair[0]]
        if not near:
            continue
        keys, other = min(near, key=lambda pair: len(pair[0]))
        if keys != [IMAGES_PER_CLASS]:
            lines.append(f"not compared: {other.title} and {group.title}: they differ in {', '.join(keys)}")
    return lines


def baseline_arm(group: Group, wanted: str) -> Arm | None:
    """The arm of this label, otherwise the only arm of this mode, otherwise None."""
    labelled = [arm for arm in group.arms if arm.label == wanted]
    arms = labelled or [arm for arm in group.arms if arm.mode == wanted]
    return arms[0] if len(arms) == 1 else None


def _unique_names(plain: dict[Leaves, str]) -> dict[Leaves, tuple[str, str]]:
    """Title and folder name for each setting; settings of one name are told apart by the values that differ."""
    slugs = {setting: _slug(name) for setting, name in plain.items()}
    unique = {}
    for setting, title in plain.items():
        namesakes = [other for other, name in plain.items() if name == title]
        differing = [leaf for leaf in setting if any(leaf not in other for other in namesakes)]
        if differing:
            values = ", ".join(f"{key.rpartition('.')[2]} {_shown(value)}" for key, value in differing)
            title = f"{title} ({values})"
        slug = slugs[setting]
        if list(slugs.values()).count(slug) > 1:
            slug = f"{slug}-{hashlib.sha256(repr(setting).encode()).hexdigest()[:6]}"
        unique[setting] = title, slug
    return unique


def _slug(name: str) -> str:
    """`vgg-emoji16-32px-40ep` for `vgg on emoji16, 32 px, 40 epochs`; a folder name may not have any length."""
    short = name.replace(" on ", "-").replace(" px", "px").replace(" epochs", "ep")
    return re.sub(r"[^\w.]+", "-", short)[:60]


def _differing_keys(ours: Leaves, theirs: Leaves) -> list[str]:
    """In the order of the settings."""
    one, other = dict(ours), dict(theirs)
    return [key for key in {**one, **other} if one.get(key, ...) != other.get(key, ...)]


def _shown(value: Any) -> str:
    """As the configuration has it: lists as YAML has them, and no number of images means all."""
    return "all" if value is None else json.dumps(value) if isinstance(value, tuple) else str(value)


def _arms(runs: list[Run]) -> tuple[Arm, ...]:
    by_augment: dict[Leaves, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (-1 if run.seed is None else run.seed, _place(run))):
        by_augment.setdefault(run.augment, []).append(run)
    members = sorted(by_augment.values(), key=lambda arm: (list(MODES).index(arm[0].mode), _place(arm[0])))
    labels = _labels(members)
    return tuple(Arm(label, arm[0].mode, tuple(arm)) for label, arm in zip(labels, members, strict=True))


def _labels(arms: Sequence[Sequence[Run]]) -> list[str]:
    """For the runs of every arm the shortest name that no other arm has; a mode is the name of its own arms only."""
    forms = [
        (
            runs[0].mode,
            common_name([run.folder.resolve().parent.name for run in runs]),
            str(runs[0].folder.parent),
            str(runs[0].folder),
        )
        for runs in arms
    ]
    places = [0] * len(arms)
    while True:
        names = [(form[place], form[place] == form[0]) for form, place in zip(forms, places, strict=True)]
        # A folder called none that holds mixup gives way; it is no rival of the arm whose mode that is.
        taken = [names.count((name, is_mode)) > 1 or (name in MODES and not is_mode) for name, is_mode in names]
        longer = [min(place + is_taken, 3) for place, is_taken in zip(places, taken, strict=True)]
        if longer == places:
            return [name for name, _ in names]
        places = longer


def common_name(names: Sequence[str]) -> str:
    """What the names of a study's cells have in common: `mixup` for `mixup-fold1` and `mixup-fold2`."""
    parts = [name.split("-") for name in names]
    if len({len(pieces) for pieces in parts}) > 1:
        return names[0]
    return "-".join(pieces[0] for pieces in zip(*parts, strict=True) if len(set(pieces)) == 1) or names[0]


def window(planned: int) -> int:
    """How many of the last epochs a run is judged by: ten, or the last tenth of a run of fewer than 100.

    The tenth is rounded down: SamplePairing is off in the last tenth, and its phases must not be mixed in one mean.
    """
    return 10 if planned >= 100 else max(1, planned // 10)
