"""Runs on a real Ray cluster, all of it on this machine: the faults of `soak.py`, each once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.reliability import clusters
from tests.reliability.bench import Bench

pytest.importorskip("ray", reason="needs the extra `cluster`")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("bench"), here=True)
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def there() -> Iterator[clusters.Machines]:
    with ExitStack() as stack:
        try:
            there = stack.enter_context(clusters.machines(2))
        except Exception as error:  # Ray's own, where it is not given the memory or the ports that it needs
            pytest.skip(f"Ray cannot start here: {error}")
        yield there


def test_a_machine_that_is_lost_in_mid_epoch(there: clusters.Machines, bench: Bench) -> None:
    """Its run goes on elsewhere, to the same bits."""
    clusters.lose(there, bench, "none", "machine")


def test_a_driver_that_is_killed(there: clusters.Machines, bench: Bench) -> None:
    """Its runs would train on without it, and the same command would find them taken."""
    clusters.lose_the_driver(there, bench, "none")


def test_a_run_that_says_why_it_cannot_go_on_is_begun_once(there: clusters.Machines, bench: Bench) -> None:
    """Five tries would only delay the others."""
    clusters.fail_for_its_own_reason(there, bench, "none")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_a_disk_that_is_full(there: clusters.Machines, bench: Bench) -> None:
    clusters.fill_a_disk(there, bench, "none", 300)
