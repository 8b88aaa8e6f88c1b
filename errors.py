"""What a command says when its user made a mistake."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence


class UserError(Exception):
    """One or more mistakes of the user, each one line: where, what is wrong, what to do.

    Anything else that is raised is a mistake of ours and keeps its traceback.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        super().__init__("\n".join(self.problems))


class RunFailed(Exception):
    """A run cannot go on, and nobody mistyped anything: one sentence that says why and what is kept."""


def shortened(problems: Sequence[str], limit: int = 20) -> list[str]:
    """At most `limit` lines; the rest is counted, so that a wrong path in a list of thousands stays readable."""
    if len(problems) <= limit:
        return list(problems)
    return [*problems[:limit], f"... and {len(problems) - limit} more of the same list"]


def run_command(main: Callable[[], int]) -> None:
    """Run `main` and leave with its exit code: 2 and no traceback for a mistake of the user, 130 for Ctrl-C."""
    try:
        code = main()
    except UserError as error:
        for problem in error.problems:
            print(f"error: {problem}", file=sys.stderr)
        code = 2
    except RunFailed as error:
        print(f"stopped: {error}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        code = 130
    except BrokenPipeError:  # the reader of our output has gone, as in `| head`
        sys.stderr.close()
        code = 1
    sys.exit(code)
