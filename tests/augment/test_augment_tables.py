"""The tables of modes, sets of operations and mixers: they agree, and a new entry needs no line elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from augment import settings
from augment.batch import Augmenter
from augment.mixers.mixer import Mixer
from augment.mixers.table import MIXERS
from augment.operations import userdef
from augment.operations.operation_set import OperationSet
from augment.operations.table import OPERATION_SETS
from augment.settings import MODES, AugmentConfig, Mode
from augment.words import describe_augment
from suite.config.reading import load_config
from suite.preview.images import TrainingImages
from suite.preview.panels import write_panels
from suite.randomness import Purpose, generator
from suite.report.looks import look_of_mode
from tests.fixtures.commands import ROOT

SEED = 3


def invert(images: Any, draws: np.ndarray, out: np.ndarray) -> None:
    for image, shift, result in zip(images, draws, out, strict=True):
        np.subtract(255 - shift, image, out=result)


INVERT = OperationSet(
    stream=7,
    draw=lambda augment, count, rng: rng.integers(0, 9, count, dtype=np.uint8),
    apply=invert,
    settings=lambda augment: {},
)


def beside(first: np.ndarray, second: Any, lam: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The left quarter, or a little more, of the first image beside the rest of the second."""
    width, size = int(rng.integers(4, 8)), first.shape[2]
    mixed = np.stack(list(second))
    mixed[:, :, :width] = first[:, :, :width]
    return mixed, np.full(len(first), width / size, np.float32)


BESIDE = Mixer(
    mix=beside,
    draw_lam=lambda augment, count, rng: np.full(count, 0.25, np.float32),
    settings=lambda augment: {},
    second_label=True,
    title="beside: {first} and {second}",
    panel="beside",
    lam_from=lambda augment: "a rule",
)


@pytest.fixture
def more_modes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A set of operations and a mixer, as their two tables and the table of modes would name them."""
    monkeypatch.setitem(OPERATION_SETS, "invert", INVERT)
    monkeypatch.setitem(MIXERS, "beside", BESIDE)
    monkeypatch.setitem(MODES, "invert", Mode(("invert",)))
    monkeypatch.setitem(MODES, "both", Mode(("userDef", "invert")))
    monkeypatch.setitem(MODES, "beside", Mode(("userDef",), "beside"))
    settings.OPERATION_NAMES.append("invert")
    settings.MIXER_NAMES.append("beside")
    yield
    settings.OPERATION_NAMES.remove("invert")
    settings.MIXER_NAMES.remove("beside")


def some_images(count: int = 12, size: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 240, (count, size, size, 3), np.uint8)


def augmenter(images: np.ndarray, **augment: object) -> Augmenter:
    return Augmenter(AugmentConfig.model_validate(augment), SEED, 10, images, np.arange(len(images)))


# --- the tables -----------------------------------------------------------------------------------------------------


def test_every_name_has_its_code_and_every_code_its_name() -> None:
    """The names stand apart from the code, as a configuration is read without OpenCV: one could lack the other."""
    assert list(OPERATION_SETS) == settings.OPERATION_NAMES
    assert ["none", *MIXERS, "switch"] == settings.MIXER_NAMES


def test_every_set_and_every_mixer_is_a_mode_by_its_own_name() -> None:
    """Or a run that does nothing else would bear the name of another mode."""
    for name in OPERATION_SETS:
        assert MODES[name].operations[-1] == name
        assert AugmentConfig.model_validate({"mode": name, "operations": [name]}).mode == name
    for name in MIXERS:
        assert MODES[name].mixer == name


def test_every_set_has_a_stream_of_its_own() -> None:
    """Two sets that draw from one stream agree in what should be independent."""
    streams = [operations.stream for operations in OPERATION_SETS.values()]
    assert len(set(streams)) == len(streams)
    assert OPERATION_SETS["userDef"].stream == 0  # where its random numbers have always been


def test_stream_0_is_the_address_without_a_stream() -> None:
    """A word more in the seed, be it 0, changes every number: no earlier result could be repeated."""
    plain = np.random.Generator(np.random.PCG64(np.random.SeedSequence([5, Purpose.OPERATIONS, 2, 7])))
    assert (generator(5, Purpose.OPERATIONS, 2, 7, stream=0).random(5) == plain.random(5)).all()
    other = generator(5, Purpose.OPERATIONS, 2, 7, stream=1)
    assert (other.random(5) != generator(5, Purpose.OPERATIONS, 2, 7).random(5)).all()


@pytest.mark.parametrize("module", ["suite.config.reading", "suite.training.lines", "train"])
def test_a_configuration_is_read_without_opencv_and_paddle(module: str) -> None:
    """Catches an import that makes every `--help` and every mistake wait."""
    program = f"import sys, {module}; print(*{{'cv2', 'paddle'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert (done.stdout, done.stderr) == ("\n", "")


def test_only_an_explicit_call_changes_the_process() -> None:
    """Catches an import that takes a program's OpenCV threads away behind its back."""
    program = (
        "import cv2; cv2.setNumThreads(3); import augment.batch, augment.process; print(cv2.getNumThreads()); "
        "augment.process.prepare_process(); print(cv2.getNumThreads())"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.stdout.split() == ["3", "1"]


# --- the list of operations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "meant"), [("userDef", ("userDef",)), (["userDef"], ("userDef",)), ("none", ()), ([], ())]
)
def test_a_single_name_is_taken_for_a_list(given: Any, meant: tuple[str, ...]) -> None:
    """Files and run folders of earlier versions have the name alone."""
    assert AugmentConfig.model_validate({"mode": "mixup", "operations": given}).operations == meant


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("userdef", r"'userdef' is not one of userDef, .*; did you mean userDef\?"),
        (["userDef", "x"], "'x' is not one of userDef, "),
        (["userDef", "userDef"], "userDef is there twice; keep one of them"),
    ],
)
def test_a_wrong_list_is_told_with_the_nearest_name(given: Any, problem: str) -> None:
    """Two times the same set would draw the same numbers twice."""
    with pytest.raises(ValidationError) as caught:
        AugmentConfig.model_validate({"mode": "mixup", "operations": given})
    (error,) = caught.value.errors()
    assert error["loc"] == ("operations",)
    assert re.match(problem, str(error["ctx"]["error"]))


