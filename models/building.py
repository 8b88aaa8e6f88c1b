"""How a section `model` becomes a network."""

from __future__ import annotations

import math
from importlib import import_module

from paddle import nn

from models.settings import NetworkConfig


def build(model: NetworkConfig, image_size: int, classes: int) -> nn.Layer:
    """The network of the section, in training mode; seed Paddle before, the initial weights are drawn here."""
    network: nn.Layer = import_module(f"models.{model.name}").build(model, image_size, classes)
    return network


HEAD = ("dropout", "classifier")
"""Layers that make logits of features; every network ends with them, and all others are its body."""


def is_head(path: str) -> bool:
    """Whether a parameter belongs to the head, by its path."""
    return path.partition(".")[0] in HEAD


STATISTICS = ("_mean", "_variance")
"""What Paddle calls the two parameters of a BatchNorm that are measured, not learned."""


def parameter_count(network: nn.Layer) -> int:
    """How many numbers of a network are learned from gradients."""
    learned = [value for path, value in network.named_parameters() if path.rpartition(".")[2] not in STATISTICS]
    return sum(math.prod(value.shape) for value in learned)
