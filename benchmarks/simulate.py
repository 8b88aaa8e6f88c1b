"""How often a verdict is wrong, measured on made-up nights whose truth is known: `make simulate`.

Each row gives a rate and the bound it must keep. The nights are judged by the functions that judge real ones.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import ROOT
from suite.comparison import significance
from suite.comparison.course import trend
from suite.comparison.rows import compare
from suite.percent import per_cent
from tests.fixtures.nights import Night, declare

DOCUMENT = ROOT / "docs" / "verdict.md"
BEGIN, END = "<!-- written by make simulate -->", "<!-- until here -->"

BETWEEN_SEEDS, WITHIN_PAIR = 0.03, 0.01
"""Standard deviations of accuracy: what both runs of a pair share, and what each has of its own."""

CLAIMS = ("better", "worse")
"""The verdicts that say that there is a difference."""

EPOCH_NOISE = 0.01
"""Standard deviation of accuracy from one epoch to the next."""


class Row(NamedTuple):
    """A rate in made-up nights, and what it must lie between."""

    what: str
    nights: int
    rate: float
    least: float
    most: float

    @property
    def chance(self) -> float:
        """Two standard errors of this simulation at the bounds."""
        return max(2 * math.sqrt(bound * (1 - bound) / self.nights) for bound in (self.least, self.most))

    @property
    def is_kept(self) -> bool:
        return self.least - self.chance <= self.rate <= self.most + self.chance

    def __str__(self) -> str:
        bound = f"at most {per_cent(self.most, 0)}" if self.least == 0 else f"at least {per_cent(self.least, 0)}"
        if self.least > 0 and self.most < 1:
            bound = f"{per_cent(self.least, 0)} to {per_cent(self.most, 0)}"
        verdict = "-" if (self.least, self.most) == (0, 1) else "kept" if self.is_kept else "**broken**"
        bound = "-" if verdict == "-" else bound
        return f"| {self.what} | {self.nights:,} | {per_cent(self.rate)} | {bound} | {verdict} |"


def equal_seeds(rng: np.random.Generator, arms: int, seeds: int) -> NDArray[np.float64]:
    """Accuracies [arm, seed] of arms without any difference."""
    return rng.normal(0.6, BETWEEN_SEEDS, seeds) + rng.normal(0, WITHIN_PAIR, (arms, seeds))


# --- claims ---------------------------------------------------------------------------------------------------------


def false_claims(nights: int) -> float:
    """Nights of equal arms, with nothing declared, in which any is called better or worse."""
    night, rng = Night(epochs=10), np.random.default_rng(1)
    claims = 0
    for _ in range(nights):
        group = night.group(equal_seeds(rng, 4, 8))
        claims += any(row.verdict in CLAIMS for row in compare(group, group.arms[0]).rows)
    return claims / nights


def false_declared_claims(nights: int) -> float:
    """Nights of equal arms in which the one claim that was declared is called better or worse."""
    night, rng = Night(epochs=10), np.random.default_rng(3)
    claims = 0
    for _ in range(nights):
        group = night.group(equal_seeds(rng, 4, 8))
        none, *_, mixup = group.arms
        [claim] = compare(group, none, declare(group, mixup, none)).claims
        claims += any(row.verdict in CLAIMS for row in claim.rows)
    return claims / nights


def false_claims_with_late_seeds(nights: int) -> float:
    """The same, looked at with 6, 8, ... 14 seeds, with two arms, until there is a claim."""
    night, rng = Night(epochs=10), np.random.default_rng(2)
    claims = 0
    for _ in range(nights):
        accuracies = equal_seeds(rng, 2, 14)
        looks = (night.group(accuracies[:, :seeds]) for seeds in range(6, 15, 2))
        claims += any(compare(group, group.arms[0]).rows[1].verdict in CLAIMS for group in looks)
    return claims / nights


def power(nights: int, seeds: int, family: int) -> float:
    """Nights whose true difference is what another such night has called detectable, and that find it."""
    night, rng = Night(epochs=10), np.random.default_rng(seeds + family)
    found = 0
    for _ in range(nights):
        group = night.group(equal_seeds(rng, family + 1, seeds))
        [*_, told] = compare(group, group.arms[0]).rows
        assert told.difference
        accuracies = equal_seeds(rng, family + 1, seeds)
        accuracies[-1] += told.difference.detectable / 100
        group = night.group(accuracies)
        found += compare(group, group.arms[0]).rows[-1].verdict == "better"
    return found / nights


# --- images ---------------------------------------------------------------------------------------------------------


def coverage(nights: int, group_size: int, told: bool) -> float:
    """95 % intervals over 240 images that hold the true gain; images of one group are right or wrong together."""
    rng, covered = np.random.default_rng(group_size), 0
    members = np.repeat(np.arange(240 // group_size), group_size)
    for _ in range(nights):
        gains = rng.choice([-1, 0, 1], 240 // group_size, p=[0.1, 0.75, 0.15])[members].astype(np.float64)
        low, high = significance.interval_over_images(gains, members if told else None)
        covered += low <= 0.05 <= high
    return covered / nights


# --- curves ---------------------------------------------------------------------------------------------------------


def curves(rng: np.random.Generator, shape: tuple[int, ...], growth: float, correlation: float) -> NDArray[np.float64]:
    """Accuracies [..., epoch] that grow by `growth` a tenth of the epochs, with noise that is correlated in time."""
    noise = rng.normal(0, 1, shape)
    for epoch in range(1, shape[-1]):
        noise[..., epoch] = correlation * noise[..., epoch - 1] + math.sqrt(1 - correlation**2) * noise[..., epoch]
    return 0.5 + growth * np.arange(shape[-1]) / (shape[-1] / 10) + EPOCH_NOISE * noise


def rising(nights: int, mode: str, growth: float, correlation: float = 0.0, seeds: int = 3, epochs: int = 100) -> float:
    """Arms that are called rising."""
    night, rng, found = Night(epochs), np.random.default_rng(7), 0
    for _ in range(nights):
        group = night.group(curves(rng, (4, seeds, epochs), growth, correlation))
        found += trend(next(arm for arm in group.arms if arm.mode == mode).runs) == "rising"
    return found / nights


def overtaking(nights: int) -> float:
    """Nights of equal arms in which one is said to overtake the baseline."""
    night, rng, found = Night(epochs=40), np.random.default_rng(8), 0
    for _ in range(nights):
        level = equal_seeds(rng, 4, 8)[..., None] - 0.5
        group = night.group(level + curves(rng, (4, 8, 40), 0.0, 0.5))
        found += any(row.overtakes is not None for row in compare(group, group.arms[0]).rows)
    return found / nights


def rows(nights: int) -> list[Row]:
    """All rates, each of so many nights or a part of them."""

    def row(what: str, measure: Callable[..., float], least: float, most: float, count: int, *arguments: object) -> Row:
        began = time.monotonic()
        made = Row(what, count, measure(count, *arguments), least, most)
        print(f"{made}  ({time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
        return made

    some = nights // 2
    found = [
        row("a false claim, nothing declared: 3 equal arms against `none`, 8 seeds", false_claims, 0, 0.05, nights),
        row("a false claim, declared: 1 of 3 equal arms over `none`, 8 seeds", false_declared_claims, 0, 0.05, nights),
        row(
            "a false claim when seeds are added until there is one: looks at 6, 8, ... 14; the output says that p is "
            "no longer exact",
            false_claims_with_late_seeds,
            0,
            1,
            nights,
        ),
    ]
    for family in (1, 3):
        for seeds in (6, 8, 12, 16):
            if 2.0 ** (1 - seeds) * family < 0.05:
                what = f"the difference called detectable is found: {seeds} seeds, Holm over {family}"
                found.append(row(what, power, 0.78, 1, some, seeds, family))
    found += [
        row("interval over images, no groups", coverage, 0.93, 0.97, nights, 1, False),
        row("interval over images, groups of 4 that are told", coverage, 0.93, 0.97, nights, 4, True),
        row("the same groups, not told", coverage, 0, 1, nights, 4, False),
        row("called rising, flat curves, `none`", rising, 0, 0.05, nights, "none", 0.0),
        row("called rising, flat curves, `samplePairing`", rising, 0, 0.05, nights, "samplePairing", 0.0),
        row("called rising, flat curves with noise correlated by 0.5", rising, 0, 1, nights, "none", 0.0, 0.5),
        row("called rising, 2 points a tenth of the epochs, `none`", rising, 0, 1, some, "none", 0.02),
        row("the same, `samplePairing`", rising, 0, 1, some, "samplePairing", 0.02),
        row("said to overtake, equal arms", overtaking, 0, 0.05, some),
    ]
    return found


def main() -> int:
    """Print the table, and write it into docs/verdict.md unless it was asked for fewer nights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nights", type=int, default=1000, metavar="N", help="for a look: the document stays as it is")
    nights = parser.parse_args().nights
    found = rows(nights)
    table = ["| in made-up nights | nights | rate | bound | |", "|---|---|---|---|---|", *map(str, found)]
    print("\n".join(table))
    if nights == 1000:
        write_between(DOCUMENT, "\n".join(table))
    return 0 if all(row.is_kept for row in found) else 1


def write_between(document: Path, text: str, begin: str = BEGIN) -> None:
    """Replace what stands between this mark and the next end."""
    before, _, rest = document.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(END)
    document.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
