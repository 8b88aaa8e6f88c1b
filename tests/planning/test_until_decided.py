"""A night ends when its claims are decided or hopeless, whatever happens in between, and says by which rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

import train
from suite.errors import UserError
from suite.planning.until_decided import rule_for, train_until_decided
from suite.report.language import ENGLISH, LANGUAGES
from suite.report.sentences import introduction, verdicts
from suite.runs.declaration import Rule, read_declaration
from suite.training import jobs
from tests.fixtures.commands import ROOT, SMALL_VGG
from tests.fixtures.facts import change_facts
from tests.fixtures.runs import write_run
from tests.fixtures.study import claim, compared_nights, declare_night

CELLS = ("none", "userDef", "samplePairing", "mixup")
MOST = 11
RULE = Rule(most_seeds=MOST)

Train = Callable[[Mapping[Path, Sequence[str]]], int]


def accuracy(arm: str, seed: int) -> float:
    """`mixup` is 4 points ahead of `none` in every seed, `userDef` and `samplePairing` now ahead and now behind."""
    by_arm = {"none": 0.0, "mixup": 0.04 + 0.002 * (seed % 3)}
    return 0.6 + 0.01 * math.sin(seed) + by_arm.get(arm, 0.01 * (-1) ** seed + 0.001 * seed)


def commands(night: Path, cells: Sequence[str] = CELLS) -> dict[Path, list[str]]:
    return {night / cell / f"seed{seed}": [cell] for seed in range(MOST) for cell in cells}


def trainer(begun: list[str], stops_at: str = "") -> Train:
    """Writes runs in place of training them; told to stop at one, it leaves that and all after it."""

    def train_runs(wanted: Mapping[Path, Sequence[str]]) -> int:
        for run in wanted:
            name = f"{run.parent.name}/{run.name}"
            if name == stops_at:
                return 143
            if not run.exists():
                begun.append(name)
                seed = int(run.name.removeprefix("seed"))
                values = {"accEval": accuracy(run.parent.name, seed), "accTrainClean": 0.99}
                write_run(run, run.parent.name, seed, curves=values)
        return 0

    return train_runs


def seeds_of(begun: Sequence[str]) -> dict[str, int]:
    return {cell: sum(name.startswith(f"{cell}/") for name in begun) for cell in CELLS}


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """Declared: `mixup` over `none`, which will be decided, and `userDef` over `none`, which is hopeless."""
    declare_night(tmp_path, CELLS, [claim("mixup", "none"), claim("userDef", "none")], MOST, rule=RULE)
    return tmp_path


def test_an_arm_is_trained_until_its_claims_have_ended(night: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The baseline is in both claims, and the arm without a claim goes along to the end."""
    begun: list[str] = []
    assert train_until_decided(night, commands(night), RULE, trainer(begun)) == 0
    assert seeds_of(begun) == {"none": 7, "userDef": 4, "samplePairing": 7, "mixup": 7}
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in said[:2]] == [
        "given up, a decision by the last seed has become unlikely (4 seeds)",
        "decided, mixup is ahead (7 seeds)",
    ]
    assert said[2:] == ["every declared claim has ended, and so has the night"]


@pytest.mark.parametrize("stops_at", ["mixup/seed2", "mixup/seed6", "samplePairing/seed6"])
def test_a_night_that_was_stopped_ends_as_if_it_had_not_been(night: Path, stops_at: str) -> None:
    """What has ended must follow from the runs alone, or an arm that was given up would be trained on."""
    begun: list[str] = []
    assert train_until_decided(night, commands(night), RULE, trainer(begun, stops_at)) == 143
    assert stops_at not in begun
    assert train_until_decided(night, commands(night), RULE, trainer(begun)) == 0
    assert seeds_of(begun) == {"none": 7, "userDef": 4, "samplePairing": 7, "mixup": 7}


def test_a_failed_run_ends_the_night_and_a_lost_one_does_not(night: Path) -> None:
    """A look at a seed that is not whole would leave a pair out; one whose loss was not finite never comes."""

    def one_fails(wanted: Mapping[Path, Sequence[str]]) -> int:
        return trainer([])({run: command for run, command in wanted.items() if run.name != "seed5"}) or 1

    assert train_until_decided(night, commands(night), RULE, one_fails) == 1
    assert not (night / "mixup/seed5").exists() and not (night / "mixup/seed6").exists()
    lost = write_run(night / "mixup/seed5", "mixup", 5, done=3)
    change_facts(lost, status="not finite", reason="the loss is not finite")
    begun: list[str] = []
    assert train_until_decided(night, commands(night), RULE, trainer(begun)) == 0
    assert seeds_of(begun)["mixup"] == 2  # 6 and 7: the seventh pair