@pytest.mark.usefixtures("more_modes")
@pytest.mark.parametrize(
    ("operations", "mode"),
    [
        (["invert"], "invert"),
        (["userDef", "invert"], "both"),
        (["invert", "userDef"], "invert"),
        (["userDef"], "userDef"),
        ([], "none"),
    ],
)
def test_the_name_of_a_list_is_that_of_its_longest_beginning(operations: list[str], mode: str) -> None:
    """Arms are named by their mode: a set appended to another must not pass for the set alone where it has a mode."""
    assert AugmentConfig.model_validate({"mode": mode, "operations": operations}).mode == mode
    for other in {"none", "userDef", "both", "invert"} - {mode}:
        with pytest.raises(ValidationError, match=f"set augment.mode to {mode}, "):
            AugmentConfig.model_validate({"mode": other, "operations": operations})


@pytest.mark.usefixtures("more_modes")
def test_sets_are_applied_in_order_and_draw_the_same_in_any() -> None:
    """Catches sets in another order, one that sees the images before the other, and draws that depend on neighbours."""
    images, samples = some_images(), np.arange(6)
    draws = userdef.draw(settings.OpsConfig(), 6, generator(SEED, Purpose.OPERATIONS, 1, 2))
    shifts = INVERT.draw(AugmentConfig(), 6, generator(SEED, Purpose.OPERATIONS, 1, 2, stream=7))
    for order in (["userDef", "invert"], ["invert", "userDef"]):
        expected = images[:6]
        for name in order:
            before, expected = expected, np.empty_like(expected)
            if name == "userDef":
                userdef.apply(before, draws, expected)
            else:
                invert(before, shifts, expected)
        mode = "both" if order[0] == "userDef" else "invert"
        made = augmenter(images, mode=mode, operations=order).batch(1, 2, samples)
        np.testing.assert_array_equal(made.images, expected)
    np.testing.assert_array_equal(images, some_images())


# --- a new mode needs no line elsewhere -----------------------------------------------------------------------------


@pytest.mark.usefixtures("more_modes")
def test_a_new_mixer_decides_about_pixels_and_labels() -> None:
    """Catches a lambda that stays as it was wanted where the pixels have another share."""
    images = some_images()
    batch = augmenter(images, mode="beside", operations=[]).batch(0, 1, np.arange(5))
    width = int(generator(SEED, Purpose.MIXING, 0, 1).integers(4, 8))
    np.testing.assert_array_equal(batch.images[:, :, :width], images[:5, :, :width])
    np.testing.assert_array_equal(batch.images[:, :, width:], images[batch.label_b][:, :, width:])
    assert (batch.lam == width / 16).all()


@pytest.mark.usefixtures("more_modes")
def test_a_new_mode_has_words_and_a_look() -> None:
    """Catches a mode that trains a night and then cannot be drawn."""
    both, beside = (AugmentConfig.model_validate({"mode": mode, "strength": "mild"}) for mode in ("both", "beside"))
    assert describe_augment(both) == "both: userDef operations (mild), then invert operations"
    said = "beside, lambda from a rule, with a partner from the batch (epochs 0% to 100%)"
    assert describe_augment(beside) == f"beside: userDef operations (mild); {said}"
    assert len({look_of_mode(mode) for mode in MODES}) == len(MODES)


@pytest.mark.usefixtures("more_modes")
def test_a_new_mode_can_be_previewed(image_set: Path, tmp_path: Path) -> None:
    """Catches a panel that knows the four modes only; a set without single operations has no row of its own."""
    file = tmp_path / "small.yaml"
    file.write_text(f"data: {{root: {image_set}, image_size: 16}}\ntrain: {{epochs: 4}}\n")
    panels = {"invert": ["all_together", "batch"], "beside": ["all_together", "batch", "beside", "operations"]}
    for mode, expected in panels.items():
        config = load_config(file, [f"augment.mode={mode}"])
        written = write_panels(config, TrainingImages(config), [0, 23], tmp_path)
        assert sorted(picture.stem for picture in written) == expected
