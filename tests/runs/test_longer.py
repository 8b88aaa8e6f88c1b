"""Runs that are made longer: as if they had been planned so, or not at all."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from suite.config.schema import Config
from suite.errors import UserError
from suite.runs.continuing import why_not_longer
from suite.runs.facts import read_facts
from suite.training.run import train
from tests.fixtures.facts import change_facts
from tests.fixtures.images import make_image_set
from tests.fixtures.runs import kept


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_image_set(tmp_path_factory.mktemp("longer") / "images")


def config(images: Path, epochs: int, mode: str = "mixup", **keys: Any) -> Config:
    sections = {
        "model": {"name": "vgg", "conv_arch": [[1, 8], [1, 16]], "fc": [32]},
        "augment": {"mode": mode},
        "data": {"root": str(images), "image_size": 16},
        "train": {"epochs": epochs, "batch_size": 4, "lr": 0.002, "clean_every": 3, **keys},
    }
    return Config.model_validate(sections)


def test_a_longer_run_is_the_one_that_was_planned_so(images: Path, tmp_path: Path) -> None:
    """Bit for bit, with the clean pass that epoch 4 had as the last one taken back; also from a damaged last.npz."""
    straight = tmp_path / "straight"
    train(config(images, 6), straight)
    for name in ("raised", "damaged"):
        assert train(config(images, 4), tmp_path / name) == 0
    (tmp_path / "damaged/last.npz").write_bytes(b"")
    (tmp_path / "damaged/config.yaml").write_text("")
    for name in ("raised", "damaged"):
        assert train(config(images, 6), tmp_path / name) == 0
        assert kept(tmp_path / name) == kept(straight)
        facts = read_facts(tmp_path / name)
        assert facts is not None and (facts.status, facts.epochs_done) == ("finished", 6)


@pytest.mark.parametrize(
    ("mode", "keys", "epochs", "why"),
    [
        ("none", {"schedule": "cosine"}, 6, "its learning rate falls along a cosine that ends with the last epoch"),
        ("samplePairing", {}, 60, "its augmentation is switched after shares of the run, so epoch 1 would be another"),
        ("none", {}, 2, "a run cannot become shorter"),
        ("none", {"clean_every": 2}, 6, "train.clean_every was 3 when this run began and is 2 now"),
    ],
)
def test_what_would_have_been_another_run_is_refused(
    mode: str, keys: dict[str, Any], epochs: int, why: str, images: Path, tmp_path: Path
) -> None:
    """Its first epochs belong to the shorter run. Nothing is touched."""
    began = keys if "schedule" in keys else {}
    train(config(images, 4, mode, **began), tmp_path / "run")
    before = kept(tmp_path / "run")
    with pytest.raises(UserError) as raised:
        train(config(images, epochs, mode, **keys), tmp_path / "run")
    assert why in str(raised.value)
    if "clean_every" not in why:
        assert f"train.epochs was 4 when this run began and is {epochs} now; {why}" in raised.value.problems[0]
    assert "--fresh" in raised.value.problems[-1] and "--name" in raised.value.problems[-1]
    assert kept(tmp_path / "run") == before


def test_what_is_allowed_goes_on_only_from_a_checkpoint_of_the_same_run(images: Path, tmp_path: Path) -> None:
    """Without a sound config.yaml the checkpoint decides, and by the same rule."""
    train(config(images, 4, "none", schedule="cosine"), tmp_path / "run")
    (tmp_path / "run/config.yaml").write_text("")
    change_facts(tmp_path / "run", status="running")
    with pytest.raises(UserError, match="no sound checkpoint is left"):
        train(config(images, 6, "none", schedule="cosine"), tmp_path / "run")


def test_only_schedules_that_are_shares_depend_on_the_length() -> None:
    """Mixup is always on; the rule looks at the epochs that are done, so it needs no list of modes."""
    for mode, done in itertools.product(("none", "userDef", "mixup", "cutMix"), (1, 50)):
        assert why_not_longer(Config.model_validate({"augment": {"mode": mode}}), 1000, done) == ""
    pairing = Config.model_validate({"augment": {"mode": "samplePairing"}})
    assert why_not_longer(pairing, 1000, 50) == "" and why_not_longer(pairing, 1000, 51) != ""
