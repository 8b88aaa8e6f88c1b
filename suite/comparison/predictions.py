"""The predictions of runs: those of their last epoch, or what evaluate.py has made of another list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from suite.comparison.records import Evaluation, Run, UnusableError
from suite.errors import UserError, shortened
from suite.files import DamagedFile, fingerprint
from suite.runs import predictions
from suite.runs.curves import measured
from suite.runs.predictions import Predictions


def read_predictions(run: Run) -> Predictions | None:
    """Of the images that the run is compared by; None where there are none, or none that are undamaged."""
    try:
        return predictions.read_predictions(run.folder / run.evaluation.name if run.evaluation else run.folder)
    except DamagedFile:  # `damaged_predictions` has named it
        return None


def damaged_predictions(runs: Iterable[Run]) -> list[str]:
    """A line for each run whose `predictions.npz` is damaged: the run stays, what is made of that file does not."""
    lines = []
    for run in runs:
        try:
            predictions.read_predictions(run.folder)
        except DamagedFile as error:
            lines.append(str(error))
    return lines


def judged_by(runs: Sequence[Run], evaluation: str) -> tuple[list[Run], list[str]]:
    """Finished runs with what `evaluate.py` has written into their folder `evaluation` as their predictions.

    Only runs that were judged on the same images will be compared. The second list has a line for every run left out.

    Raises:
        UserError: when none is left.
    """
    judged: list[Run] = []
    notes: list[str] = []
    for run in runs:
        try:
            judged.append(_judged_by(run, evaluation))
        except UnusableError as reason:
            notes.append(f"{run.folder}: {reason}")
        except DamagedFile as reason:  # it names the file
            notes.append(str(reason))
    judged += _lost(judged, runs)
    if not judged:
        hint = "evaluate.py makes such folders, of many runs at once: python evaluate.py logs/*/*/seed* --list Test.txt"
        raise UserError([f"--evaluation {evaluation}: no run can be compared by it; {hint}", *shortened(notes)])
    return judged, notes


def _lost(judged: Iterable[Run], runs: Iterable[Run]) -> list[Run]:
    """The runs that a loss has stopped, without their curves, in the groups of those that were judged."""
    evaluations = {replace(run, evaluation=None).setting: run.evaluation for run in judged}
    return [
        replace(
            run, evaluation=evaluations[run.setting], curves={name: values[:0] for name, values in run.curves.items()}
        )
        for run in runs
        if run.broken and run.setting in evaluations
    ]


def _judged_by(run: Run, evaluation: str) -> Run:
    if run.broken:
        raise UnusableError("its loss was not finite")
    predicted = predictions.read_predictions(run.folder / evaluation)
    if predicted is None or predicted.judged is None or run.facts is None:
        raise UnusableError(f"no {evaluation}/predictions.npz of evaluate.py")
    digests, trained_on, finished = predicted.judged
    if not finished:
        raise UnusableError(f"was not finished when evaluate.py wrote {evaluation}/; let it judge the run again")
    if trained_on is None:
        raise UnusableError("its data.txt is gone or damaged, so nothing tells which images it was trained on")
    if trained_on:
        raise UnusableError(f"{trained_on:,} of the {len(digests):,} images of {evaluation}/ were trained on")
    listed = "\n".join(f"{label} {digest}" for label, digest in zip(predicted.labels, digests, strict=True))
    numbers = measured("Eval", predicted.logits, predicted.labels)
    return replace(run, evaluation=Evaluation(evaluation, len(digests), fingerprint(listed.encode()), numbers))
