"""What of a training is kept and put back: weights and optimiser state, addressed by the parameter's path.

Paddle names optimiser state after names it numbers through the whole process (`conv2d_13.w_0_moment1_0`), so a state
saved by one process does not fit the next. The path of a parameter in its network (`block_1.0.weight`) always does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import paddle

MODEL, OPTIMIZER, MASTER, SCHEDULE = "model/", "optimizer/", "master/", "schedule/"
"""How the names of the kept arrays begin."""


def training_state(model: Any, optimizer: Any) -> dict[str, np.ndarray]:
    """Copies of all weights (`model/<path>`) and of the optimiser's state.

    That is `optimizer/<path>/<what>`, with mixed precision `master/<path>`, the weights in 32 bits, and with a learning
    rate that changes `schedule/<what>`.
    """
    state = model_state(model)
    paths = {parameter.name: path for path, parameter in model.named_parameters()}
    of_parameters = optimizer.state_dict()
    schedule = of_parameters.pop("LR_Scheduler", {})
    master = of_parameters.pop("master_weights", {})
    for key, value in of_parameters.items():
        name, what = _split(key, paths)
        state[f"{OPTIMIZER}{paths[name]}/{what}"] = value.numpy()
    state |= {MASTER + paths[name]: value.numpy() for name, value in master.items()}
    return state | {SCHEDULE + what: np.asarray(value) for what, value in schedule.items()}


def model_state(model: Any) -> dict[str, np.ndarray]:
    """Copies of all weights, as `model/<path>`."""
    return {MODEL + path: value.numpy() for path, value in model.state_dict().items()}


def restore_model(model: Any, arrays: dict[str, np.ndarray]) -> None:
    """Put the weights back.

    Raises:
        ValueError: when they are of another network.
    """
    kept = _under(MODEL, arrays)
    wanted = {path: tuple(value.shape) for path, value in model.state_dict().items()}
    for path in sorted(kept.keys() | wanted.keys()):
        shape = kept[path].shape if path in kept else None
        if shape != wanted.get(path):
            raise ValueError(f"the weights are of another network: {path} is {shape} there and {wanted.get(path)} here")
    model.set_state_dict(kept)


def restore_training(model: Any, optimizer: Any, arrays: dict[str, np.ndarray]) -> None:
    """Put weights and optimiser state back into a new model and a new optimiser.

    Raises:
        ValueError: when they are of another network.
    """
    restore_model(model, arrays)
    names = {path: parameter.name for path, parameter in model.named_parameters()}
    state: dict[str, Any] = {}
    for name, array in _under(OPTIMIZER, arrays).items():
        path, _, what = name.rpartition("/")
        state[f"{names[path]}_{what}"] = paddle.to_tensor(array)
    if master := _under(MASTER, arrays):
        state["master_weights"] = {names[path]: paddle.to_tensor(array) for path, array in master.items()}
    if schedule := _under(SCHEDULE, arrays):
        state["LR_Scheduler"] = {what: value.item() for what, value in schedule.items()}
    optimizer.set_state_dict(state)


def _under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, by what follows."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _split(key: str, paths: dict[str, str]) -> tuple[str, str]:
    """`conv2d_13.w_0_moment1_0` as (`conv2d_13.w_0`, `moment1_0`)."""
    name = next(name for name in paths if key.startswith(f"{name}_"))
    return name, key.removeprefix(f"{name}_")
