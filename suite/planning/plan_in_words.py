"""What a command would train: runs, images, disk space, time, and which verdicts its seeds allow."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from suite.comparison import significance
from suite.comparison.differences import LEVEL
from suite.comparison.records import NOT_COMPARED
from suite.config.schema import Config, flattened
from suite.config.study import Claim, load_study
from suite.machine import processors
from suite.planning.estimate import Pace, images_of, paces, seconds_of_epoch, steps_of_epoch
from suite.training import room
from suite.training.forecast import Standing, in_parallel, standing
from suite.training.lines import duration, time_of_day
from suite.training.plan import Planned

SECONDS = 20
"""For measuring, all networks together."""

Runs = Mapping[Path, Planned]


def plan_in_words(args: argparse.Namespace, planned: Runs) -> str:
    """The plan in some ten lines. It measures for `SECONDS`, and trains nothing.

    Raises:
        UserError: when lists, images or weights cannot be used.
    """
    runs = standings(planned, args.fresh)
    coming = {run.folder: planned[run.folder].config for run in runs if not run.is_over}
    cells = {folder.parent for folder in planned}
    seeds = {folder.name for folder in planned}
    title = f"{counted(len(cells), 'arm')} x {counted(len(seeds), 'seed')} = {counted(len(planned), 'run')}"
    lines = [f"runs      {title}, {_so_far(runs)}", *_images(planned)]
    if coming:
        lines += _work(runs, coming, args.jobs or 1, Path(args.logs))
    lines += _verdicts(args, planned)
    return "\n".join(lines)


def standings(planned: Runs, fresh: bool) -> list[Standing]:
    """How far the runs are that are asked for; all are at their beginning when they start over."""
    epochs = {folder: run.config.train.epochs for folder, run in planned.items()}
    return [Standing(folder, None, n) if fresh else standing(folder, n) for folder, n in epochs.items()]


def usable(jobs: int, config: Config) -> int:
    """How many of so many runs at a time are not slowed down by each other: a CPU has its processors to share out."""
    if config.train.device == "gpu":
        return jobs
    return max(1, min(jobs, processors() // config.train.threads))


def counted(count: int, what: str) -> str:
    """1 seed, 2 seeds."""
    return f"{count} {what}{'s' * (count != 1)}"


def _so_far(runs: Sequence[Standing]) -> str:
    over = sum(run.is_over for run in runs)
    begun = sum(not run.is_over and run.done > 0 for run in runs)
    return f"{over} of them finished" + f", {begun} begun" * (begun > 0)


def _images(planned: Runs) -> Iterator[str]:
    """The counts of the images, from the fewest to the most where runs differ."""
    data = list(dict.fromkeys(run.config.data for run in planned.values()))
    train, evaluation = zip(*map(images_of, data), strict=True)
    sizes = {each.image_size for each in data}
    yield f"images    {_range(train)} for training, {_range(evaluation)} for evaluation, {_range(sizes)} px"


def _range(values: Collection[int]) -> str:
    least, most = min(values), max(values)
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _work(runs: Sequence[Standing], coming: Mapping[Path, Config], jobs: int, logs: Path) -> Iterator[str]:
    """Steps, disk space and time of what is not finished."""
    configs = list(coming.values())
    done = {run.folder: run.done for run in runs}
    images = {data: images_of(data) for data in dict.fromkeys(config.data for config in configs)}
    measured = dict(zip(coming, paces(configs, SECONDS), strict=True))
    left = {folder: config.train.epochs - done[folder] for folder, config in coming.items()}
    steps = sum(left[folder] * steps_of_epoch(config, images[config.data][0]) for folder, config in coming.items())
    epochs = _range({config.train.epochs for config in configs})
    yield f"steps     {epochs} epochs a run, {steps:,} steps in all that are left"
    yield from _disk(coming, measured, logs)
    yield from _speed(measured.values())
    seconds = [
        left[folder] * seconds_of_epoch(config, measured[folder], *images[config.data])
        for folder, config in coming.items()
    ]
    side_by_side = min(usable(jobs, config) for config in configs)
    total = in_parallel(seconds, side_by_side)
    yield f"time      {duration(total)}: begun now, all is done about {time_of_day(total, datetime.now())}"
    average = duration(sum(seconds) / len(seconds))
    yield f"          {counted(len(seconds), 'run')} of {average} on average, {_assumed(jobs, side_by_side)}"
    busy = os.getloadavg()[0]
    if busy > processors():
        yield f"          other programs run too (load {busy:.1f} on {processors()} processors); alone it is faster"


def _assumed(jobs: int, side_by_side: int) -> str:
    if side_by_side < jobs:
        return f"--jobs {jobs} counted as {side_by_side}, for there are {processors()} processors"
    return "one at a time" if jobs == 1 else f"{jobs} at a time, taken to be as fast as one alone"


def _disk(coming: Mapping[Path, Config], measured: Mapping[Path, Pace], logs: Path) -> Iterator[str]:
    """The checkpoints of the runs that have none yet."""
    new = {folder: config for folder, config in coming.items() if not (folder / "last.npz").exists()}
    needed = sum(room.kept(measured[folder].parameters, config.train) for folder, config in new.items())
    exists = next(place for place in (logs.absolute(), *logs.absolute().parents) if place.exists())
    free = shutil.disk_usage(exists).free
    enough = "" if needed < free else ", which is NOT ENOUGH"
    yield f"disk      {needed / 1e6:,.0f} MB more in {logs}; {free / 1e6:,.0f} MB are free{enough}"
    parameters = _range({pace.parameters for pace in measured.values()})
    times = _range({1 + room.KEPT_BY_OPTIMIZER[config.train.optimizer] for config in coming.values()})
    yield (
        f"          a run: {parameters} parameters of 4 bytes, once in best.npz, and with the optimiser's state "
        f"{times} times each in last.npz and previous.npz"
    )


def _speed(measured: Collection[Pace]) -> Iterator[str]:
    """A line for every measurement."""
    for pace in dict.fromkeys(measured):
        yield (
            f"speed     {_brief(pace.step)} a step with {pace.mode}, {_brief(pace.image)} an image that is evaluated; "
            f"{pace.parameters:,} parameters"
        )


def _brief(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.2g} ms" if seconds < 0.1 else f"{seconds:.2f} s"


# --- which verdicts the seeds allow -----------------------------------------------------------------------------------


def _verdicts(args: argparse.Namespace, planned: Runs) -> Iterator[str]:
    """A line for the declared claims, and one for all other comparisons of a group: the families of `compare`."""
    claims = load_study(args.study).claims if args.study else ()
    groups: dict[tuple[object, ...], dict[str, Config]] = {}
    for folder, run in planned.items():
        groups.setdefault(_setting(run.config), {})[folder.parent.name] = run.config
    seeds = len({run.config.train.seed for run in planned.values()})
    if claims:
        family = sum(_pairs(claim, cells) for claim in claims for cells in groups.values())
        yield f"verdicts  {_allowed('declared claims', family, seeds)}"
    others = {_arms(cells) - 1 - sum(_pairs(claim, cells) for claim in claims) for cells in groups.values()}
    for family in sorted(family for family in others if family > 0):
        yield f"verdicts  {_allowed('other comparisons' if claims else 'comparisons', family, seeds)}"
    if not claims and max(others) < 1:
        yield "verdicts  none: there is nothing to compare a single arm with"


def _setting(config: Config) -> tuple[object, ...]:
    """Runs that agree in it are compared; folds of one folder are."""
    leaves = flattened(config.model_dump())
    kept = ((key, value) for key, value in leaves if not key.startswith("augment.") and key not in NOT_COMPARED)
    return (*kept, config.data.root)


def _arms(cells: Mapping[str, Config]) -> int:
    from augment.effect import effect  # imports OpenCV, which `train.py --help` does without

    return len({effect(config.augment, config.train.epochs) for config in cells.values()})


def _pairs(claim: Claim, cells: Mapping[str, Config]) -> int:
    """Whether a claim is about two arms of these cells, 1 or 0."""
    return int(any(arm in cells and over in cells for arm, over in zip(claim.arm_cells, claim.over_cells, strict=True)))


def _allowed(what: str, family: int, seeds: int) -> str:
    """The best p that the sign-flip test can give, against the level."""
    least = significance.least_p(seeds)
    least_of_all = significance.holm(dict.fromkeys(range(family), least))[0]
    needed = significance.seeds_needed(family, LEVEL)
    holm = f", {least_of_all:.2g} after Holm over {family}" if family > 1 else ""
    text = f"{what}: with {counted(seeds, 'seed')} p is {least:.2g} at best{holm}"
    if seeds >= needed:
        return f"{text}, below {LEVEL:g}: better or worse can be shown"
    return f"{text}, not below {LEVEL:g}: nothing can be shown; it takes {needed} seeds: --seed {_numbers(needed)}"


def _numbers(count: int) -> str:
    return " ".join(map(str, range(count)))
