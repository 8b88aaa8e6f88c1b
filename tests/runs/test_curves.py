"""The curves of a run, checked against their digests in `run.json`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from suite.files import DamagedFile
from suite.runs.curves import CURVES, curve_digests, read_curves, write_curves
from suite.runs.facts import Facts
from tests.fixtures.facts import made_up_facts

VALUES = {name: [0.1, 0.2, float("nan")] for name in CURVES}


def facts_of(epochs: int, status: str = "running") -> Facts:
    first = {name: values[:epochs] for name, values in VALUES.items()}
    return made_up_facts(status=status, epochs_done=epochs, curves=curve_digests(first))


def test_they_come_back_as_they_were(tmp_path: Path) -> None:
    write_curves(tmp_path, VALUES)
    for name, values in read_curves(tmp_path, facts_of(3, "finished")).items():
        np.testing.assert_array_equal(values, VALUES[name])


def test_a_curve_of_a_later_version_is_unmeasured_in_a_run_of_an_earlier_one(tmp_path: Path) -> None:
    """The night would be lost for what it has not measured."""
    write_curves(tmp_path, VALUES)
    (tmp_path / "balancedEval.npy").unlink()
    facts = facts_of(2)
    known = {name: digest for name, digest in facts.curves.items() if name != "balancedEval"}
    curves = read_curves(tmp_path, facts.model_copy(update={"curves": known}))
    assert list(curves) == list(CURVES)
    np.testing.assert_array_equal(curves["balancedEval"], [np.nan, np.nan])


def test_an_epoch_that_run_json_does_not_count_yet_is_left_out(tmp_path: Path) -> None:
    """A run that is being trained would be called damaged whenever it is looked at between two of its files."""
    write_curves(tmp_path, VALUES)
    assert {len(values) for values in read_curves(tmp_path, facts_of(2)).values()} == {2}


@pytest.mark.parametrize("values", [[0.1, 0.3, float("nan")], [0.1, 0.2], [0.1, 0.2, float("nan"), 0.4]])
def test_a_changed_curve_is_noticed(tmp_path: Path, values: list[float]) -> None:
    """A value, an epoch less or an epoch more: a finished run would be compared by numbers that it never had."""
    write_curves(tmp_path, VALUES)
    np.save(tmp_path / "accEval.npy", np.array(values))
    with pytest.raises(DamagedFile, match=r"accEval\.npy is damaged: its content does not match its digest"):
        read_curves(tmp_path, facts_of(3, "finished"))


def test_a_changed_epoch_of_an_unfinished_run_is_noticed(tmp_path: Path) -> None:
    write_curves(tmp_path, VALUES | {"lossEval": [0.1, 0.3, 0.4]})
    with pytest.raises(DamagedFile, match=r"lossEval\.npy is damaged"):
        read_curves(tmp_path, facts_of(2))
