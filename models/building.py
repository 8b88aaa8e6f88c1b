"""How a section `model` becomes a network."""

from __future__ import annotations

from importlib import import_module

from paddle import nn

from models.settings import NetworkConfig


def build(model: NetworkConfig, image_size: int, classes: int) -> nn.Layer:
    """The network of the section, in training mode; seed Paddle before, the initial weights are drawn here."""
    network: nn.Layer = import_module(f"models.{model.name}").build(model, image_size, classes)
    return network
