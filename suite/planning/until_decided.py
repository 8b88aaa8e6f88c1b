"""`train.py --study FILE --until-decided`: seed after seed, until every declared claim is decided or hopeless."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from suite.comparison.declared import DeclaredPair, cell_of, declared_beforehand
from suite.comparison.differences import LEVEL
from suite.comparison.groups import grouped
from suite.comparison.reading import find_runs
from suite.comparison.significance import seeds_needed
from suite.config.study import load_study
from suite.errors import UserError
from suite.runs.declaration import MOST_SEEDS, Rule, is_done

Commands = Mapping[Path, list[str]]
"""By run folder, seed after seed."""


class Claims(NamedTuple):
    """How the claims of a night stand."""

    lines: list[str]
    """A sentence for each that has ended."""
    ended_cells: frozenset[str]
    """Cells of which nothing more is to be learned: all claims about them have ended."""
    all_ended: bool


def rule_for(study_file: str, seeds: Sequence[int] | None) -> Rule:
    """The rule for a night of the study, with these seeds or, without any, with its own.

    Raises:
        UserError: when nothing is declared that could be decided, or these seeds cannot decide it.
    """
    study = load_study(study_file)
    if not study.claims:
        raise UserError(f"{study_file}: declares no claims, so --until-decided has nothing to decide; name some")
    count, claims = len(dict.fromkeys(seeds or study.seeds)), len(study.claims)
    fewest = seeds_needed(claims, LEVEL)
    if not fewest <= count <= MOST_SEEDS:
        of_claims = f"{claims} claims" if claims > 1 else "a claim"
        raise UserError(f"--until-decided: takes {fewest} to {MOST_SEEDS} seeds for {of_claims}, and there are {count}")
    return Rule(most_seeds=count)


def train_until_decided(folder: Path, commands: Commands, rule: Rule, train: Callable[[Commands], int]) -> int:
    """Train in rounds of whole seeds and look at the claims after each; the exit code.

    `folder` is that of the study. What has ended follows from the finished runs alone, so a night that was interrupted
    goes on as if it had not been. A round in which a run has failed is the last: its seed is not whole.
    """
    told: set[str] = set()
    for of_round in rounds(commands, rule.first_look):
        claims = stand(folder)
        tell(claims, told)
        if claims.all_ended:
            return 0
        wanted = {run: command for run, command in of_round.items() if run.parent.name not in claims.ended_cells}
        code = train(wanted)
        if code > 1 or not all(is_done(run) for run in wanted):  # told to stop, or failed
            return code
    tell(stand(folder), told)
    return 0


def tell(claims: Claims, told: set[str]) -> None:
    """Print what has ended since the last time."""
    for line in claims.lines:
        if line not in told:
            print(line, flush=True)
            told.add(line)
    if claims.all_ended:
        print("every declared claim has ended, and so has the night", flush=True)


def rounds(commands: Commands, first_look: int) -> Iterator[dict[Path, list[str]]]:
    """The seeds before the first look together, then each by itself."""
    seeds: dict[str, dict[Path, list[str]]] = {}
    for run, command in commands.items():
        seeds.setdefault(run.name, {})[run] = command
    before, after = list(seeds.values())[:first_look], list(seeds.values())[first_look:]
    yield {run: command for seed in before for run, command in seed.items()}
    yield from after


def stand(folder: Path) -> Claims:
    """How the claims of the study in `folder` stand by its finished runs."""
    declared = declared_beforehand(grouped(find_runs(folder)[0]))[0].values()
    claims = [claim for beforehand in declared for claim in beforehand.claims]
    open_cells = {cell for claim in claims if not has_ended(claim) for cell in cells_of(claim)}
    ended = [claim for claim in claims if has_ended(claim)]
    cells = {cell for claim in ended for cell in cells_of(claim)}
    tests = max((claim.difference.family for claim in claims), default=0)
    return Claims([sentence(claim) for claim in ended], frozenset(cells - open_cells), 0 < tests == len(ended))


def has_ended(claim: DeclaredPair) -> bool:
    """Whether more seeds would change nothing of it."""
    ending = claim.difference.ending
    return ending is not None and ending.how != "open"


def cells_of(claim: DeclaredPair) -> set[str]:
    """Folders of both sides within the study."""
    return {cell_of(run) for side in (claim.arm, claim.over) for run in side.runs}


def sentence(claim: DeclaredPair) -> str:
    """How a claim has ended."""
    difference = claim.difference
    assert difference.ending
    words = {
        "decided": f"decided, {claim.arm.label} is {'ahead' if difference.mean > 0 else 'behind'}",
        "hopeless": "given up, a decision by the last seed has become unlikely",
        "exhausted": "not decided by the last seed",
    }
    where = f"{claim.arm.label} over {claim.over.label}, {claim.group.title}"
    return f"{where}: {words[difference.ending.how]} ({difference.n} seeds)"
