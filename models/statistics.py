"""The statistics of BatchNorm, measured anew on images as an evaluation has them."""

from __future__ import annotations

import paddle
from paddle import nn

from models.predicting import entered, evaluating
from models.settings import Normalisation
from suite.image_source import ImageSource
from suite.stopping import stop_here


def recalibrate(network: nn.Layer, images: ImageSource, batch_size: int, how: Normalisation = "suite") -> None:
    """Replace the statistics by their means over batches of these images, uint8 [N, S, S, 3], taken in order.

    While a network is trained on mixed images, its statistics are those of mixed images; an evaluation has clean ones.
    No weight changes, dropout is off, frozen layers keep their statistics, and all modes are as before afterwards.
    `batch_size` is 2 or more; fewer images at the end are left out, unless they are all.
    """
    norms = [layer for layer in network.sublayers() if isinstance(layer, nn.BatchNorm2D)]
    norms = [norm for norm in norms if not norm.weight.stop_gradient]
    momenta = [norm._momentum for norm in norms]
    with evaluating(network), paddle.no_grad():
        for norm in norms:
            norm.train()
        for number in range(max(images.shape[0] // batch_size, 1)):
            stop_here()
            for norm in norms:
                norm._momentum = number / (number + 1)  # of what is there: a mean over all batches so far
            network(entered(images[number * batch_size : (number + 1) * batch_size], how))
    for norm, momentum in zip(norms, momenta, strict=True):
        norm._momentum = momentum
