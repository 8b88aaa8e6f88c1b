"""The configuration: presets, overrides, and one clear line for every mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from config import Config, VGGConfig, dump_config, flattened, load_config
from errors import UserError

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
        ("none", "none", "none", 0, 1, 0),
        ("userDef", "userDef", "none", 0, 1, 0),
        ("samplePairing", "userDef", "samplePairing", 0.1, 8, 2),
        ("mixup", "userDef", "mixup", 0, 1, 0),
    ],
)
def test_mode_is_a_preset(mode: str, operations: str, mixer: str, start: float, on: int, off: int) -> None:
    augment = Config.model_validate({"augment": {"mode": mode}}).augment
    assert (augment.operations, augment.mixer) == (operations, mixer)
    assert (augment.schedule.start, augment.schedule.on, augment.schedule.off) == (start, on, off)


def test_each_part_of_a_preset_can_be_overridden(write: Write) -> None:
    file = write(
        "augment:\n  mode: mixup\n  operations: none\n  schedule: {on: 8, off: 2}\n  strength: mild\n  ops: {crop: [1, 2]}\n"
    )
    augment = load_config(file).augment
    assert (augment.operations, augment.mixer) == ("none", "mixup")
    assert (augment.schedule.start, augment.schedule.on, augment.schedule.off) == (0, 8, 2)
    assert augment.ops.crop == (1, 2)
    assert (augment.ops.rotate, augment.ops.flip_vertical) == ((-15, 15), 0)
    assert load_config(file, ["augment.mixer=samplePairing"]).augment.schedule.start == 0.1


def test_the_resolved_file_gives_the_same_configuration_again(write: Write) -> None:
    for file in sorted((ROOT / "configs").glob("*.yaml")):
        config = load_config(file, ["augment.strength=mild", "data.images_per_class=null", "train.lr=3e-5"])
        assert load_config(write(dump_config(config))) == config


def test_every_key_can_be_set_from_the_command_line(write: Write) -> None:
    for network in ("googlenet", "vgg"):
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
    for family in ("googlenet", "vgg", "quickstart"):
        files = sorted((ROOT / "configs").glob(f"{family}_*.yaml"))
        assert [file.stem.removeprefix(f"{family}_") for file in files] == ["mixup", "none", "samplePairing", "userDef"]
        configs = [load_config(file).model_dump() for file in files]
        for file, config in zip(files, configs, strict=True):
            assert config["augment"]["mode"] == file.stem.removeprefix(f"{family}_")
            assert {k: v for k, v in config.items() if k != "augment"} == {
                k: v for k, v in configs[0].items() if k != "augment"
            }
            assert file.read_text().startswith("# ")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("augment: {alfa: 0.2}", ":1: augment.alfa: unknown key; did you mean augment.alpha?"),
        ("trian:\n  epochs: 3", ":1: trian: unknown key; did you mean train?"),
        ("epochs: 3", ":1: epochs: unknown key; did you mean train.epochs?"),
        (
            "train:\n  epochs: 3\n  lr: 1\n  epochs: 4",
            ":4: train.epochs: given twice, first in line 2; keep one of them",
        ),
        (
            "augment: {mode: Mixup}",
            ":1: augment.mode: 'Mixup' is not one of none, userDef, samplePairing, mixup; did you mean mixup?",
        ),
        ("model: {name: vg}", ":1: model.name: 'vg' is not one of googlenet, vgg; did you mean vgg?"),
        ("model: {name: resnet}", ":1: model.name: 'resnet' is not one of googlenet, vgg"),
        ("model:\n  fc: [64]", ":2: model.fc: unknown key of googlenet; it belongs to model.name: vgg"),
        ("train: {epochs: -1}", ":1: train.epochs: should be greater than or equal to 1, got -1"),
        ("train: {epochs: 1.5}", ":1: train.epochs: should be an integer, got 1.5"),
        ("train: {batch_size: '8'}", ":1: train.batch_size: should be an integer, got '8'"),
        ("train: {epochs: true}", ":1: train.epochs: should be an integer, got True"),
        ("train: {lr: .nan}", ":1: train.lr: should be a number, got '.nan'"),
        ("train: 3", ":1: train: should be a section with keys of its own, got 3"),
        ("augment: {alpha: 0}", ":1: augment.alpha: should be greater than 0, got 0"),
        ("augment: {schedule: {start: 0.5, end: 0.2}}", ":1: augment.schedule: end (0.2) lies before start (0.5)"),
        (
            "augment: {ops: {crop: [2, 1]}}",
            ":1: augment.ops.crop: should be [from, to] with 1 <= from <= to <= 5, got [2.0, 1.0]",
        ),
        (
            "model: {name: vgg}\ndata: {image_size: 16}",
            ": data.image_size is 16, but this vgg halves the image 5 times: use 32 or more, or fewer blocks in model.conv_arch",
        ),
        ("- 1\n- 2", ": should hold keys such as `train:`, not a list"),
        ("train: {lr: [1}", ":1: not valid YAML: expected ',' or ']', but got '}'"),
        ("a: &x 1\nb: *x", ":2: not valid YAML: aliases (*name) are not used here"),
        (
            "train: !!python/object/apply:os.system ['true']",
            ":1: not valid YAML: tags (!name) are not used here",
        ),
    ],
)
def test_every_mistake_has_its_line(write: Write, text: str, wanted: str) -> None:
    assert problems(write(text)) == [wanted]


def test_all_mistakes_are_told_at_once(write: Write) -> None:
    told = problems(write("train:\n  epochs: 0\n  lr: x\naugment:\n  mood: none\n"), "data.image_size=1")
    assert len(told) == 4


def test_overrides_name_themselves(write: Write) -> None:
    file = write("train:\n  lr: 1\n")
    assert problems(file, "train.lr=x") == ["--set train.lr=x: train.lr: should be a number, got 'x'"]
    assert problems(file, "train.lr") == ["--set train.lr: write it as key.path=value, such as train.epochs=30"]
    assert problems(file, "train.lr.x=1") == ["--set train.lr.x=1: lr is a value, not a section"]
    assert load_config(file, ["train.lr=0.5"]).train.lr == 0.5


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert problems(tmp_path / "no.yaml") == [": no such file; the shipped ones are configs/*.yaml"]
    assert problems(tmp_path) == [": is a folder, not a file; the shipped ones are configs/*.yaml"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["model", "augment", "train", "name", "ops", "mode", "mixer", "schedule", "x"])
                | st.text(max_size=5),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_yaml_gives_a_configuration_or_a_user_error(tmp_path_factory: pytest.TempPathFactory, tree: Any) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "any.yaml"
    file.write_text(yaml.safe_dump(tree))
    try:
        load_config(file)
    except UserError as error:
        assert all(str(file) in problem for problem in error.problems)
