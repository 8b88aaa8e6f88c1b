"""How images go through a network."""

from __future__ import annotations

import numpy as np
import paddle
from numpy.typing import NDArray
from paddle import Tensor, nn

from suite.image_source import ImageSource
from suite.stopping import stop_here


def normalise(images: Tensor) -> Tensor:
    """uint8 [N, H, W, 3] -> float32 [N, 3, H, W] in [-1, 1], on the device of `images` (article, section 2)."""
    # Multiplied, not divided: Paddle 2.6 and 3 round a division by a number differently.
    return images.astype("float32").transpose([0, 3, 1, 2]) * (2 / 255) - 1


def predict(model: nn.Layer, images: ImageSource, batch_size: int = 8) -> NDArray[np.float32]:
    """Logits [N, classes] of uint8 images [N, S, S, 3], without dropout; the model's mode is as before afterwards.

    Another batch size may change the last bits, so whoever wants to compare leaves it alone. 8 takes the least memory,
    and at 224 pixels on a CPU it was also the fastest.
    """
    was_training = model.training
    model.eval()
    with paddle.no_grad():
        batches = [images[start : start + batch_size] for start in range(0, images.shape[0], batch_size)]
        logits = []
        for batch in batches:
            stop_here()  # a pass over all training images takes minutes on a CPU
            logits.append(model(normalise(paddle.to_tensor(batch))))
    if was_training:
        model.train()
    return paddle.concat(logits).numpy()
