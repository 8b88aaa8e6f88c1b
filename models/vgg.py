"""VGG as the article trains it: blocks of 3x3 convolutions, then fully connected layers with dropout.

Source: the article, part 1 (docs/differences.md); Simonyan and Zisserman, "Very deep convolutional networks for
large-scale image recognition" (arXiv 1409.1556), configuration D.
"""

from __future__ import annotations

from collections.abc import Sequence

from paddle import nn

from models.settings import VGGConfig

NAMES_ELSEWHERE = {
    "torchvision and paddle.vision": (
        *(
            (rf"^features\.{place}\.", path)
            for place, path in {
                **{0: "block_1.0.", 2: "block_1.2.", 5: "block_2.0.", 7: "block_2.2."},
                **{10: "block_3.0.", 12: "block_3.2.", 14: "block_3.4."},
                **{17: "block_4.0.", 19: "block_4.2.", 21: "block_4.4."},
                **{24: "block_5.0.", 26: "block_5.2.", 28: "block_5.4."},
            }.items()
        ),
        (r"^classifier\.0\.", "fc_1.0."),
        (r"^classifier\.3\.", "fc_2.0."),
        (r"^classifier\.6\.", "classifier."),
    )
}
"""Patterns that turn the paths of parameters in other libraries, of VGG-16, into ours."""


def build(model: VGGConfig, image_size: int, classes: int) -> VGG:
    """The network that the section describes."""
    return VGG(classes, image_size, conv_arch=model.conv_arch, fc=model.fc, width=model.width, dropout=model.dropout)


class VGG(nn.Sequential):
    """float32 [N, 3, image_size, image_size] in [-1, 1] -> logits [N, classes].

    `conv_arch` holds (convolutions, channels) for every block, each of which ends by halving the image, so
    `image_size` must be 2 ** len(conv_arch) pixels or more. `fc` holds the sizes of the fully connected layers before
    the last, each followed by dropout of probability `dropout`. `width` multiplies the channels of the convolutions
    only.

    The initial weights are Paddle's defaults, as in the article: convolutions N(0, 2 / fan_in) (He), fully connected
    layers U(+-sqrt(6 / (fan_in + fan_out))) (Glorot), biases 0. They depend on `paddle.seed` alone.
    """

    def __init__(
        self,
        classes: int,
        image_size: int,
        *,
        conv_arch: Sequence[tuple[int, int]],
        fc: Sequence[int],
        width: float,
        dropout: float,
    ) -> None:
        layers: list[tuple[str, nn.Layer]] = []
        channels = 3
        for number, (convolutions, base_channels) in enumerate(conv_arch, start=1):
            block: list[nn.Layer] = []
            for _ in range(convolutions):
                out_channels = max(1, round(base_channels * width))
                block += [nn.Conv2D(channels, out_channels, 3, padding=1), nn.ReLU()]
                channels = out_channels
            layers.append((f"block_{number}", nn.Sequential(*block, nn.MaxPool2D(2, stride=2))))

        layers.append(("flatten", nn.Flatten()))
        features = channels * (image_size // 2 ** len(conv_arch)) ** 2
        for number, size in enumerate(fc, start=1):
            layers.append((f"fc_{number}", nn.Sequential(nn.Linear(features, size), nn.ReLU(), nn.Dropout(dropout))))
            features = size
        super().__init__(*layers, ("classifier", nn.Linear(features, classes)))
