"""How far the runs below a folder have come, in a few lines for each night. Nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from suite.errors import UserError, on_one_line, shortened
from suite.files import DamagedFile
from suite.runs.declaration import FILE, read_declaration
from suite.runs.folder import is_locked
from suite.training.forecast import Standing, seconds_to_go, standing
from suite.training.lines import time_of_day

State = Literal["finished", "running", "stopped", "not begun"]

STATES: tuple[State, ...] = get_args(State)
"""In the order of the counts."""


class Seen(NamedTuple):
    """A run, and what it is doing."""

    run: Standing
    state: State
    name: str
    """Its folder, below that of its night."""


def status(logs: Path) -> str:
    """A paragraph for every study, and for every other folder with runs, below `logs`.

    Raises:
        UserError: when there is no such folder, or no run in it.
    """
    if not logs.is_dir():
        raise UserError(f"{logs}: no such folder; give the one that train.py writes to, which is logs unless you chose")
    nights: dict[Path, list[Path]] = {}
    for folder in _run_folders(logs):
        nights.setdefault(_night_of(folder), []).append(folder)
    if not nights:
        raise UserError(f"{logs}: no runs here yet")
    return "\n".join(line for night, folders in nights.items() for line in _night(night, folders))


def _run_folders(logs: Path) -> Iterator[Path]:
    """Whatever a run has made its lock in, in the order of the names; also a folder that is a run itself."""
    for place, folders, files in os.walk(logs):
        folders.sort()
        if "run.lock" in files or "run.json" in files:
            yield Path(place)
            folders.clear()


def _night_of(run: Path) -> Path:
    """The folder of the study, or else of the configuration."""
    study = run.parent.parent
    return study if (study / FILE).is_file() else run.parent


def _night(night: Path, folders: Sequence[Path]) -> Iterator[str]:
    """The counts first, then what is running and what has stopped."""
    declared = _declared(night)
    every = [*folders, *(folder for folder in declared if folder not in folders)]
    if declared:  # the order in which they are trained, seed after seed
        every.sort(key=lambda folder: declared.index(folder) if folder in declared else len(declared))
    seen = [_look(folder, night) for folder in every]
    by_state = {state: [each for each in seen if each.state == state] for state in STATES}
    counts = [f"{len(by_state[state])} {state}" for state in STATES[1:] if by_state[state]]
    running = by_state["running"]
    coming = [each.run for state in ("finished", "running", "not begun") for each in by_state[state]]
    end = _until(coming, len(running), "all done")
    yield f"{night}: {', '.join([f'{len(by_state[STATES[0]])} of {len(seen)} runs finished', *counts])}{end}"
    for each in running:
        yield f"  running  {each.name}: {_epoch(each.run)}{_until([each.run], 1, 'done')}"
    stopped = [f"  stopped  {each.name}: {_epoch(each.run)}{_reason(each.run)}" for each in by_state["stopped"]]
    yield from shortened(stopped, 6)


def _declared(night: Path) -> list[Path]:
    """The runs of a study as they are begun; none where nothing is declared."""
    try:
        declaration = read_declaration(night)
    except DamagedFile:
        return []
    if declaration is None:
        return []
    seeds = dict.fromkeys([*declaration.seeds, *(seed for added in declaration.added for seed in added.seeds)])
    return [night / cell / f"seed{seed}" for seed in seeds for cell in declaration.cells]


def _look(folder: Path, night: Path) -> Seen:
    run = standing(folder)
    state: State = "stopped"
    if is_locked(folder):
        state = "running"
    elif run.facts and run.facts.finished:
        state = "finished"
    elif not folder.exists():
        state = "not begun"
    return Seen(run, state, str(folder.relative_to(night)))


def _epoch(run: Standing) -> str:
    return f"epoch {run.done} of {run.epochs}" if run.epochs else "before its first epoch"


def _until(runs: Sequence[Standing], at_a_time: int, what: str) -> str:
    """When these will be over, if anything is running and tells how long it takes."""
    seconds = seconds_to_go(runs, at_a_time) if at_a_time else None
    return "" if seconds is None else f", {what} about {time_of_day(seconds, datetime.now())}"


def _reason(run: Standing) -> str:
    """What has stopped it: as `run.json` says, or else the end of its log."""
    if run.facts and run.facts.reason:
        return f"; {on_one_line(run.facts.reason)}"
    log = run.folder / "train.log"
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    last = lines[-1].partition("  ")[2] if lines else ""
    return f"; {on_one_line(last)}" if last.startswith("stopped") else ""
