"""Paths in a configuration."""

from __future__ import annotations

import os
from pathlib import Path

import yaml


def expanded(folder: str) -> Path:
    """The folder that a setting names: `~` is a home, unless there is no such user."""
    return Path(os.path.expanduser(folder))  # noqa: PTH111 (no error on unknown users)


def as_setting(key: str, path: Path) -> str:
    """The key with this path, as `--set` takes it: its value is YAML, in which a folder called 2024 is a number."""
    value = yaml.safe_dump(str(path), allow_unicode=True, width=10_000).removesuffix("...\n").strip()
    return f"{key}={value}"
