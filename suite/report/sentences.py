"""The numbers of a comparison in sentences. Nothing is computed here."""

from __future__ import annotations

import math
from typing import Any

from suite.comparison.differences import LEVEL, Difference, OverImages
from suite.comparison.measures import window
from suite.comparison.records import Group, Sweep
from suite.comparison.rows import Comparison, Row
from suite.percent import per_cent
from suite.report.beforehand import number_of_seeds, said_beforehand, so_far, standing
from suite.report.cautions import cautions
from suite.report.language import Say
from suite.report.numbers import interval, p_value, points
from suite.report.rule import corrected
from suite.report.unpaired import no_pair_because, seeds_not_paired

# --- above the numbers ------------------------------------------------------------------------------------------------


def about(group: Group, say: Say) -> str:
    """The images of a group, or what is not known of them."""
    if group.images is None:
        return say(
            "These files do not record network, images and seeds. Clean training images were not measured, and hits "
            "on mixed images count the own label only."
        )
    train, evaluation, classes = group.images
    counts = {"train": train, "eval": evaluation, "classes": classes}
    folds = say(", in the first of {folds} folds", folds=group.folds) if group.folds > 1 else ""
    if group.evaluation:
        return say(
            "{train} training images of {classes} classes, judged by {eval} of {evaluation}{folds}.",
            **counts,
            evaluation=group.evaluation,
            folds=folds,
        )
    return say("{train} training and {eval} evaluation images of {classes} classes{folds}.", **counts, folds=folds)


def compared(group: Group, say: Say) -> str:
    """What the number of a seed is."""
    accuracy = accuracy_name(group, say)
    if group.evaluation:
        text = "Each seed counts with its {accuracy} in {evaluation}, none of whose images were trained on."
        return say(text, accuracy=accuracy, evaluation=group.evaluation)
    return say("Each seed counts with its {accuracy}, {window}.", accuracy=accuracy, window=_window(group, say))


def accuracy_name(group: Group, say: Say) -> str:
    """What the metric of a group measures."""
    return say("balanced eval accuracy") if group.metric == "balanced" else say("eval accuracy")


def accuracy_label(group: Group, say: Say) -> str:
    """The same at an axis."""
    return say("balanced eval accuracy, %") if group.metric == "balanced" else say("eval accuracy, %")


def _metric(group: Group, say: Say) -> str:
    """What balanced accuracy is, where it counts or should."""
    if group.metric == "balanced":
        return say("In balanced accuracy every class counts the same, however many images it has.")
    if not group.is_imbalanced:
        return ""
    return say(
        "The largest class has more than twice the training images of the smallest: train.metric=balanced is "
        "recommended, by which every class counts the same."
    )


def introduction(comparison: Comparison, say: Say) -> str:
    """What was declared, the images, and what the numbers are."""
    group = comparison.group
    texts = [said_beforehand(comparison, say), about(group, say)]
    if not any(row.runs[0].finished for row in comparison.rows):
        text = "No run is finished, so the numbers are means of the last {count} epochs so far."
        texts.append(say(text, count=window(group.planned)))
    else:
        texts.append(compared(group, say))
    if group.evaluation:
        text = (
            "Curves are still those of the evaluation list. Without curves there is no gap, no best eval, and nothing "
            "to reach or overtake. Numbers of the training images are the {window}."
        )
        texts.append(say(text, window=_window(group, say)))
    return say(" ").join(filter(None, [*texts, _metric(group, say)]))


def _window(group: Group, say: Say) -> str:
    """The epochs that a run is judged by."""
    count, last = window(group.planned), group.planned
    if count == 1:
        return say("value of the last epoch ({last})", last=last)
    return say("mean of the last {count} epochs ({first} to {last})", count=count, first=last - count + 1, last=last)


# --- a verdict --------------------------------------------------------------------------------------------------------


