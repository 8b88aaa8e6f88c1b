"""What a comparison answers to "which augmentation helps on my images?". It is never more than its verdicts say."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from suite.comparison import significance
from suite.comparison.differences import LEVEL, Pair, tested_together
from suite.comparison.records import Arm
from suite.comparison.rows import Comparison, Row
from suite.comparison.verdict import verdict_on

Kind = Literal["use", "so far", "not decided", "no evidence", "only worse", "nothing"]
"""Use: one or more arms are better. So far: declared seeds are missing. Not decided: more seeds have to be trained for
some arms, and none is better. No evidence: some arms could have been shown to be better, and were not. Only worse: all
arms are worse. Nothing: no arm is compared."""


@dataclass(frozen=True)
class Answer:
    """The answer of one comparison."""

    comparison: Comparison
    kind: Kind
    rows: tuple[Row, ...]
    """Those that the kind is about; with `use`, the best of the better arms that the seeds do not tell apart."""
    worse: tuple[Row, ...]
    """The arms that are worse than the baseline."""
    undecided: tuple[Row, ...]
    """Those that have too few seeds for a verdict."""
    under_fitted: tuple[Row, ...]
    """Those that have to be trained longer before this answer means much: the baseline or, where no arm is better, any
    of the compared ones."""
    uncompared: tuple[Arm, ...]
    """Arms that are not compared with the baseline, or not yet."""
    seeds: tuple[int, ...] = ()
    """With `not decided`: the seeds that every arm has to have beside those that are paired already."""

    @property
    def baseline(self) -> Row | None:
        """Its finished runs."""
        return next((row for row in self.comparison.rows if row.verdict == "baseline"), None)

    @property
    def detectable(self) -> float:
        """With `no evidence`: the gain, in points, that about 4 of 5 such nights would show in whichever of the arms.

        NaN or 0 where it is not known.
        """
        return max(row.difference.detectable for row in self.rows if row.difference)


def answer_to(comparison: Comparison) -> Answer:
    """The answer of a comparison."""
    by_verdict: dict[str, list[Row]] = {}
    for row in comparison.rows:
        by_verdict.setdefault(row.verdict, []).append(row)
    undecided = [*by_verdict.get("one seed", []), *by_verdict.get("too few seeds", [])]
    kinds: dict[Kind, Sequence[Row]] = {
        "use": by_verdict.get("better", []),
        "so far": by_verdict.get("so far", []),
        "not decided": undecided,
        "no evidence": by_verdict.get("no evidence", []),
        "only worse": by_verdict.get("worse", []),
    }
    kind: Kind = next((kind for kind, rows in kinds.items() if rows), "nothing")
    rows = kinds.get(kind, ())
    compared = [row for rows in kinds.values() for row in rows]
    doubtful = [*by_verdict.get("baseline", []), *(() if kind == "use" else compared)] if compared else []
    return Answer(
        comparison=comparison,
        kind=kind,
        rows=tuple(_not_told_apart(rows, comparison.group.folds) if kind == "use" else rows),
        worse=tuple(by_verdict.get("worse", [])),
        under_fitted=tuple(row for row in doubtful if row.under_fitted),
        undecided=tuple(undecided),
        uncompared=_uncompared(comparison, compared),
        seeds=_seeds_to_add(rows, comparison) if kind == "not decided" else (),
    )


def _not_told_apart(better: Sequence[Row], folds: int) -> list[Row]:
    """The best of several arms and those that are not shown to be worse, best first; all pairs are tested together."""
    best, *others = sorted(better, key=lambda row: -row.difference.mean if row.difference else 0.0)
    pairs = itertools.combinations([row.arm for row in (best, *others)], 2)
    found = tested_together({pair: Pair(*pair, folds) for pair in pairs})
    kept = [
        other
        for other in others
        if verdict_on(best.arm, best.runs, other.arm, found[best.arm, other.arm], pending=False) != "better"
    ]
    return [best, *kept]


def _uncompared(comparison: Comparison, compared: Sequence[Row]) -> tuple[Arm, ...]:
    known = {comparison.baseline, *(row.arm for row in compared)}
    return tuple(arm for arm in comparison.group.arms if arm not in known)


def _seeds_to_add(rows: Sequence[Row], comparison: Comparison) -> tuple[int, ...]:
    """The lowest seeds with which these arms could be told from the baseline.

    Seeds that are lost, or that were not made alike, stay as they are.
    """
    differences = [row.difference for row in rows if row.difference]
    paired = set.intersection(*({seed for seed, _ in difference.points} for difference in differences))
    arms = [row.arm for row in rows] + ([comparison.baseline] if comparison.baseline else [])
    spent = {seed for arm in arms for seed in arm.lost}
    spent |= {unlike.seed for difference in differences for unlike in difference.unlike}
    needed = max(_seeds_needed(row, comparison) for row in rows)
    fresh = (seed for seed in itertools.count() if seed not in paired | spent)
    return tuple(itertools.islice(fresh, needed - len(paired)))


def _seeds_needed(row: Row, comparison: Comparison) -> int:
    """Of a declared claim among the claims, of another arm among the others."""
    if row.standing != "declared" or row.difference is None:
        return comparison.seeds_needed
    return significance.seeds_needed(max(1, row.difference.family), LEVEL)
