"""`--on-finish`: a command that runs when all training has ended, such as one that shuts a rented machine down."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from suite.errors import RunFailed, UserError

EXIT_CODE = "TRAIN_EXIT_CODE"
"""Environment variable with the exit code of `train.py`, for that command: 0 when every run is done."""


def ending_with(command: str | None, night: Callable[[], int]) -> int:
    """The exit code of `night`, after which the command has run; also after a failure, which is passed on.

    A signal that stops the night is a person, or the machine itself: then the command does not run.
    """
    if command is None:
        return night()
    try:
        code = night()
    except (UserError, RunFailed) as error:
        _run(command, 2 if isinstance(error, UserError) else 1)
        raise
    if code < 128:
        _run(command, code)
    else:
        print(f"--on-finish: {command}: not run, for the training was stopped", flush=True)
    return code


def _run(command: str, code: int) -> None:
    """Run it by the shell; that it fails changes nothing of what was trained."""
    print(f"--on-finish: {command}", flush=True)
    ended = subprocess.run(command, shell=True, env=os.environ | {EXIT_CODE: str(code)}, check=False)
    if ended.returncode:
        print(f"warning: --on-finish: {command}: ended with exit code {ended.returncode}", file=sys.stderr)
