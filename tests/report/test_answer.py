"""The answer in words: first on screen, page and summary, and short."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import plot_curves
from suite.comparison.answer import answer_to
from suite.comparison.following import missing_seeds
from suite.report.answer import answered
from suite.report.language import ENGLISH
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import comparison_over, write_arms, write_article_files, write_run
from tests.fixtures.study import claim, compared_nights, declare_night

EIGHT = np.array([-1.0, -0.5, 0.5, 1.0, -1.0, -0.5, 0.5, 1.0]) / 100


def answer_below(folder: Path, baseline: str = "none") -> str:
    return answered(answer_to(comparison_over(folder, baseline)), ENGLISH)


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        (
            {"none": [0.683] * 8, "mixup": 0.713 + EIGHT},
            "Use mixup: 68.3 → 71.3 %, better than none by 2.3 to 3.7 points.",
        ),
        ({"none": [0.5] * 6, "mixup": [0.53] * 6}, "better than none by 3.0 points in every seed."),
        (
            {"none": [0.5] * 8, "cutMix": 0.56 + EIGHT, "mixup": 0.56 - EIGHT, "userDef": 0.4 + EIGHT},
            "Use mixup or cutMix: each is better than none, and these seeds do not tell them apart (mixup 50.0 → 56.0 "
            "%, by 5.3 to 6.7 points; cutMix 50.0 → 56.0 %, by 5.3 to 6.7 points). Worse: userDef.",
        ),
        ({"none": [0.5] * 3, "mixup": [0.6, 0.61, 0.62]}, "Not decided: 3 seeds cannot show it."),
        ({"none": [0.5], "mixup": [0.6]}, "Not decided: 1 seed cannot show it."),
        (
            {"none": [0.5] * 8, "mixup": 0.5 + EIGHT},
            "No augmentation helps here so far. A gain of 1.2 points would have shown in about 4 of 5 such nights.",
        ),
        ({"none": [0.5] * 8, "mixup": [0.5] * 8}, "No augmentation helps here so far."),
        ({"none": [0.5] * 8, "mixup": 0.4 + EIGHT}, "Keep none: no other arm is better. Worse: mixup."),
        ({"none": [0.5] * 8}, "No answer: the only arm is none."),
    ],
)
def test_every_kind_of_answer(tmp_path: Path, arms: dict[str, Any], expected: str) -> None:
    """Each is what a person would do next, with the numbers of its rows."""
    write_arms(tmp_path, **arms)
    said = answer_below(tmp_path)
    assert said.endswith(expected) and said.startswith(("Use", "Not", "No", "Keep"))


def test_over_another_baseline_nothing_is_said_of_augmentation(tmp_path: Path) -> None:
    """ "No augmentation helps" would be wrong where everything is compared with one."""
    write_arms(tmp_path, userDef=[0.5] * 8, mixup=0.5 + EIGHT)
    assert answer_below(tmp_path, "userDef").startswith("Nothing is better than userDef so far.")


def test_without_differences_it_says_why(tmp_path: Path) -> None:
    write_run(tmp_path / "runs/none/seed0", "none", 0)
    write_run(tmp_path / "runs/mixup/seed1", "mixup", 1, done=3)
    assert answer_below(tmp_path / "runs") == "No answer yet: only none is finished."
    assert answer_below(tmp_path / "runs", "mixup") == "No answer yet: no run of mixup is finished."
    assert answer_below(tmp_path / "runs", "?").startswith("No answer: nothing says what to compare with")
    write_article_files(tmp_path / "article", "noAug")
    write_article_files(tmp_path / "article", "mixupAug", accEval=0.53)
    assert answer_below(tmp_path / "article") == "Not decided: their seeds are not recorded."


def test_what_limits_the_answer_stands_behind_it(tmp_path: Path) -> None:
    """Whoever reads nothing else must not take it for more than the verdict."""
    labels, right, wrong = np.zeros(100, int), [1.0, 0.0], [0.0, 1.0]
    for seed in range(8):
        for mode, hits in (("none", 50), ("mixup", 52)):
            given = (labels, [right] * hits + [wrong] * (100 - hits))
            rising = np.linspace(0, 0.2, 20) if mode == "mixup" else 0
            curves = {"accEval": hits / 100 + seed / 1000 * (mode == "mixup") + rising, "accTrainClean": 0.99}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, curves=curves, predictions=given)
    change_facts(write_run(tmp_path / "none/seed8", "none", 8, done=3), status="not finite")
    said = answer_below(tmp_path)
    assert said.startswith("Use mixup: ")
    assert " On other images of the kind there may be no difference. " in said
    assert " Longer training may change the order. Still rising: mixup. " in said
    assert said.endswith(
        "none lost 1 of 9 seeds (8) to a loss that was not finite, so this is about the seeds that survived."
    )


def test_longer_training_comes_before_more_seeds(tmp_path: Path) -> None:
    """Eight seeds of networks that have learned nothing yet would be eight nights for nothing."""
    for mode, clean in (("none", 0.99), ("userDef", 0.5), ("mixup", 0.5)):
        write_run(tmp_path / mode / "seed0", mode, curves={"accTrainClean": clean})
    first = "Train longer first: the networks of userDef and mixup do not know their training images yet."
    assert answer_below(tmp_path) == f"{first} Not decided: 1 seed cannot show it."
    assert missing_seeds([answer_to(comparison_over(tmp_path, "none"))]) == []


def test_before_all_declared_seeds_the_night_goes_on(tmp_path: Path) -> None:
    declare_night(tmp_path, ["none", "mixup"], [claim("mixup", "none")], seeds=8)
    night = "python train.py --study night.yaml --jobs 2"
    for mode in ("none", "mixup"):
        for seed in range(7):
            fitted = {"accTrainClean": 0.99}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, curves=fitted, machine={"night": night})
    (comparison,) = compared_nights(tmp_path)
    answer = answer_to(comparison)
    assert answered(answer, ENGLISH) == "Not decided yet: 7 of 8 declared seeds are finished in all arms."
    assert missing_seeds([answer]) == [night]


STUDY = "python train.py --study configs/studies/mild.yaml"
ALONE = "python train.py --config configs/{}.yaml"


@pytest.mark.parametrize(
    ("night", "expected"),
    [
        (
            f"{STUDY} --seed 0 1 2 --jobs 2 --set 'data.root=my photos'",
            [f"{STUDY} --jobs 2 --set 'data.root=my photos' --seed 3 4 5"],
        ),
        (None, [f"{ALONE.format(mode)} --seed 3 4 5" for mode in ("none", "mixup")]),
    ],
)
def test_the_next_command_trains_the_seeds_that_are_missing(
    tmp_path: Path, night: str | None, expected: list[str]
) -> None:
    """One command where one has started all arms; each arm's own where they were started by themselves."""
    for mode in ("none", "mixup"):
        for seed in range(3):
            session = {"command": f"{ALONE.format(mode)} --seed {seed}", "night": night}
            fitted = {"accTrainClean": 0.99}
            write_run(tmp_path / mode / f"seed{seed}", mode, seed, curves=fitted, machine=session)
    assert missing_seeds([answer_to(comparison_over(tmp_path, "none"))]) == expected


