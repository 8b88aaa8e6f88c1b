"""Which runs a command asks for, and mistakes that would stop one of them later."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from suite import backend
from suite.config.reading import load_config
from suite.config.schema import MACHINE_KEYS, PATH_KEYS, Config, flattened
from suite.config.study import Claim, load_study
from suite.data.lists import check_lists
from suite.errors import UserError, shortened
from suite.runs.declaration import FILE as DECLARATION
from suite.runs.declaration import Declaration, Rule, declare
from suite.runs.folder import clear, locked
from suite.training import dashboard
from suite.weights.reading import read_weights

MAY_DIFFER = {*MACHINE_KEYS, *PATH_KEYS, "train.clean_every"}
"""Keys beside `augment` in which the two sides of a claim may differ."""


class Wanted(NamedTuple):
    """A run as the command line or a study names it."""

    file: str
    name: str  # of its folder below --logs
    overrides: list[str]
    seed: int | None  # None for that of the file


class Planned(NamedTuple):
    """A run that was asked for."""

    file: str
    name: str
    overrides: list[str]
    config: Config


def plan(args: argparse.Namespace) -> dict[Path, Planned]:
    """The runs by their folders, seed after seed: a night that ends early leaves whole comparisons.

    Raises:
        UserError: with every problem of every configuration, or two that are the same, before anything is trained.
    """
    planned: dict[Path, Planned] = {}
    problems: list[str] = []
    for wanted in wanted_runs(args):
        try:
            run = Planned(wanted.file, wanted.name, wanted.overrides, read_wanted(wanted, args.study))
        except UserError as error:
            problems += [f"{args.study}: {problem}" if args.study else problem for problem in error.problems]
            continue
        folder = run_folder(args.logs, run)
        if folder in planned:
            other = planned[folder].file
            raise UserError(f"--config {run.file}: {folder} is the folder of {other} already; rename one")
        planned[folder] = run
    if problems:
        raise UserError(list(dict.fromkeys(problems)))  # the same mistake for every seed is one mistake
    refuse_equals(planned.values(), args.study)
    return planned


def wanted_runs(args: argparse.Namespace) -> Iterator[Wanted]:
    """Each configuration file, or each cell of the study, once a seed."""
    overrides = [*args.set, *([f"train.device={args.device}"] if args.device else [])]
    if args.study:
        study = load_study(args.study)
        top = args.name or Path(args.study).stem
        cells = [(study.base, f"{top}/{cell.name}", [*cell.overrides, *overrides]) for cell in study.cells]
        seeds: Sequence[int | None] = args.seed or study.seeds
    else:
        cells = [(file, args.name or Path(file).stem, overrides) for file in args.config]
        seeds = args.seed or [None]
    for seed in dict.fromkeys(seeds):
        for cell in cells:
            yield Wanted(*cell, seed)


def read_wanted(wanted: Wanted, study: str | None) -> Config:
    """The configuration of a run.

    Raises:
        UserError: with its problems, or when it sets another seed than the one that is wanted.
    """
    file, _, overrides, seed = wanted
    config = load_config(file, overrides if seed is None else [f"train.seed={seed}", *overrides])
    if seed not in (None, config.train.seed):
        where = "the study's `seeds` or --seed" if study else "--seed"
        is_set = f"train.seed is set to {config.train.seed}"
        raise UserError(f"{is_set}, but the seeds are those of {where}; take it out")
    return config


def declare_study(args: argparse.Namespace, planned: Mapping[Path, Planned], rule: Rule | None) -> None:
    """Write down what the study declares, with the rule by which its night may end early, before its first run starts.

    Raises:
        UserError: when a claim cannot be tested, or something else was declared and runs have begun since.
    """
    study = load_study(args.study)
    configs = {Path(run.name).name: run.config for run in planned.values()}
    if problems := [problem for claim in study.claims for problem in untestable(claim, configs)]:
        raise UserError([f"{args.study}: {problem}" for problem in problems])
    # By a rule the night looks at the seeds that it trains, so nothing else is declared.
    named = study.seeds if (study.names_seeds and not rule) or not args.seed else ()
    seeds = tuple(dict.fromkeys([*named, *(args.seed or ())]))
    wanted = Declaration(
        declared=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        question=study.question,
        claims=study.claims,
        metric=next(iter(configs.values())).train.metric,
        cells=tuple(cell.name for cell in study.cells),
        seeds=seeds,
        runs=len(study.cells) * len(seeds),
        rule=rule,
    )
    folder = study_folder(args)
    declared = declare(folder, wanted, planned if args.fresh else ())
    if rule and declared is None:
        raise UserError(f"{folder}: runs had begun before --until-decided; begin another night with --name")
    if not study.claims:
        return
    if declared is None:
        print(f"{folder}: runs had begun before anything was declared, so the claims of {args.study} do not count")
    else:
        claims = ", ".join(f"{claim.arm} over {claim.over}" for claim in declared.claims)
        at_most = "at most " if declared.rule else ""
        print(f"declared in {folder / DECLARATION}: {claims}, over {at_most}{len(declared.seeds)} seeds")


def untestable(claim: Claim, configs: Mapping[str, Config]) -> Iterator[str]:
    """Why no pair of runs can test a claim, if there is a reason; `configs` by the names of their cells."""
    for pair in zip(claim.arm_cells, claim.over_cells, strict=True):
        one, other = (dict(flattened(configs[cell].model_dump())) for cell in pair)
        keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
        if differing := [key for key in keys if not key.startswith("augment.") and key not in MAY_DIFFER]:
            yield (
                f"claims: {claim.arm} over {claim.over}: they differ in {', '.join(differing)}, and only arms that "
                "differ in augment are compared"
            )
            return


def study_folder(args: argparse.Namespace) -> Path:
    """Where the runs of a study lie."""
    return Path(args.logs) / (args.name or Path(args.study).stem)


def run_folder(logs: str, run: Planned) -> Path:
    """Where the run lives.

    Raises:
        UserError: when no folder can have that name.
    """
    folder = Path(logs) / run.name / f"seed{run.config.train.seed}"
    try:
        folder.exists()
    except OSError as error:
        raise UserError(f"{folder}: cannot be a run folder: {error.strerror}") from None
    return folder


def refuse_equals(planned: Iterable[Planned], study: str | None) -> None:
    """Two names for one experiment would count as two arms.

    Raises:
        UserError: with both names.
    """
    from augment.effect import effect  # imports OpenCV, which `train.py --help` does without

    first: dict[tuple[Any, ...], Planned] = {}
    for run in planned:
        rest = run.config.model_copy(update={"augment": None})
        if (other := first.setdefault((rest, effect(run.config.augment, rest.train.epochs)), run)) is not run:
            raise UserError(
                f"{study or run.file}: {other.name} and {run.name} are the same experiment; leave one out, or do "
                "not --set what makes them differ"
            )


def refuse_what_stops_later(configs: Sequence[Config]) -> None:
    """Find mistakes that each of several runs would only find when its turn comes, in the middle of the night.

    Raises:
        UserError: with the problems of all lists and weights.
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
    for model in dict.fromkeys(config.model for config in configs):
        try:
            read_weights(model)
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
