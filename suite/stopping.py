"""Requests to stop: SIGTERM, SIGINT (Ctrl-C) and SIGHUP become one exception."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(BaseException):
    """A signal asks the process to end. `except Exception` does not catch it, as with KeyboardInterrupt."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.name = signal.Signals(signum).name
        self.exit_code = 128 + signum


_asked: int | None = None
"""The signal that has come since `note_signals` began."""


def stop_here() -> None:
    """Raise `Stopped` when a signal has been noted. Call it where stopping does no harm: between steps."""
    if _asked is not None:
        raise Stopped(_asked)


@contextmanager
def note_signals(grace: int) -> Iterator[None]:
    """Note the first signal for `stop_here`; at a second one, or after `grace` seconds, end at once.

    An exception inside Paddle's C++ would abort the process, and one between two renamings would lose a finished epoch.
    So a signal is noted first. Enter this after the import of Paddle, which installs handlers of its own.
    """

    def note(signum: int) -> None:
        global _asked
        _asked = signum
        signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + signum))
        signal.alarm(grace)  # a thread that hangs would be waited for

    global _asked
    _asked = None
    try:
        with _handling(note):
            yield
    finally:
        signal.alarm(0)
        _asked = None


@contextmanager
def stop_on_signals() -> Iterator[None]:
    """Raise `Stopped` in the block at the first signal, in the middle of anything; at a second one end at once."""

    def stop(signum: int) -> None:
        raise Stopped(signum)

    with _handling(stop):
        yield


@contextmanager
def _handling(at_the_first: Callable[[int], None]) -> Iterator[None]:
    """Handle the first signal; a second one ends the process.

    Signals that the process ignores from its start, such as SIGHUP under `nohup`, stay ignored.
    """

    def first(signum: int, frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, second)
        at_the_first(signum)

    def second(signum: int, frame: FrameType | None) -> None:
        os._exit(128 + signum)

    caught = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, first) for each in caught}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
