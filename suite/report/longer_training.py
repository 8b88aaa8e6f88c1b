"""The commands that train a group longer, where one of its arms is not at its end yet."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from itertools import pairwise

from suite import machine
from suite.comparison.records import Run
from suite.comparison.rows import Comparison
from suite.report.language import Say
from suite.runs.continuing import why_not_longer

TIMES = 2
"""As long as they were."""

SHOWN = 4
"""Commands at most; arms that were started one by one have one each."""


def longer_training(comparison: Comparison, say: Say) -> list[str]:
    """What to call for `TIMES` as many epochs in all arms, since only runs of equal length are compared.

    Nothing where every arm that is finished is fitted and no longer rises. A command stands in a line of its own.
    """
    rows = [row for row in comparison.rows if row.runs[0].finished and row.runs[0].config]
    if not any(row.under_fitted or row.trend == "rising" for row in rows):
        return []
    group = comparison.group
    runs = [run for arm in group.arms for run in arm.runs]
    epochs = TIMES * group.planned
    if all(_goes_on(run, epochs) for run in runs):
        text = "{title}: to train all arms longer, where the runs are:{commands}"
        commands = _commands(runs, epochs, anew=False)
    else:
        text = (
            "{title}: to train all arms longer, from the start and in another folder, for what was done so far depends "
            "on the number of epochs, or the code has changed since:{commands}"
        )
        commands = _commands(runs, epochs, anew=True)
    more = say("and {count} more commands like these", count=len(commands) - SHOWN)
    lines = [*commands[:SHOWN], *([more] if len(commands) > SHOWN else [])]
    return [say(text, title=group.title, commands="".join(f"\n  {line}" for line in lines))]


def _goes_on(run: Run, epochs: int) -> bool:
    """Whether the run may have so many epochs in the end, and all of them would be made alike."""
    assert run.config and run.facts
    is_same_code = run.facts.sessions[-1].code == machine.code_fingerprint()
    return is_same_code and not run.broken and not why_not_longer(run.config, epochs, run.done)


def _commands(runs: Sequence[Run], epochs: int, anew: bool) -> list[str]:
    """The commands that have trained them, each once, for more epochs; what is given last counts."""
    sessions = [run.facts.sessions[-1] for run in runs if run.facts]
    began = dict.fromkeys(_of_all_seeds(session.night or session.command) for session in sessions)
    return [f"{command}{_elsewhere(command, epochs) if anew else ''} --set train.epochs={epochs}" for command in began]


def _of_all_seeds(command: str) -> str:
    """Without what would end this night early, or do something when it ends."""
    words = shlex.split(command)
    left_out = ("--minutes", "--on-finish")
    return shlex.join(
        word
        for before, word in pairwise(["", *words])
        if before not in left_out and word.partition("=")[0] not in left_out
    )


def _elsewhere(command: str, epochs: int) -> str:
    """Another `--logs`, below the one of this command: it keeps the names, whatever they come from."""
    words = shlex.split(command)
    *_, logs = "logs", *(place for option, place in pairwise(words) if option == "--logs")
    return " " + shlex.join(["--logs", f"{logs}/{epochs}-epochs"])
