"""Sentences made of numbers: they must say what the numbers say, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite.comparison.groups import baseline_arm, grouped
from suite.comparison.predictions import judged_by
from suite.comparison.reading import find_runs
from suite.comparison.rows import compare
from suite.report.cautions import warnings
from suite.report.language import ENGLISH, LANGUAGES
from suite.report.numbers import p_value
from suite.report.sentences import introduction, verdict
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import (
    comparison_over,
    only_group,
    write_arms,
    write_article_files,
    write_evaluation,
    write_run,
)


def sentences(folder: Path, baseline: str = "none", lang: str = "en") -> dict[str, str]:
    comparison = comparison_over(folder, baseline)
    return {row.arm.label: verdict(row, comparison, LANGUAGES[lang]) for row in comparison.rows}


def around(mean: float, *points: float) -> Any:
    return mean + np.array(points) / 100


EIGHT = (-1.0, -0.5, 0.5, 1.0, -1.0, -0.5, 0.5, 1.0)


def test_better_and_worse(tmp_path: Path) -> None:
    """Every number of the sentence, with signs, and both directions."""
    write_arms(tmp_path, none=[0.5] * 8, userDef=around(0.45, *EIGHT), mixup=around(0.53, *EIGHT))
    said = sentences(tmp_path)
    assert said["none"] == "none: eval accuracy 50.0 % (n = 8); the others are compared with it."
    assert said["mixup"] == (
        "mixup: +3.0 points over none (95 % interval +2.3 to +3.7, t over 8 seeds; 8 of 8 seeds ahead; "
        "sign-flip p 0.008, after Holm over 2 comparisons 0.016): better on these images."
    )
    assert said["userDef"].startswith("userDef: -5.0 points over none (95 % interval -5.7 to -4.3, ")
    assert "; 0 of 8 seeds ahead; " in said["userDef"] and said["userDef"].endswith(": worse on these images.")


def test_no_evidence_says_what_would_have_been_found(tmp_path: Path) -> None:
    """ "No evidence" alone is read as "no difference". With one comparison there is nothing to adjust."""
    write_arms(tmp_path, none=[0.5] * 8, mixup=around(0.4996, *EIGHT))  # -0.04 points, which is no "-0.0"
    said = sentences(tmp_path)["mixup"]
    assert said.startswith("mixup: +0.0 points over none ") and "Holm" not in said
    found = "a true difference of 1.2 points would have been found in about 4 of 5 such nights."
    assert said.endswith(f": no evidence of a difference; {found}")


def test_a_test_that_passes_alone_is_explained(tmp_path: Path) -> None:
    """ "+0.0 to +3.1, p 0.047: no evidence" reads like a mistake. These differences came up on clothes."""
    measured = (1.3, 0.5, 4.8, 0.7, 2.2, 2.6, -1.6, 1.7)
    write_arms(tmp_path, none=[0.5] * 8, mixup=around(0.5, *measured))
    said = sentences(tmp_path)["mixup"]
    assert "(95 % interval -0.0 to +3.1, " in said and "sign-flip p 0.047" in said
    assert ": no evidence of a difference, because the interval holds 0, though the test passes; a true " in said
    assert "检验虽通过" in sentences(tmp_path, lang="zh")["mixup"]


def test_a_run_that_its_loss_has_stopped_promises_no_comparison(tmp_path: Path) -> None:
    """ "When it is finished" would be waited for; and the arm is judged by its easier seeds."""
    write_arms(tmp_path, none=[0.5] * 3, mixup=[0.6] * 2)
    folder = write_run(tmp_path / "mixup" / "seed2", "mixup", 2, done=7)
    change_facts(folder, status="not finite")
    comparison = comparison_over(tmp_path, "none")
    finished, stopped = (verdict(row, comparison, ENGLISH) for row in comparison.rows if row.arm.label == "mixup")
    assert stopped == "mixup, seed 2: stopped at epoch 7 of 20, its loss was not finite; not compared."
    assert " Not paired: seed 2, missing in one of the two or in some fold. mixup lost 1 of 3 seeds (2)" in finished
    assert finished.endswith(" to a loss that was not finite, so this is about the seeds that survived.")


def test_lost_seeds_of_the_baseline_are_named_too(tmp_path: Path) -> None:
    """ "Better" on six survivors of eight, whichever side the others were on."""
    write_arms(tmp_path, none=[0.5] * 6, mixup=0.6 + np.arange(8) / 1000)
    for seed in (6, 7):
        change_facts(write_run(tmp_path / f"none/seed{seed}", "none", seed, done=3), status="not finite")
    said = sentences(tmp_path)
    assert ": better on these images." in said["mixup"]
    assert "none lost 2 of 8 seeds (6, 7) to a loss that was not finite" in said["mixup"]
    comparison = comparison_over(tmp_path, "none")
    assert warnings(comparison.rows[0], ENGLISH) == ["2 of 8 seeds lost"]


@pytest.mark.parametrize(("gained", "carries"), [(2, False), (40, True)])
def test_a_claim_that_rests_on_few_images_says_so(tmp_path: Path, gained: int, carries: bool) -> None:
    """Eight seeds agree about two images of a hundred: other images would decide anew, however small p is."""
    labels, right, wrong = np.zeros(100, int), [1.0, 0.0], [0.0, 1.0]
    for seed in range(8):
        for mode, hits in (("none", 50), ("mixup", 50 + gained)):
            given = (labels, [right] * hits + [wrong] * (100 - hits))
            accuracy = {"accEval": hits / 100 + seed / 1000 * (mode == "mixup"), "accTrainClean": 0.99}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, curves=accuracy, predictions=given)
    said = sentences(tmp_path)["mixup"]
    assert ": better on these images." in said
    found = (
        " Over the 100 evaluation images in place of the seeds it is +2.0 (95 % interval +0.0 to "
        "+5.0, after the last epoch), so on"
    )
    assert (found in said) is not carries


def test_arms_that_never_differ_promise_nothing(tmp_path: Path) -> None:
    """A standard deviation of 0 would promise to find differences of 0.0 points."""
    write_arms(tmp_path, none=[0.5] * 6, mixup=[0.5] * 6)
    assert sentences(tmp_path)["mixup"].endswith("sign-flip p 1.00): no evidence of a difference.")


def test_too_few_seeds_say_how_many_it_takes(tmp_path: Path) -> None:
    """For all comparisons together: six would do for one, seven for two."""
    write_arms(tmp_path, none=[0.5] * 3, userDef=[0.4] * 3, mixup=[0.6, 0.61, 0.62])
    said = sentences(tmp_path)["mixup"]
    assert "only the direction of 3 seeds; even if all agreed, p would be 0.50" in said
    assert said.endswith("so train at least 7 seeds of each.")
    assert "better" not in said


def test_one_seed_is_about_two_networks(tmp_path: Path) -> None:
    right, wrong = [1.0, 0.0], [0.0, 1.0]
    for mode, logits, accuracy in (("none", [wrong, right, right], 0.5), ("mixup", [right, right, right], 0.6)):
        given = (np.zeros(3, int), logits)
        write_run(tmp_path / mode / "seed4", mode, 4, curves={"accEval": accuracy}, predictions=given)
    said = sentences(tmp_path)["mixup"]
    assert said.startswith("mixup: +10.0 points over none with seed 4, the only pair; after the last ")
    assert "after the last epoch +33.3 on 3 images (95 % interval +0.0 to +100.0, " in said
    assert "1 are right in mixup only and 0 in none only, McNemar p 1.00" in said
    assert "says nothing about other seeds; train at least 6 seeds of each" in said
    (tmp_path / "none" / "seed4" / "predictions.npz").unlink()
    assert "after the last epoch" not in sentences(tmp_path)["mixup"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_seeds_that_were_made_elsewhere_are_named_with_what_differs(tmp_path: Path, lang: str) -> None:
    """Without a word they would be missing from n; seeds with the same differences stand together."""
    for seed, opencv in enumerate(("4.10", "5.0", "5.0", "4.10")):
        for mode, code in (("none", "a"), ("mixup", "b" if seed == 2 else "a")):
            versions = {"opencv": opencv if mode == "mixup" else "4.10"}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, machine={"code": code, "versions": versions})
    said = sentences(tmp_path, lang=lang)["mixup"]
    if lang == "en":
        assert "Not paired: seed 1, not made alike: opencv 5.0 in mixup, 4.10 in none. " in said
        assert "Not paired: seed 2, not made alike: code b in mixup, a in none; opencv 5.0 in mixup" in said
        assert "missing" not in said
    else:
        assert "opencv 在 mixup 中为 5.0" in said and "在 none 中为 4.10" in said


def test_an_arm_that_was_made_elsewhere_altogether_has_no_pairs(tmp_path: Path) -> None:
    for seed in (0, 1):
        for mode, code in (("none", "a"), ("mixup", "b")):
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, machine={"code": code})
    said = sentences(tmp_path)["mixup"]
    assert ", a difference of two means without an interval: no seed was made alike in both. " in said
    assert "Not paired: seed 0, 1, not made alike: code b in mixup, a in none." in said


def test_what_is_not_set_against_a_baseline_says_why(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "a" / "seed0", "none", 0, epochs=20)
    write_run(tmp_path / "runs" / "b" / "seed1", "mixup", 1, epochs=20)
    write_run(tmp_path / "runs" / "c" / "seed2", "userDef", 2, epochs=20, done=7)
    said = sentences(tmp_path / "runs")
    assert "+0.0 points over none" in said["mixup"] and "no seed is there in both" in said["mixup"]
    assert said["userDef"] == "userDef, seed 2: at epoch 7 of 20; compared with the others when it is finished."
    assert "no run of userDef is finished" in sentences(tmp_path / "runs", "userDef")["mixup"]
    alone = compare(only_group(tmp_path / "runs"), None)
    assert "no baseline is chosen" in verdict(alone.rows[0], alone, ENGLISH)
    write_article_files(tmp_path / "article", "noAug")
    write_article_files(tmp_path / "article", "mixupAug", accEval=0.53)
    said = sentences(tmp_path / "article")
    assert "+3.0 points over none" in said["mixup"] and "seeds are not recorded" in said["mixup"]


def test_seeds_without_a_partner_are_named(tmp_path: Path) -> None:
    write_arms(tmp_path, none=[0.5] * 2, mixup=[0.5] * 4)
    assert "Not paired: seed 2, 3, missing in one of the two" in sentences(tmp_path)["mixup"]


def test_folds_are_mentioned(tmp_path: Path) -> None:
    """n = 2 seeds of 3 folds are six runs, and the reader may count them."""
    for fold in ("f1", "f2", "f3"):
        for mode in ("none", "mixup"):
            for seed in (0, 1):
                folder = tmp_path / f"{mode}-{fold}" / f"seed{seed}"
                write_run(folder, mode, seed, fingerprint=fold, pool="p")
    assert "no interval from 2 seeds, each the mean of 3 folds;" in sentences(tmp_path)["mixup"]


@pytest.mark.parametrize("spoiled", ["none", "mixup"])
def test_cautions_are_about_either_side(tmp_path: Path, spoiled: str) -> None:
    """A baseline that is still learning makes every other mode look good."""
    for mode in ("none", "mixup"):
        bad = mode == spoiled
        accuracy = np.linspace(0.1, 0.9, 20) if bad else 0.5
        curves = {"accEval": accuracy, "accTrainClean": 0.42 if bad else 0.99}
        write_run(tmp_path / mode / "seed0", mode, curves=curves)
    state = f"{spoiled} is still under-fitted (train, clean 42.0 %, below 81.2 %) and still rising in eval accuracy"
    said = sentences(tmp_path)
    assert f"Caution: {state}. Longer training may change the order" in said["mixup"]
    assert said["mixup"].count("Caution") == 1
    assert ("Caution" in said["none"]) == (spoiled == "none")


def test_it_is_said_where_nothing_tells_whether_an_arm_still_rises(tmp_path: Path) -> None:
    """Silence would be read as "it does not"."""
    write_arms(tmp_path / "late", none=[0.5] * 8, samplePairing=[0.5] * 8)
    text = (
        "Whether samplePairing still rises cannot be told: the augmentation changes within the last 4 epochs, which "
        "moves accuracy too."
    )
    said = sentences(tmp_path / "late")
    assert said["samplePairing"].endswith(text) and text not in said["none"]
    write_arms(tmp_path / "short", epochs=7, none=[0.5] * 8, mixup=[0.5] * 8)
    said = sentences(tmp_path / "short")
    assert said["mixup"].endswith(" Below 8 epochs it cannot be told whether accuracy still rises.")
    assert "rising" not in said["mixup"]


def test_an_imbalanced_night(tmp_path: Path) -> None:
    """Who guesses the larger of two classes of noise has 90 %: the reader must be told, and what to do."""
    for metric in ("accuracy", "balanced"):
        for mode in ("none", "mixup"):
            curves = {"accEval": 0.9, "accTrainClean": 0.9}
            for seed in range(6):
                folder = tmp_path / metric / mode / f"seed{seed}"
                run = write_run(folder, mode, seed, curves=curves, train={"metric": metric})
                change_facts(run, data={"class_names": ["cat", "dog"], "train_per_class": [90, 10]})
    plain, balanced = (comparison_over(tmp_path / metric, "none") for metric in ("accuracy", "balanced"))
    said = introduction(plain, ENGLISH)
    assert "Each seed counts with its eval accuracy, mean of the last 2 epochs (19 to 20)." in said
    assert "train.metric=balanced is recommended" in said
    caution = "none is still under-fitted (train, clean 90.0 %, below 98.0 %)"
    assert caution in verdict(plain.rows[0], plain, ENGLISH)
    said = introduction(balanced, ENGLISH)
    assert "Each seed counts with its balanced eval accuracy, mean of" in said
    assert "every class counts the same" in said and "recommended" not in said
    assert verdict(balanced.rows[0], balanced, ENGLISH).startswith("none: balanced eval accuracy 50.0 % (n = 6); ")


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.05, "0.050"),
        (0.0496, "0.0496"),
        (0.05002, "0.05002"),
        (0.0512, "0.051"),
        (0.0491, "0.049"),
        (0.0004, "< 0.001"),
        (0.123, "0.12"),
    ],
)
def test_a_p_value_is_on_the_side_of_the_level_that_it_is_on(p: float, text: str) -> None:
    """ "p 0.050" beside "better" contradicts the rule, and beside "no evidence" the reader sees no reason."""
    assert p_value(p) == text


def test_several_networks_a_side_are_not_right_or_wrong(tmp_path: Path) -> None:
    """One seed over two folds, judged on one list: McNemar's test has no counts there."""
    wrong, right = np.eye(16)[[1]], np.eye(16)[[0]]
    for fold in ("f1", "f2"):
        for mode, hits in (("none", 2), ("mixup", 4)):
            folder = write_run(tmp_path / f"{mode}-{fold}" / "seed0", mode, fingerprint=fold, pool="all")
            write_evaluation(folder, np.concatenate([right] * hits + [wrong] * (6 - hits)))
    (group,) = grouped(judged_by(find_runs(tmp_path)[0], "evaluation-Test-last")[0])
    comparison = compare(group, baseline_arm(group, "none"))
    for say in LANGUAGES.values():
        said = verdict(comparison.rows[1], comparison, say)
        assert "+33.3" in said and "nan" not in said and "McNemar" not in said


def test_small_p_values_are_not_zero(tmp_path: Path) -> None:
    write_arms(tmp_path, none=[0.5] * 12, mixup=np.linspace(0.6, 0.61, 12))
    assert "sign-flip p < 0.001)" in sentences(tmp_path)["mixup"]


def test_chinese(tmp_path: Path) -> None:
    write_arms(tmp_path, none=[0.5] * 8, mixup=around(0.53, *EIGHT))
    said = sentences(tmp_path, lang="zh")["mixup"]
    assert said == (
        "mixup：相对 none +3.0 个百分点（95 % 置信区间 +2.3 至 +3.7，8 个种子的 t 区间；"  # noqa: RUF001
        "8 个种子中 8 个领先；符号翻转检验 p 0.008）：在这批图像上更好。"  # noqa: RUF001
    )
