"""EfficientNet-Lite0: small, quick on a CPU, and there are weights for it under a free licence.

Source: Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural networks" (arXiv 1905.11946), table
1, and the "lite" variants that its authors published later: no squeeze-and-excitation, ReLU6 in place of swish, stem
and top not scaled.
"""

from __future__ import annotations

import math

from paddle import Tensor, nn

from models.settings import EfficientNetLite0Config

# Columns as in the paper's table: blocks, side of the kernel, stride of the first, expansion, channels.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


NAMES_ELSEWHERE = {
    "efficientnet_lite_pytorch": (
        (r"^_conv_stem\.", "stem.0."),
        (r"^_bn0\.", "stem.1."),
        (r"^_conv_head\.", "top.0."),
        (r"^_bn1\.", "top.1."),
        (r"^_blocks\.(\d+)\._expand_conv\.", r"blocks.\1.expand.0."),
        (r"^_blocks\.(\d+)\._bn0\.", r"blocks.\1.expand.1."),
        (r"^_blocks\.(\d+)\._depthwise_conv\.", r"blocks.\1.depthwise.0."),
        (r"^_blocks\.(\d+)\._bn1\.", r"blocks.\1.depthwise.1."),
        (r"^_blocks\.(\d+)\._project_conv\.", r"blocks.\1.project.0."),
        (r"^_blocks\.(\d+)\._bn2\.", r"blocks.\1.project.1."),
        (r"^_fc\.", "classifier."),
    )
}
"""Patterns that turn the paths of parameters in other libraries into ours."""


def build(model: EfficientNetLite0Config, image_size: int, classes: int) -> EfficientNetLite0:
    """The network that the section describes."""
    return EfficientNetLite0(classes, width=model.width, dropout=model.dropout)


class EfficientNetLite0(nn.Sequential):
    """float32 [N, 3, H, W] -> logits [N, classes]; H and W are free, 224 pixels are those of its published weights.

    `width` multiplies the channels of every convolution. `dropout` is the probability in front of the last layer.

    The initial weights are N(0, 2 / fan_in) (He) in convolutions, U(+-sqrt(6 / (fan_in + fan_out))) (Glorot) in the
    last layer, and 1 and 0 in the scales and shifts of BatchNorm.

    The statistics of BatchNorm take in a tenth of every batch, as is Paddle's default. The original takes a hundredth,
    which needs some 500 batches before they fit: on a few hundred images that is dozens of epochs.
    """

    def __init__(self, classes: int, *, width: float, dropout: float) -> None:
        def scaled(channels: int) -> int:
            return max(1, round(channels * width))

        channels = scaled(32)
        blocks: list[nn.Layer] = []
        for count, kernel, first_stride, expansion, base_channels in STAGES:
            for number in range(count):
                stride, out_channels = first_stride if number == 0 else 1, scaled(base_channels)
                blocks.append(InvertedBottleneck(channels, out_channels, kernel, stride, expansion))
                channels = out_channels
        top = scaled(1280)
        super().__init__(
            ("stem", nn.Sequential(*_convolution(3, scaled(32), 3, 2), nn.ReLU6())),
            ("blocks", nn.Sequential(*blocks)),
            ("top", nn.Sequential(*_convolution(channels, top, 1), nn.ReLU6())),
            ("pool", nn.AdaptiveAvgPool2D(1)),
            ("flatten", nn.Flatten()),
            ("dropout", nn.Dropout(dropout)),
            ("classifier", nn.Linear(top, classes)),
        )


class InvertedBottleneck(nn.Layer):
    """Expand the channels, convolve each on its own, project.

    [N, channels, H, W] -> [N, out_channels, H / stride, W / stride]; the input is added where the shapes allow it.
    """

    def __init__(self, channels: int, out_channels: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = channels * expansion
        self.expand = nn.Sequential(*_convolution(channels, wide, 1), nn.ReLU6()) if expansion > 1 else nn.Identity()
        self.depthwise = nn.Sequential(*_convolution(wide, wide, kernel, stride, groups=wide), nn.ReLU6())
        self.project = nn.Sequential(*_convolution(wide, out_channels, 1))
        self.adds = stride == 1 and channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.adds else y


def _convolution(
    channels: int, out_channels: int, kernel: int, stride: int = 1, groups: int = 1
) -> tuple[nn.Layer, nn.Layer]:
    """With "same" padding: with stride 2, an even side has one more row and column at its end."""
    # Paddle's own default takes all channels for the inputs of a depthwise kernel, which sees one.
    deviation = math.sqrt(2 / (channels // groups * kernel**2))
    convolution = nn.Conv2D(
        channels,
        out_channels,
        kernel,
        stride=stride,
        padding="SAME",
        groups=groups,
        weight_attr=nn.initializer.Normal(0.0, deviation),
        bias_attr=False,
    )
    return convolution, nn.BatchNorm2D(out_channels, epsilon=1e-3)
