"""The order of training images in an epoch, and batches that are made ahead in threads."""

from __future__ import annotations

import faulthandler
import os
import sys
from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import numpy as np

from suite.randomness import Purpose, generator


def batches_of_epoch(
    seed: int, epoch: int, count: int, batch_size: int, balance: np.ndarray | None = None
) -> list[np.ndarray]:
    """The indices 0..count-1 in the order of this epoch, cut into batches; the last one may be short.

    With the labels of the images as `balance`, every class is drawn equally often instead.
    """
    rng = generator(seed, Purpose.ORDER, epoch)
    order = rng.permutation(count) if balance is None else balanced_order(balance, rng)
    return [order[start : start + batch_size] for start in range(0, count, batch_size)]


def balanced_order(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many indices as there are labels, every class equally often but for one, in random order, int64 [N].

    Within a class no image comes a third time before all have come twice. Of a large class some do not come at all.
    """
    classes = rng.permutation(np.unique(labels))  # some get the one that is left over
    shares = np.diff(np.arange(len(classes) + 1) * len(labels) // len(classes))
    drawn = []
    for label, share in zip(classes, shares, strict=True):
        members = np.flatnonzero(labels == label)
        rounds = -(-share // len(members))
        drawn += [np.concatenate([rng.permutation(members) for _ in range(rounds)])[:share]] if share else []
    return rng.permutation(np.concatenate(drawn))


Made = TypeVar("Made")


def prefetch(
    make: Callable[[int], Made], count: int, threads: int, patience: float | None = None
) -> Generator[Made, None, None]:
    """`make(0)`, ..., `make(count - 1)` in order, a few of them made ahead in `threads` threads.

    Threads are enough because OpenCV works outside the interpreter's lock. An exception of `make` appears here. When
    nothing comes for `patience` seconds, the process prints the stacks of all threads and ends with exit code 1: a
    thread that hangs cannot be stopped in any other way.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="batches")
    waiting: deque[Future[Made]] = deque()
    try:
        for index in range(count):
            waiting.append(pool.submit(make, index))
            if len(waiting) > 2 * threads:
                yield _patiently(waiting.popleft(), patience)
        while waiting:
            yield _patiently(waiting.popleft(), patience)
    finally:
        pool.shutdown(cancel_futures=True)  # waits: a thread inside OpenCV at the interpreter's end would abort it


def _patiently(coming: Future[Made], patience: float | None) -> Made:
    done, _ = wait([coming], patience)
    if not done:
        faulthandler.dump_traceback(all_threads=True)
        print(
            f"stopped: no batch came for {patience:g} s (data.patience); above is what each thread did", file=sys.stderr
        )
        sys.stdout.flush()
        os._exit(1)
    return coming.result()
