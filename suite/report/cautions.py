"""What may spoil a verdict, in sentences and in a word each."""

from __future__ import annotations

from collections.abc import Sequence

from suite.comparison.course import trend_window
from suite.comparison.rows import Row
from suite.percent import per_cent
from suite.report.language import Say


def cautions(sides: Sequence[Row], say: Say) -> list[str]:
    """Sentences on a finished row and, where it is compared with that, on the baseline; empty texts for no caution."""
    return [lost_seeds(sides, say), _caution(sides, say), _untold(sides, say)]


def lost_seeds(sides: Sequence[Row], say: Say) -> str:
    """That the seeds which are compared are those that survived, and may be the easier ones."""
    text = (
        "{arm} lost {count} of {all} seeds ({seeds}) to a loss that was not finite, so this is about the seeds that "
        "survived."
    )
    return say(" ").join(
        say(text, arm=side.arm.label, seeds=", ".join(map(str, side.arm.lost)), **_lost(side))
        for side in sides
        if side.arm.lost
    )


def _lost(row: Row) -> dict[str, int]:
    seeds = {run.seed for run in row.arm.runs}.union(row.arm.lost)
    return {"count": len(row.arm.lost), "all": len(seeds)}


def _caution(sides: Sequence[Row], say: Say) -> str:
    """What spoils a finished row, or the baseline that it is compared with; empty when nothing does."""
    states = [
        say("{arm} is {state}", arm=side.arm.label, state=say(" and ").join(found))
        for side in sides
        if (found := _states(side, say))
    ]
    text = "Caution: {states}. Longer training may change the order, so this does not yet compare where they end."
    return say(text, states=say("; ").join(states)) if states else ""


def _states(row: Row, say: Say) -> list[str]:
    found = []
    if row.under_fitted:
        text = "still under-fitted (train, clean {accuracy}, below {least})"
        found.append(say(text, accuracy=per_cent(row.clean.mean), least=per_cent(row.fitted_from)))
    if row.trend == "rising":
        found.append(say("still rising in eval accuracy"))
    return found


def _untold(sides: Sequence[Row], say: Say) -> str:
    """Where nothing tells whether an arm still rises; too few epochs are too few for all arms."""
    width = trend_window(sides[0].runs[0].planned)
    if sides[0].trend == "too short":
        return say("Below {least} epochs it cannot be told whether accuracy still rises.", least=2 * width)
    late = [side.arm.label for side in sides if side.trend == "changed late"]
    text = (
        "Whether {arms} still rises cannot be told: the augmentation changes within the last {count} epochs, which "
        "moves accuracy too."
    )
    return say(text, arms=say(" and ").join(late), count=width) if late else ""


def warnings(row: Row, say: Say) -> list[str]:
    """What may spoil a row, in a word each."""
    is_finished = row.verdict != "unfinished"
    lost = [say("{count} of {all} seeds lost", **_lost(row))] if is_finished and row.arm.lost else []
    spoiled = [say("loss not finite")] * row.runs[0].broken + [say("under-fitted")] * row.under_fitted
    untold = is_finished and row.trend in ("too short", "changed late")
    return lost + spoiled + [say("rising")] * (row.trend == "rising") + [say("rising?")] * untold
