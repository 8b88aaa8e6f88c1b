"""The lines that a run prints, and where they go."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from suite.config.schema import Config
from suite.percent import per_cent
from suite.runs.curves import CLEAN, EVAL
from suite.runs.facts import Facts

if TYPE_CHECKING:
    from suite.training.loop import Training


log = logging.getLogger("train")


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Send the log to the screen and, with the time before each line, to the end of `file`."""
    to_screen, to_file = logging.StreamHandler(sys.stdout), logging.FileHandler(file, encoding="utf-8")
    to_file.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a log that cannot be written, on a full disk, is not worth a traceback
    log.propagate = False  # Paddle gives the root logger a handler of its own, which would repeat every line
    for handler in (to_screen, to_file):
        log.addHandler(handler)
    try:
        yield
    except Exception as error:  # the screen gets it where the command ends
        to_file.handle(logging.makeLogRecord({"msg": f"stopped: {type(error).__name__}: {error}"}))
        raise
    finally:
        for handler in (to_screen, to_file):
            log.removeHandler(handler)
        with suppress(OSError):  # it writes what a full disk has not taken so far
            to_file.close()


def header(config: Config, facts: Facts) -> list[str]:
    """What is trained on what, a few lines."""
    from augment.words import describe_augment  # imports OpenCV, which `train.py --help` does without

    data, session, train = facts.data, facts.sessions[-1], config.train
    return [
        f"  model   {config.model.name}, {facts.parameters:,} parameters, {data.image_size} px{_start(config, facts)}",
        f"  mode    {describe_augment(config.augment)}",
        f"  data    {config.data.root}: {data.train_images} training and {data.eval_images} evaluation images, "
        f"{len(data.class_names)} classes",
        f"  device  {session.device}, {session.threads.paddle} thread(s) and {session.threads.loader} that "
        f"prepare batches, Paddle {session.versions['paddle']}",
        f"  epochs  {train.epochs}, batches of {train.batch_size}, {train.optimizer} with learning rate {train.lr:g}"
        f"{', then a cosine' if train.schedule == 'cosine' else ''}"
        f"{f', {train.warmup:g} epochs of warm-up' if train.warmup else ''}",
        *_advice(config, facts),
    ]


def _advice(config: Config, facts: Facts) -> list[str]:
    """A line on the metric where classes are of unlike sizes: then a network that guesses looks good."""
    counts = facts.data.train_per_class
    if config.train.metric == "balanced" or not facts.data.is_imbalanced:
        return []
    return [
        f"  metric  accuracy, but the largest class has {max(counts)} training images and the smallest {min(counts)}: "
        "train.metric=balanced is recommended, by which every class counts the same"
    ]


def _start(config: Config, facts: Facts) -> str:
    """What the network starts from, and what of it stays, if anything."""
    frozen = "" if config.model.freeze == "none" else f", its {config.model.freeze} frozen"
    return f", starting from {facts.weights}{frozen}" if facts.weights else ""


def epoch_line(training: Training, seconds: Sequence[float]) -> str:
    """The latest epoch in one line; `seconds` are those of the epochs since the program was started."""
    done, epochs = training.epochs_done, training.config.train.epochs
    now = {name: values[-1] for name, values in training.curves.items()}
    metric, clean, gap = training.config.train.metric, "", ""
    word = {"accuracy": "acc", "balanced": "balanced acc"}[metric]
    if not math.isnan(now[CLEAN[metric]]):
        clean = f" | clean {per_cent(now[CLEAN[metric]]):>7}"
        gap = f" gap {100 * (now[CLEAN[metric]] - now[EVAL[metric]]):+5.1f}"
    speed = len(training.data.train.labels) / seconds[-1]
    left = duration(sum(seconds) / len(seconds) * (epochs - done))
    return (
        f"epoch {done:{len(str(epochs))}}/{epochs}"
        f" | train loss {now['lossTrain']:.3f} acc {per_cent(now['accTrain']):>7}{clean}"
        f" | eval loss {now['lossEval']:.3f} {word} {per_cent(now[EVAL[metric]]):>7}{gap}"
        f" | {speed:,.0f} images/s | {left} left"
    )


def duration(seconds: float) -> str:
    """Seconds as a person says them: 45 s, 12 min, 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 99:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"


def time_of_day(seconds: float, now: datetime) -> str:
    """When so many seconds from `now` are over: 06:40, Fri 06:40 after a day, with the date after a week."""
    then = now + timedelta(seconds=seconds)
    if seconds < 86_400:
        return f"{then:%H:%M}"
    return f"{then:%a %H:%M}" if seconds < 6 * 86_400 else f"{then:%Y-%m-%d %H:%M}"
