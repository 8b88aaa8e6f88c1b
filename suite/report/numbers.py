"""Numbers of a comparison as text."""

from __future__ import annotations

from suite.comparison.differences import LEVEL
from suite.report.language import Say


def points(value: float) -> str:
    """Percentage points with their sign."""
    return f"{round(value, 1) + 0.0:+.1f}"  # + 0.0 makes of -0.0 what it is


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
