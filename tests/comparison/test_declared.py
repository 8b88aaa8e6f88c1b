"""Claims that were declared before the runs are tested first and alone, and not before all runs are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import plot_curves
from suite.comparison.declared import declared_beforehand
from suite.comparison.groups import grouped
from suite.comparison.reading import find_runs
from suite.comparison.rows import Comparison, Row
from suite.report.language import ENGLISH
from suite.report.sentences import introduction, verdicts
from tests.fixtures.commands import ROOT, SMALL_VGG, Command, records
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import write_arms, write_run
from tests.fixtures.study import claim, compared_nights, declare_night

CELLS = ("none", "userDef", "samplePairing", "mixup")
AHEAD = [0.60, 0.61, 0.62, 0.63, 0.64, 0.65]
"""Of the seeds; an arm that adds a point or two in each is ahead in all."""


def write_night(folder: Path, seeds: int = 6) -> None:
    """`userDef` is 2 points ahead of `none`, `samplePairing` 4 and mixup 6, in all seeds."""
    arms = {
        mode: [0.6 + 0.02 * number + 0.001 * number * (-1) ** seed for seed in range(seeds)]
        for number, mode in enumerate(CELLS)
    }
    write_arms(folder, **arms)


def row_of(comparison: Comparison, label: str) -> Row:
    return next(row for row in comparison.rows if row.arm.label == label)


def test_a_claim_is_tested_alone(tmp_path: Path) -> None:
    """Six seeds are enough for one comparison and too few for three: a claim would be lost among what is looked at."""
    declare_night(tmp_path, CELLS, [claim("mixup", "none")])
    write_night(tmp_path)
    (comparison,) = compared_nights(tmp_path)
    (declared,) = comparison.claims
    found = declared.rows[-1]
    assert found.verdict == "better" and found.difference is not None
    assert (found.difference.family, found.difference.p_holm) == (1, 2 / 2**6)
    for label in ("userDef", "samplePairing"):
        row = row_of(comparison, label)
        assert row.difference is not None and (row.standing, row.difference.family) == ("looked at", 2)
    assert row_of(comparison, "mixup").difference == found.difference
    first, *others = verdicts(comparison, ENGLISH)
    assert first.startswith("mixup: ") and "; declared beforehand): better" in first
    assert [text.partition(":")[0] for text in others] == ["none", "userDef", "samplePairing"]
    assert "; looked at, not declared): " in others[1] and "after Holm over 2 comparisons" in others[1]


@pytest.mark.parametrize("claimed", [False, True])
def test_a_verdict_waits_for_its_own_group_and_for_all_claims(tmp_path: Path, claimed: bool) -> None:
    """An arm of another network that is not finished says nothing of these; a claim about it would be corrected with
    the others."""
    others = [claim("wide", "wide none")] if claimed else []
    declare_night(tmp_path, (*CELLS, "wide", "wide none"), [claim("mixup", "none"), *others])
    write_night(tmp_path)
    for cell, mode in (("wide", "mixup"), ("wide none", "none")):
        write_run(tmp_path / cell / "seed0", mode, model={"name": "lenet"})
    whole = next(each for each in compared_nights(tmp_path) if len(each.group.arms) == len(CELLS))
    assert row_of(whole, "mixup").verdict == ("so far" if claimed else "better")


def test_claims_are_corrected_among_themselves(tmp_path: Path) -> None:
    declare_night(tmp_path, CELLS, [claim("mixup", "none"), claim("mixup", "userDef")])
    write_night(tmp_path)
    (comparison,) = compared_nights(tmp_path)
    for declared in comparison.claims:
        difference = declared.rows[-1].difference
        assert difference is not None and (difference.family, difference.p_holm) == (2, 4 / 2**6)


def test_a_claim_does_not_hang_on_the_baseline(tmp_path: Path) -> None:
    """Another baseline would put the claim among what is looked at, or test it twice, once the other way round."""
    declare_night(tmp_path, CELLS, [claim("samplePairing", "userDef")])
    write_night(tmp_path)
    (by_default,) = compared_nights(tmp_path)
    assert by_default.baseline is not None and by_default.baseline.label == "userDef"
    told = {}
    for baseline in ("none", "userDef", "samplePairing"):
        (comparison,) = compared_nights(tmp_path, baseline)
        told[baseline] = verdicts(comparison, ENGLISH)
        assert told[baseline][0].startswith("samplePairing: +2.0 points over userDef")
        assert sum("declared beforehand" in text for text in told[baseline]) == 1
        looked_at = [row for row in comparison.rows if row.standing == "looked at"]
        assert {row.difference.family for row in looked_at if row.difference} == {3 if baseline == "none" else 2}
    mirrored = row_of(comparison, "userDef").difference
    assert mirrored is not None and mirrored.wins == 0
    claimed = comparison.claims[0].rows[-1].difference
    assert claimed is not None and (mirrored.mean, mirrored.low) == (-claimed.mean, -claimed.high)


def test_before_all_declared_seeds_there_is_no_verdict(tmp_path: Path) -> None:
    """Who looks after every seed, and stops when it is good, finds a difference that is not there."""
    declare_night(tmp_path, CELLS, [claim("mixup", "none")], seeds=8)
    write_night(tmp_path, seeds=7)
    (comparison,) = compared_nights(tmp_path)
    for row in (*comparison.rows, *comparison.claims[0].rows):
        if row.difference:
            assert row.verdict == "so far" and row.over_images is None
            assert np.isnan([row.difference.p, row.difference.p_holm, row.difference.low, row.difference.high]).all()
    assert "So far, 7 of 8 declared seeds are finished in all arms." in introduction(comparison, ENGLISH)
    assert verdicts(comparison, ENGLISH)[0] == "mixup: +6.0 points over none so far, with 7 of 8 declared seeds."


def test_a_lost_seed_is_not_waited_for(tmp_path: Path) -> None:
    declare_night(tmp_path, CELLS, [claim("mixup", "none")], seeds=7)
    write_night(tmp_path, seeds=6)
    for cell in CELLS[:3]:
        write_run(tmp_path / cell / "seed6", cell, 6, curves={"accEval": 0.6, "accTrainClean": 0.99})
    broken = write_run(tmp_path / "mixup/seed6", "mixup", 6, done=3)
    assert compared_nights(tmp_path)[0].claims[0].rows[-1].verdict != "better"
    change_facts(broken, status="not finite", reason="the loss is not finite")
    assert compared_nights(tmp_path)[0].claims[0].rows[1].verdict == "better"


def test_seeds_that_were_added_are_named(tmp_path: Path) -> None:
    """p is for the declared number of seeds: looks at 6, 8, ... 14 of them made a false claim in 11 % of nights."""
    declare_night(tmp_path, CELLS, [claim("mixup", "none")])
    write_night(tmp_path, seeds=8)
    (comparison,) = compared_nights(tmp_path)
    for text in verdicts(comparison, ENGLISH):
        assert ("Added later: seed 6, 7, so p is no longer exact." in text) == (not text.startswith("none"))


def test_every_group_of_a_study_tests_the_claim(tmp_path: Path) -> None:
    """One claim on two numbers of images is two tests: corrected by itself, each would be a chance more."""
    steps = ("-images_per_class_10", "-images_per_class_20")
    declare_night(tmp_path, [mode + step for mode in CELLS[:2] for step in steps], [claim("userDef", "none", *steps)])
    for mode, points in (("none", 0.5), ("userDef", 0.6)):
        for count, step in zip((10, 20), steps, strict=True):
            for seed, value in enumerate(AHEAD):
                curves = {"accEval": value + points * value - 0.3, "accTrainClean": 0.99}
                data = {"images_per_class": count}
                write_run(tmp_path / f"{mode}{step}" / f"seed{seed}", mode, seed, curves=curves, data=data)
    comparisons = compared_nights(tmp_path)
    assert len(comparisons) == 2
    for comparison in comparisons:
        difference = comparison.claims[0].rows[-1].difference
        assert difference is not None and (difference.family, difference.p_holm) == (2, 4 / 2**6)


def test_without_a_declaration_the_first_line_says_so(tmp_path: Path) -> None:
    said = "No claim was declared before these runs, so all differences are only looked at."
    write_night(tmp_path / "logs")
    (comparison,) = compared_nights(tmp_path / "logs")
    assert introduction(comparison, ENGLISH).startswith(said)
    declare_night(tmp_path / "study", CELLS, question="Does mixup help?")
    write_night(tmp_path / "study")
    (comparison,) = compared_nights(tmp_path / "study")
    assert introduction(comparison, ENGLISH).startswith(f"Question: Does mixup help? {said}")
    assert {row.standing for row in comparison.rows} == {""}


@pytest.mark.parametrize("harm", ["several nights", "edited"])
def test_what_cannot_count_as_declared_is_named(tmp_path: Path, harm: str) -> None:
    """Runs of another night among them were not declared with it, and an edited claim may be younger than the runs."""
    declare_night(tmp_path / "night", CELLS, [claim("mixup", "none")])
    write_night(tmp_path / "night")
    if harm == "several nights":
        write_run(tmp_path / "other/none/seed7", "none", 7, curves={"accEval": 0.6, "accTrainClean": 0.99})
    else:
        file = tmp_path / "night/study.yaml"
        file.write_text(file.read_text().replace("over: none", "over: userDef"))
    beforehand, (note,) = declared_beforehand(grouped(find_runs(tmp_path)[0]))
    assert beforehand == {}
    assert ("what night declared" if harm == "several nights" else "night/study.yaml is damaged or edited") in note


def test_claims_stand_first_on_page_and_in_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    declare_night(tmp_path, CELLS, [claim("mixup", "none")], question="Does mixup help?")
    write_night(tmp_path)
    plot_curves.main([str(tmp_path), "--baseline", "userDef", "--html", "--explain"])
    said = " ".join(capsys.readouterr().out.split())
    declared = said.index("Declared on 2026-01-01, before the first run: mixup over none.")
    assert declared < said.index("mixup: +6.0 points over none") < said.index("mixup: +4.0 points over userDef")
    page = (tmp_path / "comparison/report.html").read_text(encoding="utf-8")
    assert page.index("Declared beforehand</h3>") < page.index("mixup: +6.0 points") < page.index("mixup: +4.0 points")
    table = records(tmp_path / "comparison/summary.csv")
    found = [(record["arm"], record["baseline"], record["standing"]) for record in table if record["standing"]]
    assert found[0] == ("mixup", "none", "declared")
    assert {standing for _, _, standing in found[1:]} == {"looked at"}


def test_a_study_is_declared_before_it_trains(image_set: Path, tmp_path: Path, command: Command) -> None:
    """As a user does it: declared, trained, compared, seeds added; another claim is refused then."""
    file = tmp_path / "grid.yaml"
    text = (
        f"base: {ROOT}/configs/vgg_none.yaml\nquestion: Does it help?\nclaims: [{{arm: mixed, over: none}}]\n"
        "axes:\n  arm: {none: {}, mixed: {augment.mode: mixup}}\nseeds: [0, 1]\n"
    )
    file.write_text(text)
    settings = [*SMALL_VGG, f"data.root={image_set}", "train.epochs=1"]
    line = ["train.py", "--study", str(file), "--jobs", "2", "--set", *settings]
    first = command(*line, "--seed", "0")
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout.startswith("declared in logs/grid/study.yaml: mixed over none, over 2 seeds\n")
    early = " ".join(command("plot_curves.py", "logs", "--explain").stdout.split())
    assert "So far, 1 of 2 declared seeds are finished" in early and "over none so far, with 1 of 2" in early
    assert command(*line).returncode == 0
    assert "So far" not in command("plot_curves.py", "logs", "--explain").stdout
    assert command(*line, "--seed", "2").returncode == 0
    said = " ".join(command("plot_curves.py", "logs", "--explain").stdout.split())
    assert "Added later: seed 2, so p is no longer exact." in said
    file.write_text(text.replace("{arm: mixed, over: none}", "{arm: none, over: mixed}"))
    refused = command(*line)
    assert refused.returncode == 2
    assert "logs/grid/study.yaml: claims were declared otherwise, and runs have begun since" in refused.stderr
    file.write_text(text.replace("augment.mode: mixup", "augment.mode: mixup, train.lr: 0.1"))
    refused = command(*line, "--name", "other")
    assert "claims: mixed over none: they differ in train.lr, and only arms that differ in augment" in refused.stderr
    assert not (tmp_path / "logs/other").exists()
