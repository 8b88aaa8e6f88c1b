"""ResNet of 18 to 152 layers.

Source: He et al., "Deep residual learning for image recognition" (arXiv 1512.03385), table 1. As everywhere today, the
3x3 convolution of a bottleneck has the stride, not the 1x1 in front of it ("v1.5"). The stem for small images is that
of their section 4.2.
"""

from __future__ import annotations

from collections.abc import Callable

from paddle import Tensor, nn
from paddle.nn import functional as F  # noqa: N812 (its usual name)

from models.settings import ResNetConfig

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks of every stage by depth; every stage after the first works on half the side of the one before."""

NAMES_ELSEWHERE = {
    "torchvision, timm and paddle.vision": (
        (r"^layer(\d)\.(\d+)\.downsample\.", r"stage_\1.\2.shortcut."),
        (r"^layer(\d)\.(\d+)\.", r"stage_\1.\2.path."),
        (r"^(conv1|bn1)\.", r"stem.\1."),
        (r"^fc\.", "classifier."),
    )
}
"""Patterns that turn the paths of parameters in other libraries into ours."""

Named = list[tuple[str, nn.Layer]]

EXPANSION = 4
"""The last convolution of a bottleneck has this many times the channels of its first."""


def build(model: ResNetConfig, image_size: int, classes: int) -> ResNet:
    """The network that the section describes."""
    return ResNet(classes, depth=model.depth, width=model.width, stem=model.stem)


class ResNet(nn.Sequential):
    """float32 [N, 3, H, W] -> logits [N, classes]; H and W are free.

    `depth` counts the layers with weights: blocks of two convolutions below 50, bottlenecks of three from there on.
    `width` multiplies the channels of every convolution. `stem` is imagenet (7x7 with stride 2 and a pool: a quarter of
    the side is left) or small (3x3: all of it is left).

    The initial weights are Paddle's defaults: convolutions N(0, 2 / fan_in) (He), the last layer
    U(+-sqrt(6 / (fan_in + fan_out))) (Glorot), biases 0, scales of BatchNorm 1 and its shifts 0.
    """

    def __init__(self, classes: int, *, depth: int, width: float, stem: str) -> None:
        block: Callable[[int, int, int], Residual] = _bottleneck if depth >= 50 else _basic
        channels = max(1, round(64 * width))
        layers: Named = [("stem", _small_stem(channels) if stem == "small" else _stem(channels))]
        for stage, count in enumerate(BLOCKS[depth], start=1):
            narrow = max(1, round(64 * 2 ** (stage - 1) * width))
            blocks: list[Residual] = []
            for number in range(count):
                stride = 2 if stage > 1 and number == 0 else 1
                blocks.append(block(channels, narrow, stride))
                channels = blocks[-1].out_channels
            layers.append((f"stage_{stage}", nn.Sequential(*blocks)))
        super().__init__(
            *layers,
            ("pool", nn.AdaptiveAvgPool2D(1)),
            ("flatten", nn.Flatten()),
            ("classifier", nn.Linear(channels, classes)),
        )


class Residual(nn.Layer):
    """What a path of convolutions adds to its input, [N, channels, H, W] -> [N, out_channels, H / stride, W / stride].

    Where the shapes differ, a 1x1 convolution brings the input to that of the sum (option B of the paper).
    """

    def __init__(self, path: nn.Sequential, channels: int, out_channels: int, stride: int) -> None:
        super().__init__()
        self.path = path
        is_alike = stride == 1 and channels == out_channels
        self.shortcut = nn.Identity() if is_alike else nn.Sequential(*_convolution(channels, out_channels, 1, stride))
        self.out_channels = out_channels

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.path(x) + self.shortcut(x))


def _basic(channels: int, narrow: int, stride: int) -> Residual:
    path = nn.Sequential(
        *_numbered(1, channels, narrow, 3, stride),
        ("relu1", nn.ReLU()),
        *_numbered(2, narrow, narrow, 3),
    )
    return Residual(path, channels, narrow, stride)


def _bottleneck(channels: int, narrow: int, stride: int) -> Residual:
    path = nn.Sequential(
        *_numbered(1, channels, narrow, 1),
        ("relu1", nn.ReLU()),
        *_numbered(2, narrow, narrow, 3, stride),
        ("relu2", nn.ReLU()),
        *_numbered(3, narrow, EXPANSION * narrow, 1),
    )
    return Residual(path, channels, EXPANSION * narrow, stride)


def _stem(channels: int) -> nn.Sequential:
    pool = nn.MaxPool2D(3, stride=2, padding=1)
    return nn.Sequential(*_numbered(1, 3, channels, 7, stride=2), ("relu", nn.ReLU()), ("pool", pool))


def _small_stem(channels: int) -> nn.Sequential:
    return nn.Sequential(*_numbered(1, 3, channels, 3), ("relu", nn.ReLU()))


def _numbered(number: int, channels: int, out_channels: int, kernel: int, stride: int = 1) -> Named:
    """A convolution and its BatchNorm under the names that they have in other libraries."""
    convolution, norm = _convolution(channels, out_channels, kernel, stride)
    return [(f"conv{number}", convolution), (f"bn{number}", norm)]


def _convolution(channels: int, out_channels: int, kernel: int, stride: int = 1) -> tuple[nn.Layer, nn.Layer]:
    convolution = nn.Conv2D(channels, out_channels, kernel, stride=stride, padding=kernel // 2, bias_attr=False)
    return convolution, nn.BatchNorm2D(out_channels)
