"""The numbers of a comparison as tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from suite.comparison.measures import Spread
from suite.comparison.records import Run
from suite.comparison.rows import Comparison, Row
from suite.metrics import Metric
from suite.report.cautions import warnings
from suite.report.language import Say
from suite.report.numbers import interval, p_value, points
from suite.runs.curves import CLEAN, EVAL


class Column(NamedTuple):
    """A column of a table."""

    heading: str
    is_text: bool = False
    """Text is written from the left; numbers end at the right, one below the other."""


@dataclass(frozen=True)
class Table:
    """Columns and rows of cells; the first column names the arms."""

    columns: list[Column]
    rows: list[list[str]]

    @property
    def header(self) -> list[str]:
        return [column.heading for column in self.columns]


def tables(comparison: Comparison, say: Say) -> list[Table]:
    """Three tables, because one would not fit on a screen."""
    has_baseline, rows, metric = comparison.baseline is not None, comparison.rows, comparison.group.metric
    return [
        Table(_accuracy_columns(say, has_baseline, metric), [_accuracy_cells(row, say, has_baseline) for row in rows]),
        Table(_training_columns(say, metric), [_training_cells(row, say) for row in rows]),
        Table(
            _course_columns(say, has_baseline, metric), [_course_cells(row, say, has_baseline, metric) for row in rows]
        ),
    ]


def _accuracy_columns(say: Say, has_baseline: bool, metric: Metric) -> list[Column]:
    evaluation = say("eval, balanced") if metric == "balanced" else say("eval")
    columns = [Column(say("accuracy, %"), is_text=True), Column(say("seeds"), is_text=True), Column(evaluation)]
    if has_baseline:
        columns += [Column(say("over baseline")), Column(say("95 % interval"))]
        columns += [Column(say("Holm p")), Column(say("seeds ahead"))]
    return [*columns, Column(say("verdict"), is_text=True)]


def _accuracy_cells(row: Row, say: Say, has_baseline: bool) -> list[str]:
    cells, difference = [_name(row, say), seeds(row.runs), percent(row.compared)], row.difference
    if has_baseline and difference is None:
        cells += ["-"] * 4
    elif difference:
        cells += [
            points(difference.mean),
            _interval(difference.low, difference.high, say),
            "-" if math.isnan(difference.p_holm) else p_value(difference.p_holm),
            say("{wins} of {n}", wins=difference.wins, n=difference.n) if difference.n else "-",
        ]
    return [*cells, say(", ").join(verdict_in_words(row, say))]


def _interval(low: float, high: float, say: Say) -> str:
    return "-" if math.isnan(low) else interval(low, high, say)


def _training_columns(say: Say, metric: Metric) -> list[Column]:
    losses = [say("loss eval"), say("loss train, clean"), say("loss train, as seen")]
    clean = say("train, clean, balanced, %") if metric == "balanced" else say("train, clean, %")
    shares = [clean, say("train, as seen, %"), say("gap"), say("best eval")]
    return [Column(say("training"), is_text=True), *(Column(heading) for heading in (*losses, *shares))]


def _training_cells(row: Row, say: Say) -> list[str]:
    losses = (row.curves[curve] for curve in ("lossEval", "lossTrainClean", "lossTrain"))
    shares = (row.clean, row.curves["accTrain"], row.gap, row.best)
    return [_name(row, say), *(number(loss, 3) for loss in losses), *(percent(share) for share in shares)]


def _course_columns(say: Say, has_baseline: bool, metric: Metric) -> list[Column]:
    """The accuracy that does not decide stands here."""
    if metric == "balanced":
        headings = [say("eval, accuracy, %"), say("train, clean, accuracy, %")]
    else:
        headings = [say("eval, balanced, %"), say("train, clean, balanced, %")]
    headings += [say("ECE"), say("reaches"), say("overtakes"), say("s per epoch")]
    headings += [say("over images"), say("95 % interval")] if has_baseline else []
    return [Column(say("course"), is_text=True), *map(Column, headings)]


def _course_cells(row: Row, say: Say, has_baseline: bool, metric: Metric) -> list[str]:
    other: Metric = "accuracy" if metric == "balanced" else "balanced"
    shares = (percent(row.curves[curve]) for curve in (EVAL[other], CLEAN[other]))
    epochs = ("-" if epoch is None else str(epoch) for epoch in (row.reaches, row.overtakes))
    cells = [_name(row, say), *shares, number(row.ece, 3), *epochs, number(row.seconds, 1)]
    if has_baseline:
        found = row.over_images
        cells += [points(found.points), _interval(found.low, found.high, say)] if found else ["-"] * 2
    return cells


def verdict_in_words(row: Row, say: Say) -> list[str]:
    """The verdict in a word, or how far an unfinished run has come, and what may spoil it."""
    run = row.runs[0]
    if run.finished:
        standing = [say("declared beforehand")] if row.standing == "declared" else []
        return [say(row.verdict), *standing, *warnings(row, say)]
    return [say("epoch {done} of {planned}", done=run.done, planned=run.planned), *warnings(row, say)]


def _name(row: Row, say: Say) -> str:
    """Of the arm; of an unfinished run with its seed, for an arm may have several of them."""
    run = row.runs[0]
    return row.arm.label if run.finished else f"{row.arm.label}, {say('seed')} {run.seed}"


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
