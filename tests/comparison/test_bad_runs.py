"""Run folders that cannot be compared, each with the reason."""

from __future__ import annotations

import pickle
import struct
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import plot_curves
from suite.comparison.reading import ARTICLE_PREFIXES
from tests.fixtures.bad_input import (
    NO_RUNS,
    RUN,
    Case,
    Spoil,
    answer_to,
    assert_says,
    both,
    facts,
    removed,
    replaced,
    written,
)
from tests.fixtures.runs import write_article_files, write_run


def curve(values: Any, name: str = "accEval") -> Spoil:
    """One of the six curves, which have 20 epochs, replaced."""
    return lambda logs: np.save(logs / RUN / f"{name}.npy", values)


def header(text: str) -> bytes:
    """The beginning of an .npy file, which says in the syntax of Python what follows."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


CURVES = {
    "no runs": Case(removed("vgg_none"), ""),
    "other program's .npy": Case(
        both(removed("vgg_none"), lambda logs: np.save(logs / "embeddings.npy", np.zeros(3))), ""
    ),
    "other program's .npy under our names": Case(
        both(removed("vgg_none"), lambda logs: np.save(logs / "lossTrain.npy", np.zeros(3))),
        "{root}: no run.json, so nothing says what was trained",
    ),
    "article's files of an unknown mode": Case(
        both(removed("vgg_none"), lambda logs: write_article_files(logs, "otherAug")),
        "{root}/otherAug_*.npy: not the name of a mode; known are " + ", ".join(ARTICLE_PREFIXES),
    ),
    "objects": Case(
        curve(np.array([{}] * 20, object)),
        "{root}/" + RUN + "/accEval.npy cannot be read: Object arrays cannot be loaded when allow_pickle=False",
    ),
    "pickle": Case(
        written(f"{RUN}/accEval.npy", pickle.dumps([0.5] * 20)),
        "{root}/" + RUN + "/accEval.npy cannot be read: {library}",
    ),
    "another value in an epoch": Case(
        curve(np.r_[np.full(19, 0.5), 0.6]),
        "{root}/" + RUN + "/accEval.npy is damaged: its content does not match its digest in run.json",
    ),
    "different lengths": Case(
        curve(np.zeros(3)),
        "{root}/" + RUN + "/accEval.npy is damaged: its content does not match its digest in run.json",
    ),
    "two columns": Case(
        curve(np.zeros((20, 2))), "{root}/" + RUN + "/accEval.npy is not one value an epoch, but of shape [20, 2]"
    ),
    "words": Case(curve(np.array(["good"] * 20)), "{root}/" + RUN + "/accEval.npy does not hold numbers"),
    "empty file": Case(written(f"{RUN}/accEval.npy", b""), "{root}/" + RUN + "/accEval.npy cannot be read: {library}"),
    "terabytes, as its header says": Case(
        written(f"{RUN}/accEval.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999,)}")),
        "{root}/" + RUN + "/accEval.npy cannot be read: {library}",
    ),
    "header that is no Python": Case(
        written(f"{RUN}/accEval.npy", header("(((")), "{root}/" + RUN + "/accEval.npy cannot be read: {library}"
    ),
    "a curve missing": Case(removed(f"{RUN}/lossEval.npy"), "{root}/" + RUN + "/lossEval.npy is missing"),
    "no facts": Case(removed(f"{RUN}/run.json"), "{root}/" + RUN + ": no run.json, so nothing says what was trained"),
    "facts cut off": Case(facts('{"status": '), "{root}/" + RUN + "/run.json is damaged ({library})"),
    "facts of another program": Case(facts('{"status": "ok"}'), "{root}/" + RUN + "/run.json is damaged ({library})"),
    "facts that are a list": Case(facts("[]"), "{root}/" + RUN + "/run.json is damaged ({library})"),
    "configuration changed by hand": Case(
        written(f"{RUN}/config.yaml", "train: {epoch: 20}"),
        "{root}/" + RUN + "/config.yaml is damaged: its content does not match its fingerprint in run.json",
    ),
    "facts changed by hand": Case(
        lambda logs: replaced(logs / RUN / "run.json", '"seed": 0', '"seed": 1'),
        "{root}/" + RUN + "/run.json is damaged: its content does not match its fingerprint",
    ),
}


@pytest.mark.parametrize("case", CURVES.values(), ids=CURVES.keys())
def test_curves(tmp_path: Path, case: Case) -> None:
    """Where no run is left to be shown, its reason is the answer; beside sound runs it is a note (test_reading.py)."""
    write_run(tmp_path / RUN)
    case.spoil(tmp_path)
    said = answer_to(lambda: plot_curves.main([str(tmp_path)]), tmp_path)
    assert_says(said, f"{NO_RUNS}\n{case.answer}".rstrip("\n"), tmp_path)


def test_logs_that_are_none(tmp_path: Path) -> None:
    """As above, for the folder of the runs."""
    (tmp_path / "file").touch()
    for name in ("lgos", "file", "x" * 300):
        said = answer_to(partial(plot_curves.main, [str(tmp_path / name)]), tmp_path)
        hint = "give the folder train.py writes to, which is logs unless you chose"
        assert_says(said, f"{{root}}/{name}: no such folder; {hint}", tmp_path)
