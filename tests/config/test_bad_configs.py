"""Configurations and overrides that are refused, and those with little in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from augment.settings import MODES
from models.settings import NETWORKS
from suite.config import reading
from suite.config.reading import load_config
from suite.config.schema import Config
from tests.fixtures.bad_input import (
    SEVERAL_MISTAKES,
    SHIPPED,
    Case,
    answer_to,
    as_it_is,
    assert_says,
    folder,
    of_size,
    yaml,
)

NO_NETWORK = f"is not one of {', '.join(NETWORKS)}"

CONFIGS = {
    "missing": Case(as_it_is, "{root}/my.yaml: no such file; " + SHIPPED),
    "a folder": Case(folder("my.yaml"), "{root}/my.yaml: is a folder, not a file; " + SHIPPED),
    "endless": Case(
        of_size("my.yaml", reading.LARGEST_FILE + 1), "{root}/my.yaml: is larger than 1 MB, too large for a file"
    ),
    "not UTF-8": Case(
        yaml(b"# caf\xe9\ntrain:"),
        "{root}/my.yaml: not UTF-8 text (invalid continuation byte at byte 5); save it as UTF-8",
    ),
    # YAML
    "not YAML": Case(yaml("train: {lr: [1}"), "{root}/my.yaml:1: not valid YAML: expected ',' or ']', but got '}'"),
    "a picture": Case(yaml("GIF89a\0\0"), "{root}/my.yaml:1: not valid YAML: character 0x0 is not text"),
    "tabs": Case(
        yaml("train:\n\tepochs: 3"),
        r"{root}/my.yaml:2: not valid YAML: found character '\t' that cannot start any token",
    ),
    "brackets without end": Case(yaml("[" * 3000), "{root}/my.yaml: not valid YAML: nested too deeply"),
    "two documents": Case(
        yaml("train: {}\n---\ndata: {}"), "{root}/my.yaml:2: not valid YAML: but found another document"
    ),
    "a list": Case(yaml("- train\n- data"), "{root}/my.yaml: should hold keys such as `train:`, not a list"),
    "a word": Case(yaml("mixup"), "{root}/my.yaml: should hold keys such as `train:`, not 'mixup'"),
    "a list as key": Case(yaml("[train, epochs]: 3"), "{root}/my.yaml:1: not valid YAML: a key should be a word"),
    "alias": Case(
        yaml("train: &x {}\ndata: *x"), "{root}/my.yaml:2: not valid YAML: aliases (*name) are not used here"
    ),
    "python tag": Case(
        yaml("train: !!python/object/apply:os.system ['true']"),
        "{root}/my.yaml:1: not valid YAML: tags (!name) are not used here",
    ),
    # keys
    "unknown key": Case(
        yaml("augment: {alfa: 0.2}"), "{root}/my.yaml:1: augment.alfa: unknown key; did you mean augment.alpha?"
    ),
    "unknown section": Case(yaml("trian:\n  epochs: 3"), "{root}/my.yaml:1: trian: unknown key; did you mean train?"),
    "key outside of its section": Case(
        yaml("epochs: 3"), "{root}/my.yaml:1: epochs: unknown key; did you mean train.epochs?"
    ),
    "key like no other": Case(
        yaml("train: {}\nhello: 1"),
        "{root}/my.yaml:2: hello: unknown key; valid here: model, augment, data, train, log",
    ),
    "key of the other network": Case(
        yaml("model:\n  fc: [64]"),
        "{root}/my.yaml:2: model.fc: unknown key of googlenet; it belongs to model.name: vgg or alexnet",
    ),
    "duplicate key": Case(
        yaml("train:\n  epochs: 3\n  lr: 1\n  epochs: 4"),
        "{root}/my.yaml:4: train.epochs: given twice, first in line 2; keep one of them",
    ),
    "value for a section": Case(
        yaml("train: 3"), "{root}/my.yaml:1: train: should be a section with keys of its own, got 3"
    ),
    "section without keys": Case(  # as when all of them are commented out
        yaml("train:\n  # epochs: 3\n"),
        "{root}/my.yaml:1: train: should be a section with keys of its own, got nothing",
    ),
    # values
    "unknown mode": Case(
        yaml("augment: {mode: Mixup}"),
        "{root}/my.yaml:1: augment.mode: 'Mixup' is not one of " + ", ".join(MODES) + "; did you mean mixup?",
    ),
    "unknown network": Case(
        yaml("model: {name: vg}"), f"{{root}}/my.yaml:1: model.name: 'vg' {NO_NETWORK}; did you mean vgg?"
    ),
    "network like no other": Case(
        yaml("model: {name: no-net}"), f"{{root}}/my.yaml:1: model.name: 'no-net' {NO_NETWORK}"
    ),
    "batch of one for BatchNorm": Case(
        yaml("model: {name: resnet}\ntrain: {batch_size: 1}"),
        "{root}/my.yaml: train.batch_size is 1, but resnet normalises over the images of a batch: use 2 or more",
    ),
    "warm-up without end": Case(
        yaml("train: {epochs: 3, warmup: 3}"),
        "{root}/my.yaml: train.warmup is 3 epochs, but the run has 3: use fewer",
    ),
    "nothing to recalibrate": Case(
        yaml("train: {recalibrate: true}"),
        "{root}/my.yaml: train.recalibrate is true, but this googlenet trains no BatchNorm: leave it out",
    ),
    "frozen without weights": Case(
        yaml("model: {name: vgg, freeze: body}"),
        "{root}/my.yaml:1: model: freeze is body, but without weights these layers know nothing: set weights too",
    ),
    "negative epochs": Case(
        yaml("train: {epochs: -1}"), "{root}/my.yaml:1: train.epochs: should be greater than or equal to 1, got -1"
    ),
    "half an epoch": Case(
        yaml("train: {epochs: 1.5}"), "{root}/my.yaml:1: train.epochs: should be an integer, got 1.5"
    ),
    "5,000 digits": Case(
        yaml(f"train: {{epochs: {'9' * 5000}}}"), "{root}/my.yaml:1: train.epochs: should be an integer, got inf"
    ),
    "number in quotes": Case(
        yaml("train: {batch_size: '8'}"), "{root}/my.yaml:1: train.batch_size: should be an integer, got '8'"
    ),
    "true for a number": Case(
        yaml("train: {epochs: true}"), "{root}/my.yaml:1: train.epochs: should be an integer, got True"
    ),
    "off for a number": Case(yaml("train: {lr: off}"), "{root}/my.yaml:1: train.lr: should be a number, got 'off'"),
    "not a number": Case(yaml("train: {lr: .nan}"), "{root}/my.yaml:1: train.lr: should be a number, got '.nan'"),
    "infinite": Case(yaml("train: {lr: 1e999}"), "{root}/my.yaml:1: train.lr: should be a finite number, got inf"),
    "nothing": Case(yaml("train: {lr: }"), "{root}/my.yaml:1: train.lr: should be a number, got nothing"),
    "alpha 0": Case(
        yaml("augment: {alpha: 0}"), "{root}/my.yaml:1: augment.alpha: should be greater than or equal to 0.01, got 0"
    ),
    "schedule that ends before it starts": Case(
        yaml("augment: {schedule: {start: 0.5, end: 0.2}}"),
        "{root}/my.yaml:1: augment.schedule: end (0.2) lies before start (0.5)",
    ),
    "mode that is not what is done": Case(
        yaml("augment: {mode: userDef, operations: none}"),
        "{root}/my.yaml:1: augment: mode is userDef, but operations none with mixer none are mode none: set "
        "augment.mode to none, or leave operations and mixer to the mode",
    ),
    "mixing in batches of one": Case(
        yaml("augment: {mode: mixup}\ntrain: {batch_size: 1}"),
        "{root}/my.yaml: train.batch_size is 1, but mixup mixes images of one batch: use 2 or more, or "
        "augment.partner=dataset",
    ),
    "endless patience": Case(
        yaml("data: {patience: 1e12}"),
        "{root}/my.yaml:1: data.patience: should be less than or equal to 86400, got 1000000000000.0",
    ),
    "number for a list": Case(
        yaml("model: {name: vgg, fc: 64}"), "{root}/my.yaml:1: model.fc: should be a list, got 64"
    ),
    "list that is too long": Case(
        yaml("augment: {ops: {crop: [1, 2, 3]}}"),
        "{root}/my.yaml:1: augment.ops.crop: should have at most 2 items, got [1, 2, 3]",
    ),
    "list that is too short": Case(
        yaml("augment: {ops: {crop: [1]}}"), "{root}/my.yaml:1: augment.ops.crop.1: is missing"
    ),
    "range the wrong way round": Case(
        yaml("augment: {ops: {crop: [2, 1]}}"),
        "{root}/my.yaml:1: augment.ops.crop: should be [from, to] with 1 <= from <= to <= 5, got [2.0, 1.0]",
    ),
    "image size the network cannot take": Case(
        yaml("model: {name: vgg}\ndata: {image_size: 16}"),
        "{root}/my.yaml: data.image_size is 16, but this vgg takes 32 or more: every block of "
        "model.conv_arch halves the image",
    ),
    "a study": Case(
        yaml("base: other.yaml\naxes: {train.lr: [1]}"), "{root}/my.yaml: is a study; train.py --study trains it"
    ),
    "several mistakes": SEVERAL_MISTAKES,
}


@pytest.mark.parametrize("case", CONFIGS.values(), ids=CONFIGS.keys())
def test_configurations(tmp_path: Path, case: Case) -> None:
    """Each would be a traceback, or a night of training with something else than was written."""
    case.spoil(tmp_path)
    assert_says(answer_to(lambda: load_config(tmp_path / "my.yaml"), tmp_path), case.answer, tmp_path)


OVERRIDES = {
    "train.lr=x": "--set train.lr=x: train.lr: should be a number, got 'x'",
    "train.seed=-1": "--set train.seed=-1: train.seed: should be greater than or equal to 0, got -1",
    "train.epoch=3": "--set train.epoch=3: train.epoch: unknown key; did you mean train.epochs?",
    "train.lr": "--set train.lr: write it as key.path=value, such as train.epochs=30",
    "=3": "--set =3: write it as key.path=value, such as train.epochs=30",
    "train.lr.x=1": "--set train.lr.x=1: lr is a value, not a section",
    "train={lr: x}": "--set train={lr: x}: train.lr: should be a number, got 'x'",
    "train.lr=[": "--set train.lr=[: the value is not valid YAML; quote it as you would in a file",
    "train.lr=!!int x": "--set train.lr=!!int x: the value is not valid YAML; quote it as you would in a file",
    "data.root=": "--set data.root=: data.root: should be a string, got nothing",
}


@pytest.mark.parametrize(("override", "answer"), OVERRIDES.items(), ids=OVERRIDES.keys())
def test_overrides(tmp_path: Path, override: str, answer: str) -> None:
    """What is typed on the command line is named as it was typed."""
    yaml("train: {lr: 1}")(tmp_path)
    assert_says(answer_to(lambda: load_config(tmp_path / "my.yaml", [override]), tmp_path), answer, tmp_path)


def test_configurations_with_little_in_them(tmp_path: Path) -> None:
    """An empty file is the article's experiment; editors of Windows add a mark and line ends."""
    for text, epochs in (("", 500), ("# later\n", 500), ("\ufefftrain:\r\n  epochs: 3\r\n", 3)):
        yaml(text)(tmp_path)
        assert load_config(tmp_path / "my.yaml") == Config.model_validate({"train": {"epochs": epochs}})
