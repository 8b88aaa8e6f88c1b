"""`run.json`: what a run says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from suite.files import DamagedFile, fingerprint_of

NOT_FINITE = "not finite"
"""Status of a run that a loss has stopped."""


def read_facts(folder: Path) -> dict[str, Any] | None:
    """The content of `run.json`, or None where there is none.

    Raises:
        DamagedFile: when it is not what was written.
    """
    file = folder / "run.json"
    try:
        if file.exists() and not file.is_file():
            raise ValueError("not a regular file")  # to read a pipe is to wait for its writer
        facts = json.loads(file.read_bytes())
        facts["status"]
        written = facts.pop("fingerprint", None)  # None in runs of older versions
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedFile(f"{file} is damaged ({type(error).__name__}: {error})") from None
    if written not in (None, fingerprint_of(facts)):
        raise DamagedFile(f"{file} is damaged: its content does not match its fingerprint")
    return dict(facts)


def usable_facts(folder: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """The same for a run that goes on: a damaged `run.json` is a warning, for it can be made again."""
    try:
        return read_facts(folder), []
    except DamagedFile as error:
        return None, [f"{error}; it is written anew"]


def is_finished(folder: Path) -> bool:
    """Whether a run says that it has done all its epochs."""
    facts, _ = usable_facts(folder)
    return facts is not None and facts["status"] == "finished"
