"""How a figure is taken, so that the moods of a shared machine do little to it.

What is compared runs alternately in one process, and the ratio is formed within each round. Every figure is taken in
several processes of its own, because memory that was used before makes the next measurement faster or slower.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent

LEAST = 0.05
"""Seconds; what takes less is called again and again until they are over."""


class NotMeasured(Exception):
    """A figure cannot be had on this machine; says why."""


class Work(NamedTuple):
    """Something to be timed."""

    call: Callable[[], object]
    images: int
    """How many images one call works on."""

    def seconds_per_image(self) -> float:
        """Wall time, over as many calls as fill `LEAST` seconds."""
        calls, began = 0, time.perf_counter()
        while (passed := time.perf_counter() - began) < LEAST:
            self.call()
            calls += 1
        return passed / calls / self.images


def ratios(slow: Work, fast: Work, rounds: int) -> list[float]:
    """How many times as long `slow` takes as `fast` for one image, for each of `rounds` rounds."""
    slow.call(), fast.call()  # what is made once and kept, such as the noise, is no part of it
    return [slow.seconds_per_image() / fast.seconds_per_image() for _ in range(rounds)]


def times_faster(slow: Work, fast: Work, quick: bool) -> list[float]:
    """The median of the ratios, as the one figure of this process."""
    return [statistics.median(ratios(slow, fast, 2 if quick else 9))]


def versions(names: Sequence[str]) -> dict[str, str]:
    """Of the installed distributions with these names; those that are missing are left out."""
    there = {distribution.name.lower(): distribution.version for distribution in metadata.distributions()}
    return {name: there[name] for name in names if name in there}


# --- a process of its own -------------------------------------------------------------------------------------------


def apart(
    function: str,
    arguments: Mapping[str, Any],
    cores: int,
    python: str = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> Any:
    """Call `module.function` of this folder in a new process that may use `cores` cores; what it returns.

    Raises:
        NotMeasured: when the function raises that, or the process fails.
    """
    if not Path(python).is_file():
        raise NotMeasured(f"there is no {python}; `make bench` makes it")
    command = [python, "-m", "benchmarks.measure", function, json.dumps(arguments), str(cores)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    *_, answer = done.stdout.splitlines() or [""]
    if done.returncode != 0 or not answer.startswith(ANSWER):
        raise NotMeasured(answer.removeprefix(REASON) or f"ended with exit code {done.returncode}")
    return json.loads(answer.removeprefix(ANSWER))


ANSWER, REASON = "measured ", "not measured: "


def main() -> int:
    """The other side of `apart`."""
    function, arguments, cores = sys.argv[1:]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-int(cores) :])
    module, _, name = function.partition(".")
    try:
        result = getattr(importlib.import_module(f"benchmarks.{module}"), name)(**json.loads(arguments))
    except Exception as error:
        # By name: run as a script, this module's own classes are other ones than those of `benchmarks.measure`.
        if type(error).__name__ != NotMeasured.__name__:
            raise
        print(f"{REASON}{error}")
        return 1
    print(f"{ANSWER}{json.dumps(result)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