def verdicts(comparison: Comparison, say: Say) -> list[str]:
    """The declared claims first, then every row that is not about one of them."""
    claims = [verdict(row, claim, say) for claim in comparison.claims for row in claim.rows if row.standing]
    return claims + [verdict(row, comparison, say) for row in comparison.rows if row.standing != "declared"]


def verdict(row: Row, comparison: Comparison, say: Say) -> str:
    """What an arm's numbers say in a sentence or two, never more than they do, and what may spoil them."""
    texts = [_statement(row, comparison, say), number_of_seeds(row, comparison, say), _other_images(row, say)]
    texts += seeds_not_paired(row, comparison, say)
    if row.verdict != "unfinished":
        opponents = [other for other in comparison.rows if other.verdict == "baseline" and row.difference]
        texts += cautions([row, *opponents], say)
    return say(" ").join(filter(None, texts))


def _statement(row: Row, comparison: Comparison, say: Say) -> str:
    if row.verdict == "unfinished":
        return _unfinished(row, say)
    if row.difference is None:
        return _alone(row, comparison, say)
    assert comparison.baseline
    names = {"arm": row.arm.label, "baseline": comparison.baseline.label, "points": points(row.difference.mean)}
    if row.verdict == "unpaired":
        return _unpaired(row, names, say)
    if row.verdict == "so far":
        return so_far(row.difference, names, comparison, say)
    if row.verdict == "one seed":
        return _one_seed(row, row.difference, names, comparison.seeds_needed, say)
    return _paired(row, row.difference, names, comparison, say)


def _unfinished(row: Row, say: Say) -> str:
    run = row.runs[0]
    progress = {"arm": row.arm.label, "seed": run.seed, "done": run.done, "planned": run.planned}
    if run.broken:
        text = "{arm}, seed {seed}: stopped at epoch {done} of {planned}, its loss was not finite; not compared."
        return say(text, **progress)
    text = "{arm}, seed {seed}: at epoch {done} of {planned}; compared with the others when it is finished."
    return say(text, **progress)


def _alone(row: Row, comparison: Comparison, say: Say) -> str:
    known = {"arm": row.arm.label, "value": per_cent(row.compared.mean), "n": row.compared.n}
    known["accuracy"] = accuracy_name(comparison.group, say)
    if row.verdict == "baseline":
        return say("{arm}: {accuracy} {value} (n = {n}); the others are compared with it.", **known)
    baseline = comparison.baseline
    why = say("no run of {baseline} is finished", baseline=baseline.label) if baseline else say("no baseline is chosen")
    return say("{arm}: {accuracy} {value} (n = {n}), compared with nothing: {why}.", **known, why=why)


def _unpaired(row: Row, names: dict[str, str], say: Say) -> str:
    text = "{arm}: {points} points over {baseline}, a difference of two means without an interval: {why}."
    return say(text, **names, why=no_pair_because(row, say))


def _one_seed(row: Row, difference: Difference, names: dict[str, str], needed: int, say: Say) -> str:
    text = (
        "{arm}: {points} points over {baseline} with seed {seed}, the only pair{images}. "
        "This says nothing about other seeds; train at least {needed} seeds of each."
    )
    images = _over_images(row, row.over_images, names, say) if row.over_images else ""
    return say(text, **names, seed=difference.points[0][0], images=images, needed=needed)


def _paired(row: Row, difference: Difference, names: dict[str, str], comparison: Comparison, say: Say) -> str:
    text = (
        "{arm}: {points} points over {baseline} ({interval}; "
        "{wins} of {n} seeds ahead; sign-flip p {p}{corrected}{standing}): {conclusion}."
    )
    return say(
        text,
        **names,
        interval=_over_seeds(difference, comparison.group.folds, say),
        n=difference.n,
        wins=difference.wins,
        p=p_value(difference.p),
        corrected=corrected(difference, say),
        standing=standing(row, say),
        conclusion=_conclusion(row, difference, comparison.seeds_needed, say),
    )


