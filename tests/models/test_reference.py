"""The networks that other libraries have too: as many parameters, and with the same weights the same logits."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.vision import models as reference

from models.building import build, parameter_count
from models.predicting import normalise
from models.settings import NETWORKS
from tests.fixtures.networks import random_images


def network(name: str, image_size: int = 224, classes: int = 1000, **settings: Any) -> nn.Layer:
    return build(NETWORKS[name].model_validate({"name": name, **settings}), image_size, classes)


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("resnet", {"depth": 18}, 11_689_512),
        ("resnet", {"depth": 34}, 21_797_672),
        ("resnet", {"depth": 50}, 25_557_032),
        ("resnet", {"depth": 101}, 44_549_160),
        ("resnet", {"depth": 152}, 60_192_808),
        ("alexnet", {}, 61_100_840),
        ("efficientnet_lite0", {}, 4_652_008),
        ("vgg", {}, 138_357_544),
    ],
)
def test_parameters_at_1000_classes(name: str, settings: dict[str, Any], expected: int) -> None:
    """What the sources name; a wrong width, block count or bias, or statistics that are counted too, changes it."""
    assert parameter_count(network(name, **settings)) == expected


def test_parameters_of_lenet() -> None:
    """On 32 pixels and for 10 classes, as in its source, but with three channels: 3 * 6 * 25 + 6 and so on."""
    assert parameter_count(network("lenet", 32, 10)) == 456 + 2416 + 48_120 + 10_164 + 850


def randomised(model: nn.Layer) -> nn.Layer:
    """With statistics and shifts that differ: those of a new BatchNorm, 0 and 1, would hide one that is left out."""
    rng = np.random.default_rng(0)
    for path, value in model.named_parameters():
        if value.ndim == 1:
            low, high = (0.5, 1.5) if path.endswith(("_variance", "weight")) else (-0.5, 0.5)
            value.set_value(paddle.to_tensor(rng.uniform(low, high, value.shape).astype(np.float32)))
    model.eval()
    return model


def assert_same_logits(ours: nn.Layer, theirs: nn.Layer, renaming: list[tuple[str, str]], image_size: int) -> None:
    """Put their weights into our network and compare."""
    state = {}
    for path, value in theirs.state_dict().items():
        for pattern, replacement in renaming:
            path = re.sub(pattern, replacement, path)
        state[path] = value
    assert state.keys() == ours.state_dict().keys()
    ours.set_state_dict(state)
    ours.eval()
    images = normalise(paddle.to_tensor(random_images(2, image_size)))
    with paddle.no_grad():
        expected = theirs(images).numpy()
        np.testing.assert_allclose(ours(images).numpy(), expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_resnet_computes_what_paddle_vision_s_does(depth: int) -> None:
    """A stride in the wrong convolution, a shortcut without BatchNorm, a ReLU too many: no count shows them."""
    theirs = randomised(getattr(reference, f"resnet{depth}")(num_classes=10))
    renaming = [
        (r"^layer(\d)\.(\d+)\.downsample\.", r"stage_\1.\2.shortcut."),
        (r"^layer(\d)\.(\d+)\.", r"stage_\1.\2.path."),
        (r"^(conv1|bn1)", r"stem.\1"),
        (r"^fc", "classifier"),
    ]
    assert_same_logits(network("resnet", classes=10, depth=depth), theirs, renaming, 64)


def test_alexnet_computes_what_paddle_vision_s_does() -> None:
    """At 224 pixels, where both pool alike. As above."""
    theirs = randomised(reference.alexnet(num_classes=10))
    theirs._drop1.p = theirs._drop2.p = 0  # theirs also halves what it does not drop, when it is not trained
    renaming = [
        (r"^_conv(\d)\._conv", r"block_\1.0"),
        (r"^_conv(\d)\.", r"block_\1.0."),
        (r"^_fc6", "fc_1.1"),
        (r"^_fc7", "fc_2.1"),
        (r"^_fc8", "classifier"),
    ]
    assert_same_logits(network("alexnet", classes=10), theirs, renaming, 224)


def test_vgg_computes_what_paddle_vision_s_does() -> None:
    """As above; this one is also compared with the article, step by step."""
    theirs = randomised(reference.vgg16(num_classes=10))
    places = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    ours = [(block, 2 * number) for block, count in enumerate((2, 2, 3, 3, 3), 1) for number in range(count)]
    renaming = [
        (rf"^features\.{place}\.", f"block_{block}.{number}.")
        for place, (block, number) in zip(places, ours, strict=True)
    ]
    renaming += [(r"^classifier\.0", "fc_1.0"), (r"^classifier\.3", "fc_2.0"), (r"^classifier\.6", "classifier")]
    assert_same_logits(network("vgg", classes=10), theirs, renaming, 224)


def test_the_stem_for_small_images_keeps_their_side() -> None:
    """The other one leaves 1 of 32 pixels to the last stage, and so hardly anything to see."""
    sides = {}
    for stem in ("imagenet", "small"):
        model = network("resnet", depth=18, width=0.1, stem=stem)
        sides[stem] = model[1](model[0](paddle.zeros([1, 3, 32, 32]))).shape[-1]
    assert sides == {"imagenet": 8, "small": 32}


def test_depthwise_convolutions_begin_as_wide_as_others() -> None:
    """Paddle's default takes all channels for the inputs of a kernel that sees one, up to 1,152 of them."""
    paddle.seed(0)
    weights = [
        value.numpy()
        for path, value in network("efficientnet_lite0").named_parameters()
        if path.endswith("depthwise.0.weight")
    ]
    assert len(weights) == 16
    for weight in weights:
        _, inputs, *kernel = weight.shape
        assert inputs == 1
        assert weight.var() == pytest.approx(2 / np.prod(kernel), rel=0.15)
