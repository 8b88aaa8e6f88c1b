"""preview_augment.py: what it shows is what training would do, and it decodes little and needs no Paddle."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from augment.batch import Augmenter
from augment.mixers.mixup import MIXUP
from augment.mixers.neighbours import nearest_of_class
from augment.operations import userdef
from augment.settings import OpsConfig
from suite.config.reading import load_config
from suite.config.schema import Config, DataConfig
from suite.data.batches import batches_of_epoch
from suite.data.loading import load_data
from suite.errors import UserError
from suite.preview import images
from suite.preview.images import TrainingImages, find, first_batch, partners_of
from suite.preview.panels import Example, fullest_batch, mixing_sheet, operations_sheet, spread, write_panels
from suite.randomness import Purpose, generator
from tests.fixtures.commands import ROOT, Command

Configure = Callable[..., Config]


@pytest.fixture
def config_file(image_set: Path, tmp_path: Path) -> Path:
    """A configuration of the easy set: 24 training images in three classes."""
    file = tmp_path / "small.yaml"
    file.write_text(f"data:\n  root: {image_set}\n  image_size: 16\ntrain:\n  epochs: 20\n")
    return file


@pytest.fixture
def configure(config_file: Path) -> Configure:
    return lambda *overrides: load_config(config_file, overrides)


@pytest.mark.parametrize("partner", ["batch", "dataset", "neighbours"])
@pytest.mark.parametrize(
    ("mode", "epoch"), [("none", 0), ("userDef", 0), ("samplePairing", 2), ("mixup", 0), ("smote", 0), ("switch", 0)]
)
def test_the_batch_is_the_one_of_training(mode: str, epoch: int, partner: str, configure: Configure) -> None:
    """Catches another order, other draws, other partners, an epoch without mixing: a preview of something else."""
    config = configure(f"augment.mode={mode}", f"augment.partner={partner}")
    train = load_data(config.data).train
    samples = batches_of_epoch(0, epoch, 24, 8)[0]
    augmenter = Augmenter(config.augment, 0, config.train.epochs, train.images, train.labels)
    expected = augmenter.batch(epoch, 0, samples)
    shown_epoch, shown = fullest_batch(config, TrainingImages(config))
    assert shown_epoch == epoch
    for ours, theirs in zip(shown, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_few_images_are_decoded(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a preview that takes minutes because it decodes a whole data set."""
    decoded = []

    def counting(lists: dict[Path, list[Any]], settings: DataConfig) -> Any:
        decoded.extend(sample for samples in lists.values() for sample in samples)
        return decode(lists, settings)

    decode = images.decode
    monkeypatch.setattr(images, "decode", counting)
    config = configure("augment.mode=mixup")
    fullest_batch(config, TrainingImages(config))
    assert len(decoded) == config.train.batch_size


@pytest.mark.parametrize(
    ("overrides", "panels"),
    [
        (["augment.mode=userDef"], ["all_together", "batch", "operations"]),
        (["augment.mode=samplePairing", "augment.operations=none"], ["batch", "pairing"]),
        (["augment.mode=mixup", "augment.partner=dataset"], ["all_together", "batch", "mixup", "operations"]),
    ],
)
def test_the_panels_are_those_of_the_configuration(
    overrides: list[str], panels: list[str], configure: Configure, tmp_path: Path
) -> None:
    """Catches a panel, new or old, of something that the configuration does not do, and one that cannot be drawn."""
    config, out = configure(*overrides), tmp_path / "previews"
    out.mkdir()
    for name in ("mixup.png", "pairing.png", "operations.png", "mine.png"):  # of an earlier configuration, and a user's
        (out / name).touch()
    written = list(write_panels(config, TrainingImages(config), [0, 23], out))
    assert sorted(file.stem for file in written) == panels
    assert set(out.iterdir()) == {*written, out / "mine.png"}
    for file in written:
        with Image.open(file) as image:
            assert min(image.size) > 200


def test_every_mixture_has_the_lambda_above_it(configure: Configure) -> None:
    """Catches titles in another order than the pictures, and a mixture of the wrong two images."""
    config = configure("augment.mode=mixup")
    rng = np.random.default_rng(0)
    first, second = (Example(rng.integers(0, 256, (16, 16, 3), np.uint8), name) for name in ("a", "b"))
    pictures = [axes.images[0].get_array() for axes in mixing_sheet(config, MIXUP, first, second).axes]
    titles = [axes.get_title() for axes in mixing_sheet(config, MIXUP, first, second).axes]
    np.testing.assert_array_equal(pictures[0], first.image)
    np.testing.assert_array_equal(pictures[1], second.image)
    assert titles[4:] == sorted(titles[4:], reverse=True)
    assert titles[:4] == ["a", "b", "a, augmented", "b, augmented"]
    a, b = (np.asarray(picture, np.float64) for picture in pictures[2:4])
    for picture, title in zip(pictures[4:], titles[4:], strict=True):
        lam = float(title.removeprefix("λ = "))
        np.testing.assert_allclose(picture, lam * a + (1 - lam) * b, atol=255 * 0.005 + 1)


