"""GoogLeNet as the article trains it: neither batch norm nor auxiliary heads, dropout only on request.

Source: the article, part 2 (docs/differences.md); Szegedy et al., "Going deeper with convolutions"
(arXiv 1409.4842), table 1.
"""

from __future__ import annotations

import paddle
from paddle import Tensor, nn

from models.settings import GoogLeNetConfig

# Columns as in the paper's table: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection.
INCEPTIONS: dict[int, dict[str, tuple[int, int, int, int, int, int]]] = {
    3: {
        "a": (64, 96, 128, 16, 32, 32),
        "b": (128, 128, 192, 32, 96, 64),
    },
    4: {
        "a": (192, 96, 208, 16, 48, 64),
        "b": (160, 112, 224, 24, 64, 64),
        "c": (128, 128, 256, 24, 64, 64),
        "d": (112, 144, 288, 32, 64, 64),
        "e": (256, 160, 320, 32, 128, 128),
    },
    5: {
        "a": (256, 160, 320, 32, 128, 128),
        "b": (384, 192, 384, 48, 128, 128),
    },
}
"""Channels of the inception blocks by stage; every stage works on half the side of the one before."""


class Inception(nn.Layer):
    """Four views of one input, [N, channels, H, W] -> [N, out_channels, H, W] (figure 2b of the paper)."""

    def __init__(
        self, channels: int, one: int, three_reduce: int, three: int, five_reduce: int, five: int, pooled: int
    ) -> None:
        super().__init__()
        self.branch_1 = nn.Sequential(*_convolution(channels, one, 1))
        self.branch_2 = nn.Sequential(*_convolution(channels, three_reduce, 1), *_convolution(three_reduce, three, 3))
        self.branch_3 = nn.Sequential(*_convolution(channels, five_reduce, 1), *_convolution(five_reduce, five, 5))
        self.branch_4 = nn.Sequential(nn.MaxPool2D(3, stride=1, padding=1), *_convolution(channels, pooled, 1))
        self.out_channels = one + three + five + pooled

    def forward(self, x: Tensor) -> Tensor:
        return paddle.concat([self.branch_1(x), self.branch_2(x), self.branch_3(x), self.branch_4(x)], axis=1)


def build(model: GoogLeNetConfig, image_size: int, classes: int) -> GoogLeNet:
    """The network that the section describes."""
    return GoogLeNet(classes, stem_stride=model.stem_stride, width=model.width, dropout=model.dropout)


class GoogLeNet(nn.Sequential):
    """float32 [N, 3, H, W] in [-1, 1] -> logits [N, classes]; H and W are free.

    `stem_stride` is 1 in the article and 2 in the paper, which costs a quarter of the work. `width` multiplies the
    channels of every convolution. `dropout` is the probability in front of the last layer.

    The initial weights are Paddle's defaults, as in the article: convolutions N(0, 2 / fan_in) (He), the last layer
    U(+-sqrt(6 / (fan_in + fan_out))) (Glorot), biases 0. They depend on `paddle.seed` alone.
    """

    def __init__(self, classes: int, *, stem_stride: int, width: float, dropout: float) -> None:
        def scaled(channels: int) -> int:
            return max(1, round(channels * width))

        narrow, channels = scaled(64), scaled(192)
        layers: list[tuple[str, nn.Layer]] = [
            ("stem_1", nn.Sequential(*_convolution(3, narrow, 7, stride=stem_stride))),
            ("pool_1", _halving()),
            ("stem_2", nn.Sequential(*_convolution(narrow, narrow, 1), *_convolution(narrow, channels, 3))),
        ]
        for stage, blocks in INCEPTIONS.items():
            layers.append((f"pool_{stage - 1}", _halving()))
            for letter, sizes in blocks.items():
                inception = Inception(channels, *map(scaled, sizes))
                layers.append((f"inception_{stage}{letter}", inception))
                channels = inception.out_channels
        super().__init__(
            *layers,
            ("pool_5", nn.AdaptiveAvgPool2D(1)),
            ("flatten", nn.Flatten()),
            ("dropout", nn.Dropout(dropout)),
            ("classifier", nn.Linear(channels, classes)),
        )


def _convolution(channels: int, out_channels: int, kernel: int, stride: int = 1) -> tuple[nn.Layer, nn.Layer]:
    return nn.Conv2D(channels, out_channels, kernel, stride=stride, padding=kernel // 2), nn.ReLU()


def _halving() -> nn.Layer:
    return nn.MaxPool2D(3, stride=2, padding=1)
