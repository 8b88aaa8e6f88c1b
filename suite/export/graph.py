"""The network as one graph: uint8 images in, probabilities out."""

from __future__ import annotations

from pathlib import Path

import paddle
from paddle import Tensor, nn
from paddle.static import InputSpec

from models.predicting import normalise
from models.settings import Normalisation


class WholeNetwork(nn.Layer):
    """A network between the normalisation of its images and a softmax."""

    def __init__(self, network: nn.Layer, how: Normalisation) -> None:
        super().__init__()
        self.network, self.how = network, how

    def forward(self, images: Tensor) -> Tensor:
        """uint8 [N, S, S, 3] -> float32 [N, classes], which sum up to 1."""
        # The first argument must be called self: Paddle looks for this name when it makes a graph of the function.
        return nn.functional.softmax(self.network(normalise(images, self.how)))


def save_graph(network: nn.Layer, how: Normalisation, size: int, prefix: Path) -> None:
    """Write Paddle's inference model for images of `size` pixels and batches of any number.

    Paddle 2.6 writes `prefix`.pdmodel and Paddle 3 `prefix`.json, both with the weights in `prefix`.pdiparams.
    """
    whole = WholeNetwork(network, how)
    whole.eval()
    paddle.jit.save(whole, str(prefix), input_spec=[InputSpec([None, size, size, 3], "uint8", "images")])
