"""AlexNet in one column, as it is used today.

Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (arXiv 1404.5997), section 5. It
has no local response normalisation. The average pool in front of the fully connected layers, which changes nothing at
224 pixels, lets it take other sizes.
"""

from __future__ import annotations

from collections.abc import Sequence

from paddle import nn

from models.settings import AlexNetConfig

NAMES_ELSEWHERE = {
    # Not paddle.vision: its dropout halves what it keeps when it evaluates, so its weights mean something else.
    "torchvision": (
        (r"^features\.0\.", "block_1.0."),
        (r"^features\.3\.", "block_2.0."),
        (r"^features\.6\.", "block_3.0."),
        (r"^features\.8\.", "block_4.0."),
        (r"^features\.10\.", "block_5.0."),
        (r"^classifier\.1\.", "fc_1.1."),
        (r"^classifier\.4\.", "fc_2.1."),
        (r"^classifier\.6\.", "classifier."),
    )
}
"""Patterns that turn the paths of parameters in other libraries into ours."""

POOLED = 6
"""Side of what the fully connected layers see."""


def build(model: AlexNetConfig, image_size: int, classes: int) -> AlexNet:
    """The network that the section describes."""
    return AlexNet(classes, width=model.width, fc=model.fc, dropout=model.dropout)


class AlexNet(nn.Sequential):
    """float32 [N, 3, H, W] in [-1, 1] -> logits [N, classes]; H and W are 63 pixels or more.

    `width` multiplies the channels of every convolution. `fc` holds the sizes of the fully connected layers before the
    last. In front of each of them is dropout of probability `dropout`; there is none in front of the last layer.

    The initial weights are Paddle's defaults: convolutions N(0, 2 / fan_in) (He), fully connected layers
    U(+-sqrt(6 / (fan_in + fan_out))) (Glorot), biases 0.
    """

    def __init__(self, classes: int, *, width: float, fc: Sequence[int], dropout: float) -> None:
        def scaled(channels: int) -> int:
            return max(1, round(channels * width))

        sizes = [scaled(channels) for channels in (64, 192, 384, 256, 256)]
        layers: list[tuple[str, nn.Layer]] = [
            ("block_1", nn.Sequential(*_convolution(3, sizes[0], 11, stride=4), nn.MaxPool2D(3, stride=2))),
            ("block_2", nn.Sequential(*_convolution(sizes[0], sizes[1], 5), nn.MaxPool2D(3, stride=2))),
            ("block_3", nn.Sequential(*_convolution(sizes[1], sizes[2], 3))),
            ("block_4", nn.Sequential(*_convolution(sizes[2], sizes[3], 3))),
            ("block_5", nn.Sequential(*_convolution(sizes[3], sizes[4], 3), nn.MaxPool2D(3, stride=2))),
            ("pool", nn.AdaptiveAvgPool2D(POOLED)),
            ("flatten", nn.Flatten()),
        ]
        features = sizes[4] * POOLED**2
        for number, size in enumerate(fc, start=1):
            layers.append((f"fc_{number}", nn.Sequential(nn.Dropout(dropout), nn.Linear(features, size), nn.ReLU())))
            features = size
        super().__init__(*layers, ("classifier", nn.Linear(features, classes)))


def _convolution(channels: int, out_channels: int, kernel: int, stride: int = 1) -> tuple[nn.Layer, nn.Layer]:
    padding = 2 if stride > 1 else kernel // 2
    return nn.Conv2D(channels, out_channels, kernel, stride=stride, padding=padding), nn.ReLU()
