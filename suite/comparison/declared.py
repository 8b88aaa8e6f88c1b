"""What was declared before the runs of a group, and the tests of its claims: a family of comparisons of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from suite.comparison.differences import Difference, Pair, looked_at_together, tested_together
from suite.comparison.records import Arm, Group, Run
from suite.comparison.significance import Key
from suite.config.study import Claim
from suite.files import DamagedFile
from suite.runs.declaration import FILE, Declaration, finished_seeds, read_declaration


@dataclass(frozen=True, eq=False)
class DeclaredPair:
    """A claim, and what a group's runs say of it."""

    group: Group
    """Reduced to both arms, and with the folds of all."""
    arm: Arm
    over: Arm
    difference: Difference


@dataclass(frozen=True, eq=False)
class Beforehand:
    """What was declared of a group, whose runs are all of one study, before the first of them started."""

    study: str
    """The name of its folder."""
    declaration: Declaration
    finished: int
    """How many of the declared seeds are finished in all arms that this group's verdicts wait for."""
    claims: tuple[DeclaredPair, ...]
    """Those that have finished runs on either side."""

    @property
    def pending(self) -> bool:
        """Whether runs are still to come. A verdict that is looked for again with every seed is found in the end."""
        return self.finished < len(self.declaration.seeds)

    def awaits(self, difference: Difference | None) -> bool:
        """Whether it is too early for a verdict: a claim of a night that may end early has a verdict at its own end.

        The others have none before all seeds are there, for the claims have chosen how many there are.
        """
        if difference and difference.ending:
            return difference.ending.how == "open"
        return self.pending

    @property
    def default_baseline(self) -> Arm | None:
        """The arm that all claims are over; None where they do not agree."""
        arms = {claim.over for claim in self.claims}
        return arms.pop() if len(arms) == 1 else None

    def between(self, arm: Arm, baseline: Arm) -> Difference | None:
        """The difference of these two where a claim is about them, in whatever direction."""
        for claim in self.claims:
            if (claim.arm, claim.over) == (arm, baseline):
                return claim.difference
            if (claim.arm, claim.over) == (baseline, arm):
                return claim.difference.mirrored()
        return None


def declared_beforehand(groups: Sequence[Group]) -> tuple[dict[Group, Beforehand], list[str]]:
    """What was declared of the groups that belong to a study, and a line for each that cannot be read.

    All claims of a study are tested together, in whatever group: a claim on four numbers of images is four tests.
    """
    by_place: dict[Path, list[Group]] = {}
    notes: list[str] = []
    for group in groups:
        places = _places(group)
        studies = [place for place in places if (place / FILE).is_file()]
        if len(places) == 1 and studies:
            by_place.setdefault(places[0], []).append(group)
        elif studies:
            names = " and ".join(place.name for place in studies)
            notes.append(
                f"what {names} declared: {group.title} has runs of several nights; compare one night by itself"
            )
    declared: dict[Group, Beforehand] = {}
    for place, own in by_place.items():
        try:
            declaration = read_declaration(place)
        except DamagedFile as error:
            notes.append(f"{error}; nothing counts as declared")
            continue
        assert declaration
        pairs = {(group, claim): pair for group in own for claim in declaration.claims if (pair := _pair(group, claim))}
        differences = _tested(pairs, declaration, own, place)
        for group in own:
            claims = [
                DeclaredPair(replace(group, arms=(pair.baseline, pair.arm)), pair.arm, pair.baseline, differences[key])
                for key, pair in pairs.items()
                if key[0] is group
            ]
            awaited = _awaited(declaration, group, own)
            finished = finished_seeds(place, awaited, declaration.seeds)
            declared[group] = Beforehand(place.name, declaration, finished, tuple(claims))
    return declared, notes


def _awaited(declaration: Declaration, group: Group, groups: Sequence[Group]) -> set[str]:
    """The cells whose runs a group's verdicts wait for: its own, those that have no run yet, and those of all claims.

    Claims are corrected for each other, in whatever group they are. Other arms of other groups change nothing here.
    """
    elsewhere = {cell_of(run) for other in groups if other is not group for arm in other.arms for run in arm.runs}
    own = {cell_of(run) for arm in group.arms for run in arm.runs}
    claimed = {cell for claim in declaration.claims for cell in (*claim.arm_cells, *claim.over_cells)}
    return set(declaration.cells) - (elsewhere - own - claimed)


def _places(group: Group) -> list[Path]:
    """`logs/study` for `logs/study/cell/seed0`, of all runs."""
    folders = (run.folder.resolve() for arm in group.arms for run in arm.runs)
    return list(dict.fromkeys(folder.parent.parent for folder in folders))


def _tested(
    pairs: Mapping[Key, Pair], declaration: Declaration, groups: Sequence[Group], place: Path
) -> dict[Key, Difference]:
    """All claims together, when all is there or, by the rule of the night, after every seed."""
    if declaration.rule is None:
        return tested_together(pairs)
    family = sum(_is_about(claim, group) for group in groups for claim in declaration.claims)
    differences = looked_at_together(pairs, declaration.rule, declaration.seeds, family)
    for key, pair in pairs.items():
        ending, cells = differences[key].ending, {cell_of(run) for side in pair[:2] for run in side.runs}
        if (
            ending
            and ending.how == "open"
            and finished_seeds(place, cells, declaration.seeds) == len(declaration.seeds)
        ):
            differences[key] = replace(differences[key], ending=ending._replace(how="exhausted"))  # some are lost
    return differences


def _is_about(claim: Claim, group: Group) -> bool:
    """Whether either arm of a claim has runs in a group, finished or not: a claim that cannot be tested yet counts."""
    cells = {cell_of(run) for arm in group.arms for run in arm.runs}
    return not cells.isdisjoint((*claim.arm_cells, *claim.over_cells))


def cell_of(run: Run) -> str:
    """The cell of the study that a run is of."""
    return run.folder.resolve().parent.name


def _pair(group: Group, claim: Claim) -> Pair | None:
    """The two arms of a claim where both have finished runs."""
    arm, over = (_arm_of(group.arms, cells) for cells in (claim.arm_cells, claim.over_cells))
    return Pair(arm, over, group.folds) if arm and over else None


def _arm_of(arms: Iterable[Arm], cells: Sequence[str]) -> Arm | None:
    for arm in arms:
        if arm.finished and set(map(cell_of, arm.runs)) <= set(cells):
            return arm
    return None
