"""The statistics of BatchNorm, measured anew on images as an evaluation has them."""

from __future__ import annotations

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle import nn

from models.predicting import normalise
from suite.stopping import stop_here


def recalibrate(network: nn.Layer, images: NDArray[np.uint8], batch_size: int) -> None:
    """Replace the statistics by their means over batches of these uint8 images [N, S, S, 3], taken in order.

    While a network is trained on mixed images, its statistics are those of mixed images; an evaluation has clean ones.
    No weight changes, dropout is off, and frozen layers keep their statistics. The network's mode is as before
    afterwards. `batch_size` is 2 or more; fewer images at the end are left out, unless they are all.
    """
    norms = [layer for layer in network.sublayers() if isinstance(layer, nn.BatchNorm2D)]
    norms = [norm for norm in norms if not norm.weight.stop_gradient]
    was_training, momenta = network.training, [norm._momentum for norm in norms]
    network.eval()
    for norm in norms:
        norm.train()
    with paddle.no_grad():
        whole = max(len(images) // batch_size, 1)
        for number in range(whole):
            stop_here()
            for norm in norms:
                norm._momentum = number / (number + 1)  # of what is there: a mean over all batches so far
            network(normalise(paddle.to_tensor(images[number * batch_size : (number + 1) * batch_size])))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm._momentum = momentum
    network.train() if was_training else network.eval()