def _over_seeds(difference: Difference, folds: int, say: Say) -> str:
    """The interval, or why there is none."""
    seeds = {"n": difference.n, "folds": say(", each the mean of {folds} folds", folds=folds) if folds > 1 else ""}
    if not math.isnan(difference.low):
        ends = interval(difference.low, difference.high, say)
        return say("95 % interval {interval}, t over {n} seeds{folds}", interval=ends, **seeds)
    if difference.n < 3:
        return say("no interval from {n} seeds{folds}", **seeds)
    return say("no interval, as all {n} seeds{folds} differ by the same", **seeds)


def _conclusion(row: Row, difference: Difference, needed: int, say: Say) -> str:
    if row.verdict == "better":
        return say("better on these images")
    if row.verdict == "worse":
        return say("worse on these images")
    if row.verdict == "too few seeds":
        text = (
            "only the direction of {n} seeds; even if all agreed, p would be {least}, so train at least {needed} seeds "
            "of each"
        )
        return say(text, n=difference.n, least=p_value(difference.least_p_holm), needed=needed)
    torn = say(", because the interval holds 0, though the test passes") if difference.p_holm < LEVEL else ""
    power = ""
    if difference.detectable > 0:  # false too where so few seeds cannot show anything
        text = "; a true difference of {detectable} points would have been found in about 4 of 5 such nights"
        power = say(text, detectable=f"{difference.detectable:.1f}")
    return say("no evidence of a difference{torn}{power}", torn=torn, power=power)


def _other_images(row: Row, say: Say) -> str:
    """That a claim is about these images, where their number does not carry it further."""
    found = row.over_images
    if found is None or not row.rests_on_these_images:
        return ""
    text = (
        "Over the {images} evaluation images{groups} in place of the seeds it is {points} ({interval}, {when}), "
        "so on other images of the kind there may be no difference."
    )
    return say(text, **_numbers_over_images(row, found, say))


def _numbers_over_images(row: Row, found: OverImages, say: Say) -> dict[str, Any]:
    groups = "" if found.groups is None else say(" in {groups} groups", groups=found.groups)
    numbers = {"images": found.images, "groups": groups, "points": points(found.points), "when": _when(row, say)}
    return numbers | {"interval": _in_words(found, say)}


def _over_images(row: Row, found: OverImages, names: dict[str, str], say: Say) -> str:
    mcnemar = ""
    if not math.isnan(found.p):  # several networks a side are not right or wrong
        text = "; {only_arm} are right in {arm} only and {only_baseline} in {baseline} only, McNemar p {p}"
        only = {"only_arm": found.only_arm, "only_baseline": found.only_baseline, "p": p_value(found.p)}
        mcnemar = say(text, arm=names["arm"], baseline=names["baseline"], **only)
    text = "; {when} {points} on {images} images{groups} ({interval}, paired bootstrap over them{mcnemar})"
    return say(text, mcnemar=mcnemar, **_numbers_over_images(row, found, say))


def _in_words(found: OverImages, say: Say) -> str:
    if math.isnan(found.low):
        return say("no interval, as all images differ by the same")
    return say("95 % interval {interval}", interval=interval(found.low, found.high, say))


def _when(row: Row, say: Say) -> str:
    if row.runs[0].evaluation:
        return say("with the weights that evaluate.py took")
    return say("after the last epoch")


# --- beside figures ---------------------------------------------------------------------------------------------------


def band_note(say: Say) -> str:
    """How the spread over the seeds is drawn."""
    return say("Line: mean over the seeds. Band: from the lowest to the highest seed.")


def difference_note(say: Say) -> str:
    """How differences are drawn."""
    return say("Dots: single seeds. Diamond and bar: mean and 95 % interval. Dark line: no difference.")


def sweep_title(sweep: Sweep, say: Say) -> str:
    return f"{say('Accuracy against images per class')}{say(': ')}{sweep.title}"


def sweep_notes(say: Say) -> list[str]:
    """How a sweep is drawn."""
    place = say("Numbers of images in logarithms, all of them one step further.")
    return [say(" ").join([band_note(say), say("Dots: single seeds.")]), place]
