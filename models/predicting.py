"""How images go through a network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle import Tensor, nn

from models.settings import Normalisation
from suite.image_source import ImageSource
from suite.stopping import stop_here

SCALES: dict[Normalisation, tuple[float | list[float], float | list[float]]] = {
    "suite": (2 / 255, 1.0),
    "imagenet": (
        [1 / (255 * deviation) for deviation in (0.229, 0.224, 0.225)],
        [mean / deviation for mean, deviation in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))],
    ),
}
"""What pixels are multiplied by, and what is then taken away, by `model.normalise`; a list has a value a channel.

suite is the article's (section 2). imagenet makes means 0 and deviations 1 over the training images of ImageNet, as the
published weights of most libraries expect it.
"""


def normalise(images: Tensor, how: Normalisation = "suite") -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W], on the device of `images`; suite leaves values in [-1, 1]."""
    factor, shift = (
        paddle.to_tensor(scale, dtype="float32").reshape([1, 3, 1, 1]) if isinstance(scale, list) else scale
        for scale in SCALES[how]
    )
    # Multiplied, not divided: Paddle 2.6 and 3 round a division by a number differently.
    return images.astype("float32").transpose([0, 3, 1, 2]) * factor - shift


def entered(inputs: NDArray[Any], how: Normalisation) -> Tensor:
    """What a network takes: images, which are uint8, normalised; or features, float32 [N, F], as they are."""
    given = paddle.to_tensor(inputs)
    return normalise(given, how) if inputs.dtype == np.uint8 else given


def predict(
    network: nn.Layer,
    inputs: ImageSource,
    how: Normalisation = "suite",
    batch_size: int = 8,
) -> NDArray[np.float32]:
    """What comes out for images, uint8 [N, S, S, 3], or where the network is a head for features, without dropout.

    The network's mode is as before afterwards. Another batch size may change the last bits, so leave it alone where
    results are compared. 8 takes the least memory, and at 224 pixels on a CPU it was also the fastest.
    """
    outputs = []
    with evaluating(network), paddle.no_grad():
        for start in range(0, inputs.shape[0], batch_size):
            stop_here()  # a pass over all training images takes minutes on a CPU
            outputs.append(network(entered(inputs[start : start + batch_size], how)))
    return paddle.concat(outputs).numpy()


@contextmanager
def evaluating(network: nn.Layer) -> Iterator[None]:
    """Without dropout and with the statistics that BatchNorm has; afterwards every layer is in the mode it was in."""
    layers = network.sublayers(include_self=True)
    modes = [layer.training for layer in layers]
    network.eval()
    try:
        yield
    finally:
        for layer, mode in zip(layers, modes, strict=True):
            layer.training = mode