# --- where it stands


def test_a_usual_screen_has_twelve_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Six arms: the answer, a line for each, and where the rest is. Tables and tests are for who asks for them."""
    modes = ("none", "userDef", "samplePairing", "mixup", "cutMix", "standard")
    write_arms(tmp_path, **{mode: 0.6 + number * EIGHT[:3] for number, mode in enumerate(modes)})
    plot_curves.main([str(tmp_path), "--html"])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 12 and max(map(len, lines[:-1])) <= 120
    assert lines[0] == "Not decided: 3 seeds cannot show it."
    assert lines[1].startswith("next: python train.py --seed 3 4 5 6 7")
    assert [line.split()[-1] for line in lines if line.startswith("  baseline")] == ["%"]
    assert sum(line.startswith("  too few seeds") for line in lines) == 5
    assert "comparison/report.html, summary.md, summary.csv, " in lines[-1]
    plot_curves.main([str(tmp_path), "--explain"])
    explained = capsys.readouterr().out
    assert explained.startswith(lines[0]) and "sign-flip p" in explained and "accuracy, %" in explained


def test_each_group_has_an_answer_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them first, on screen and page."""
    pytest.importorskip("plotly")
    write_arms(tmp_path / "a", none=[0.5] * 8, mixup=0.56 + EIGHT)
    write_arms(tmp_path / "b", epochs=30, none=[0.5] * 8, mixup=0.4 + EIGHT)
    plot_curves.main([str(tmp_path), "--html"])
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("googlenet on emoji16, 32 px, 20 epochs: Use mixup: 50.0 → 56.0 %")
    assert second.startswith("googlenet on emoji16, 32 px, 30 epochs: Keep none")
    page = (tmp_path / "comparison/report.html").read_text(encoding="utf-8").partition("<main>")[2]
    box = page[: page.index("<section")]
    assert box.count("<p>") == 2 and "Use mixup: 50.0 → 56.0 %" in box and "Keep none" in box
    summary = (tmp_path / "comparison/summary.md").read_text(encoding="utf-8")
    assert not re.search(r"\d%", summary + box)
    assert summary.index("**Use mixup") < summary.index("**Keep none") < summary.index("\n## ")


def test_a_number_without_proof_is_grey_and_its_statistics_are_folded(tmp_path: Path) -> None:
    """ "+3.0" in large black letters is read as a result, whatever stands beside it."""
    pytest.importorskip("plotly")
    write_arms(tmp_path, none=[0.5] * 8, userDef=0.5 + EIGHT, mixup=0.56 + EIGHT)
    plot_curves.main([str(tmp_path), "--html"])
    page = (tmp_path / "comparison/report.html").read_text(encoding="utf-8").partition("<main>")[2]
    cards = re.findall(r'<div class="card ([\w-]+)">(.*?)</details>', page, re.DOTALL)
    assert [verdict for verdict, _ in cards] == ["baseline", "no-evidence", "better"]
    for verdict, card in cards:
        assert ('class="number unproven"' in card) == (verdict == "no-evidence")
        assert card.index('class="badge"') < card.index("<h4>") < card.index('class="number') < card.index("<details>")
        assert "sign-flip" not in card[: card.index("<details>")]
    assert "50.0 → 56.0 %" in cards[-1][1]
