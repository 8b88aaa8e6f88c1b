"""What of a training is kept and put back: weights and optimiser state, addressed by the parameter's path.

Paddle names optimiser state after names it numbers through the whole process (`conv2d_13.w_0_moment1_0`), so a state
saved by one process does not fit the next. The path of a parameter in its network (`block_1.0.weight`) always does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import paddle

MODEL, OPTIMIZER = "model/", "optimizer/"


def training_state(model: Any, optimizer: Any) -> dict[str, np.ndarray]:
    """Copies of all weights (`model/<path>`) and of the optimiser's state (`optimizer/<path>/<what>`)."""
    state = model_state(model)
    paths = {parameter.name: path for path, parameter in model.named_parameters()}
    for key, value in optimizer.state_dict().items():
        name, what = _split(key, paths)
        state[f"{OPTIMIZER}{paths[name]}/{what}"] = value.numpy()
    return state


def model_state(model: Any) -> dict[str, np.ndarray]:
    """Copies of all weights, as `model/<path>`."""
    return {MODEL + path: value.numpy() for path, value in model.state_dict().items()}


def restore_model(model: Any, arrays: dict[str, np.ndarray]) -> None:
    """Put the weights back.

    Raises:
        ValueError: when they are of another network.
    """
    kept = {name.removeprefix(MODEL): array for name, array in arrays.items() if name.startswith(MODEL)}
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
    state = {}
    for name, array in arrays.items():
        if name.startswith(OPTIMIZER):
            path, _, what = name.removeprefix(OPTIMIZER).rpartition("/")
            state[f"{names[path]}_{what}"] = paddle.to_tensor(array)
    optimizer.set_state_dict(state)


def _split(key: str, paths: dict[str, str]) -> tuple[str, str]:
    """`conv2d_13.w_0_moment1_0` as (`conv2d_13.w_0`, `moment1_0`)."""
    name = next(name for name in paths if key.startswith(f"{name}_"))
    return name, key.removeprefix(f"{name}_")
