"""Which runs a command asks for, and mistakes that would stop one of them later."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from suite import backend
from suite.config.reading import load_config
from suite.config.schema import Config
from suite.config.study import load_study
from suite.data.lists import check_lists
from suite.errors import UserError, shortened
from suite.runs.folder import clear, locked
from suite.training import dashboard


class Planned(NamedTuple):
    """A run that was asked for."""

    file: str
    name: str  # of its folder below --logs
    overrides: list[str]
    config: Config


def plan(args: argparse.Namespace) -> dict[Path, Planned]:
    """The runs by their folders, seed after seed: a night that ends early leaves whole comparisons.

    Raises:
        UserError: with every problem of every configuration, or two that are the same, before anything is trained.
    """
    overrides = [*args.set, *([f"train.device={args.device}"] if args.device else [])]
    if args.study:
        study = load_study(args.study)
        top = args.name or Path(args.study).stem
        wanted = [(study.base, f"{top}/{cell.name}", [*cell.overrides, *overrides]) for cell in study.cells]
        seeds: Sequence[int | None] = args.seed or study.seeds
    else:
        wanted = [(file, args.name or Path(file).stem, overrides) for file in args.config]
        seeds = args.seed or [None]
    planned: dict[Path, Planned] = {}
    problems: list[str] = []
    for seed in dict.fromkeys(seeds):
        for file, name, sets in wanted:
            try:
                config = load_config(file, sets if seed is None else [f"train.seed={seed}", *sets])
                if seed not in (None, config.train.seed):
                    where = "the study's `seeds` or --seed" if args.study else "--seed"
                    is_set = f"train.seed is set to {config.train.seed}"
                    raise UserError(f"{is_set}, but the seeds are those of {where}; take it out")
            except UserError as error:
                problems += [f"{args.study}: {problem}" if args.study else problem for problem in error.problems]
                continue
            folder = Path(args.logs) / name / f"seed{config.train.seed}"
            try:
                folder.exists()
            except OSError as error:
                raise UserError(f"{folder}: cannot be a run folder: {error.strerror}") from None
            if folder in planned:
                raise UserError(
                    f"--config {file}: {folder} is the folder of {planned[folder].file} already; rename one"
                )
            planned[folder] = Planned(file, name, sets, config)
    if problems:
        raise UserError(list(dict.fromkeys(problems)))  # the same mistake for every seed is one mistake
    first: dict[Config, Planned] = {}
    for run in planned.values():
        if (other := first.setdefault(run.config, run)) is not run:
            raise UserError(
                f"{args.study or run.file}: {other.name} and {run.name} are the same experiment; leave one out, or do "
                "not --set what makes them differ"
            )
    return planned


def refuse_what_stops_later(configs: Sequence[Config]) -> None:
    """Find mistakes that each of several runs would only find when its turn comes, in the middle of the night.

    Raises:
        UserError: with the problems of all lists.
    """
    if any(config.log.visualdl for config in configs):
        dashboard.refuse_without_visualdl()
    if any(config.train.device == "gpu" for config in configs):
        backend.refuse_cpu_build()
    problems: list[str] = []
    for data in dict.fromkeys(config.data for config in configs):
        try:
            check_lists(data)
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(shortened(list(dict.fromkeys(problems))))


def clear_all(folders: Iterable[Path]) -> None:
    """Start all runs over at once: after an interruption, what is not cleared would pass for results of this night.

    Raises:
        UserError: when another process is at work in one of them; then nothing is cleared.
    """
    begun = [folder for folder in folders if folder.is_dir()]
    with ExitStack() as locks:
        for folder in begun:
            locks.enter_context(locked(folder))
        for folder in begun:
            clear(folder)
