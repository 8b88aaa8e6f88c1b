"""The lines that a run prints."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from suite.config.schema import Config

if TYPE_CHECKING:
    from suite.training.loop import Training


def header(config: Config, facts: Mapping[str, Any]) -> list[str]:
    """What is trained on what, a few lines."""
    from augment.words import describe_augment  # imports OpenCV, which `train.py --help` does without

    data, train = facts["data"], config.train
    return [
        f"  model   {config.model.name}, {facts['parameters']:,} parameters, {data['image_size']} px",
        f"  mode    {describe_augment(config.augment)}",
        f"  data    {config.data.root}: {data['train_images']} training and {data['eval_images']} evaluation images, "
        f"{data['classes']} classes",
        f"  device  {facts['device']}, {facts['threads']['paddle']} thread(s) and {facts['threads']['loader']} that "
        f"prepare batches, Paddle {facts['versions']['paddle']}",
        f"  epochs  {train.epochs}, batches of {train.batch_size}, {train.optimizer} with learning rate {train.lr:g}",
    ]


def epoch_line(training: Training, seconds: Sequence[float]) -> str:
    """The latest epoch in one line; `seconds` are those of the epochs since the program was started."""
    done, epochs = training.epochs_done, training.config.train.epochs
    now = {name: values[-1] for name, values in training.curves.items()}
    clean, gap = "", ""
    if not math.isnan(now["accTrainClean"]):
        clean = f" | clean {now['accTrainClean']:6.1%}"
        gap = f" gap {100 * (now['accTrainClean'] - now['accEval']):+5.1f}"
    speed = len(training.data.train.labels) / seconds[-1]
    left = duration(sum(seconds) / len(seconds) * (epochs - done))
    return (
        f"epoch {done:{len(str(epochs))}}/{epochs}"
        f" | train loss {now['lossTrain']:.3f} acc {now['accTrain']:6.1%}{clean}"
        f" | eval loss {now['lossEval']:.3f} acc {now['accEval']:6.1%}{gap} | {speed:,.0f} images/s | {left} left"
    )


def duration(seconds: float) -> str:
    """Seconds as a person says them: 45 s, 12 min, 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 99:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
