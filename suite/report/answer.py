"""The answer of a comparison in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from suite.comparison.answer import Answer
from suite.comparison.differences import Difference
from suite.comparison.records import Arm
from suite.comparison.rows import Row
from suite.percent import from_to
from suite.report.beforehand import number_of_seeds
from suite.report.cautions import lost_seeds
from suite.report.language import Say
from suite.report.numbers import several, size
from suite.report.unpaired import no_pair_because


def answered(answer: Answer, say: Say) -> str:
    """Two or three short sentences."""
    texts = [_longer_first(answer, say), _statement(answer, say), *_notes(answer, say)]
    return say(" ").join(filter(None, texts))


def _longer_first(answer: Answer, say: Say) -> str:
    if not answer.under_fitted:
        return ""
    text = "Train longer first: the networks of {arms} do not know their training images yet."
    return say(text, arms=_names((row.arm for row in answer.under_fitted), say))


def _statement(answer: Answer, say: Say) -> str:
    if answer.kind == "use":
        return _use(answer, say)
    if answer.kind == "so far":
        return _so_far(answer, say)
    if answer.kind == "not decided":
        return _not_decided(answer, say)
    if answer.kind == "nothing":
        return _nothing(answer, say)
    return _none_is_better(answer, say)


def _use(answer: Answer, say: Say) -> str:
    baseline = _baseline(answer)
    if len(answer.rows) == 1:
        [row] = answer.rows
        names = {"arm": row.arm.label, "baseline": baseline}
        return say("Use {arm}: {accuracies}, better than {baseline} by {gain}.", **names, **_gain(row.difference, say))
    text = "Use {arms}: each is better than {baseline}, and these seeds do not tell them apart ({gains})."
    gains = [
        say("{arm} {accuracies}, by {gain}", arm=row.arm.label, **_gain(row.difference, say)) for row in answer.rows
    ]
    arms = say(" or ").join(row.arm.label for row in answer.rows)
    return say(text, arms=arms, baseline=baseline, gains=say("; ").join(gains))


def _gain(difference: Difference | None, say: Say) -> dict[str, str]:
    """The accuracies, and the interval of the difference; the difference alone where all seeds show the same one."""
    assert difference
    if math.isnan(difference.low):
        gain = say("{points} points in every seed", points=size(difference.mean))
    else:
        gain = say("{low} to {high} points", low=size(difference.low), high=size(difference.high))
    return {"accuracies": from_to(difference.before, difference.after), "gain": gain}


def _so_far(answer: Answer, say: Say) -> str:
    beforehand = answer.comparison.beforehand
    assert beforehand
    text = "Not decided yet: {finished} of {declared} declared seeds are finished in all arms."
    return say(text, finished=beforehand.finished, declared=len(beforehand.declaration.seeds))


def _not_decided(answer: Answer, say: Say) -> str:
    count = max(row.difference.n for row in answer.rows if row.difference)
    seeds = say("1 seed") if count == 1 else say("{count} seeds", count=count)
    if len(answer.rows) == len(answer.comparison.group.arms) - 1:
        return say("Not decided: {seeds} cannot show it.", seeds=seeds)
    arms = _names((row.arm for row in answer.rows), say)
    return say("Not decided for {arms}: {seeds} cannot show it.", arms=arms, seeds=seeds)


def _none_is_better(answer: Answer, say: Say) -> str:
    baseline = answer.comparison.baseline
    assert baseline
    if answer.kind == "only worse" and not answer.under_fitted:
        return say("Keep {baseline}: no other arm is better.", baseline=baseline.label)
    if baseline.mode == "none":
        found = say("No augmentation helps here so far.")
    else:
        found = say("Nothing is better than {baseline} so far.", baseline=baseline.label)
    if answer.kind == "only worse" or not answer.detectable > 0:
        return found
    text = "A gain of {points} points would have shown in about 4 of 5 such nights."
    return found + say(" ") + say(text, points=size(answer.detectable))


def _nothing(answer: Answer, say: Say) -> str:
    """Why no arm is compared."""
    comparison = answer.comparison
    if comparison.baseline is None and len(comparison.group.arms) > 1:
        return say("No answer: nothing says what to compare with; choose an arm with --baseline.")
    if not any(arm.finished for arm in comparison.group.arms):
        return say("No answer yet: no run is finished.")
    if comparison.baseline is None or len(comparison.group.arms) == 1:
        return say("No answer: the only arm is {arm}.", arm=comparison.group.arms[0].label)
    unpaired = [row for row in comparison.rows if row.verdict == "unpaired"]
    if not comparison.baseline.finished:
        return say("No answer yet: no run of {baseline} is finished.", baseline=comparison.baseline.label)
    if not unpaired:
        return say("No answer yet: only {baseline} is finished.", baseline=comparison.baseline.label)
    return say("Not decided: {why}.", why=no_pair_because(unpaired[0], say))


def _notes(answer: Answer, say: Say) -> Iterator[str]:
    if answer.worse and answer.kind != "nothing":
        yield say("Worse: {arms}.", arms=_names((row.arm for row in answer.worse), say))
    if answer.kind == "use":
        if answer.undecided:
            yield say("Not decided yet: {arms}.", arms=_names((row.arm for row in answer.undecided), say))
        yield _these_images_only(answer, say)
        yield _looked_at(answer, say)
        yield from dict.fromkeys(number_of_seeds(row, answer.comparison, say) for row in answer.rows)
    if answer.kind not in ("nothing", "so far"):
        sides = [row for row in answer.comparison.rows if row.difference or row is answer.baseline]
        yield _still_rising(sides, say)
        yield lost_seeds(sides, say)
        if answer.uncompared:
            yield say("Not compared yet: {arms}.", arms=_names(answer.uncompared, say))


def _these_images_only(answer: Answer, say: Say) -> str:
    """That the number of images does not carry the answer further."""
    doubtful = [row.arm for row in answer.rows if row.rests_on_these_images]
    if not doubtful:
        return ""
    if len(doubtful) == len(answer.rows):
        return say("On other images of the kind there may be no difference.")
    return say("For {arms}, there may be no difference on other images of the kind.", arms=_names(doubtful, say))


def _looked_at(answer: Answer, say: Say) -> str:
    """That another claim was declared before the runs than this one."""
    looked_at = [row.arm for row in answer.rows if row.standing == "looked at"]
    return say("Not declared beforehand: {arms}.", arms=_names(looked_at, say)) if looked_at else ""


def _still_rising(sides: Sequence[Row], say: Say) -> str:
    rising = [row.arm for row in sides if row.trend == "rising"]
    text = "Longer training may change the order. Still rising: {arms}."
    return say(text, arms=_names(rising, say)) if rising else ""


def _baseline(answer: Answer) -> str:
    assert answer.comparison.baseline
    return answer.comparison.baseline.label


def _names(arms: Iterable[Arm], say: Say) -> str:
    return several([arm.label for arm in arms], say)
