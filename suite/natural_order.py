"""The order of names with numbers in them."""

from __future__ import annotations

import re


def natural(text: str) -> list[tuple[int, str]]:
    """Sort key that puts `seed10` after `seed9`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text) if part]