def test_the_verdict_names_the_rule(night: Path) -> None:
    train_until_decided(night, commands(night), RULE, trainer([]))
    (comparison,) = compared_nights(night)
    said = introduction(comparison, ENGLISH)
    assert "a group-sequential sign-flip test after every seed from number 4 to 11." in said
    assert said.count("The night ended when its claims did, so there is no verdict on other differences.") == 1
    mixup, user_def, *others = verdicts(comparison, ENGLISH)
    assert "after Bonferroni over 2 claims 0.031; declared beforehand): better on these images." in mixup
    assert "Decided after 7 of at most 11 seeds by the group-sequential test, whose p this is" in mixup
    assert "Given up after 4 of at most 11 seeds" in user_def and "no evidence of a difference." in user_def
    assert "Not paired" not in "".join([mixup, user_def])
    assert "samplePairing: +0.4 points over none so far, with 7 of 11 declared seeds." in " ".join(others)
    verdicts(comparison, LANGUAGES["zh"])


def test_before_the_end_of_a_claim_there_is_no_verdict(night: Path) -> None:
    train_until_decided(night, commands(night), RULE, trainer([], "none/seed6"))
    (comparison,) = compared_nights(night)
    found = {claimed.rows[-1].arm.label: claimed.rows[-1].verdict for claimed in comparison.claims}
    assert found == {"mixup": "so far", "userDef": "no evidence"}
    assert "So far, 1 of 2 claims have ended." in introduction(comparison, ENGLISH)


def test_later_seeds_of_an_ended_claim_are_left_out(night: Path) -> None:
    """Somebody trains what was given up by hand; its verdict and its numbers stay those of the night."""
    train_until_decided(night, commands(night), RULE, trainer([]))
    (before,) = compared_nights(night)
    trainer([])(commands(night, ("none", "userDef")))
    (after,) = compared_nights(night)
    assert [c.rows[-1].difference for c in before.claims] == [c.rows[-1].difference for c in after.claims]
    assert "Not paired" not in "".join(verdicts(after, ENGLISH)[:2])


def test_the_command_declares_its_rule_and_keeps_to_it(
    image_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line to the last run; only the training itself is made up."""
    monkeypatch.chdir(tmp_path)
    begun: list[str] = []
    monkeypatch.setattr(jobs, "run_all", lambda wanted, _: trainer(begun)(wanted))
    file = tmp_path / "grid.yaml"
    axes = "axes:\n  arm: {none: {}, mixup: {augment.mode: mixup}}\n"
    file.write_text(f"base: {ROOT}/configs/vgg_none.yaml\n{axes}claims: [{{arm: mixup, over: none}}]\nseeds: [0, 1]\n")
    line = ["train.py", "--study", str(file), "--set", *SMALL_VGG, "train.epochs=1", f"data.root={image_set}"]
    seeds = ["--seed", *map(str, range(MOST))]

    def run(*words: str) -> int:
        monkeypatch.setattr("sys.argv", [*line, *words])
        return train.main()

    with pytest.raises(UserError, match="takes 6 to 20 seeds for a claim, and there are 2"):
        run("--until-decided")
    assert run("--until-decided", *seeds) == 0
    assert seeds_of(begun) == {"none": 6, "userDef": 0, "samplePairing": 0, "mixup": 6}
    said = capsys.readouterr().out
    assert said.startswith("declared in logs/grid/study.yaml: mixup over none, over at most 11 seeds\n")
    declaration = read_declaration(Path("logs/grid"))
    assert declaration is not None and declaration.rule == RULE and declaration.seeds == tuple(range(MOST))
    for words in (seeds, ["--until-decided", *seeds, "11"]):
        with pytest.raises(
            UserError, match="declared with --until-decided for seeds 0 1 2 3 4 5 6 7 8 9 10; give both"
        ):
            run(*words)
    assert run("--until-decided", *seeds) == 0
    assert len(begun) == 12


def test_a_night_without_the_rule_does_not_get_it_later(tmp_path: Path) -> None:
    declare_night(tmp_path, CELLS, [claim("mixup", "none")], MOST)
    write_run(tmp_path / "none/seed0")
    with pytest.raises(
        UserError, match="runs have begun without --until-decided; leave it out, or begin another night"
    ):
        declare_night(tmp_path, CELLS, [claim("mixup", "none")], MOST, rule=RULE)


def test_a_study_without_claims_has_nothing_to_decide(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="declares no claims, so --until-decided has nothing to decide"):
        rule_for(str(ROOT / "configs/studies/alpha.yaml"), None)
