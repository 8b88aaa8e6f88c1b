"""CSV files that spreadsheets open as they are meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from suite.files import write_atomically

FOR_SPREADSHEETS = "utf-8-sig"
"""How CSV files are encoded: UTF-8 with a byte order mark. Without one, Excel takes other letters for its own code."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet takes for a formula, and runs."""


def write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """Replace `file`, atomically; rows are taken one by one. No text of a cell is a formula."""

    def write(stream: BinaryIO) -> None:
        text = io.TextIOWrapper(stream, FOR_SPREADSHEETS, newline="")
        csv.writer(text).writerows([harmless(cell) for cell in row] for row in chain([header], rows))
        text.detach()  # which also writes what it still holds

    write_atomically(file, write)
    return file


def harmless(cell: Any) -> Any:
    """The cell, with `./` before a path and an apostrophe before other text that would be a formula."""
    if not str(cell).startswith(FORMULA):
        return cell
    if isinstance(cell, Path):
        return f"./{cell}"
    return f"'{cell}" if isinstance(cell, str) else cell
