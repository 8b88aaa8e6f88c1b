"""The configuration: presets, overrides, and what a file means. What is refused stands in test_bad_configs.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from augment.settings import MODES, AugmentConfig
from models.settings import NETWORKS, VGGConfig
from suite.config.reading import load_config
from suite.config.schema import MACHINE_KEYS, PATH_KEYS, Config, dump_config, flattened
from suite.errors import UserError
from tests.fixtures.commands import ROOT

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def run(text: str) -> Path:
        file = tmp_path / "my.yaml"
        file.write_text(text)
        return file

    return run


def problems(file: Path, *overrides: str) -> list[str]:
    with pytest.raises(UserError) as caught:
        load_config(file, overrides)
    return [problem.removeprefix(str(file)) for problem in caught.value.problems]


def test_defaults_are_the_article_s() -> None:
    config = Config()
    assert (config.train.epochs, config.train.batch_size, config.train.lr) == (500, 8, 1e-4)
    assert (config.train.optimizer, config.train.weight_decay) == ("adam", 0)
    assert config.data.image_size == 224
    assert config.augment.alpha == 1.5
    ops = config.augment.ops
    assert ops.brightness == ops.contrast == ops.color == ops.sharpness == (0.5, 1.5)
    assert (ops.crop, ops.rotate, ops.noise, ops.noise_sigma) == ((1, 1.5), (0, 359), 0.5, (0, 5))
    assert VGGConfig().conv_arch == ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))


@pytest.mark.parametrize(
    ("mode", "operations", "mixer", "start", "on", "off"),
    [
        ("none", (), "none", 0, 1, 0),
        ("userDef", ("userDef",), "none", 0, 1, 0),
        ("samplePairing", ("userDef",), "samplePairing", 0.1, 8, 2),
        ("mixup", ("userDef",), "mixup", 0, 1, 0),
    ],
)
def test_mode_is_a_preset(mode: str, operations: tuple[str, ...], mixer: str, start: float, on: int, off: int) -> None:
    augment = Config.model_validate({"augment": {"mode": mode}}).augment
    assert (augment.operations, augment.mixer) == (operations, mixer)
    assert (augment.schedule.start, augment.schedule.on, augment.schedule.off) == (start, on, off)


def test_each_part_of_a_preset_can_be_overridden(write: Write) -> None:
    file = write(
        "augment:\n  mode: mixup\n  operations: none\n  schedule: {on: 8, off: 2}\n"
        "  strength: mild\n  ops: {crop: [1, 2]}\n"
    )
    augment = load_config(file).augment
    assert (augment.operations, augment.mixer) == ((), "mixup")
    assert (augment.schedule.start, augment.schedule.on, augment.schedule.off) == (0, 8, 2)
    assert augment.ops.crop == (1, 2)
    assert (augment.ops.rotate, augment.ops.flip_vertical) == ((-15, 15), 0)
    assert load_config(file, ["augment.mode=samplePairing"]).augment.schedule.start == 0.1


@pytest.mark.parametrize(
    ("given", "done"),
    [
        ({"mode": "none", "mixer": "mixup"}, "mixup"),
        ({"mixer": "samplePairing"}, "samplePairing"),
        ({"mode": "none", "operations": "userDef"}, "userDef"),
        ({"mode": "userDef", "operations": "none"}, "none"),
        ({"mode": "mixup", "mixer": "none"}, "userDef"),
        ({"mode": "samplePairing", "mixer": "mixup"}, "mixup"),
    ],
)
def test_the_mode_is_what_is_done(given: dict[str, str], done: str) -> None:
    """Arms are named by their mode: a table would show mixup under the name of none."""
    with pytest.raises(ValidationError, match=f"set augment.mode to {done}, "):
        AugmentConfig.model_validate(given)
    assert AugmentConfig.model_validate(given | {"mode": done}).mode == done


def test_a_section_that_overrides_leaves_the_keys_it_does_not_name(write: Write) -> None:
    """Or a vgg would silently become the default network, and a learning rate the default one."""
    file = write("model: {name: vgg}\ntrain: {lr: 0.1}\naugment: {ops: {crop: [1, 2], noise: 0.1}}\n")
    config = load_config(file, ["train={epochs: 60}", "model={width: 2.0}", "augment={ops: {noise: 0.2}}", "log={}"])
    assert (config.model.name, config.model.width) == ("vgg", 2)
    assert (config.train.lr, config.train.epochs) == (0.1, 60)
    assert (config.augment.ops.crop, config.augment.ops.noise) == ((1, 2), 0.2)
    assert load_config(file, ["train={epochs: 60}", "train.epochs=7"]).train.epochs == 7


def test_the_resolved_file_gives_the_same_configuration_again(write: Write) -> None:
    for file in sorted((ROOT / "configs").glob("*.yaml")):
        config = load_config(file, ["augment.strength=mild", "data.images_per_class=null", "train.lr=3e-5"])
        assert load_config(write(dump_config(config))) == config


def test_every_key_can_be_set_from_the_command_line(write: Write) -> None:
    for network in NETWORKS:
        resolved = Config.model_validate({"model": {"name": network}, "augment": {"mode": "mixup"}})
        leaves = dict(flattened(resolved.model_dump(mode="json")))
        overrides = [
            f"{key}={yaml.safe_dump(value, default_flow_style=True).splitlines()[0]}" for key, value in leaves.items()
        ]
        assert load_config(write(""), overrides) == resolved


def test_yaml_means_what_people_mean(write: Write) -> None:
    config = load_config(
        write(
            "augment:\n  mode: samplePairing\n  schedule:\n    on: 6\n    off: 4\ntrain:\n  lr: 1e-3\n  epochs: 010\n"
        )
    )
    assert (config.augment.schedule.on, config.augment.schedule.off) == (6, 4)  # not true and false
    assert config.train.lr == 1e-3  # not a string
    assert config.train.epochs == 10  # not octal


def test_shipped_files_of_one_network_differ_in_augment_alone() -> None:
    article = {"none", "userDef", "samplePairing", "mixup"}
    every_mode = {"googlenet": MODES, "quickstart": MODES}
    for family, modes in (dict.fromkeys((*NETWORKS, "transfer"), article) | every_mode).items():
        files = sorted((ROOT / "configs").glob(f"{family}_*.yaml"))
        assert [file.stem.removeprefix(f"{family}_") for file in files] == sorted(modes)
        configs = [load_config(file).model_dump() for file in files]
        for file, config in zip(files, configs, strict=True):
            assert config["augment"]["mode"] == file.stem.removeprefix(f"{family}_")
            assert {k: v for k, v in config.items() if k != "augment"} == {
                k: v for k, v in configs[0].items() if k != "augment"
            }
            assert file.read_text().startswith("# ")


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    told = problems(write("train:\n  epochs: 0\n  lr: x\naugment:\n  mood: none\n"), "data.image_size=1")
    assert len(told) == 4


def test_the_lists_of_keys_name_keys_of_the_schema() -> None:
    """Catches a renamed key that starts to count as a difference between runs: their comparison falls apart."""
    assert {*MACHINE_KEYS, *PATH_KEYS} <= {key for key, _ in flattened(Config().model_dump())}
