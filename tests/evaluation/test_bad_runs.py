"""Run folders that cannot be evaluated, each with the reason."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

import evaluate
from tests.fixtures.bad_input import (
    NO_RUN_HERE,
    RUN,
    Case,
    answer_to,
    as_it_is,
    assert_says,
    both,
    removed,
    replaced,
    written,
)
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import write_run

DAMAGED = "is damaged or was not written by this suite ({library}); choose another one with --checkpoint last|best|FILE"

RESTORE = "the command that trained the run writes it anew"

RUNS = {
    "empty folder": Case(
        both(shutil.rmtree, Path.mkdir),
        NO_RUN_HERE,
    ),
    "a file": Case(
        both(shutil.rmtree, Path.touch),
        "{root}: no such folder; name a run folder, such as logs/googlenet_mixup/seed0",
    ),
    "facts cut off": Case(written("run.json", '{"status": '), "{root}/run.json is damaged ({library}); " + RESTORE),
    "facts of another program": Case(
        written("run.json", '{"status": "ok"}'), "{root}/run.json is damaged ({library}); " + RESTORE
    ),
    "no configuration": Case(removed("config.yaml"), "{root}/config.yaml is missing; " + RESTORE),
    "configuration changed by hand": Case(
        lambda run: replaced(run / "config.yaml", "image_size: 32", "image_size: 64"),
        "{root}/config.yaml is damaged: its content does not match its fingerprint in run.json; " + RESTORE,
    ),
    "no checkpoint": Case(
        as_it_is,
        "{root}/last.npz: no such checkpoint; train.py writes last.npz and best.npz after the first epoch",
    ),
    "text as checkpoint": Case(written("last.npz", "hello"), "{root}/last.npz " + DAMAGED),
    "pickle as checkpoint": Case(written("last.npz", pickle.dumps({"model/a": 1})), "{root}/last.npz " + DAMAGED),
    "objects as checkpoint": Case(
        lambda run: np.savez(run / "last.npz", facts=np.array([{}], object)), "{root}/last.npz " + DAMAGED
    ),
    "other program's .npz": Case(lambda run: np.savez(run / "last.npz", w=np.zeros(3)), "{root}/last.npz " + DAMAGED),
}


@pytest.mark.parametrize("case", RUNS.values(), ids=RUNS.keys())
def test_runs_to_judge(tmp_path: Path, root: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that was copied in part, or is another program's."""
    run = write_run(tmp_path / "logs" / RUN, data={"root": str(root)})
    change_facts(run, data={"class_names": ["ant", "bee"]})
    case.spoil(run)
    monkeypatch.setattr("sys.argv", ["evaluate.py", str(run), "--device", "cpu"])
    assert_says(answer_to(evaluate.main, tmp_path), case.answer, run)
