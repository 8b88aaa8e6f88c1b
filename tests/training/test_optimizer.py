"""The optimiser takes the steps that the configuration asks for, computed here by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import paddle
import pytest
from paddle import nn

from suite.config.schema import TrainConfig
from suite.training.optimizer import build_optimizer, learning_rate


def settings(**train: Any) -> TrainConfig:
    return TrainConfig.model_validate({"lr": 0.1, "decay": "all", **train})


class Network(nn.Layer):
    """One number in the body and one in the head, each 1; and a weight and a bias, which are 1 too."""

    def __init__(self) -> None:
        super().__init__()
        ones = nn.initializer.Constant(1.0)
        self.body = nn.Linear(1, 1, paddle.ParamAttr(initializer=ones), paddle.ParamAttr(initializer=ones))
        self.classifier = nn.Linear(1, 1, paddle.ParamAttr(initializer=ones), paddle.ParamAttr(initializer=ones))


def after(train: TrainConfig, steps: int, gradient: float) -> dict[str, float]:
    """All parameters after some steps under one gradient for all of them."""
    network = Network()
    optimizer = build_optimizer(train, network)
    for _ in range(steps):
        loss = paddle.add_n([gradient * parameter.sum() for parameter in network.parameters()])
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
    return {path: float(value.sum()) for path, value in network.named_parameters()}


@pytest.mark.parametrize(("momentum", "decay"), [(0.0, 0.0), (0.0, 0.1), (0.5, 0.1)])
def test_momentum_and_weight_decay_are_those_of_the_configuration(momentum: float, decay: float) -> None:
    """Without a gradient nothing pulls but the weight decay."""
    train = settings(optimizer="momentum", momentum=momentum, weight_decay=decay)
    weight, speed = 1.0, 0.0
    for _ in range(2):
        speed = momentum * speed + decay * weight
        weight -= 0.1 * speed
    assert list(after(train, 2, 0.0).values()) == pytest.approx([weight] * 4, rel=1e-6)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_weight_decay_of_adam(decay: float) -> None:
    """The first step of Adam is the learning rate, however small what pulls."""
    found = after(settings(weight_decay=decay), 1, 0.0)
    assert list(found.values()) == pytest.approx([0.9 if decay else 1.0] * 4, rel=1e-6)


def test_adamw_keeps_the_decay_apart_from_the_gradient() -> None:
    """Paddle's own default decays by 0.01 where 0 is asked for; Adam's decay would be lost in the size of its step."""
    for decay in (0.0, 0.5):
        expected = 1.0 * (1 - 0.1 * decay) - 0.1
        found = after(settings(optimizer="adamw", weight_decay=decay), 1, 3.0)
        assert list(found.values()) == pytest.approx([expected] * 4, rel=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "momentum"])
def test_decay_of_weights_leaves_biases_alone(optimizer: str) -> None:
    """A scale of BatchNorm that is pulled to 0, or a bias, is no regularisation."""
    found = after(settings(optimizer=optimizer, weight_decay=0.1, decay="weights"), 1, 0.0)
    assert {path for path, value in found.items() if value == 1.0} == {"body.bias", "classifier.bias"}


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "momentum"])
def test_the_body_learns_at_a_rate_of_its_own(optimizer: str) -> None:
    found = after(settings(optimizer=optimizer, momentum=0.0, lr_body=0.1), 1, 1.0)
    expected = {"body": 1 - 0.01, "classifier": 1 - 0.1}
    for path, value in found.items():
        assert value == pytest.approx(expected[path.partition(".")[0]], rel=1e-5), path


def test_frozen_parameters_are_not_trained() -> None:
    network = Network()
    network.body.weight.stop_gradient = True
    listed = [
        parameter for group in build_optimizer(settings(), network)._param_groups for parameter in group["params"]
    ]
    assert len(listed) == 3


def rates(steps: int, **train: Any) -> list[float]:
    section = settings(**train)
    return [learning_rate(section, epoch, step, steps) for epoch in range(section.epochs) for step in range(steps)]


def test_a_constant_rate_is_exactly_the_configured_one() -> None:
    """Bits of all runs so far depend on it."""
    assert set(rates(3, epochs=4, lr=1e-4)) == {1e-4}


def test_warm_up_rises_linearly_to_the_rate_and_no_further() -> None:
    found = rates(4, epochs=3, warmup=1.5)
    assert found[:6] == pytest.approx([0.1 * (step + 1) / 6 for step in range(6)])
    assert found[6:] == [0.1] * 6
    assert rates(3, epochs=2, warmup=0.5)[:2] == pytest.approx([0.1 * 2 / 3, 0.1])  # it ends within a step


def test_the_cosine_falls_from_the_rate_to_nearly_nothing() -> None:
    found = rates(5, epochs=4, schedule="cosine")
    assert found[0] == 0.1
    assert found[10] == pytest.approx(0.05)  # half way
    assert found[-1] == pytest.approx(0.05 * (1 + math.cos(math.pi * 19 / 20)))
    assert all(np.diff(found) < 0)


def test_the_cosine_begins_where_the_warm_up_ends() -> None:
    """A jump, or a cosine that does not end with the run."""
    found = rates(5, epochs=4, schedule="cosine", warmup=1)
    assert max(found) == found[4] == found[5] == 0.1
    assert found[-1] == pytest.approx(0.05 * (1 + math.cos(math.pi * 14 / 15)))
