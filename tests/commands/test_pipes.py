"""Readers of the output that go away, as `head` does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.commands import ROOT
from tests.fixtures.runs import write_run


@pytest.mark.parametrize(
    "line",
    ["plot_curves.py logs", "plot_curves.py --help", "train.py --help", "evaluate.py --help", "prepare_data.py --help"],
)
@pytest.mark.parametrize("stderr", ["", "2>&1"])
@pytest.mark.parametrize("unbuffered", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["buffered", "unbuffered"])
def test_a_reader_that_goes_away_is_no_error(
    tmp_path: Path, line: str, stderr: str, unbuffered: dict[str, str]
) -> None:
    """Before, Python told of an ignored BrokenPipeError when it ended."""
    for seed in range(2):
        write_run(tmp_path / f"logs/none/seed{seed}", seed=seed)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} {ROOT}/{line} {stderr} | true"],
        cwd=tmp_path,
        env=environment | unbuffered,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
