"""Paths in a configuration."""

from __future__ import annotations

import os
from pathlib import Path


def expanded(folder: str) -> Path:
    """The folder that a setting names: `~` is a home, unless there is no such user."""
    return Path(os.path.expanduser(folder))  # noqa: PTH111 (no error on unknown users)
