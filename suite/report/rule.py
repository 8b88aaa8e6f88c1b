"""The rule of a night that ends when it is decided, in sentences."""

from __future__ import annotations

from suite.comparison.declared import Beforehand
from suite.comparison.differences import Difference, Ending
from suite.report.language import Say
from suite.report.numbers import p_value
from suite.runs.declaration import Rule


def declared_rule(rule: Rule, say: Say) -> str:
    """What the rule is."""
    text = (
        "Declared with it: a group-sequential sign-flip test after every seed from number {first} to {most}. A claim "
        "is given up when its chance to be decided is below {hopeless} %."
    )
    return say(text, first=rule.first_look, most=rule.most_seeds, hopeless=f"{100 * rule.hopeless:.0f}")


def standing_of(beforehand: Beforehand, say: Say) -> list[str]:
    """How many claims are still open, and what the end of the night means for other differences."""
    still_open = sum(beforehand.awaits(claim.difference) for claim in beforehand.claims)
    if still_open or not beforehand.claims:
        text = "So far, {count} of {all} claims have ended."
        ended = len(beforehand.claims) - still_open
        return [say(text, count=ended, all=len(beforehand.declaration.claims))]
    if beforehand.pending:
        text = "The night ended when its claims did, so there is no verdict on other differences."
        return [say(text)]
    return []


def ended(pairs: int, ending: Ending, say: Say) -> str:
    """Why a claim has no more seeds."""
    text = "Given up after {n} of at most {most} seeds, since a decision had become unlikely."
    if ending.how == "decided":
        text = "Decided after {n} of at most {most} seeds by the group-sequential test, whose p this is."
    elif ending.how == "exhausted":
        text = "Not decided after {n} of at most {most} seeds by the group-sequential test, whose p this is."
    return say(text, n=pairs, most=ending.most_seeds)


def corrected(difference: Difference, say: Say) -> str:
    """p after the correction for several comparisons; empty for a single one."""
    if difference.family == 1:
        return ""
    text = ", after Holm over {family} comparisons {p}"
    if difference.ending:
        text = ", after Bonferroni over {family} claims {p}"
    return say(text, family=difference.family, p=p_value(difference.p_holm))
