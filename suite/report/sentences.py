"""The numbers of a comparison in sentences. Nothing is computed here."""

from __future__ import annotations

import math

from suite.comparison.differences import LEVEL, Difference, OverImages
from suite.comparison.measures import window
from suite.comparison.records import Group, Sweep
from suite.comparison.rows import UNDER_FITTED_BELOW, Comparison, Row
from suite.report.language import Say

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
    if group.evaluation:
        text = "Each seed counts with its accuracy in {evaluation}, none of whose images were trained on."
        return say(text, evaluation=group.evaluation)
    return say("Each seed counts with its eval accuracy, {window}.", window=_window(group, say))


def introduction(comparison: Comparison, say: Say) -> str:
    """The images, and what the numbers are."""
    group = comparison.group
    if not any(row.runs[0].finished for row in comparison.rows):
        text = "No run is finished, so the numbers are means of the last {count} epochs so far."
        return say(" ").join([about(group, say), say(text, count=window(group.planned))])
    texts = [about(group, say), compared(group, say)]
    if group.evaluation:
        text = (
            "Curves, loss, gap, best eval, reaches and overtakes are still those of the evaluation list; loss and gap "
            "are the {window}."
        )
        texts.append(say(text, window=_window(group, say)))
    return say(" ").join(texts)


def _window(group: Group, say: Say) -> str:
    """The epochs that a run is judged by."""
    count, last = window(group.planned), group.planned
    if count == 1:
        return say("value of the last epoch ({last})", last=last)
    return say("mean of the last {count} epochs ({first} to {last})", count=count, first=last - count + 1, last=last)


# --- a verdict --------------------------------------------------------------------------------------------------------


def verdict(row: Row, comparison: Comparison, say: Say) -> str:
    """What an arm's numbers say in a sentence or two, never more than they do, and what may spoil them."""
    texts = [_statement(row, comparison, say), _other_images(row, say)]
    texts += [*_unlike_seeds(row, comparison, say), _unpaired_seeds(row, say), _caution(row, comparison, say)]
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
    known = {"arm": row.arm.label, "accuracy": _percent(row.compared.mean), "n": row.compared.n}
    if row.verdict == "baseline":
        return say("{arm}: eval accuracy {accuracy} % (n = {n}); the others are compared with it.", **known)
    baseline = comparison.baseline
    why = say("no run of {baseline} is finished", baseline=baseline.label) if baseline else say("no baseline is chosen")
    return say("{arm}: eval accuracy {accuracy} % (n = {n}), compared with nothing: {why}.", **known, why=why)


def _unpaired(row: Row, names: dict[str, str], say: Say) -> str:
    unknown = row.runs[0].seed is None
    why = say("their seeds are not recorded") if unknown else say("no seed is there in both with all its folds")
    if row.difference and row.difference.unlike:
        why = say("no seed was made alike in both")
    text = "{arm}: {points} points over {baseline}, a difference of two means without an interval: {why}."
    return say(text, **names, why=why)


def _one_seed(row: Row, difference: Difference, names: dict[str, str], needed: int, say: Say) -> str:
    text = (
        "{arm}: {points} points over {baseline} with seed {seed}, the only pair{images}. "
        "This says nothing about other seeds; train at least {needed} seeds of each."
    )
    images = _over_images(row, row.over_images, names, say) if row.over_images else ""
    return say(text, **names, seed=difference.points[0][0], images=images, needed=needed)


def _paired(row: Row, difference: Difference, names: dict[str, str], comparison: Comparison, say: Say) -> str:
    text = (
        "{arm}: {points} points over {baseline} (95 % interval {interval}, t over {n} seeds{folds}; "
        "{wins} of {n} seeds ahead; sign-flip p {p}{holm}): {conclusion}."
    )
    folds, family, p_holm = comparison.group.folds, difference.family, p_value(difference.p_holm)
    return say(
        text,
        **names,
        interval=interval(difference.low, difference.high, say),
        n=difference.n,
        folds=say(", each the mean of {folds} folds", folds=folds) if folds > 1 else "",
        wins=difference.wins,
        p=p_value(difference.p),
        holm=say(", after Holm over {family} comparisons {p}", family=family, p=p_holm) if family > 1 else "",
        conclusion=_conclusion(row, difference, comparison.seeds_needed, say),
    )


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
        text = "; a true difference of {detectable} points would have been found in 4 of 5 such nights"
        power = say(text, detectable=f"{difference.detectable:.1f}")
    return say("no evidence of a difference{torn}{power}", torn=torn, power=power)


def _other_images(row: Row, say: Say) -> str:
    """That a claim is about these images, where their number does not carry it further."""
    found = row.over_images
    if found is None or row.verdict not in ("better", "worse") or not found.low <= 0 <= found.high:
        return ""
    text = (
        "Over the {images} evaluation images in place of the seeds it is {points} ({interval}, {when}), "
        "so on other images of the kind there may be no difference."
    )
    ends = interval(found.low, found.high, say)
    return say(text, images=found.images, points=points(found.points), interval=ends, when=_when(row, say))


