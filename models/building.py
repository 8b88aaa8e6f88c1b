"""Which networks there are, and how a section `model` becomes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from paddle import nn

from models.googlenet import GoogLeNet
from models.vgg import VGG
from suite.config.schema import Config

NETWORKS: dict[str, Callable[[dict[str, Any], int, int], nn.Layer]] = {
    "googlenet": lambda settings, image_size, classes: GoogLeNet(classes, **settings),
    "vgg": lambda settings, image_size, classes: VGG(classes, image_size, **settings),
}
"""By `model.name`; the settings are the other keys of `model`."""


def build(config: Config, classes: int) -> nn.Layer:
    """The network of `config.model`, in training mode; seed Paddle before, the initial weights are drawn here."""
    settings = config.model.model_dump(exclude={"name"})
    return NETWORKS[config.model.name](settings, config.data.image_size, classes)
