"""Whether 16-bit files hold values of fewer bits, as those of 12-bit cameras: their pictures would be almost black."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from suite.data.batches import prefetch
from suite.data.images import WHITE, largest_value, quiet_pillow
from suite.errors import UserError

USED = 1 / 8
"""The part of the range that the largest value of a set must reach."""

FULL = [2**bits - 1 for bits in range(8, 16)]
"""The largest values of files with fewer bits than 16, when something in a picture is white."""


def refuse_unknown_white(files: Sequence[Path], white: int | None) -> None:
    """Check that a set says what is white where it cannot be 65535; `white` is `data.white`.

    Raises:
        UserError: when it does not.
    """
    if white is None and (problem := unknown_white(files)):
        raise UserError(problem)


def unknown_white(files: Sequence[Path]) -> str | None:
    """What is wrong with a set whose white cannot be 65535; None for others.

    The largest value of all files decides, so that one dark picture among bright ones passes. The search ends at the
    first file that uses the upper half of the range. Otherwise the largest value is wrong when it is below an eighth of
    65535, or the largest of fewer bits than 16.
    """
    largest, where = 0, Path()
    with quiet_pillow(), closing(prefetch(lambda index: largest_value(files[index]), len(files), _cores())) as values:
        for file, value in zip(files, values, strict=True):
            if value > largest:
                largest, where = value, file
            if largest > WHITE // 2:
                return None
    if largest and (largest < USED * WHITE or largest in FULL):
        likely = next(full for full in FULL if largest <= full)
        option = "--set data.white="
        return (
            f"{where}: has the largest value of all 16-bit images here, {largest}, so 65535 is hardly white; say what "
            f"is, such as {option}{likely}, or {option}65535 if these images are dark"
        )
    return None


def _cores() -> int:
    return os.cpu_count() or 1
