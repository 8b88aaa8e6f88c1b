"""Which layers of a network stay as they are while the others are trained."""

from __future__ import annotations

from typing import NamedTuple

from paddle import nn

from models.building import HEAD
from models.predicting import predict
from models.settings import Freeze, Normalisation
from suite.image_source import ImageSource


def freeze(network: nn.Sequential, what: Freeze) -> None:
    """Keep these layers from being trained: `stem` is the first one, `body` all but the head."""
    for layer in _frozen(network, what):
        for parameter in layer.parameters():
            parameter.stop_gradient = True


def set_training(network: nn.Sequential, what: Freeze) -> None:
    """Put a network into training mode, but for what is frozen: dropout is off there, and statistics stay."""
    network.train()
    for layer in _frozen(network, what):
        layer.eval()


def _frozen(network: nn.Sequential, what: Freeze) -> list[nn.Layer]:
    layers = [(name, layer) for name, layer in network.named_children()]
    if what == "stem":
        return [layers[0][1]]
    return [layer for name, layer in layers if name not in HEAD] if what == "body" else []


class Route(NamedTuple):
    """What makes logits of what, to the same result as the whole network from the images."""

    network: nn.Layer
    train: ImageSource
    eval: ImageSource


def shortcut(network: nn.Sequential, train: ImageSource, evaluation: ImageSource, how: Normalisation) -> Route:
    """The head of a network whose body is frozen, and the features [N, F] that the body makes of images [N, S, S, 3].

    The features are computed here, once. The layers of the head are those of the network: what is trained is the same.
    """
    parts = list(network.named_children())
    body = nn.Sequential(*(part for part in parts if part[0] not in HEAD))
    head = nn.Sequential(*(part for part in parts if part[0] in HEAD))
    return Route(head, predict(body, train, how), predict(body, evaluation, how))
