"""The optimiser that a configuration names, and its learning rate at every step. Imports Paddle."""

from __future__ import annotations

import math
from typing import Any

import paddle

from models.building import is_head
from suite.config.schema import TrainConfig


def build_optimizer(train: TrainConfig, network: paddle.nn.Layer) -> paddle.optimizer.Optimizer:
    """The optimiser for the parameters of a network that are not frozen.

    With `train.decay: weights`, the weight decay leaves alone what has one axis: biases, and the scales and shifts of
    BatchNorm. The body learns at `train.lr_body` times the rate of the head.
    """
    groups: dict[tuple[bool, bool], list[paddle.Tensor]] = {}
    for path, parameter in network.named_parameters():
        if not parameter.stop_gradient:
            decays = train.decay == "all" or parameter.ndim > 1
            groups.setdefault((decays, is_head(path)), []).append(parameter)
    no_decay = 0.0 if train.optimizer == "adamw" else None  # to AdamW, None is its own default
    parameters = [
        {
            "params": members,
            "weight_decay": train.weight_decay if decays and train.weight_decay else no_decay,
            "learning_rate": 1.0 if in_head else train.lr_body,
        }
        for (decays, in_head), members in groups.items()
    ]
    common: dict[str, Any] = {"learning_rate": train.lr, "parameters": parameters}
    if train.optimizer == "adamw":
        return paddle.optimizer.AdamW(**common)
    if train.optimizer == "adam":
        return paddle.optimizer.Adam(**common)
    return paddle.optimizer.Momentum(momentum=train.momentum, **common)


def learning_rate(train: TrainConfig, epoch: int, step: int, steps: int) -> float:
    """The rate of a step, counted from 0 as the epoch is; an epoch has `steps`.

    In the first `train.warmup` epochs it rises linearly, and reaches `train.lr` with their last step. Then it stays, or
    falls along half a cosine that ends at 0 after the last epoch (Loshchilov and Hutter, "SGDR", arXiv 1608.03983,
    without restarts). It depends on the numbers of epoch and step alone: a run that goes on needs no state of it.
    """
    done = epoch + step / steps
    if done < train.warmup:
        return train.lr * min(1.0, (done + 1 / steps) / train.warmup)
    if train.schedule == "constant":
        return train.lr
    return train.lr * (1 + math.cos(math.pi * (done - train.warmup) / (train.epochs - train.warmup))) / 2
