"""What is kept of many predictions: how often each class came, and the images to look at."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Sequence

from suite.errors import shortened
from suite.percent import per_cent
from suite.prediction.predicting import Prediction

FEW = 12
"""So many images are named one by one on the screen."""


class Overview:
    """Takes predictions one after the other, in memory that does not grow with their number."""

    def __init__(self, class_names: Sequence[str], keep: int) -> None:
        """`keep` is how many of the least sure predictions are kept."""
        self.class_names, self.keep = class_names, keep
        self.counts: Counter[int] = Counter()
        self._first: list[Prediction] = []
        self._least_sure: list[tuple[float, int, Prediction]] = []  # a heap with the surest on top

    def add(self, prediction: Prediction) -> None:
        """Take account of one more."""
        entry = (-prediction.probabilities.max(), -self.count, prediction)
        if len(self._least_sure) < self.keep:
            heapq.heappush(self._least_sure, entry)
        else:
            heapq.heappushpop(self._least_sure, entry)
        if self.count < FEW:
            self._first.append(prediction)
        self.counts[prediction.guess] += 1

    @property
    def count(self) -> int:
        """How many there were."""
        return self.counts.total()

    @property
    def least_sure(self) -> list[Prediction]:
        """Those with the lowest probability of their guess, the lowest first."""
        return [prediction for *_, prediction in sorted(self._least_sure, reverse=True, key=lambda entry: entry[:2])]

    def lines(self) -> list[str]:
        """For the screen: a line for every image, or with many, for every class."""
        if self.count <= FEW:
            return [
                f"  {each.file}: {self.class_names[each.guess]} {per_cent(each.probabilities.max())}"
                for each in self._first
            ]
        return shortened([f"  {count:7,} {self.class_names[guess]}" for guess, count in self.counts.most_common()])
