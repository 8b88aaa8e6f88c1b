"""Per cent is written one way: 71.3 %, never 71.3% or 0.713."""

from __future__ import annotations

import re

from suite.percent import per_cent
from tests.fixtures.commands import ROOT

OTHERWISE = re.compile(r":[^}{\s]*%\}|\d%[^0-9(]")
"""A number that is formatted as per cent where it stands, or one that has the sign behind it without a space."""

STYLE = re.compile(r"(width|height|flex|basis|left|top): *\d+%")


def test_digits() -> None:
    assert (per_cent(0.7126), per_cent(0.8, 0), per_cent(1)) == ("71.3 %", "80 %", "100.0 %")


def test_no_text_of_the_suite_has_a_way_of_its_own() -> None:
    """Two ways on one screen look like two kinds of numbers."""
    files = [*ROOT.glob("*.py"), *(ROOT / "suite").rglob("*.py")]
    lines = [(file.name, line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert [each for each in lines if OTHERWISE.search(each[1]) and not STYLE.search(each[1])] == []
    assert len(lines) > 5000  # or the search has found nothing
