"""Several runs as one night: which of them may still begin, how many are done, and when all will be."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from time import monotonic

from suite.training.forecast import Standing, seconds_to_go, standing
from suite.training.lines import time_of_day


class Night:
    """The runs of a night in the order in which they are begun, seed after seed. Any thread may ask."""

    def __init__(self, epochs: Mapping[Path, int], at_a_time: int, minutes: float | None = None) -> None:
        """`epochs` are those that each run is to have, by its folder, which is named after the seed.

        `minutes` is how long the night may last, without end if there are none.
        """
        self._epochs, self.at_a_time = dict(epochs), at_a_time
        self._deadline = None if minutes is None else monotonic() + 60 * minutes
        self._admitted: dict[str, bool] = {}  # by seed
        self._begun = 0
        self._ended: set[Path] = set()
        self._lock = threading.Lock()

    def admits(self, folder: Path) -> bool:
        """Whether the run may begin: a further seed does only when all its runs will be done in time.

        So a night ends with whole seeds, in which every arm has a run. The first seed begins in any case.
        """
        with self._lock:
            seed = folder.name
            if seed not in self._admitted:
                self._admitted[seed] = not self._admitted or self._fits(seed)
            return self._admitted[seed]

    def _fits(self, seed: str) -> bool:
        if self._deadline is None:
            return True
        if all(run.is_over for run in self._runs({seed})):
            return True
        if not all(self._admitted.values()):
            return False
        # Where nothing is known yet, seeds are being trained side by side: these end together.
        return monotonic() + (self._seconds_to_go({*self._admitted, seed}) or 0) <= self._deadline

    def _seconds_to_go(self, seeds: set[str]) -> float | None:
        """Of what is not done yet; one that has failed will take no more time."""
        runs = [run for run in self._runs(seeds) if run.is_over or run.folder not in self._ended]
        return seconds_to_go(runs, self.at_a_time)

    def _runs(self, seeds: set[str]) -> list[Standing]:
        return [standing(folder, epochs) for folder, epochs in self._epochs.items() if folder.name in seeds]

    def begins(self) -> str:
        """A run begins: which one of how many it is, and when all will be done."""
        with self._lock:
            self._begun += 1
            return f"run {self._begun} of {len(self._epochs)}{self._end()}"

    def ends(self, folder: Path) -> str:
        """A run has ended: how many have by now, and when all will be done."""
        with self._lock:
            self._ended.add(folder)
            return f"{len(self._ended)} of {len(self._epochs)} runs ended{self._end()}"

    def _end(self) -> str:
        """Without seeds that have been refused."""
        coming = {folder.name for folder in self._epochs if self._admitted.get(folder.name, True)}
        if len(self._ended) == len(self._epochs) or (seconds := self._seconds_to_go(coming)) is None:
            return ""
        return f", all done about {time_of_day(seconds, datetime.now())}"

    @property
    def left(self) -> list[str]:
        """The seeds that were not begun for want of time."""
        return [seed for seed, is_admitted in self._admitted.items() if not is_admitted]
