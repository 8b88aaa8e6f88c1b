"""LeNet-5 for colour images, with ReLU and max pooling, as it is taught today.

Source: LeCun et al., "Gradient-based learning applied to document recognition" (Proceedings of the IEEE, 1998), figure
2. There it has one channel, tanh and trained averages in place of the pools.
"""

from __future__ import annotations

from paddle import nn

from models.settings import LeNetConfig


def build(model: LeNetConfig, image_size: int, classes: int) -> LeNet:
    """The network that the section describes, which has no keys but the name."""
    return LeNet(classes, image_size)


class LeNet(nn.Sequential):
    """float32 [N, 3, image_size, image_size] in [-1, 1] -> logits [N, classes]; `image_size` is 16 pixels or more.

    The initial weights are Paddle's defaults: convolutions N(0, 2 / fan_in) (He), fully connected layers
    U(+-sqrt(6 / (fan_in + fan_out))) (Glorot), biases 0.
    """

    def __init__(self, classes: int, image_size: int) -> None:
        side = ((image_size - 4) // 2 - 4) // 2
        super().__init__(
            ("block_1", nn.Sequential(nn.Conv2D(3, 6, 5), nn.ReLU(), nn.MaxPool2D(2, stride=2))),
            ("block_2", nn.Sequential(nn.Conv2D(6, 16, 5), nn.ReLU(), nn.MaxPool2D(2, stride=2))),
            ("flatten", nn.Flatten()),
            ("fc_1", nn.Sequential(nn.Linear(16 * side * side, 120), nn.ReLU())),
            ("fc_2", nn.Sequential(nn.Linear(120, 84), nn.ReLU())),
            ("classifier", nn.Linear(84, classes)),
        )
