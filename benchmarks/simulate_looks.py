"""What a night costs that ends when it is decided, on made-up nights whose truth is known: `make simulate-looks`.

Procedures that look at a claim after every seed from the fourth are set against nights of a fixed number of seeds, at
the effect sizes of the declared claims in docs/results.md. The rule of `train.py --until-decided` is judged by the
functions that judge real nights.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulate import DOCUMENT, write_between
from suite.comparison import significance
from suite.comparison.differences import LEVEL
from suite.comparison.looks import Look, chance, looked_at, spent_like_pocock
from suite.runs.declaration import Rule

Floats = NDArray[np.float64]
Procedure = Callable[[Floats], Look]

BEGIN = "<!-- written by make simulate-looks -->"

EFFECTS = {"article": 0.05, "mixing, unseen": 0.93, "mixing": 1.32, "mild, unseen": 1.37, "mild": 2.16}
"""Mean by standard deviation of the paired differences, of the five declared claims in docs/results.md."""

CHANCE = Rule(most_seeds=20).hopeless
"""To be decided, below which the rule gives a claim up."""

FIXED = (8, 9, 10, 11, 12)
FIRST = 4

SHAPES: dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "uniform": lambda rng, shape: rng.uniform(-1, 1, shape),
    "Laplace": lambda rng, shape: rng.laplace(size=shape),
    "two values, with noise": lambda rng, shape: rng.choice([-1.0, 1.0], shape) + rng.normal(0, 0.2, shape),
    "one run of ten fails": lambda rng, shape: _with_failures(rng, shape) - _with_failures(rng, shape),
}
"""Differences of two equal arms, all symmetric: the two runs of a pair could as well have changed places."""


def _with_failures(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    return rng.normal(size=shape) - 8 * (rng.random(shape) < 0.1)


# --- procedures -------------------------------------------------------------------------------------------------------


def fixed(seeds: int) -> Procedure:
    """The night of today: all seeds, then the exact sign-flip test."""

    def judge(values: Floats) -> Look:
        p = significance.sign_flip(values[:seeds])
        return Look("decided" if p < LEVEL else "exhausted", seeds, p)

    return judge


def sign_flip(most: int, hopeless: float, spent: Callable[[float], float] = spent_like_pocock) -> Procedure:
    """A group-sequential sign-flip test, exact."""
    rule = Rule(first_look=FIRST, most_seeds=most, hopeless=hopeless)
    return lambda values: looked_at(values[:most], rule, LEVEL, spent)


@cache
def like_o_brien_fleming(share: float) -> float:
    """How much of the level is spent; most of it comes late (Lan and DeMets 1983)."""
    from scipy import stats

    return float(2 * stats.norm.sf(stats.norm.isf(LEVEL / 2) / math.sqrt(share)) / LEVEL)


def squared(share: float) -> float:
    """How much of the level is spent, in the power family of Kim and DeMets (1987)."""
    return share**2


def t_test(most: int, hopeless: float) -> Procedure:
    """A group-sequential t test, with bounds for normal differences; the level is spent like a square."""
    bounds = _t_bounds(most)

    def judge(values: Floats) -> Look:
        for pairs in range(FIRST, most + 1):
            if abs(_t(values[None, :pairs])[0]) > bounds[pairs]:
                return Look("decided", pairs, LEVEL)
            if pairs < most and chance(values[:pairs], most, LEVEL) < hopeless:
                return Look("hopeless", pairs, 1.0)
        return Look("exhausted", most, 1.0)

    return judge


def _t_bounds(most: int, nights: int = 400_000) -> dict[int, float]:
    """The |t| of every look that equal arms with normal differences exceed as often as is allowed."""
    values = np.random.default_rng(5).normal(size=(nights, most))
    bounds = {}
    for pairs in range(FIRST, most + 1):
        t = np.sort(abs(_t(values[:, :pairs])))[::-1]
        bounds[pairs] = float(t[int(LEVEL * squared(pairs / most) * nights) - (nights - len(values))])
        values = values[abs(_t(values[:, :pairs])) <= bounds[pairs]]
    return bounds


def _t(values: Floats) -> Floats:
    """Of the rows."""
    found: Floats = values.mean(axis=1) * math.sqrt(values.shape[1]) / values.std(axis=1, ddof=1)
    return found


def e_process(most: int) -> Procedure:
    """Bets on the sign of the next difference, more on a larger one; decided when the capital is 1 / level-fold.

    The mean over bets of several sizes on either side, in units of the largest difference so far. Without a difference
    between the arms every bet is fair: its size is known while the sign is not.
    """
    sizes = np.array([-4.0, -2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 4.0])

    def judge(values: Floats) -> Look:
        capital = np.ones(len(sizes))
        for pairs in range(1, most + 1):
            largest = max(abs(values[:pairs]).max(), 1e-12)
            capital *= 1 + np.tanh(sizes * values[pairs - 1] / largest)
            if pairs >= FIRST and capital.mean() >= 1 / LEVEL:
                return Look("decided", pairs, 1 / float(capital.mean()))
        return Look("exhausted", most, 1.0)

    return judge


# --- what they do -----------------------------------------------------------------------------------------------------


class Found(NamedTuple):
    """What a procedure has done with claims."""

    decided: float
    """Share of them."""
    seeds: float
    """Mean number."""


def judged(procedure: Procedure, nights: Floats) -> Found:
    looks = [procedure(values) for values in nights]
    decided = np.mean([look.how == "decided" for look in looks])
    return Found(float(decided), float(np.mean([look.pairs for look in looks])))


def at_all_effects(procedure: Procedure, nights: int) -> list[Found]:
    """At no difference, then at the effects; every procedure sees the same nights."""
    noise = np.random.default_rng(17).normal(size=(nights, 20))
    return [judged(procedure, noise + effect) for effect in (0.0, *EFFECTS.values())]


def candidates() -> dict[str, Procedure]:
    """All that are compared, but the fixed nights."""
    return {
        "sign-flip, like Pocock, 8 seeds, none given up": sign_flip(8, 0.0),
        "sign-flip, like O'Brien-Fleming, 9 seeds, 0.20": sign_flip(9, 0.2, like_o_brien_fleming),
        "sign-flip, squared, 10 seeds, 0.35": sign_flip(10, 0.35, squared),
        "sign-flip, like Pocock, 11 seeds, 0.20": sign_flip(11, 0.2),
        "sign-flip, like Pocock, 11 seeds, 0.35": sign_flip(11, 0.35),
        "sign-flip, like O'Brien-Fleming, 13 seeds, 0.30": sign_flip(13, 0.3, like_o_brien_fleming),
        "**the rule, 8 seeds, 0.40**": sign_flip(8, CHANCE),
        "**the rule, 11 seeds, 0.40**": sign_flip(11, CHANCE),
        "**the rule, 16 seeds, 0.40**": sign_flip(16, CHANCE),
        "**the rule, 18 seeds, 0.40**": sign_flip(18, CHANCE),
        "e-process, 12 seeds": e_process(12),
        "t test, squared, 10 seeds, 0.35": t_test(10, 0.35),
    }


def costs(nights: int) -> list[str]:
    """The table of power and seeds."""
    effects = [f"{effect:.2f}" for effect in EFFECTS.values()]
    head = ["procedure", "false claims", *effects, "seeds, mean", "share of a fixed night's"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    equals: dict[int, list[Found]] = {}
    for seeds in FIXED:
        equals[seeds] = at_all_effects(fixed(seeds), nights)
        lines.append(_line(f"fixed, {seeds} seeds", equals[seeds], ""))
    for name, procedure in candidates().items():
        began = time.monotonic()
        found = at_all_effects(procedure, nights)
        lines.append(_line(name, found, _share(found, equals)))
        print(f"{lines[-1]}  ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
    return lines


def _line(name: str, found: list[Found], share: str) -> str:
    cells = " | ".join(f"{each.decided:.1%}, {each.seeds:.1f}" for each in found[1:])
    return f"| {name} | {found[0].decided:.1%} | {cells} | {_mean_seeds(found):.2f} | {share} |"


def _mean_seeds(found: list[Found]) -> float:
    """Over the effects of the declared claims."""
    return float(np.mean([each.seeds for each in found[1:]]))


def _share(found: list[Found], equals: Mapping[int, list[Found]]) -> str:
    """Of the seeds of the largest fixed night that finds no more, at any effect but the first, which is next to none.

    A point more is left to chance.
    """
    for seeds in sorted(equals, reverse=True):
        if all(each.decided >= other.decided - 0.01 for each, other in zip(found[2:], equals[seeds][2:], strict=True)):
            return f"{_mean_seeds(found) / seeds:.0%} of {seeds}"
    return "finds less than 8"


def false_claims(nights: int) -> list[str]:
    """The table of false claims of the procedures that cost the least, for differences of several shapes."""
    procedures = {
        "the rule, 11 seeds": sign_flip(11, CHANCE),
        "the same, none given up": sign_flip(11, 0.0),
        "t test, 10 seeds": t_test(10, 0.35),
    }
    lines = ["| differences of equal arms | " + " | ".join(procedures) + " |", "|---|" + "---|" * len(procedures)]
    for name, draw in SHAPES.items():
        values = draw(np.random.default_rng(23), (nights, 20))
        lines.append(
            f"| {name} | " + " | ".join(f"{judged(each, values).decided:.1%}" for each in procedures.values()) + " |"
        )
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def estimates(nights: int) -> list[str]:
    """The table of means and intervals of nights that may end early, in standard deviations of the differences."""
    found = ["mean", "where found", "interval holds it"]
    head = ["true effect", *(f"{night}: {what}" for night in ("fixed 8", "at most 11") for what in found)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    noise = np.random.default_rng(17).normal(size=(nights, 20))
    for effect in EFFECTS.values():
        cells = [cell for each in (fixed(8), sign_flip(11, CHANCE)) for cell in _estimate(each, noise + effect, effect)]
        lines.append(f"| {effect:.2f} | {' | '.join(cells)} |")
        print(lines[-1], file=sys.stderr, flush=True)
    return lines


def _estimate(procedure: Procedure, nights: Floats, effect: float) -> list[str]:
    """The mean over all nights, over those that found a difference, and the share of intervals that hold the effect."""
    looks = [procedure(values) for values in nights]
    means = np.array([values[: look.pairs].mean() for values, look in zip(nights, looks, strict=True)])
    ends = [significance.interval(values[: look.pairs]) for values, look in zip(nights, looks, strict=True)]
    decided = np.array([look.how == "decided" for look in looks])
    holds = np.mean([low <= effect <= high for low, high in ends])
    return [f"{means.mean():.2f}", f"{means[decided].mean():.2f}", f"{holds:.1%}"]


def main() -> int:
    """Print the tables, and write them into docs/verdict.md unless it was asked for fewer nights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=2000, metavar="N", help="for a look: the document stays as it is")
    nights = parser.parse_args().nights
    tables = "\n".join([*costs(nights), "", *false_claims(nights), "", *estimates(nights)])
    print(tables)
    if nights == 2000:
        write_between(DOCUMENT, tables, BEGIN)
    return 0


if __name__ == "__main__":
    sys.exit(main())
