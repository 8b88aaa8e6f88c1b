"""The curves of a run as a log of VisualDL, Paddle's own dashboard: `visualdl --logdir logs` shows them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from suite.errors import UserError
from suite.files import write_atomically
from suite.runs.facts import Session
from suite.runs.folder import SCALARS

if TYPE_CHECKING:
    from suite.training.loop import Training


TAGS = {
    "lossTrain": "loss/train",
    "accTrain": "accuracy/train",
    "lossEval": "loss/eval",
    "accEval": "accuracy/eval",
    "lossTrainClean": "loss/clean train",
    "accTrainClean": "accuracy/clean train",
    "balancedEval": "balanced accuracy/eval",
    "balancedTrainClean": "balanced accuracy/clean train",
}
"""The dashboard draws what has the same word before the slash together."""


def refuse_without_visualdl() -> None:
    """Find out before the training.

    Raises:
        UserError: when the package is missing.
    """
    try:
        import visualdl  # noqa: F401 (an optional package)
    except ImportError as error:
        raise UserError(
            f"log.visualdl: {error}; install it with pip install -e '.[visualdl]', or set log.visualdl=false"
        ) from None


def write_scalars(folder: Path, training: Training, sessions: Sequence[Session]) -> None:
    """Write the log of all epochs so far, counted from 1; NaN is left out. The learning rate is that of a whole epoch.

    Whole each time, as the `.npy` curves are: then a run that goes back to its last checkpoint has no epoch twice, and
    one that is continued with `log.visualdl` switched on has all of them. VisualDL's LogWriter can only add, in a file
    of its own for every start, of which the dashboard shows the newest; and it lets a full disk pass with a warning.
    """
    from visualdl.component.base_component import scalar
    from visualdl.writer.record_writer import RecordWriter

    from suite.training.optimizer import learning_rate  # imports Paddle

    train = training.config.train

    ends = time.time() - sum(training.seconds) + np.cumsum(training.seconds)  # as if the run had never paused

    def write(stream: BinaryIO) -> None:
        writer = RecordWriter(stream)
        for epoch, end in enumerate(ends):
            values = {tag: training.curves[curve][epoch] for curve, tag in TAGS.items()}
            rates = [session.lr for session in sessions if session.after_epoch <= epoch]
            if rates:  # unknown when run.json was damaged
                values["learning rate"] = learning_rate(train.model_copy(update={"lr": rates[-1]}), epoch, 0, 1)
            for tag, value in values.items():
                if not math.isnan(value):
                    writer.write(scalar(tag, value, epoch + 1, round(1000 * end)).SerializeToString())

    (folder / SCALARS).mkdir(exist_ok=True)
    write_atomically(folder / SCALARS / "vdlrecords.log", write)
