"""Numbers of a comparison as text."""

from __future__ import annotations

from collections.abc import Sequence

from suite.comparison.differences import LEVEL
from suite.report.language import Say


def points(value: float) -> str:
    """Percentage points with their sign."""
    return f"{round(value, 1) + 0.0:+.1f}"  # + 0.0 makes of -0.0 what it is


def size(value: float) -> str:
    """Percentage points without a sign, with the digits that tell a small number from 0."""
    return f"{value:.1f}" if value >= 0.05 else f"{value:.1g}"


def several(names: Sequence[str], say: Say) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *others, last = names
    return say(" and ").join([say(", ").join(others), last]) if others else last


def interval(low: float, high: float, say: Say) -> str:
    """Both ends in points: where one rounds to 0, its sign tells whether the interval holds 0."""
    return say("{low} to {high}", low=f"{low + 0.0:+.1f}", high=f"{high + 0.0:+.1f}")


def p_value(value: float) -> str:
    """With the digits that decide: none on the wrong side of the level, and none that looks like the level itself."""
    if value < 0.001:
        return "< 0.001"
    digits = 3 if value < 0.1 else 2
    while float(f"{value:.{digits}f}") == LEVEL != value:
        digits += 1
    return f"{value:.{digits}f}"
