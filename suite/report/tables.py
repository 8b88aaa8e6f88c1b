"""The numbers of a comparison as tables."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from suite.comparison.measures import Spread, window
from suite.comparison.records import Run
from suite.comparison.rows import Comparison, Row
from suite.report.chinese import phrases
from suite.report.sentences import WORDS, about, bound, p_value, points, verdict


@dataclass(frozen=True)
class Table:
    """Headings, in English until they are shown, and rows of cells; the first column names the arms."""

    header: list[str]
    rows: list[list[str]]


TEXT_COLUMNS = ("accuracy, %", "training", "course", "seeds", "verdict")
"""Columns that are not numbers."""

UNIT_NOTES = {
    "median": "compared is the median eval accuracy",
    "final": "compared is the final eval accuracy",
    "best": "compared is the best eval accuracy",
    "evaluation": "compared is the accuracy in {evaluation}, none of whose images were trained on; loss, gap, best "
    "eval, reaches and overtakes are still those of the evaluation list",
}
"""What is compared, where it is not the mean that the tables show."""


def introduction(comparison: Comparison, lang: str) -> str:
    """The images, and the epochs that the numbers are means of."""
    say, group = phrases(lang), comparison.group
    count = window(group.planned)
    finished = [row for row in comparison.rows if row.runs[0].finished]
    if not finished:
        epochs = say("means over the last {count} epochs so far, for no run is finished").format(count=count)
    elif count > 1:
        named = {"count": count, "first": finished[0].first, "last": finished[0].last}
        epochs = say("means over the last {count} epochs ({first} to {last})").format(**named)
    else:
        epochs = say("values of the last epoch ({last})").format(last=group.planned)
    parts = [about(group, lang), epochs]
    note = UNIT_NOTES.get(comparison.unit)
    parts += [say(note).format(evaluation=group.evaluation)] if note else []
    return say("; ").join(parts)


def verdicts(comparison: Comparison, lang: str) -> list[str]:
    """A sentence or two on every row."""
    return [verdict(row, comparison, lang) for row in comparison.rows]


def tables(comparison: Comparison, lang: str) -> list[Table]:
    """Three tables, because one would not fit on a screen."""
    with_baseline = comparison.baseline is not None
    accuracy = ["accuracy, %", "seeds", "eval"]
    accuracy += ["over baseline", "95 % interval", "Holm p", "seeds ahead"] if with_baseline else []
    training = ["training", "loss eval", "loss train, clean", "loss train, as seen"]
    training += ["% train, clean", "% train, as seen", "gap", "best eval"]
    course = ["course", "ECE", "reaches", "overtakes", "s per epoch"]
    course += ["over images", "95 % interval"] if with_baseline else []
    rows = comparison.rows
    return [
        Table([*accuracy, "verdict"], [_accuracy_cells(row, lang, with_baseline) for row in rows]),
        Table(training, [_training_cells(row, lang) for row in rows]),
        Table(course, [_course_cells(row, lang, with_baseline) for row in rows]),
    ]


def _name(row: Row, lang: str) -> str:
    """Of the arm; of an unfinished run with its seed, for an arm may have several of them."""
    run = row.runs[0]
    return row.arm.label if run.finished else f"{row.arm.label}, {phrases(lang)('seed')} {run.seed}"


def _accuracy_cells(row: Row, lang: str, with_baseline: bool) -> list[str]:
    say, difference = phrases(lang), row.difference
    cells = [_name(row, lang), seeds(row.runs), percent(row.unit)]
    if with_baseline and difference is None:
        cells += ["-"] * 4
    elif difference:
        known = not math.isnan(difference.low)
        cells += [
            points(difference.mean),
            ends(difference.low, difference.high, lang) if known else "-",
            p_value(difference.p_holm) if known else "-",
            say("{wins} of {n}").format(wins=difference.wins, n=difference.n) if difference.n else "-",
        ]
    return [*cells, say(", ").join(remarks(row, lang))]


def _training_cells(row: Row, lang: str) -> list[str]:
    losses = (row.curves[curve] for curve in ("lossEval", "lossTrainClean", "lossTrain"))
    shares = (row.curves["accTrainClean"], row.curves["accTrain"], row.gap, row.best)
    return [_name(row, lang), *(number(loss, 3) for loss in losses), *(percent(share) for share in shares)]


def _course_cells(row: Row, lang: str, with_baseline: bool) -> list[str]:
    epochs = ("-" if epoch is None else str(epoch) for epoch in (row.reaches, row.overtakes))
    cells = [_name(row, lang), number(row.ece, 3), *epochs, number(row.seconds, 1)]
    if with_baseline:
        found = row.over_images
        cells += [points(found.points), ends(found.low, found.high, lang)] if found else ["-"] * 2
    return cells


def ends(low: float, high: float, lang: str) -> str:
    """An interval in points."""
    return phrases(lang)("{low} to {high}").format(low=bound(low), high=bound(high))


def number(spread: Spread, digits: int) -> str:
    """`0.512 ±0.031`, `-` when it is not known."""
    if math.isnan(spread.mean):
        return "-"
    return f"{spread.mean:.{digits}f}" + ("" if math.isnan(spread.sd) else f" ±{spread.sd:.{digits}f}")


def percent(spread: Spread) -> str:
    """A fraction as per cent."""
    return number(Spread(100 * spread.mean, 100 * spread.sd, spread.n), 1)


def seeds(runs: Sequence[Run]) -> str:
    """How many, and which: `3 (0-2)`."""
    known = sorted({run.seed for run in runs if run.seed is not None})
    return f"{len(known)} ({ranges(known)})" if known else f"{len(runs)}"


def ranges(numbers: Sequence[int]) -> str:
    """`0-2,5` for 0, 1, 2, 5 (sorted)."""
    parts: list[list[int]] = []
    for value in numbers:
        if parts and parts[-1][-1] == value - 1:
            parts[-1].append(value)
        else:
            parts.append([value])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def remarks(row: Row, lang: str) -> Iterator[str]:
    """The verdict in a word, and what may spoil it."""
    say, run = phrases(lang), row.runs[0]
    if run.finished:
        yield WORDS[lang][row.verdict]
    else:
        yield say("epoch {done} of {planned}").format(done=run.done, planned=run.planned)
    if run.broken:
        yield say("loss not finite")
    if row.under_fitted:
        yield say("under-fitted")
    if row.rising:
        yield say("rising")
