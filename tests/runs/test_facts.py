"""`run.json`: typed, and nothing but what this version writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from suite.files import DamagedFile, fingerprint
from suite.runs.facts import read_facts, write_facts
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
