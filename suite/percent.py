"""Per cent, written one way everywhere."""

from __future__ import annotations


def per_cent(fraction: float, digits: int = 1) -> str:
    """`71.3 %` for 0.713."""
    return f"{100 * fraction:.{digits}f} %"


def from_to(before: float, after: float) -> str:
    """`68.3 → 71.3 %` for 0.683 and 0.713."""
    return f"{100 * before:.1f} → {per_cent(after)}"
