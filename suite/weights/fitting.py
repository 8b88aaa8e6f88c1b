"""From the weights of a file to a network that starts from them. Imports Paddle."""

from __future__ import annotations

from paddle import nn

from models.pretrained import Unfit, start_from
from models.settings import NetworkConfig
from suite.errors import UserError, shortened
from suite.weights.reading import Weights


def put_into(network: nn.Layer, model: NetworkConfig, weights: Weights) -> None:
    """Start the body of the network that the section describes from these weights; its head stays as it was drawn.

    Raises:
        UserError: with the names or shapes that do not fit, when they are of another network.
    """
    try:
        start_from(network, model.name, weights.arrays, of_torch=weights.layout == "torch")
    except Unfit as error:
        raise UserError([f"model.weights: {model.weights}: {line}" for line in shortened(error.lines)]) from None
