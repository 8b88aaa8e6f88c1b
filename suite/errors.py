"""What a command says when its user made a mistake."""

from __future__ import annotations

import difflib
import io
import os
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import Any


class UserError(Exception):
    """One or more mistakes of the user, each one line: where, what is wrong, what to do.

    Every other exception is a mistake of ours and keeps its traceback.
    """

    exit_code = 2

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class RunTaken(UserError):
    """Another process is at work on a run. It is no mistake where several machines share the runs of a study."""

    exit_code = os.EX_TEMPFAIL


class RunFailed(Exception):
    """A run cannot go on, through no mistake of the user: one sentence that says why and what is kept."""


class NotFinite(RunFailed):
    """A loss or a weight has become infinite or not a number."""


def shortened(problems: Sequence[str], limit: int = 20) -> list[str]:
    """At most `limit` lines and a count of the others: a wrong path can make thousands."""
    if len(problems) <= limit:
        return list(problems)
    return [*problems[:limit], f"... and {len(problems) - limit} more"]


def quoted(value: Any) -> str:
    """A value out of a file, as a sentence quotes it."""
    return "nothing" if value is None else repr(value)


def not_among(value: Any, choices: Collection[str]) -> str:
    """What is wrong with a value that is none of `choices`, and which of them may have been meant."""
    by_lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(str(value).lower(), by_lower, 1, 0.6)
    hint = f"; did you mean {by_lower[near[0]]}?" if near else ""
    return f"{quoted(value)} is not one of {', '.join(choices)}{hint}"


def read_user_text(file: Path, kind: str, largest: int, hint: str) -> str:
    """The text of a file that people write: UTF-8, with or without a byte order mark, its lines ending in "\\n".

    `kind` is what it should be, `largest` its limit in bytes, `hint` says what to do without it.

    Raises:
        UserError: when there is no such file, or it is too large, or not text.
    """
    refuse_misread([str(file)])
    try:
        if not file.is_file():  # neither is a pipe: opening it would wait for its writer
            what = f"is a folder, not a {kind}" if file.is_dir() else f"no such {kind}"
            raise UserError(f"{file}: {what}; {hint}")
        if file.stat().st_size > largest:
            raise UserError(f"{file}: is larger than {largest // 1_000_000} MB, too large for a {kind}")
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text ({error.reason} at byte {error.start}); save it as UTF-8") from None


def refuse_misread(names: Iterable[str]) -> None:
    """Find names of files that would be written into a text otherwise than they are on the disk.

    Raises:
        UserError: with a line for each.
    """
    if problems := [f"{name}: {why}" for name in names if (why := misread(name))]:
        raise UserError(shortened(problems))


def misread(name: str) -> str | None:
    """Why a name of a file cannot be written into a text, which is always UTF-8; None when it can."""
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        why = f"names with other than English letters are misread in this locale ({encoding}); set PYTHONUTF8=1"
        return None if name.isascii() else why
    try:
        name.encode()
    except UnicodeEncodeError:
        return "this name is not UTF-8; rename it"
    return None


def on_one_line(problem: str) -> str:
    """The text as a terminal may see it: a name in a stranger's list can neither command the terminal nor fill it."""
    text = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in problem)
    return text if len(text) <= 1000 else f"{text[:1000]} ..."


def run_command(main: Callable[[], int]) -> None:
    """Run `main` and leave with its exit code: 2 and no traceback for a mistake of the user, 130 for Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a screen or log that is not UTF-8 shows \u732b, and stops nothing
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _exit_code(main)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        code = 1
    sys.exit(code)


def _exit_code(main: Callable[[], int]) -> int:
    try:
        refuse_misread(sys.argv[1:])
        return main()
    except UserError as error:
        for problem in error.problems:
            print(f"error: {on_one_line(problem)}", file=sys.stderr)
        return error.exit_code
    except PermissionError as error:
        print(f"error: {error.filename}: {error.strerror}; change its rights, or ask its owner", file=sys.stderr)
        return 2
    except RunFailed as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    except MemoryError:
        print(
            "stopped: there is too little memory; end other programs, or take fewer or smaller images", file=sys.stderr
        )
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except SystemExit as leaving:  # argparse, after --help or a mistake
        return int(leaving.code or 0)
