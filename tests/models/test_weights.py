"""What of a training is kept and put back, beyond what today's networks and optimisers have."""

from __future__ import annotations

from typing import Any

import numpy as np
import paddle
from paddle import nn

from models.building import parameter_count
from models.weights import restore_training, training_state

RATE, STEPS = 0.1, 3


def network() -> nn.Layer:
    """The process numbers its names, so a second one has other names for the same parameters."""
    return nn.Sequential(nn.Conv2D(3, 4, 1), nn.Flatten(), nn.Linear(16, 2))


def with_schedule(model: nn.Layer) -> Any:
    """Adam whose learning rate is halved after every second epoch."""
    schedule = paddle.optimizer.lr.StepDecay(RATE, 2, 0.5)
    return paddle.optimizer.Adam(learning_rate=schedule, parameters=model.parameters())


def step(model: nn.Layer, optimizer: Any) -> None:
    model(paddle.ones([2, 3, 2, 2])).sum().backward()
    optimizer.step()
    optimizer.clear_grad()


def test_statistics_of_a_batch_normalisation_are_no_weights() -> None:
    """They are measured, not trained. The header would call a network larger than its paper does."""
    model = nn.Sequential(nn.Conv2D(3, 4, 1), nn.BatchNorm2D(4))
    assert parameter_count(model) == (3 * 4 + 4) + (4 + 4)


def test_a_learning_rate_schedule_goes_on_where_it_was() -> None:
    """Its state is no tensor of a parameter: keeping the first checkpoint raised StopIteration."""
    model = network()
    optimizer = with_schedule(model)
    for _ in range(STEPS):
        step(model, optimizer)
        optimizer._learning_rate.step()
    kept = training_state(model, optimizer)
    assert all(array.dtype != object for array in kept.values())  # it would need pickle
    other = network()
    again = with_schedule(other)
    restore_training(other, again, kept)
    assert again.get_lr() == RATE / 2
    assert again._learning_rate.last_epoch == STEPS and isinstance(again._learning_rate.last_epoch, int)
    for each in (model, other):
        step(each, optimizer if each is model else again)
    for one, two in zip(model.parameters(), other.parameters(), strict=True):
        assert (one.numpy() == two.numpy()).all()


def test_master_weights_of_mixed_precision_are_kept() -> None:
    """They are more exact than the weights. Without them a run that goes on would be another run."""
    model = network()
    optimizer = paddle.optimizer.Adam(learning_rate=RATE, parameters=model.parameters(), multi_precision=True)
    step(model, optimizer)
    master = {parameter.name: parameter + 1e-3 for parameter in model.parameters() if not parameter.stop_gradient}
    optimizer._master_weights.update(master)
    kept = training_state(model, optimizer)
    other = network()
    again = paddle.optimizer.Adam(learning_rate=RATE, parameters=other.parameters(), multi_precision=True)
    step(other, again)
    restore_training(other, again, kept)
    back = again.state_dict()["master_weights"]
    assert list(back) == [parameter.name for parameter in other.parameters() if not parameter.stop_gradient]
    for one, two in zip(master.values(), back.values(), strict=True):
        assert (np.asarray(one) == np.asarray(two)).all()
