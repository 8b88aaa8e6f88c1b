"""Runs, read from their folders and reduced to the numbers that are compared. No plotting, no Paddle.

    folder --find_runs--> runs --grouped--> groups of arms --table--> rows

A group holds the runs that differ in nothing but `augment` and seed, so that a difference between two of its arms is
the augmentation's. An arm is one `augment` section with all its seeds. The unit of every statistic is a run: first its
own means (`measure`), then mean and standard deviation over the runs.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from config import MACHINE_KEYS, MODES, flattened, load_config
from errors import UserError
from runs import CURVES

Curve = NDArray[np.float64]
Leaves = tuple[tuple[str, Any], ...]

ARTICLE_PREFIXES = {f"{'no' if mode == 'none' else mode}Aug": mode for mode in MODES}
"""How the article's flat files begin: `noAug_lossTrain.npy`, `mixupAug_accEval.npy`."""

ARTICLE_CURVES = CURVES[:4]
"""The article measures nothing on clean training images."""

UNDER_FITTED_BELOW = 0.8
"""Clean train accuracy under which a small gap is no success. The question starts from networks that know their
training images by heart; one that still misses every fifth of them has not come to the point where overfitting could
be judged, and longer training would lift both of its curves."""

NOT_COMPARED = {*MACHINE_KEYS, "train.seed", "train.clean_every", "data.root", "data.train_list", "data.eval_list"}
"""Keys in which comparable runs may differ: the seed, how often is measured, the machine, and paths, for which the
fingerprint stands."""


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
    planned: int
    """Epochs the run is to have in the end."""
    finished: bool
    curves: dict[str, Curve]
    setting: Leaves
    """Everything in which comparable runs agree."""
    name: str
    """The setting in a few words."""
    facts: str
    """The images, or what is not known of them, in a sentence."""

    @property
    def done(self) -> int:
        """Epochs trained so far."""
        return len(self.curves["lossTrain"])


@dataclass(frozen=True, eq=False)
class Arm:
    """The runs of one `augment` section, by seed."""

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
    facts: str
    planned: int
    arms: tuple[Arm, ...]

    @property
    def reached(self) -> int:
        """The last epoch that any of its runs has done, counted from 1."""
        return max(run.done for arm in self.arms for run in arm.runs)


class Spread(NamedTuple):
    """Mean and sample standard deviation over `n` runs; NaN where there are too few."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True)
class Measures:
    """One run as numbers: means over its window, accuracies as fractions, NaN where nothing was measured."""

    curves: dict[str, float]
    best: float
    """Highest eval accuracy of any epoch."""
    gap: float
    """Clean train minus eval accuracy, over the epochs of the window that have both."""


@dataclass(frozen=True)
class Row:
    """A line of the table: the finished runs of an arm together, or one unfinished run by itself.

    An unfinished run is another point in time, so it is neither averaged with finished ones nor set against them.
    """

    arm: Arm
    runs: tuple[Run, ...]
    first: int
    """First and last epoch of the window, counted from 1."""
    last: int
    curves: dict[str, Spread]
    best: Spread
    gap: Spread
    under_fitted: bool
    points: Spread | None = None
    """Percentage points of eval accuracy over the baseline; `n` counts the pairs of equal seed, 0 means unpaired."""


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
    runs, repeated = _without_repetitions(found)
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
        counts = (data["train_images"], data["eval_images"], data["classes"])
        dataset, fingerprint = data["name"], str(data["fingerprint"])
    except KeyError as error:
        raise _UnusableError(f"run.json has no {error}") from None
    except (OSError, ValueError, TypeError, RecursionError) as error:
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
    augment = tuple(flattened(sections.pop("augment")))
    leaves = [(key, value) for key, value in flattened(sections) if key not in NOT_COMPARED]
    return Run(
        folder=folder,
        mode=config.augment.mode,
        augment=augment,
        seed=config.train.seed,
        planned=epochs,
        finished=finished,
        curves=curves,
        setting=(*leaves, ("data.fingerprint", fingerprint)),
        name=f"{config.model.name} on {dataset}, {config.data.image_size} px, {epochs} epochs",
        facts=f"{counts[0]} training and {counts[1]} evaluation images of {counts[2]} classes",
    )


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
        planned=epochs,
        finished=True,  # the article's program saves once, after the last epoch
        curves={**curves, **unmeasured},
        setting=(("folder", str(folder.resolve())), ("train.epochs", epochs)),
        name=f"{folder.resolve().name}, article files, {epochs} epochs",
        facts="network, images and seeds are not recorded in these files; clean training images were not measured, "
        "and hits on mixed ones count the own label only",
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


def _without_repetitions(runs: list[Run]) -> tuple[list[Run], list[str]]:
    """Every seed of an arm once, the most complete run of it: a copied folder is not a second measurement."""
    kept: dict[tuple[Any, ...], Run] = {}
    notes: list[str] = []
    for run in sorted(runs, key=lambda run: (-run.done, _place(run))):
        first = kept.setdefault((run.setting, run.augment, run.seed), run)
        if first is not run:
            notes.append(f"{run.folder}: same setting and seed as {first.folder}, which is used")
    return list(kept.values()), notes


def _place(run: Run) -> list[list[tuple[int, str]]]:
    """Sort key: the path, part by part, so that `vgg/seed0` comes before `vgg2/seed0`."""
    return [natural(part) for part in run.folder.parts]


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key that puts `seed10` after `seed9`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part]


# --- groups and arms ------------------------------------------------------------------------------------------------


def grouped(runs: Iterable[Run]) -> list[Group]:
    """Runs in groups of equal setting, arms in the order of the modes."""
    by_setting: dict[Leaves, list[Run]] = {}
    for run in sorted(runs, key=lambda run: natural(run.name)):
        by_setting.setdefault(run.setting, []).append(run)
    names = {setting: members[0].name for setting, members in by_setting.items()}
    slugs = {setting: _slug(name) for setting, name in names.items()}
    groups = []
    for setting, members in by_setting.items():
        title, slug = names[setting], slugs[setting]
        namesakes = [other for other, name in names.items() if name == title]
        if len(namesakes) > 1:
            title = f"{title} ({_difference(setting, namesakes)})"
        if list(slugs.values()).count(slug) > 1:
            slug = f"{slug}-{hashlib.sha256(repr(setting).encode()).hexdigest()[:6]}"
        groups.append(Group(title, slug, members[0].facts, members[0].planned, _arms(members)))
    return groups


def _slug(name: str) -> str:
    """`vgg-emoji16-32px-40ep` for `vgg on emoji16, 32 px, 40 epochs`."""
    short = name.replace(" on ", "-").replace(" px", "px").replace(" epochs", "ep")
    return re.sub(r"[^\w.]+", "-", short)


def _difference(setting: Leaves, namesakes: list[Leaves]) -> str:
    """The values of `setting` that are not the same in all `namesakes`, with lists as YAML has them."""
    differing = [leaf for leaf in setting if any(leaf not in other for other in namesakes)]
    return ", ".join(f"{key.rpartition('.')[2]} {_as_yaml(value)}" for key, value in differing)


def _as_yaml(value: Any) -> str:
    return json.dumps(value) if isinstance(value, tuple) else str(value)


def _arms(runs: list[Run]) -> tuple[Arm, ...]:
    by_augment: dict[Leaves, list[Run]] = {}
    for run in sorted(runs, key=lambda run: -1 if run.seed is None else run.seed):
        by_augment.setdefault(run.augment, []).append(run)
    members = sorted(by_augment.values(), key=lambda arm: (list(MODES).index(arm[0].mode), _place(arm[0])))
    labels = _labels([arm[0] for arm in members])
    return tuple(Arm(label, arm[0].mode, tuple(arm)) for label, arm in zip(labels, members, strict=True))


def _labels(firsts: Sequence[Run]) -> list[str]:
    """For the first run of every arm, the shortest name that no other arm has."""
    forms: list[list[str]] = [
        [run.mode for run in firsts],
        [run.folder.resolve().parent.name for run in firsts],
        [str(run.folder.parent) for run in firsts],
        [str(run.folder) for run in firsts],
    ]
    return [next(form[i] for form in forms if form.count(form[i]) == 1) for i in range(len(firsts))]


# --- numbers --------------------------------------------------------------------------------------------------------


def window(planned: int) -> int:
    """How many of the last epochs a run is judged by: ten, or the last tenth of a run of fewer than 100.

    The tenth is rounded down: SamplePairing is off in the last tenth, and its phases must not be mixed in one mean.
    """
    return 10 if planned >= 100 else max(1, planned // 10)


def measure(run: Run) -> Measures:
    """The run's means over its last `window(run.planned)` epochs; of an unfinished run, the last so far."""
    last = {curve: values[-window(run.planned) :] for curve, values in run.curves.items()}
    return Measures(
        curves={curve: _mean(values) for curve, values in last.items()},
        best=float(np.max(run.curves["accEval"])),
        gap=_mean(last["accTrainClean"] - last["accEval"]),
    )


