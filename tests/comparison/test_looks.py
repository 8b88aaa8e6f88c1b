"""Looks after every seed must not make false claims, and what has ended must not change with what comes later."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from suite.comparison.looks import chance, looked_at
from suite.runs.declaration import Rule

LEVEL = 0.05
DIFFERENCES = {
    "uneven": [0.3, 1.1, 0.7, 2.5, 0.2, 0.9, 1.6, 0.4],
    "alike": [1.0] * 8,
    "growing": [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8],
}


def rule(most: int = 8, hopeless: float = 0.0) -> Rule:
    return Rule(most_seeds=most, hopeless=hopeless)


@pytest.mark.parametrize("hopeless", [0.0, 0.35])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_of_all_sign_patterns_at_most_the_level_is_decided(name: str, hopeless: float) -> None:
    """All patterns are equally likely without a difference. A level that every look may spend anew decides far more."""
    values = np.array(DIFFERENCES[name])
    for level in (LEVEL, LEVEL / 2):
        looks = [looked_at(values * signs, rule(8, hopeless), level) for signs in itertools.product((-1, 1), repeat=8)]
        decided = [look for look in looks if look.how == "decided"]
        assert decided or hopeless
        assert len(decided) <= level * len(looks)
        assert all(look.p <= level for look in decided)
        assert all(look.p > level for look in looks if look.how != "decided")


def test_a_plain_difference_is_decided_at_six_seeds_and_no_earlier() -> None:
    """Five equal signs have p 0.0625. With twelve seeds at most, the rule keeps too much back for six."""
    values = 3 + 0.1 * np.arange(11)
    assert looked_at(values[:5], rule(11), LEVEL).how == "open"
    for n in (6, 11):
        assert looked_at(values[:n], rule(11), LEVEL)[:2] == ("decided", 6)
        assert looked_at(-values[:n], rule(11), LEVEL)[:2] == ("decided", 6)
    assert looked_at(values, rule(12), LEVEL)[:2] == ("decided", 7)


def test_what_has_ended_stays_as_it_was() -> None:
    """An arm of two claims is trained on for the other; a claim that was given up must not come back."""
    rng = np.random.default_rng(0)
    ways = set()
    for values in rng.normal(0.8, 1, (60, 9)):
        looks = [looked_at(values[:n], rule(9, 0.35), LEVEL) for n in range(1, 10)]
        ended = next(look for look in looks if look.how != "open")
        ways.add(ended.how)
        assert [look for look in looks[ended.pairs - 1 :] if look != ended] == []
        assert all(look.how == "open" for look in looks[: ended.pairs - 1])
    assert ways == {"decided", "hopeless", "exhausted"}


def test_the_last_seed_exhausts_a_claim_and_the_first_look_is_waited_for() -> None:
    values = np.array([1.0, -1.1, 0.9, -1.0, 1.2, -0.8, 0.7, -0.6])
    assert looked_at(values, rule(), LEVEL).how == "exhausted"
    assert looked_at(values, rule(hopeless=0.35), LEVEL)[:2] == ("hopeless", 4)
    assert looked_at(values[:3], rule(hopeless=0.35), LEVEL).how == "open"
    assert looked_at(values[:0], rule(), LEVEL)[:2] == ("open", 0)


def test_the_chance_of_a_decision_is_that_of_the_seeds_to_come() -> None:
    """Drawn as often as it takes: a variance, then a mean, then the seeds to come."""
    values, most, draws = np.array([1.3, 0.1, 0.9, 1.6, -0.2]), 11, 20_000
    rng, n = np.random.default_rng(1), 5
    sd = values.std(ddof=1) * np.sqrt((n - 1) / rng.chisquare(n - 1, draws))
    mean = values.mean() + sd / np.sqrt(n) * rng.normal(size=draws)
    last_mean = (values.sum() + (most - n) * (mean + sd / np.sqrt(most - n) * rng.normal(size=draws))) / most
    bound = stats.t.ppf(1 - LEVEL / 2, most - 1) * values.std(ddof=1) / np.sqrt(most)
    assert chance(values, most, LEVEL) == pytest.approx(np.mean(abs(last_mean) > bound), abs=0.015)
    assert chance(np.full(4, 0.5), most, LEVEL) == 1
    assert chance(np.zeros(4), most, LEVEL) == 0