def _over_images(row: Row, found: OverImages, names: dict[str, str], say: Say) -> str:
    mcnemar = ""
    if not math.isnan(found.p):  # several networks a side are not right or wrong
        text = "; {only_arm} are right in {arm} only and {only_baseline} in {baseline} only, McNemar p {p}"
        only = {"only_arm": found.only_arm, "only_baseline": found.only_baseline, "p": p_value(found.p)}
        mcnemar = say(text, arm=names["arm"], baseline=names["baseline"], **only)
    text = "; {when} {points} on {images} images (95 % interval {interval}, paired bootstrap over the images{mcnemar})"
    return say(
        text,
        when=_when(row, say),
        points=points(found.points),
        images=found.images,
        interval=interval(found.low, found.high, say),
        mcnemar=mcnemar,
    )


def _when(row: Row, say: Say) -> str:
    if row.runs[0].evaluation:
        return say("with the weights that evaluate.py took")
    return say("after the last epoch")


def _unlike_seeds(row: Row, comparison: Comparison, say: Say) -> list[str]:
    """The seeds that are no pairs because of what their runs were made with, and what that is."""
    if row.difference is None or comparison.baseline is None:
        return []
    arm, baseline = row.arm.label, comparison.baseline.label
    seeds: dict[tuple[tuple[str, str, str], ...], list[int]] = {}
    for unlike in row.difference.unlike:
        seeds.setdefault(unlike.differing, []).append(unlike.seed)
    text = "Not paired: seed {seeds}, not made alike: {differences}."
    difference = "{name} {value} in {arm}, {against} in {baseline}"
    return [
        say(
            text,
            seeds=", ".join(map(str, those)),
            differences=say("; ").join(
                say(difference, name=name, value=value, against=against, arm=arm, baseline=baseline)
                for name, value, against in differing
            ),
        )
        for differing, those in seeds.items()
    ]


def _unpaired_seeds(row: Row, say: Say) -> str:
    if row.verdict == "unpaired" or not row.unpaired:
        return ""
    seeds = ", ".join(map(str, row.unpaired))
    return say("Not paired: seed {seeds}, missing in one of the two or in some fold.", seeds=seeds)


def _caution(row: Row, comparison: Comparison, say: Say) -> str:
    """What spoils a finished row, and the baseline where it is compared with that; empty when nothing does."""
    opponents = [other for other in comparison.rows if other.verdict == "baseline" and row.difference]
    sides = (row, *opponents) if row.verdict != "unfinished" else ()
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
        accuracy = _percent(row.curves["accTrainClean"].mean)
        found.append(say("still under-fitted (clean training accuracy {accuracy} %)", accuracy=accuracy))
    if row.rising:
        found.append(say("still rising in eval accuracy"))
    return found


def warnings(row: Row, say: Say) -> list[str]:
    """What may spoil a row, in a word each."""
    spoiled = [say("loss not finite")] * row.runs[0].broken + [say("under-fitted")] * row.under_fitted
    return spoiled + [say("rising")] * row.rising


# --- below the numbers ------------------------------------------------------------------------------------------------


def explanations(say: Say) -> list[str]:
    """What the columns of the tables mean, and what the verdicts are about."""
    return [
        say(
            "Numbers are means over the epochs named and over the finished seeds, ± standard deviation over the seeds. "
            "A run that is not finished has a line of its own, with its last epochs so far. It is not compared."
        ),
        say(
            "over baseline: percentage points of eval accuracy, paired by seed, with the 95 % interval of the mean "
            "over seeds. p: sign-flip test, adjusted by Holm for all comparisons of the group. A difference is claimed "
            "when p is below {level} and the interval leaves out 0.",
            level=LEVEL,
        ),
        say(
            "Seeds vary the initial weights, the order and the augmentation, not the images. A verdict is about these "
            "training and evaluation images. Folds widen it."
        ),
        say(
            "best eval: the best single epoch. It is chosen on the evaluation images themselves and therefore a little "
            "too high."
        ),
        say(
            "train, as seen: the training images as the network saw them, augmented or mixed (then weighted by "
            "lambda), another task in every mode. train, clean: without augmentation. gap: train, clean, minus eval, "
            "where both were measured."
        ),
        say(
            "under-fitted: train, clean is below {share}. The network does not know its own training images yet, so a "
            "small gap is no success, and longer training may change its place.",
            share=f"{UNDER_FITTED_BELOW:.0%}",
        ),
        say(
            "ECE: expected calibration error, how far the network is surer than right, or less sure. It is measured "
            "after the last epoch or, with --evaluation, with the weights that evaluate.py took."
        ),
        say(
            "over images: the difference with the same weights, mean of the paired seeds, and its 95 % interval over "
            "the evaluation images. It tells what other images of the kind may give, as 'over baseline' tells it of "
            "other seeds."
        ),
        say(
            "reaches: the first epoch as high as the baseline in the end. overtakes: the epoch from which the arm "
            "stays above it. Both are read from means over the seeds and over the twentieth of the epochs before."
        ),
    ]


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


# --- numbers ----------------------------------------------------------------------------------------------------------


def points(value: float) -> str:
    """Percentage points with their sign."""
    return f"{round(value, 1) + 0.0:+.1f}"  # + 0.0 makes of -0.0 what it is


def interval(low: float, high: float, say: Say) -> str:
    """Both ends in points: where one rounds to 0, its sign tells whether the interval holds 0."""
    return say("{low} to {high}", low=f"{low + 0.0:+.1f}", high=f"{high + 0.0:+.1f}")


def p_value(value: float) -> str:
    """With the digits that decide."""
    return "< 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f}"