def spread(values: Iterable[float]) -> Spread:
    """Mean and sample standard deviation of the values that are not NaN."""
    known = [value for value in values if not math.isnan(value)]
    sd = float(np.std(known, ddof=1)) if len(known) > 1 else math.nan
    return Spread(_mean(np.array(known)), sd, len(known))


def table(group: Group, baseline: Arm | None) -> list[Row]:
    """The rows of a group, arm by arm; `points` are over the baseline's finished runs, where there are any."""
    rows = []
    for arm in group.arms:
        together = [arm.finished] if arm.finished else []
        rows += [_row(arm, runs, baseline) for runs in (*together, *((run,) for run in arm.unfinished))]
    return rows


def baseline_arm(group: Group, wanted: str) -> Arm | None:
    """The arm of this label, otherwise the only arm of this mode, otherwise None."""
    labelled = [arm for arm in group.arms if arm.label == wanted]
    arms = labelled or [arm for arm in group.arms if arm.mode == wanted]
    return arms[0] if len(arms) == 1 else None


def _row(arm: Arm, runs: tuple[Run, ...], baseline: Arm | None) -> Row:
    measured = [measure(run) for run in runs]
    curves = {curve: spread(run.curves[curve] for run in measured) for curve in CURVES}
    opponents = baseline.finished if baseline and baseline is not arm and runs[0].finished else ()
    return Row(
        arm=arm,
        runs=runs,
        first=max(1, runs[0].done - window(runs[0].planned) + 1),
        last=runs[0].done,
        curves=curves,
        best=spread(run.best for run in measured),
        gap=spread(run.gap for run in measured),
        under_fitted=curves["accTrainClean"].mean < UNDER_FITTED_BELOW,  # False where it was not measured
        points=_points(runs, opponents) if opponents else None,
    )


def _points(runs: Sequence[Run], baseline: Sequence[Run]) -> Spread:
    """Paired by seed: a seed fixes order, initial weights and basic augmentation, so a pair differs in the arm only."""
    ours, theirs = ({run.seed: 100 * measure(run).curves["accEval"] for run in side} for side in (runs, baseline))
    shared = (ours.keys() & theirs.keys()) - {None}
    if shared:
        return spread(ours[seed] - theirs[seed] for seed in shared)
    return Spread(spread(ours.values()).mean - spread(theirs.values()).mean, math.nan, 0)


def _mean(values: Curve) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan
