"""`run.json`: typed, and nothing but what this version writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from suite.files import DamagedFile, fingerprint
from suite.runs.facts import made_unlike, read_facts, write_facts
from tests.fixtures.facts import made_up_facts


def test_facts_come_back_as_they_were(tmp_path: Path) -> None:
    facts = made_up_facts(seconds_per_epoch=[0.1, 2], shares={"step": 1 / 3}, data={"class_names": ["猫", "b"]})
    write_facts(tmp_path, facts)
    assert read_facts(tmp_path) == facts
    with pytest.raises(ValidationError, match="frozen"):
        facts.status = "finished"  # type: ignore[misc]


def test_facts_of_another_version_are_said_to_be_so(tmp_path: Path) -> None:
    """A key that is missing would be a traceback in whatever command looks at it first."""
    content = made_up_facts().model_dump(mode="json")
    del content["data"]["split"]
    sealed = {**content, "fingerprint": fingerprint(json.dumps(content).encode())}
    (tmp_path / "run.json").write_text(json.dumps(sealed))
    with pytest.raises(DamagedFile, match=r"run\.json was written by another version of this suite"):
        read_facts(tmp_path)


def test_runs_from_before_a_fact_was_added_can_be_read(tmp_path: Path) -> None:
    """Or else a new version of this suite would disown every run there is."""
    content = made_up_facts().model_dump(mode="json")
    for fact in ("code", "cpu", "gpu"):
        del content["sessions"][0][fact]
    sealed = {**content, "fingerprint": fingerprint(json.dumps(content).encode())}
    (tmp_path / "run.json").write_text(json.dumps(sealed))
    facts = read_facts(tmp_path)
    assert facts is not None and facts.sessions[0].made_with["code"] == "not recorded"


@pytest.mark.parametrize(
    ("after_epochs", "done", "counted"),
    [
        ([0], 0, []),
        ([0], 3, [0]),
        ([0, 3], 3, [0]),  # has just been continued
        ([0, 3], 5, [0, 3]),
        ([0, 0, 0], 5, [0]),  # two were killed in the first epoch: only the last has trained anything
        ([0, 3, 2], 5, [0, 2]),  # last.npz was damaged, and previous.npz is an epoch older
        ([0, 3, 3, 0], 5, [0]),
    ],
)
def test_sessions_count_by_the_epochs_that_are_left_of_them(
    after_epochs: list[int], done: int, counted: list[int]
) -> None:
    facts = made_up_facts(sessions=[{"after_epoch": after} for after in after_epochs], epochs_done=done)
    assert [session.after_epoch for session in facts.counted_sessions] == counted
    if counted:
        assert facts.counted_sessions[-1] is [each for each in facts.sessions if each.after_epoch == counted[-1]][-1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"code": "b"}, ["code a, then b"]),
        ({"versions": {"paddle": "3.3.1", "opencv": "5.0.0"}}, ["opencv none, then 5.0.0"]),
        ({"versions": {"paddle": "2.6.2"}}, ["paddle 3.3.1, then 2.6.2"]),
        ({"device": "gpu:0"}, ["device cpu, then gpu"]),
        ({"lr": 1e-5}, ["train.lr 0.0001, then 1e-05"]),
        ({"gpu": {"name": "T4", "compute_capability": "7.5", "driver": None}}, ["GPU none, then T4"]),
        ({"host": "elsewhere", "cpu": "another", "git": "another", "threads": {"paddle": 2, "loader": 2}}, []),
    ],
)
def test_what_sessions_do_not_agree_in(change: dict[str, Any], told: list[str]) -> None:
    """Other code, libraries or cards compute other results; another host or processor other last bits."""
    facts = made_up_facts(sessions=[{"code": "a"}, {"code": "a", **change}, {"code": "a"}])
    assert made_unlike(facts.sessions) == told
