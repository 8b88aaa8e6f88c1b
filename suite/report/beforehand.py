"""What was declared before the runs, and what follows for their numbers, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from suite.comparison.declared import Beforehand
from suite.comparison.differences import Difference
from suite.comparison.rows import Comparison, Row
from suite.report.language import Say
from suite.report.rule import declared_rule, ended, standing_of


def said_beforehand(comparison: Comparison, say: Say) -> str:
    """What was declared, and whether all of it is there."""
    beforehand = comparison.beforehand
    nothing = say("No claim was declared before these runs, so all differences are only looked at.")
    if beforehand is None:
        return nothing
    declaration = beforehand.declaration
    texts = [say("Question: {question}", question=declaration.question)] if declaration.question else []
    if declaration.claims:
        claims = [say("{arm} over {over}", arm=claim.arm, over=claim.over) for claim in declaration.claims]
        text = "Declared on {date}, before the first run: {claims}."
        texts.append(say(text, date=declaration.declared[:10], claims=say(", ").join(claims)))
    else:
        texts.append(nothing)
    if declaration.rule:
        return say(" ").join([*texts, declared_rule(declaration.rule, say), *standing_of(beforehand, say)])
    return say(" ").join([*texts, *_missing(beforehand, say)])


def _missing(beforehand: Beforehand, say: Say) -> list[str]:
    """What is not there of what was declared."""
    declaration = beforehand.declaration
    if beforehand.pending:
        text = (
            "So far, {finished} of {declared} declared seeds are finished in all arms. There is no verdict before all "
            "are."
        )
        return [say(text, finished=beforehand.finished, declared=len(declaration.seeds))]
    if missing := len(declaration.claims) - len(beforehand.claims):
        return [say("{count} of these cannot be tested: one side has no finished run.", count=missing)]
    return []


def so_far(difference: Difference, names: Mapping[str, str], comparison: Comparison, say: Say) -> str:
    """A difference before all declared seeds are finished."""
    assert comparison.beforehand
    seeds = comparison.beforehand.declaration.seeds
    finished = sum(seed in seeds for seed, _ in difference.points)
    text = "{arm}: {points} points over {baseline} so far, with {finished} of {declared} declared seeds."
    return say(text, **names, finished=finished, declared=len(seeds))


def standing(row: Row, say: Say) -> str:
    """Whether a difference was declared, where its study has claims."""
    if row.standing == "declared":
        return say("; declared beforehand")
    return say("; looked at, not declared") if row.standing else ""


def number_of_seeds(row: Row, comparison: Comparison, say: Say) -> str:
    """That seeds were added, for each further look is another chance of a difference by luck; or why there are no more.

    A rule that was declared pays for its looks.
    """
    if comparison.beforehand is None or row.difference is None or row.verdict == "so far":
        return ""
    if row.difference.ending:
        return ended(row.difference.n, row.difference.ending, say)
    declared = comparison.beforehand.declaration.seeds
    added = [str(seed) for seed, _ in row.difference.points if seed not in declared]
    text = "Added later: seed {seeds}, so p is no longer exact."
    return say(text, seeds=", ".join(added)) if added else ""
