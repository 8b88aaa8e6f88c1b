"""The door to Paddle: what is said when it cannot do what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from suite import backend
from tests.fixtures.bad_input import answer_to, assert_says


def test_a_gpu_that_is_absent(tmp_path: Path) -> None:
    """Training on the CPU without a word would take a hundred times as long as was asked for."""
    paddle = backend.start_paddle("cpu", 1)
    if paddle.is_compiled_with_cuda():
        pytest.skip("this build of Paddle has GPU support")
    answer = "device gpu was asked for, but Paddle {library} was built without GPU support; use --device cpu, or see "
    assert_says(answer_to(lambda: backend.start_paddle("gpu", 1), tmp_path), f"{answer}README.md", tmp_path)
