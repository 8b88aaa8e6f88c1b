"""The order of images, and the threads that prepare batches."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from suite.data.batches import batches_of_epoch, prefetch


def test_an_epoch_has_every_image_once() -> None:
    """A short last batch that is dropped, or filled up, changes what an epoch is."""
    batches = batches_of_epoch(seed=3, epoch=0, count=50, batch_size=8)
    assert [len(batch) for batch in batches] == [8] * 6 + [2]
    assert sorted(np.concatenate(batches)) == list(range(50))
    assert [len(batch) for batch in batches_of_epoch(3, 0, count=5, batch_size=8)] == [5]
    assert [len(batch) for batch in batches_of_epoch(3, 0, count=16, batch_size=8)] == [8, 8]


@pytest.mark.parametrize(("count", "lengths"), [(17, [8, 9]), (18, [8, 8, 2]), (9, [9]), (1, [1])])
def test_a_last_batch_that_is_too_small_joins_the_one_before(count: int, lengths: list[int]) -> None:
    """BatchNorm makes the same of every image that is alone in its batch. The order must not change with that."""
    joined = batches_of_epoch(3, 0, count, batch_size=8, least=2)
    assert [len(batch) for batch in joined] == lengths
    assert np.array_equal(np.concatenate(joined), np.concatenate(batches_of_epoch(3, 0, count, batch_size=8)))


def test_orders_follow_seed_and_epoch_alone() -> None:
    """The article's order never changed; an order that depends on earlier calls cannot be resumed."""

    def order(seed: int, epoch: int, batch_size: int = 8) -> list[int]:
        return [int(index) for index in np.concatenate(batches_of_epoch(seed, epoch, 50, batch_size))]

    assert order(0, 7) == order(0, 7) == order(0, 7, batch_size=3)
    orders = [order(seed, epoch) for seed in range(4) for epoch in range(10)]
    assert len({tuple(one) for one in [*orders, list(range(50))]}) == 41


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 4, 30])
def test_prefetch_keeps_the_order(threads: int, count: int) -> None:
    """Results in the order of completion would depend on the machine."""
    first_may_end = threading.Event()

    def make(index: int) -> int:
        if index == 0 and threads > 1 and count > 1:
            assert first_may_end.wait(10)  # the second is done before the first
        first_may_end.set()
        return index * index

    assert list(prefetch(make, count, threads)) == [index * index for index in range(count)]


def test_prefetch_works_ahead_but_not_without_limit() -> None:
    """None ahead and the device waits; all ahead and the epoch lies in memory."""
    made: list[int] = []

    def make(index: int) -> int:
        made.append(index)
        return index

    batches = prefetch(make, 1000, threads=2)
    next(batches)
    for _ in range(100):
        next(batches)
    assert 101 < len(made) < 120
    batches.close()  # type: ignore[attr-defined]


def test_an_exception_of_a_thread_arrives_where_its_batch_would() -> None:
    """A lost exception is a hang or a batch too few."""

    def make(index: int) -> int:
        if index == 3:
            raise ZeroDivisionError("in the thread")
        return index

    batches = prefetch(make, 100, threads=2)
    assert [next(batches) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError, match="in the thread"):
        next(batches)
    assert not any(thread.name.startswith("batches") for thread in threading.enumerate())


def test_threads_end_when_the_consumer_stops_early() -> None:
    """A run that stops at a loss that is not finite must not leave threads inside OpenCV."""
    batches = prefetch(int, 1000, threads=3)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert not any(thread.name.startswith("batches") for thread in threading.enumerate())
