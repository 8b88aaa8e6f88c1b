"""What to do after a comparison: train the seeds that are missing, judge its runs on images that no choice has seen, or
use one of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from suite import next_step
from suite.comparison.answer import Answer, answer_to
from suite.comparison.records import Run
from suite.comparison.rows import Comparison
from suite.config.paths import expanded

TEST_LIST = "Test.txt"
"""The list that `prepare_data.py --test` makes."""


def next_after(comparisons: Sequence[Comparison], folder: Path, baseline: str | None) -> str:
    """A paragraph with the next command; empty while runs are still to come, and of the article's files.

    Of several groups it is about the first. `folder` and `baseline` are those of this comparison.
    """
    comparison = comparisons[0]
    run = run_to_use(comparison)
    are_to_come = any(arm.unfinished for arm in comparison.group.arms) or missing_seeds([answer_to(comparison)])
    if run is None or run.config is None or are_to_come:
        return ""
    has_list = not comparison.group.evaluation and (expanded(run.config.data.root) / TEST_LIST).is_file()
    tops = sorted({_top(each) for arm in comparison.group.arms for each in arm.runs})
    if not has_list:
        return "\n\n" + next_step.after_answer(run.folder)
    return "\n\n" + next_step.after_comparison(tops, TEST_LIST, folder, baseline)


def missing_seeds(answers: Iterable[Answer]) -> list[str]:
    """What trains the seeds without which there is no answer; several answers may wait for one night."""
    return list(dict.fromkeys(call for answer in answers for call in _missing_seeds(answer)))


def _missing_seeds(answer: Answer) -> list[str]:
    """The calls that have trained the arms, for other seeds; none where longer training comes first."""
    if answer.under_fitted or answer.kind not in ("not decided", "so far"):
        return []
    arms = [answer.comparison.baseline, *(row.arm for row in answer.rows)]
    sessions = [arm.runs[-1].facts.sessions[-1] for arm in arms if arm and arm.runs[-1].facts]
    return [next_step.with_seeds(session.night or session.command, answer.seeds) for session in sessions]


def run_to_use(comparison: Comparison) -> Run | None:
    """The first finished run of the best arm that is better than the baseline; without one, of the baseline."""
    better = [row for row in comparison.rows if row.verdict == "better" and row.difference]
    best = max(better, key=lambda row: row.difference.mean if row.difference else 0.0, default=None)
    arm = best.arm if best else comparison.baseline
    return arm.finished[0] if arm and arm.finished else None


def _top(run: Run) -> Path:
    """`logs/study` for `logs/study/arm/seed0`."""
    return run.folder.parent.parent