def test_the_operations_cover_their_range() -> None:
    """Catches a panel that shows no vertical flip or no noise by bad luck, and a value that belongs to another draw."""
    draws = userdef.draw(OpsConfig(), 100, generator(0, Purpose.PREVIEW, index=1))
    for name in ("brightness", "angle", "sigma"):
        column = getattr(draws, name)
        shown = column[spread(column)]
        assert shown.tolist() == sorted(shown)
        assert (shown[0], shown[-1]) == (column.min(), column.max())
    flips = draws.flip[spread(draws.flip)].tolist()
    assert sorted(flips) == [[False, False], [False, True], [True, False], [True, True]]


def test_each_row_shows_its_operation_alone(configure: Configure) -> None:
    """Catches rows under the wrong name, and a caption that is not the parameter of its picture."""
    config = configure("augment.mode=userDef", "augment.ops.rotate=[90,90]", "augment.ops.brightness=[0.5,0.5]")
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    axes = operations_sheet(config, Example(image, "a")).axes
    rows = {axes[start].get_ylabel().split("\n")[0]: axes[start : start + 5] for start in range(0, 40, 5)}
    assert list(rows) == [operation.__name__ for operation in userdef.OPERATIONS]
    assert {one.get_title() for one in rows["rotate"][1:]} == {"90°"}
    np.testing.assert_array_equal(rows["rotate"][1].images[0].get_array(), np.rot90(image))
    assert {one.get_title() for one in rows["brightness"][1:]} == {"0.50"}
    np.testing.assert_array_equal(rows["brightness"][4].images[0].get_array(), image // 2)
    unflipped, *_, turned = (one.images[0].get_array() for one in rows["flip"][1:])
    np.testing.assert_array_equal(unflipped, image)
    np.testing.assert_array_equal(turned, image[::-1, ::-1])


def test_the_two_images_are_of_two_classes(configure: Configure) -> None:
    """Catches a mixing panel of two images of one class, which says little, and a --seed that changes nothing."""
    training = TrainingImages(configure())
    pairs = [tuple(images.two_of(training, configure(f"train.seed={seed}"))) for seed in range(20)]
    assert all(training.labels[first] != training.labels[second] for first, second in pairs)
    assert len(set(pairs)) > 10


def test_the_two_images_of_smote_are_neighbours(configure: Configure) -> None:
    """Catches a panel that shows sums of two classes where training makes none."""
    config = configure("augment.mode=smote", "augment.neighbours=2")
    training = TrainingImages(config)
    nearest, _ = nearest_of_class(cast("NDArray[np.uint8]", training), training.labels, 2)
    first, second = images.two_of(training, config)
    assert second in nearest[first]


def test_the_command_needs_no_paddle(config_file: Path, tmp_path: Path) -> None:
    """Catches an import that makes a user install and wait for Paddle to look at pictures."""
    program = "import sys; sys.modules['paddle'] = None; import preview_augment; sys.exit(preview_augment.main())"
    options = [
        "--config",
        config_file,
        "--set",
        "augment.mode=samplePairing",
        "--images",
        "red/000.png",
        "blue/001.png",
    ]
    line = [sys.executable, "-W", "error", "-c", program, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        list(map(str, line)), cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "of 20 epochs, the operations are on in 20 and mixing in 14" in done.stdout
    assert "red/000.png\n  blue/001.png" in done.stdout
    assert (tmp_path / "previews/small-mode_samplePairing/pairing.png").is_file()


def test_mode_none_says_that_nothing_is_changed(config_file: Path, command: Command) -> None:
    """Catches a user who looks for augmentation where there is none."""
    done = command("preview_augment.py", "--config", config_file, "--out", "here")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing is changed" in done.stdout


def test_one_sentence_for_a_mistake(configure: Configure, config_file: Path, image_set: Path, command: Command) -> None:
    """Catches tracebacks, and an image that is silently another one."""
    with pytest.raises(UserError, match=r"--images red/011.png: not among the training images"):
        find(TrainingImages(configure()), "red/011.png")  # of the evaluation list
    (image_set / "classes.txt").write_text("red\ngreen\n")
    with pytest.raises(UserError, match=r"Train.txt:17: label 2 is out of range: classes.txt names 2 classes"):
        TrainingImages(configure())
    done = command("preview_augment.py", "--config", config_file, "--set", "augment.mode=mixpu")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "did you mean mixup?" in done.stderr


@pytest.mark.parametrize("partner", ["batch", "dataset", "neighbours"])
def test_partners_are_those_of_the_batch(partner: str, configure: Configure) -> None:
    """Half of each image of SamplePairing is the partner: other ones would be named below the page's pictures."""
    config = configure("augment.mode=samplePairing", "augment.operations=none", f"augment.partner={partner}")
    training = TrainingImages(config)
    epoch, batch = fullest_batch(config, training)
    samples, _ = first_batch(config, training, epoch)
    partners = partners_of(samples, config, training, epoch)
    halves = (training[samples].astype(float) + training[partners]) / 2
    assert (batch.lam == 0.5).all() and abs(batch.images - halves).max() <= 0.5
