"""Which seeds of an arm are not paired with the baseline, in sentences."""

from __future__ import annotations

from suite.comparison.pairing import Unlike
from suite.comparison.rows import Comparison, Row
from suite.report.language import Say


def no_pair_because(row: Row, say: Say) -> str:
    """Why an arm has no pair with the baseline at all."""
    if row.runs[0].seed is None:
        return say("their seeds are not recorded")
    if row.difference and row.difference.unlike:
        return say("no seed was made alike in both")
    return say("no seed is there in both with all its folds")


def seeds_not_paired(row: Row, comparison: Comparison, say: Say) -> list[str]:
    """A sentence for each reason, with the seeds that it keeps out."""
    if row.difference is None or comparison.baseline is None:
        return []
    by_reason: dict[tuple[tuple[str, str, str], ...], list[Unlike]] = {}
    for unlike in row.difference.unlike:
        by_reason.setdefault(unlike.differing, []).append(unlike)
    names = {"arm": row.arm.label, "baseline": comparison.baseline.label}
    difference = "{name} {value} in {arm}, {against} in {baseline}"
    text = "Not paired: seed {seeds}, not made alike: {differences}."
    sentences = []
    for differing, those in by_reason.items():
        values = (dict(zip(("name", "value", "against"), each, strict=True)) for each in differing)
        differences = say("; ").join(say(difference, **each, **names) for each in values)
        seeds = ", ".join(str(unlike.seed) for unlike in those)
        sentences.append(say(text, seeds=seeds, differences=differences))
    if row.unpaired and row.verdict != "unpaired":
        seeds = ", ".join(map(str, row.unpaired))
        sentences.append(say("Not paired: seed {seeds}, missing in one of the two or in some fold.", seeds=seeds))
    return sentences
