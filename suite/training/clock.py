"""Where the time of a run goes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


class Clock:
    """Adds up seconds by what they were spent on."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def measure(self, what: str) -> Iterator[None]:
        """The block counts as `what`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - began

    def waits(self, what: str, items: Iterator[Item]) -> Iterator[Item]:
        """The same items; the time until each is there counts as `what`."""
        while True:
            with self.measure(what):
                try:
                    item = next(items)
                except StopIteration:
                    return
            yield item

    def shares(self) -> dict[str, float]:
        """What part of all measured time each was, 0 to 1, the largest first."""
        total = sum(self.seconds.values())
        parts = {what: seconds / total for what, seconds in self.seconds.items()}
        return dict(sorted(parts.items(), key=lambda part: -part[1]))
