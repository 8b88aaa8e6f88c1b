"""Buffers of the operations: nothing read-only is written to, and threads share nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from augment.operations import enhancing, geometry, userdef
from augment.operations.userdef import apply
from augment.settings import OpsConfig
from tests.fixtures.operations import SIZES, applied, drawn, photos


def test_read_only_memory_maps_are_read_and_left_alone(tmp_path: Path) -> None:
    """The cache is a read-only memory map; an operation that works in place would crash, or spoil the next epoch."""
    images = photos(32, 8)
    np.save(tmp_path / "cache.npy", images)
    mapped = np.load(tmp_path / "cache.npy", mmap_mode="r")
    draws = drawn(OpsConfig(), 8)
    out = np.empty_like(images)
    apply([mapped[index] for index in range(8)], draws, out)
    before = images.copy()
    np.testing.assert_array_equal(out, applied(images, draws))
    np.testing.assert_array_equal(images, before)


def test_threads_give_the_bits_of_one() -> None:
    """A scratch buffer shared by two threads corrupts both, silently."""
    images, batches = photos(64, 16), [drawn(OpsConfig(), 16, seed) for seed in range(24)]
    alone = [applied(images, draws) for draws in batches]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda draws: applied(images, draws), batches))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("size", SIZES)
def test_opencv_writes_where_it_is_told_to(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV silently allocates where `dst` does not fit: the result is then lost, and so is the speed."""
    written: Counter[str] = Counter()

    class Watched:
        def __getattr__(self, name: str) -> Any:
            found = getattr(cv2, name)
            return watch(found) if callable(found) else found

    def watch(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if "dst" in kwargs:
                assert result is kwargs["dst"]
                written[function.__name__] += 1
            return result

        return call

    draws = drawn(OpsConfig(noise=1.0, flip_horizontal=1.0), 8)
    images = photos(size, 8)
    expected = applied(images, draws)
    for module in (enhancing, geometry, userdef):
        monkeypatch.setattr(module, "cv2", Watched())
    np.testing.assert_array_equal(applied(images, draws), expected)
    assert written == {"transform": 24, "blur": 8, "addWeighted": 16, "resize": 8, "flip": 8, "warpAffine": 8}
