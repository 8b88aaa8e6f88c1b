"""The sheet that shows the arms of a study side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import preview_augment
from augment.batch import Augmenter
from suite.config.study import load_study
from suite.data.loading import load_data
from suite.preview.arms import ShownArm, arms_of, arms_sheet, some_of
from suite.preview.images import TrainingImages
from tests.fixtures.commands import ROOT

AXES = """
axes:
  arm:
    none: {augment.mode: none}
    pairing: {augment.mode: samplePairing, augment.schedule.start: 0.5}
    mixup: {augment.mode: mixup}
  data.images_per_class: [8, 4]
"""


@pytest.fixture
def study(image_set: Path, tmp_path: Path) -> Path:
    """Three arms on two numbers of images of the easy set."""
    file = tmp_path / "mine.yaml"
    settings = f"set: {{data.root: {image_set}, data.image_size: 32, train.epochs: 20}}"
    file.write_text(f"base: {ROOT}/configs/vgg_none.yaml\n{settings}\n{AXES}")
    return file


def arms_and_images(study: Path) -> tuple[list[ShownArm], TrainingImages]:
    arms = arms_of(load_study(study), [])
    return arms, TrainingImages(arms[0].config)


def test_an_arm_is_shown_once(study: Path) -> None:
    """A column for every cell of a sweep, all alike, under names of folders."""
    assert [arm.name for arm in arms_of(load_study(study), [])] == ["none", "pairing", "mixup"]
    folds = arms_of(load_study(ROOT / "configs/studies/folds.yaml"), [])
    assert [arm.name for arm in folds] == ["none", "userDef", "samplePairing", "mixup"]


def test_every_column_is_what_training_makes_of_the_photos(study: Path) -> None:
    """Pictures under another arm's name, other draws, or an epoch in which the mixing is off."""
    arms, training = arms_and_images(study)
    photos = [0, 9, 17]
    axes = arms_sheet("mine", arms, photos, training).axes
    columns = [[axes[4 * row + column] for row in range(3)] for column in range(4)]
    headings = [column[0].texts[0].get_text() for column in columns]
    assert headings == ["photo", "none", "pairing", "mixup"]
    assert [one.get_ylabel() for one in columns[0]] == ["red", "green", "blue"]
    train = load_data(arms[0].config.data).train
    for arm, column, epoch in zip(arms, columns[1:], (0, 10, 0), strict=True):
        augmenter = Augmenter(arm.config.augment, 0, 20, train.images, train.labels)
        expected = augmenter.batch(epoch, 0, np.array(photos))
        for image, lam, one in zip(expected.images, expected.lam, column, strict=True):
            np.testing.assert_array_equal(one.images[0].get_array(), image)
            assert (f"{lam:.2f}" in one.get_title()) == (lam < 1)


def test_the_photos_are_of_many_classes(study: Path) -> None:
    """Six photos of one class by bad luck, and a --seed that shows the same ones."""
    training = arms_and_images(study)[1]
    chosen = [some_of(training, seed) for seed in range(10)]
    assert all(training.labels[each].tolist() == [0, 0, 1, 1, 2, 2] for each in chosen)
    assert len({tuple(each) for each in chosen}) == 10


def test_many_arms_go_into_blocks(study: Path) -> None:
    """A sheet as wide as ten arms, which no screen shows; a block under the headings of another one."""
    arms, training = arms_and_images(study)
    many = [arms[number % 3]._replace(name=str(number)) for number in range(8)]
    axes = arms_sheet("mine", many, [0, 9], training).axes
    assert [one.texts[0].get_text() for one in axes[:5] + axes[10:15]] == ["photo", *"0123", "photo", *"4567"]


@pytest.fixture
def preview(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """The command within this process."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["preview_augment.py", *map(str, arguments)])
        return preview_augment.main()

    return call


def test_two_settings_have_two_folders(study: Path, preview: Callable[..., int]) -> None:
    """A second look that replaces the first, with which it was to be compared."""
    for more in ([], ["--set", "augment.strength=mild"], ["--set", "augment.strength=mild", "--seed", 3]):
        assert preview("--study", study, *more) == 0
    assert preview("--study", study, "--seed", 3, "--images", "red/001.png") == 0
    heights = {}
    for file in Path("previews").glob("*/arms.png"):
        with Image.open(file) as image:
            heights[file.parent.name] = image.height
    assert heights.keys() == {"mine", "mine-strength_mild", "mine-strength_mild-seed_3", "mine-seed_3"}
    assert heights["mine-seed_3"] < heights["mine"] / 2  # one photo in place of six


def test_the_name_of_a_folder_is_no_path_and_not_too_long() -> None:
    named = preview_augment.folder_name
    assert named("configs/a.yaml", ["data.root=../my photos"]) == "a-root_..-my-photos"
    long = [named("a.yaml", [f"augment.operations=[{'userDef,' * 40}{end}]"]) for end in ("standard", "erasing")]
    assert len(set(long)) == 2 and all(len(name) < 120 for name in long)


def test_the_next_step_trains_what_was_shown(
    study: Path, preview: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A night on other images than those on the sheet. The seed of a preview is not that of a study's runs."""
    preview("--study", study, "--set", "augment.strength=mild", "--seed", 3)
    shown = capsys.readouterr().out
    assert shown.splitlines()[-1].endswith(" --set augment.strength=mild")
    assert f"train.py --study {study} --jobs " in shown and "\nnone: images as they are\n" in f"\n{shown}"
