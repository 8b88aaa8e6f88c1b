"""The answer of a comparison is never more than its verdicts, and says which seeds are missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from suite.comparison.answer import Answer, answer_to
from suite.comparison.rows import compare
from tests.fixtures.facts import change_facts
from tests.fixtures.nights import Night, declare
from tests.fixtures.runs import comparison_over, write_arms, write_run

WOBBLE = np.array([-1.0, -0.5, 0.5, 1.0, -1.0, -0.5, 0.5, 1.0]) / 100


@pytest.fixture(scope="module")
def night() -> Night:
    """Whose networks know their training images."""
    made = Night(epochs=10)
    for mode, run in made.runs.items():
        made.runs[mode] = replace(run, curves={**run.curves, "accTrainClean": np.full(10, 0.99)})
    return made


def answer_of(night: Night, *accuracies: object) -> Answer:
    """Of `none`, `userDef`, `samplePairing` and `mixup`, as far as there are numbers."""
    group = night.group(np.array(accuracies, np.float64))
    return answer_to(compare(group, group.arms[0]))


def names(answer: Answer) -> list[str]:
    return [row.arm.label for row in answer.rows]


def test_the_best_of_the_better_arms(night: Night) -> None:
    """`userDef` is better than `none`, and worse than `mixup` in all seeds: it is not what to use."""
    answer = answer_of(night, [0.5] * 8, 0.53 + WOBBLE, 0.49 + WOBBLE, 0.56 + WOBBLE / 2)
    assert (answer.kind, names(answer)) == ("use", ["mixup"])
    assert answer.under_fitted == () and answer.uncompared == ()


def test_better_arms_that_the_seeds_do_not_tell_apart_stand_together(night: Night) -> None:
    """Half a point that changes its sign from seed to seed: to name one of the two would be more than was shown."""
    answer = answer_of(night, [0.5] * 8, 0.52 + WOBBLE, 0.555 + WOBBLE, 0.56 - WOBBLE)
    assert (answer.kind, names(answer)) == ("use", ["mixup", "samplePairing"])


def test_no_answer_is_more_than_its_verdicts(night: Night) -> None:
    """Made-up nights of all kinds: an arm to use is called better, and without one there is no arm to use."""
    rng = np.random.default_rng(3)
    kinds = set()
    for _ in range(100):
        seeds = rng.integers(1, 10)
        effects = rng.choice([-0.05, 0, 0.03], 3 if rng.random() < 0.5 else 1)  # each its own, or all the same
        means = 0.6 + np.array([0, *np.broadcast_to(effects, 3)])
        group = night.group(means[:, None] + rng.normal(0, 0.01, (4, seeds)))
        beforehand = declare(group, group.arms[3], group.arms[0]) if rng.random() < 0.5 else None
        comparison = compare(group, group.arms[0], beforehand)
        answer = answer_to(comparison)
        verdicts = [row.verdict for row in comparison.rows]
        kinds.add(answer.kind)
        assert (answer.kind == "use") == ("better" in verdicts)
        if answer.kind == "use":
            assert {row.verdict for row in answer.rows} == {"better"}
            better = [row for row in comparison.rows if row.verdict == "better" and row.difference]
            assert answer.rows[0] is max(better, key=lambda row: row.difference.mean if row.difference else 0.0)
        if answer.kind == "only worse":
            assert set(verdicts) == {"baseline", "worse"}
        assert bool(answer.seeds) == (answer.kind == "not decided")
    assert kinds == {"use", "not decided", "no evidence", "only worse"}


def test_with_the_seeds_that_are_named_the_verdict_can_come(night: Night) -> None:
    """One seed too few, and the next night would end as this one did."""
    short = answer_of(night, [0.5] * 3, [0.52, 0.53, 0.54], [0.4] * 3, [0.6, 0.61, 0.62])
    assert (short.kind, short.seeds) == ("not decided", (3, 4, 5, 6))
    enough = 0.6 + np.arange(7) / 1000
    assert answer_of(night, [0.5] * 7, enough, [0.4] * 7, enough).kind == "use"
    assert answer_of(night, [0.5] * 6, enough[:6], [0.4] * 6, enough[:6]).kind == "not decided"


def test_seeds_that_are_lost_are_not_asked_for_again(tmp_path: Path) -> None:
    """The same loss would not be finite again."""
    write_arms(tmp_path, none=[0.5] * 3, mixup=[0.6, 0.61])
    change_facts(write_run(tmp_path / "mixup/seed2", "mixup", 2, done=7), status="not finite")
    assert answer_to(comparison_over(tmp_path, "none")).seeds == (3, 4, 5, 6)


def test_a_declared_claim_needs_fewer_seeds(night: Night) -> None:
    """It is corrected with nothing else; the two arms that are only looked at would need seven."""
    group = night.group(np.array([[0.5] * 6, 0.5 + WOBBLE[:6], 0.5 - WOBBLE[:6], 0.6 + WOBBLE[:6]]))
    comparison = compare(group, group.arms[0], declare(group, group.arms[3], group.arms[0]))
    assert answer_to(comparison).kind == "use"
    short = tuple(replace(arm, runs=arm.runs[:3]) for arm in (group.arms[0], group.arms[3]))
    pair = replace(group, arms=short)
    assert answer_to(compare(pair, short[0], declare(pair, short[1], short[0]))).seeds == (3, 4, 5)


def test_networks_that_do_not_know_their_images_come_first(tmp_path: Path) -> None:
    """An arm that is better may be under-fitted; a baseline may not, and without a better arm none may."""
    for mode, seeds in (("none", [0.5] * 8), ("mixup", 0.56 + WOBBLE), ("userDef", 0.5 - WOBBLE)):
        for seed, accuracy in enumerate(seeds):
            curves = {"accEval": accuracy, "accTrainClean": 0.99 if mode == "none" else 0.5}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, curves=curves)
    over_none = answer_to(comparison_over(tmp_path, "none"))
    assert (over_none.kind, over_none.under_fitted) == ("use", ())
    over_user = answer_to(comparison_over(tmp_path, "userDef"))
    assert [row.arm.label for row in over_user.under_fitted] == ["userDef"]
    over_mixup = answer_to(comparison_over(tmp_path, "mixup"))
    assert over_mixup.kind == "only worse"
    assert {row.arm.label for row in over_mixup.under_fitted} == {"userDef", "mixup"}


def test_arms_that_are_not_compared_are_named(tmp_path: Path) -> None:
    """ "No augmentation helps" would be about them too."""
    write_arms(tmp_path, none=[0.5] * 8, mixup=0.5 + WOBBLE)
    write_run(tmp_path / "cutMix/seed0", "cutMix", done=3)
    answer = answer_to(comparison_over(tmp_path, "none"))
    assert (answer.kind, [arm.label for arm in answer.uncompared]) == ("no evidence", ["cutMix"])
