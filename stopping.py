"""Being asked to stop: SIGTERM, SIGINT (Ctrl-C) and SIGHUP become one exception."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody wants the process to end. Like KeyboardInterrupt, `except Exception` lets it pass."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.name = signal.Signals(signum).name
        self.exit_code = 128 + signum


@contextmanager
def stop_on_signals(grace: int = 0) -> Iterator[None]:
    """Raise `Stopped` in the block at the first signal; at a second one, or after `grace` seconds, end at once.

    Enter it after Paddle is imported, which installs handlers of its own. A signal that the process was started to
    ignore, as `nohup` does with SIGHUP, stays ignored.
    """

    def at_the_second(signum: int, frame: FrameType | None) -> None:
        os._exit(128 + signum)

    def at_the_first(signum: int, frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, at_the_second)
        signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + signum))
        signal.alarm(grace)  # a thread that hangs would be waited for; 0 sets no alarm
        raise Stopped(signum)

    caught = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, at_the_first) for each in caught}
    try:
        yield
    finally:
        signal.alarm(0)
        for each, handler in before.items():
            signal.signal(each, handler)
