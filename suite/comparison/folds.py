"""Which runs of one setting saw the same images, which are folds of one set, and which are neither."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from suite.comparison.records import Run
from suite.files import DamagedFile, fingerprint
from suite.runs.inputs import evaluated_on


def told_apart(runs: Sequence[Run]) -> tuple[list[Run], list[str]]:
    """The runs, those told apart that may not be compared though their settings are equal; and a line for those left.

    Lists that are equal make one fold, so their pictures have to be equal. Folds judge every image once, so their
    evaluation lists have to be disjoint.
    """
    runs = [_apart_by_pictures(run, alike) for alike in _by(lambda run: run.setting, runs) for run in alike]
    settings = [_apart_by_overlap(alike) for alike in _by(lambda run: run.setting, runs)]
    return [run for kept, _ in settings for run in kept], [line for _, lines in settings for line in lines]


def _by(key: Callable[[Run], object], runs: Iterable[Run]) -> list[list[Run]]:
    """The runs with one key together."""
    groups: dict[object, list[Run]] = {}
    for run in runs:
        groups.setdefault(key(run), []).append(run)
    return list(groups.values())


def _apart_by_pictures(run: Run, alike: Sequence[Run]) -> Run:
    """Where runs of equal lists saw different pictures, the pictures tell all of this setting apart."""
    changed = any(len({one.pictures for one in fold}) > 1 for fold in _by(lambda run: run.fold, alike))
    return replace(run, apart=(*run.apart, ("data.pictures", run.pictures))) if changed else run


def _apart_by_overlap(alike: Sequence[Run]) -> tuple[list[Run], list[str]]:
    """Where evaluation lists overlap, the splits tell apart; what is disjoint stays together as folds."""
    folds = _by(lambda run: run.fold, alike)
    if len(folds) == 1:
        return list(alike), []
    known, lines = [], []
    for fold in folds:
        images = _evaluated_on(fold)
        if images is not None:
            known.append((fold, images))
            continue
        why = "data.txt is gone or damaged, so nothing tells whether other runs were evaluated on its images"
        lines += [f"{run.folder}: {why}" for run in fold]
    families = _families(known)
    if len(families) < 2:
        return [run for family in families for run in family], lines
    kept = []
    for family in families:
        split = fingerprint(" ".join(sorted({run.fold for run in family})).encode())
        kept += [replace(run, apart=(*run.apart, ("data.split", split))) for run in family]
    return kept, lines


def _families(folds: Sequence[tuple[list[Run], set[str]]]) -> list[list[Run]]:
    """Runs whose folds are all disjoint, together. A fold that overlaps with few has the first choice."""

    def overlaps(images: set[str]) -> int:
        return sum(not images.isdisjoint(other) for _, other in folds)

    families: list[tuple[list[Run], set[str]]] = []
    for runs, images in sorted(folds, key=lambda fold: overlaps(fold[1])):
        for members, judged in families:
            if judged.isdisjoint(images):
                members += runs
                judged |= images
                break
        else:
            families.append((list(runs), set(images)))
    return [members for members, _ in families]


def _evaluated_on(fold: Iterable[Run]) -> set[str] | None:
    """The digests of the evaluation images of a fold; None when no run of it can tell."""
    for run in fold:
        assert run.facts, "the article's files are no folds"
        try:
            return evaluated_on(run.folder, run.facts)
        except DamagedFile:
            continue
    return None
