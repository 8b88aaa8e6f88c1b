"""A comparison as tables: for the screen, the report, `summary.md` and `summary.csv`."""

from __future__ import annotations

import csv
import io
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import Comparison, Row, Spread
from discovery import Run, window
from lettering import columns, elided
from phrases import Say, phrases
from runs import write_text
from wording import EXPLANATIONS, WORDS, about, bound, p_value, points, verdict

WIDTH = 120
"""Columns of the screen."""


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


# --- the screen -----------------------------------------------------------------------------------------------------


def as_text(comparison: Comparison, lang: str) -> str:
    """Verdicts first, then the numbers."""
    sentences = [paragraph(sentence) for sentence in verdicts(comparison, lang)]
    texts = [aligned(table, phrases(lang)) for table in tables(comparison, lang)]
    heading = f"{comparison.group.title}\n{paragraph(introduction(comparison, lang))}"
    return "\n\n".join([heading, "\n".join(sentences), *texts])


def paragraph(line: str) -> str:
    """Broken to the width of the screen; what follows the first line is indented. Chinese is left to the terminal."""
    if columns(line) > len(line):
        return line
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def aligned(table: Table, say: Say) -> str:
    """Columns two spaces apart; a name that is too long for the screen loses its middle."""
    headings = [("", say(name)) if name in TEXT_COLUMNS else _halves(say(name)) for name in table.header]
    above, below = zip(*headings, strict=True)
    lines = [*([above] if any(above) else []), below, *table.rows]
    widths = [max(map(columns, column)) for column in zip(*lines, strict=True)]
    widths[0] = min(widths[0], max(16, WIDTH - sum(2 + width for width in widths[1:])))
    left = [name in TEXT_COLUMNS for name in table.header]
    texts = []
    for name, *cells in lines:
        padded = []
        for cell, width, is_left in zip([elided(name, widths[0]), *cells], widths, left, strict=True):
            room = " " * (width - columns(cell))
            padded.append(cell + room if is_left else room + cell)
        texts.append("  ".join(padded).rstrip())
    return "\n".join(texts)


def _halves(heading: str) -> tuple[str, str]:
    """A heading in two lines, as equally long as can be; a single word stands in the lower one."""
    words = heading.split(" ")
    breaks = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(len(words))]
    return min(breaks, key=lambda halves: max(map(len, halves)))


# --- files ----------------------------------------------------------------------------------------------------------


def write_markdown(
    comparisons: Sequence[Comparison],
    pictures: Mapping[str, Sequence[Path]],
    notes: Sequence[str],
    path: Path,
    lang: str,
) -> Path:
    """Everything on one page; `pictures` by the slug of their group or sweep, of which PNGs are shown."""
    say = phrases(lang)
    lines = [f"# {say('Comparison of runs')}", ""]
    shown = dict(pictures)
    for comparison in comparisons:
        lines += [f"## {comparison.group.title}", "", f"{introduction(comparison, lang)}{say('.')}", ""]
        lines += [f"- {sentence}" for sentence in verdicts(comparison, lang)] + [""]
        for table in tables(comparison, lang):
            header = [say(name) for name in table.header]
            rule = ["---" if name in TEXT_COLUMNS else "---:" for name in table.header]
            lines += [f"| {' | '.join(cells)} |" for cells in (header, rule, *table.rows)] + [""]
        lines += _images(shown.pop(comparison.group.slug, ()), path)
    for left in shown.values():
        lines += _images(left, path)
    lines += [f"- {line}" for line in (*EXPLANATIONS[lang], *notes)]
    write_text(path, "\n".join(lines) + "\n")
    return path


def _images(pictures: Sequence[Path], page: Path) -> list[str]:
    shown = [picture for picture in pictures if picture.suffix == ".png"]
    return [line for file in shown for line in (f"![{file.stem}]({file.relative_to(page.parent).as_posix()})", "")]


DIFFERENCE_NUMBERS = {
    "points": "mean",
    "points_sd": "sd",
    "points_low": "low",
    "points_high": "high",
    "p": "p",
    "p_holm": "p_holm",
    "detectable": "detectable",
}
"""Columns of `summary.csv`, and the field of `Difference` that each holds."""

IMAGES_NUMBERS = {"images_points": "points", "images_low": "low", "images_high": "high"}
"""The same of `OverImages`."""


def write_csv(comparisons: Sequence[Comparison], path: Path) -> Path:
    """One line a row of the tables; accuracies are fractions, points are percentage points, unknown is empty."""
    records = [_record(comparison, row) for comparison in comparisons for row in comparison.rows]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, records[0].keys())
    writer.writeheader()
    writer.writerows(records)
    write_text(path, text.getvalue())
    return path


def groups_of(path: Path) -> set[str]:
    """The groups in a table of `write_csv`; none without one."""
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        return {Path(record["group"]).name for record in csv.DictReader(lines) if record.get("group")}


def _record(comparison: Comparison, row: Row) -> dict[str, Any]:
    run = row.runs[0]
    spreads = {**row.curves, "unit": row.unit, "bestAccEval": row.best, "gap": row.gap, "ece": row.ece}
    spreads["seconds_per_epoch"] = row.seconds
    numbers = {f"{name}{end}": value for name, pair in spreads.items() for end, value in _both(pair)}
    for found, names in ((row.difference, DIFFERENCE_NUMBERS), (row.over_images, IMAGES_NUMBERS)):
        numbers |= {name: math.nan if found is None else getattr(found, field) for name, field in names.items()}
    return {
        "group": comparison.group.slug,
        "arm": row.arm.label,
        "mode": row.arm.mode,
        "n": row.unit.n,
        "seeds": " ".join(str(seed) for seed in sorted({run.seed for run in row.runs if run.seed is not None})),
        "status": "finished" if run.finished else "unfinished",
        "epochs_done": run.done,
        "epochs_planned": run.planned,
        "window_first": row.first,
        "window_last": row.last,
        **{name: "" if math.isnan(value) else f"{value:.8g}" for name, value in numbers.items()},
        "reaches": "" if row.reaches is None else row.reaches,
        "overtakes": "" if row.overtakes is None else row.overtakes,
        "baseline": comparison.baseline.label if comparison.baseline else "",
        "pairs": row.difference.n if row.difference else 0,
        "wins": row.difference.wins if row.difference else "",
        "compared": comparison.unit,
        "verdict": row.verdict,
        "remarks": ", ".join(remarks(row, "en")),
    }


def _both(spread: Spread) -> tuple[tuple[str, float], tuple[str, float]]:
    return ("", spread.mean), ("_sd", spread.sd)
