"""Grids of runs: what a study file stands for, and that the shipped ones fit the configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from suite.config.reading import load_config
from suite.config.study import load_study
from suite.errors import UserError
from tests.fixtures.commands import ROOT, SMALL_VGG, Command

STUDIES = sorted((ROOT / "configs/studies").glob("*.yaml"))


ARMS = "axes: {arm: {a: {}, b: {augment.mode: mixup}}}\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "grid.yaml"
    file.write_text(f"base: {ROOT}/configs/vgg_none.yaml\n{text}")
    return file


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_every_cell_of_a_shipped_study_is_another_experiment(file: Path) -> None:
    """A key that is spelt wrong, or an arm that repeats another, would waste a night."""
    study = load_study(file)
    configs = [load_config(study.base, cell.overrides).model_dump_json() for cell in study.cells]
    assert len(set(configs)) == len(configs) > 1


def test_axes_are_multiplied_and_their_values_arrive(tmp_path: Path) -> None:
    study = load_study(
        written(
            tmp_path,
            "set: {train.epochs: 7, model.conv_arch: [[1, 8]]}\n"
            "axes:\n"
            "  arm: {plain: {}, mixed: {augment.mode: mixup, augment.operations: none}}\n"
            "  data.images_per_class: [10, null]\n"
            "seeds: [3, 4, 3]\n",
        )
    )
    names = ["plain-images_per_class_10", "plain-images_per_class_all", "mixed-images_per_class_10"]
    assert [cell.name for cell in study.cells] == [*names, "mixed-images_per_class_all"]
    assert study.seeds == [3, 4]
    config = load_config(study.base, study.cells[2].overrides)
    assert (config.train.epochs, config.data.images_per_class) == (7, 10)
    assert (config.augment.mixer, config.augment.operations) == ("mixup", ())
    assert config.model.model_dump()["conv_arch"] == ((1, 8),)
    assert load_config(study.base, study.cells[3].overrides).data.images_per_class is None


def test_a_claim_knows_its_cells(tmp_path: Path) -> None:
    """With folds, an arm is several cells. Seeds that the file does not name may be chosen by --seed."""
    text = f"question: Does b help?\nclaims: [{{arm: b, over: a}}]\n{ARMS}".replace(
        "}}}", "}}, fold: {one: {}, two: {data.train_list: Train2.txt}}}"
    )
    study = load_study(written(tmp_path, text))
    (claim,) = study.claims
    assert (claim.arm_cells, claim.over_cells) == (("b-one", "b-two"), ("a-one", "a-two"))
    assert (study.question, study.names_seeds) == ("Does b help?", False)
    balanced = load_study(written(tmp_path, f"metric: balanced\n{ARMS}"))
    assert load_config(balanced.base, balanced.cells[0].overrides).train.metric == "balanced"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("axis: {}\n", "axis: unknown key; did you mean axes?"),
        ("axes: {}\n", "axes: should"),
        ("axes: {train.lr: []}\n", "axes.train.lr: has no values"),
        ("axes: {train.lr: 0.1}\n", "axes.train.lr: should be a list of values, or names"),
        ("axes: {train.lr: [0.1, 0.1]}\n", "two cells would be called 'lr_0.1'"),
        ("axes: {arm: {a/b: {}}}\n", "is no folder name"),
        ("axes: {arm: {..: {}}}\n", "no folder name"),
        ("axes: {train.lr: [0.1]}\nseeds: [-1]\n", "seeds"),
        ("axes: {train.lr: [0.1]}\nseeds: 3\n", "seeds: should be a list, got 3"),
        (f"{ARMS}claims: [{{arm: b, over: c}}]\n", "claims: b over c: are no two names of one axis; there are a, b"),
        (f"{ARMS}claims: [{{arm: b, over: b}}]\n", "claims: b over b: is compared with itself"),
        (f"{ARMS}claims: [{{arm: b, over: a}}, {{arm: a, over: b}}]\n", "claims: a over b: stands there twice"),
        (f"{ARMS}claims: [{{arm: b}}]\n", "claims.0.over: is missing"),
        (f"{ARMS}metric: loss\n", "metric: "),
    ],
)
def test_a_mistake_names_the_file_and_the_key(text: str, complaint: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    with pytest.raises(UserError) as raised:
        load_study(file)
    assert str(file) in str(raised.value)
    assert complaint in str(raised.value)


def test_what_a_study_lacks_is_named(tmp_path: Path) -> None:
    """And not the whole file shown in its place."""
    file = tmp_path / "grid.yaml"
    file.write_text("train: {lr: 1}\n")
    with pytest.raises(UserError) as raised:
        load_study(file)
    assert raised.value.problems[:2] == [f"{file}: base: is missing", f"{file}: axes: is missing"]


def test_a_section_changes_those_of_its_keys_that_it_names(tmp_path: Path) -> None:
    """Or the arm `wide` would be of another network, and all of them of the default batch size."""
    study = load_study(
        written(
            tmp_path,
            "set: {train: {epochs: 60}, train.batch_size: 4}\naxes: {arm: {plain: {}, wide: {model: {width: 2.0}}}}\n",
        )
    )
    plain, wide = (
        load_config(
            study.base,
            cell.overrides,
        )
        for cell in study.cells
    )
    assert (plain.train.epochs, plain.train.batch_size) == (60, 4)
    assert wide.model.model_dump() == plain.model.model_dump() | {"width": 2.0}
    assert wide.model.name == "vgg"


def test_a_study_trains_its_grid_and_goes_on_where_it_stopped(
    image_set: Path, tmp_path: Path, command: Command
) -> None:
    """Seed after seed, so that what an interrupted night leaves can be compared; run folders as without a study."""
    file = written(tmp_path, "axes:\n  arm: {none: {}, mixed: {augment.mode: mixup}}\nseeds: [0, 1]\n")
    logs = tmp_path / "logs"
    settings = [*SMALL_VGG, f"data.root={image_set}", "train.epochs=1"]
    line = ["--study", str(file), "--logs", str(logs), "--jobs", "2", "--set", *settings]
    first = command("train.py", *line)
    assert first.returncode == 0, first.stdout + first.stderr
    listed = [text.strip() for text in first.stdout.splitlines()[1:5]]
    assert listed == [f"{logs}/grid/{cell}/seed{seed}" for seed in (0, 1) for cell in ("none", "mixed")]
    facts = json.loads((logs / "grid/mixed/seed1/run.json").read_text())
    assert (facts["status"], facts["mode"], facts["seed"]) == ("finished", "mixup", 1)
    again = command("train.py", *line)
    assert again.stdout.count("is finished and left as it is") == 4


def test_a_cell_that_does_not_fit_stops_the_study_before_it_starts(tmp_path: Path, command: Command) -> None:
    file = written(tmp_path, "axes:\n  augment.alfa: [0.1, 0.2]\n")
    refused = command("train.py", "--study", str(file), "--logs", str(tmp_path / "logs"))
    assert refused.returncode == 2
    assert f"{file}: --set augment.alfa=0.1: augment.alfa: unknown key; did you mean augment.alpha?" in refused.stderr
    assert not (tmp_path / "logs").exists()
