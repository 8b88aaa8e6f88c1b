"""What a study declares, and that it cannot be declared afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from suite.config.study import Claim
from suite.errors import UserError
from suite.files import DamagedFile
from suite.runs.declaration import FILE, Added, Declaration, declare, finished_seeds, read_declaration
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import write_run

CLAIM = Claim(arm="1e5", over="none", arm_cells=("1e5",), over_cells=("none",))


def wanted(**changes: Any) -> Declaration:
    content = {
        "declared": "2026-01-01T00:00:00+00:00",
        "question": "Hilft es? 有用吗",
        "claims": (CLAIM,),
        "metric": "accuracy",
        "cells": ("none", "1e5"),
        "seeds": (0, 1),
        "runs": 4,
    }
    return Declaration.model_validate({**content, **changes})


def test_what_was_declared_stays_with_its_time(tmp_path: Path) -> None:
    """Continuing a night must not make its declaration younger than its runs."""
    assert read_declaration(tmp_path) is None
    first = declare(tmp_path / "night", wanted())
    write_run(tmp_path / "night/none/seed0")
    again = declare(tmp_path / "night", wanted(declared="2027-01-01T00:00:00+00:00"))
    assert first == again == read_declaration(tmp_path / "night") == wanted()


def test_before_the_first_epoch_anything_may_be_declared(tmp_path: Path) -> None:
    declare(tmp_path, wanted())
    write_run(tmp_path / "none/seed0", done=0)
    later = wanted(claims=(), seeds=(5,), declared="2027-01-01T00:00:00+00:00")
    assert declare(tmp_path, later) == later == read_declaration(tmp_path)


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"claims": ()}, "claims"), ({"question": "", "metric": "balanced"}, "question and metric")],
)
def test_a_claim_cannot_be_changed_when_runs_have_begun(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    """It could be chosen by what the runs have shown. Runs that start over have shown nothing."""
    declare(tmp_path, wanted())
    run = write_run(tmp_path / "none/seed0", done=1)
    with pytest.raises(UserError, match=f"{named} were declared otherwise, and runs have begun since"):
        declare(tmp_path, wanted(**changes))
    assert read_declaration(tmp_path) == wanted()
    assert declare(tmp_path, wanted(**changes), fresh=[run]) == wanted(**changes)


def test_a_night_that_has_begun_declares_nothing(tmp_path: Path) -> None:
    """It would say that the claim was there before the runs."""
    write_run(tmp_path / "none/seed0", done=1)
    assert declare(tmp_path, wanted()) is None
    assert not (tmp_path / FILE).exists()


def test_seeds_are_added_and_never_forgotten(tmp_path: Path) -> None:
    """Looking again at every further seed finds a difference in the end, so those are kept apart from the declared."""
    declare(tmp_path, wanted())
    write_run(tmp_path / "none/seed0", done=1)
    declare(tmp_path, wanted(seeds=(1,)))
    assert read_declaration(tmp_path) == wanted()
    declare(tmp_path, wanted(seeds=(1, 2, 3), declared="2027-01-01T00:00:00+00:00"))
    declare(tmp_path, wanted(seeds=(3, 4), declared="2028-01-01T00:00:00+00:00"))
    declared = read_declaration(tmp_path)
    assert declared is not None and declared.seeds == (0, 1) and declared.declared == wanted().declared
    assert declared.added == (
        Added(seeds=(2, 3), time="2027-01-01T00:00:00+00:00"),
        Added(seeds=(4,), time="2028-01-01T00:00:00+00:00"),
    )


def test_an_edited_declaration_is_noticed(tmp_path: Path) -> None:
    """A claim that is written in afterwards was not declared."""
    declare(tmp_path, wanted(claims=()))
    write_run(tmp_path / "none/seed0", done=1)
    file = tmp_path / FILE
    file.write_text(file.read_text().replace('declared: "2026', 'declared: "2025'))
    with pytest.raises(DamagedFile, match="edited"):
        read_declaration(tmp_path)
    with pytest.raises(UserError, match="put the file back as it was, or begin another night with --name"):
        declare(tmp_path, wanted())


def test_a_seed_is_finished_when_no_cell_waits_for_it(tmp_path: Path) -> None:
    """A run that its loss has stopped would be waited for in vain: it is lost."""
    declared = wanted(seeds=(0, 1, 2))
    for cell in declared.cells:
        write_run(tmp_path / cell / "seed0", seed=0)
        write_run(tmp_path / cell / "seed1", seed=1, done=20 if cell == "none" else 3)
    write_run(tmp_path / "none/seed2", seed=2)
    assert finished_seeds(tmp_path, declared.cells, declared.seeds) == 1
    change_facts(tmp_path / "1e5/seed1", status="not finite", reason="the loss is not finite")
    assert finished_seeds(tmp_path, declared.cells, declared.seeds) == 2
