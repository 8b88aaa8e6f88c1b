"""GoogLeNet and VGG are the article's, to the last parameter. What all networks share: test_network_table.py."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import paddle
import pytest
from numpy.typing import NDArray
from paddle import Tensor, nn
from paddle.nn import functional as F  # noqa: N812 (its usual name)

from models import predicting
from models.building import build
from suite.config.schema import Config

CLASSES = 16
SMALL: dict[str, dict[str, Any]] = {
    "googlenet": {"name": "googlenet", "stem_stride": 2, "width": 0.25},
    "vgg": {"name": "vgg", "width": 0.25, "fc": [32, 32]},
}


def network(image_size: int = 32, **settings: Any) -> nn.Layer:
    config = Config.model_validate({"model": settings, "data": {"image_size": image_size}})
    return build(config.model, image_size, CLASSES)


def random_images(count: int, image_size: int = 32) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, image_size, image_size, 3), dtype=np.uint8)


def forward(model: nn.Layer, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    with paddle.no_grad():
        return model(predicting.normalise(paddle.to_tensor(images))).numpy()


def shapes(model: nn.Layer) -> dict[str, list[int]]:
    return {path: list(parameter.shape) for path, parameter in model.named_parameters()}


@dataclass
class Trace:
    parameters: int
    multiplications: int
    stages: dict[str, list[int]]
    """Output shape of every top-level layer, without the batch axis."""


def trace(**settings: Any) -> Trace:
    """Watch one image of 224 pixels go through a network."""
    model = network(224, **settings)
    result = Trace(sum(math.prod(shape) for shape in shapes(model).values()), 0, {})

    def count(layer: Any, inputs: Any, output: Any) -> None:
        terms = layer.weight.shape[0] if isinstance(layer, nn.Linear) else math.prod(layer.weight.shape[1:])
        result.multiplications += math.prod(output.shape) * terms

    def note_as(stage: str) -> Any:
        return lambda layer, inputs, output: result.stages.update({stage: list(output.shape)[1:]})

    for layer in model.sublayers():
        if isinstance(layer, (nn.Conv2D, nn.Linear)):
            layer.register_forward_post_hook(count)
    for stage, layer in model.named_children():
        layer.register_forward_post_hook(note_as(stage))
    forward(model, random_images(1, 224))
    return result


@pytest.fixture(scope="module")
def googlenet() -> Trace:
    return trace(name="googlenet")


@pytest.fixture(scope="module")
def vgg() -> Trace:
    return trace(name="vgg")


def convolution(channels: int, out_channels: int, kernel: int) -> int:
    return out_channels * (channels * kernel * kernel + 1)


# --- size and shape -------------------------------------------------------------------------------------------------


def test_googlenet_has_the_parameters_of_the_article(googlenet: Trace) -> None:
    """One wrong channel count, a missing bias or an auxiliary head changes the sum."""
    expected = convolution(3, 64, 7) + convolution(64, 64, 1) + convolution(64, 192, 3) + 1024 * CLASSES + CLASSES
    for channels, one, three_reduce, three, five_reduce, five, pooled in (
        (192, 64, 96, 128, 16, 32, 32),
        (256, 128, 128, 192, 32, 96, 64),
        (480, 192, 96, 208, 16, 48, 64),
        (512, 160, 112, 224, 24, 64, 64),
        (512, 128, 128, 256, 24, 64, 64),
        (512, 112, 144, 288, 32, 64, 64),
        (528, 256, 160, 320, 32, 128, 128),
        (832, 256, 160, 320, 32, 128, 128),
        (832, 384, 192, 384, 48, 128, 128),
    ):
        expected += convolution(channels, one, 1) + convolution(channels, pooled, 1)
        expected += convolution(channels, three_reduce, 1) + convolution(three_reduce, three, 3)
        expected += convolution(channels, five_reduce, 1) + convolution(five_reduce, five, 5)
    assert googlenet.parameters == expected == 5_989_952


def test_vgg_has_the_parameters_of_the_article(vgg: Trace) -> None:
    """As above; here most of the sum is the first fully connected layer, which depends on the image size."""
    channels = (3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)
    expected = sum(convolution(before, after, 3) for before, after in pairwise(channels))
    expected += (512 * 7 * 7 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * CLASSES
    assert vgg.parameters == expected == 134_326_096


def test_multiplications_at_224_pixels_are_the_article_s(googlenet: Trace, vgg: Trace) -> None:
    """A stride, padding or pool at the wrong place changes the work and not the parameters."""
    paper = trace(name="googlenet", stem_stride=2)
    gigas = [round(network.multiplications / 1e9, 3) for network in (googlenet, paper, vgg)]
    assert gigas == [6.327, 1.582, 15.466]
    assert paper.parameters == googlenet.parameters


def test_googlenet_stages(googlenet: Trace) -> None:
    """Order and place of the stages, which no sum can show; the names are those in checkpoints."""
    assert list(googlenet.stages.items()) == [
        ("stem_1", [64, 224, 224]),
        ("pool_1", [64, 112, 112]),
        ("stem_2", [192, 112, 112]),
        ("pool_2", [192, 56, 56]),
        ("inception_3a", [256, 56, 56]),
        ("inception_3b", [480, 56, 56]),
        ("pool_3", [480, 28, 28]),
        ("inception_4a", [512, 28, 28]),
        ("inception_4b", [512, 28, 28]),
        ("inception_4c", [512, 28, 28]),
        ("inception_4d", [528, 28, 28]),
        ("inception_4e", [832, 28, 28]),
        ("pool_4", [832, 14, 14]),
        ("inception_5a", [832, 14, 14]),
        ("inception_5b", [1024, 14, 14]),
        ("pool_5", [1024, 1, 1]),
        ("flatten", [1024]),
        ("dropout", [1024]),
        ("classifier", [CLASSES]),
    ]


def test_vgg_stages(vgg: Trace) -> None:
    """As above."""
    assert list(vgg.stages.items()) == [
        ("block_1", [64, 112, 112]),
        ("block_2", [128, 56, 56]),
        ("block_3", [256, 28, 28]),
        ("block_4", [512, 14, 14]),
        ("block_5", [512, 7, 7]),
        ("flatten", [512 * 7 * 7]),
        ("fc_1", [4096]),
        ("fc_2", [4096]),
        ("classifier", [CLASSES]),
    ]


def googlenet_step_by_step(weights: dict[str, Tensor], x: Tensor) -> Tensor:
    def convolve(x: Tensor, path: str, stride: int = 1) -> Tensor:
        weight = weights[f"{path}.weight"]
        return F.relu(F.conv2d(x, weight, weights[f"{path}.bias"], stride, padding=weight.shape[-1] // 2))

    def halve(x: Tensor) -> Tensor:
        return F.max_pool2d(x, 3, 2, 1)

    x = halve(convolve(x, "stem_1.0", stride=2))
    x = convolve(convolve(x, "stem_2.0"), "stem_2.2")
    for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"):
        x = halve(x) if name.endswith("a") else x
        branch = f"inception_{name}.branch"
        one = convolve(x, f"{branch}_1.0")
        three = convolve(convolve(x, f"{branch}_2.0"), f"{branch}_2.2")
        five = convolve(convolve(x, f"{branch}_3.0"), f"{branch}_3.2")
        pooled = convolve(F.max_pool2d(x, 3, 1, 1), f"{branch}_4.1")
        x = paddle.concat([one, three, five, pooled], axis=1)
    return F.linear(x.mean([2, 3]), weights["classifier.weight"], weights["classifier.bias"])


def vgg_step_by_step(weights: dict[str, Tensor], x: Tensor) -> Tensor:
    for block, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
        for place in range(0, 2 * convolutions, 2):
            path = f"block_{block}.{place}"
            x = F.relu(F.conv2d(x, weights[f"{path}.weight"], weights[f"{path}.bias"], padding=1))
        x = F.max_pool2d(x, 2, 2)
    x = x.reshape([len(x), -1])
    for path in ("fc_1.0", "fc_2.0"):
        x = F.relu(F.linear(x, weights[f"{path}.weight"], weights[f"{path}.bias"]))
    return F.linear(x, weights["classifier.weight"], weights["classifier.bias"])


@pytest.mark.parametrize(("name", "step_by_step"), [("googlenet", googlenet_step_by_step), ("vgg", vgg_step_by_step)])
def test_the_network_computes_what_the_article_says(
    name: str, step_by_step: Callable[[dict[str, Tensor], Tensor], Tensor]
) -> None:
    """A forgotten ReLU, the wrong kind of pool, branches in another order: no count and no shape shows them."""
    model, images = network(64, **SMALL[name]), random_images(2, 64)
    model.eval()
    with paddle.no_grad():
        expected = step_by_step(model.state_dict(), predicting.normalise(paddle.to_tensor(images))).numpy()
    np.testing.assert_allclose(forward(model, images), expected, atol=1e-5)


def test_width_multiplies_the_channels_of_every_convolution() -> None:
    """A convolution left at full width; VGG's hidden layers must stay as written."""
    for name in SMALL:
        full, half = shapes(network(name=name)), shapes(network(name=name, width=0.5))
        for path, shape in full.items():
            if len(shape) == 4:
                out_channels, channels, *kernel = shape
                first = path in ("stem_1.0.weight", "block_1.0.weight")
                assert half[path] == [out_channels // 2, channels if first else channels // 2, *kernel], path
    assert half["fc_1.0.weight"] == [256, 4096]
    assert half["fc_2.0.weight"] == full["fc_2.0.weight"] == [4096, 4096]


def test_width_rounds_and_leaves_at_least_one_channel() -> None:
    """int() in place of round() takes a channel away; a width near 0 would make an empty layer."""
    assert shapes(network(name="googlenet", width=0.3))["inception_3a.branch_3.0.bias"] == [5]  # of 16
    for name in SMALL:
        assert min(min(shape) for shape in shapes(network(name=name, width=0.001)).values()) == 1


@pytest.mark.parametrize("image_size", [32, 48, 50, 64, 96])
@pytest.mark.parametrize("settings", SMALL.values(), ids=SMALL)
def test_other_image_sizes(settings: dict[str, Any], image_size: int) -> None:
    """VGG's first fully connected layer must know what five halvings leave, also of sides that are no multiple."""
    assert forward(network(image_size, **settings), random_images(2, image_size)).shape == (2, CLASSES)


# --- parameters -----------------------------------------------------------------------------------------------------


def test_parameters_have_readable_paths() -> None:
    """Checkpoints and optimiser state are stored under these names: a renamed layer makes old files useless."""
    inside = [f"branch_{branch}.{place}" for branch, place in ((1, 0), (2, 0), (2, 2), (3, 0), (3, 2), (4, 1))]
    inceptions = [f"inception_{name}" for name in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")]
    googlenet = ["stem_1.0", "stem_2.0", "stem_2.2", *(f"{a}.{b}" for a in inceptions for b in inside), "classifier"]
    vgg = ["block_1.0", "block_1.2", "block_2.0", "fc_1.0", "fc_2.0", "classifier"]
    for expected, model in (
        (googlenet, network(**SMALL["googlenet"])),
        (vgg, network(name="vgg", conv_arch=[[2, 8], [1, 8]], fc=[8, 8])),
    ):
        assert list(shapes(model)) == [f"{layer}.{kind}" for layer in expected for kind in ("weight", "bias")]
        assert set(model.state_dict()) == set(shapes(model))
