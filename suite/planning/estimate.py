"""How long the runs of a night will take: their networks are built and timed with a few of their images."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from math import ceil
from typing import Any, NamedTuple

import numpy as np

from augment.settings import AugmentConfig, ScheduleConfig
from suite import backend
from suite.config.schema import Config, DataConfig, flattened
from suite.data.decoded import DecodedImages
from suite.data.decoding import ImageSet, decode
from suite.data.lists import check_lists
from suite.data.loading import Data
from suite.errors import RunFailed, UserError
from suite.training.run import LOWER
from suite.weights.reading import read_weights

IMAGES = 32
"""Of each list, which are decoded to measure with; they stand for the others."""

STEPS = 100
"""Are timed at most: more would not make the mean of a short step any surer."""

Key = tuple[tuple[str, Any], ...]

NETWORK = ("data.image_size", "data.threads", "train.batch_size", "train.optimizer", "train.amp", "train.threads")
"""Keys beside those of `model` that decide how long a step takes ..."""

AUGMENTATION = ("augment.operations", "augment.mixer", "augment.switch", "augment.partner")
"""... and those that decide how long its batch takes. The ranges of operations hardly do."""


class Pace(NamedTuple):
    """What was measured of a network under a mode."""

    step: float
    """Seconds of a step, with what it waits for its batch."""
    image: float
    """Seconds of an image that the network only looks at, to be evaluated."""
    parameters: int
    """How many numbers are trained."""
    mode: str
    """Under which it was measured: where the time was too short for every mode, the one that works most on batches."""


def paces(configs: Sequence[Config], seconds: float) -> list[Pace]:
    """The pace of each of these runs, measured in about so many seconds for all, however slow the networks are.

    It is measured in a process of its own: this one keeps neither Paddle nor its memory, and begins the night as if
    nothing had been measured.

    Raises:
        UserError: when the configuration, lists, images or weights cannot be used.
        RunFailed: when there is too little memory, or a GPU fails.
    """
    alone = multiprocessing.get_context("spawn")  # Paddle's threads do not survive a fork
    try:
        with ProcessPoolExecutor(1, mp_context=alone) as process:
            return process.submit(_measure_all, configs, seconds).result()
    except UserError as error:
        raise UserError(str(error).split("\n")) from None  # from process to process it travels as one text
    except BrokenProcessPool:
        raise RunFailed(f"the measurement was killed, perhaps for want of memory; {LOWER}") from None


def seconds_of_epoch(config: Config, pace: Pace, train_images: int, eval_images: int) -> float:
    """What an epoch takes on average, from the counts of its images."""
    train = config.train
    evaluated = eval_images + train_images / min(train.clean_every, train.epochs) + train_images * train.recalibrate
    return pace.step * steps_of_epoch(config, train_images) + pace.image * evaluated


def steps_of_epoch(config: Config, train_images: int) -> int:
    """How many batches an epoch has."""
    return ceil(train_images / config.train.batch_size)


def _measure_all(configs: Sequence[Config], seconds: float) -> list[Pace]:
    """Network after network, and for each the mode first that works most on its batches; it stands for those which the
    time is too short for."""
    networks: dict[Key, dict[Key, Config]] = {}
    for config in configs:
        networks.setdefault(_leaves(config, NETWORK, "model."), {}).setdefault(_leaves(config, AUGMENTATION), config)
    found: dict[tuple[Key, Key], Pace] = {}
    ends = time.perf_counter() + seconds
    for place, (network, modes) in enumerate(networks.items()):
        data = _some_images(next(iter(modes.values())).data)
        until = time.perf_counter() + (ends - time.perf_counter()) / (len(networks) - place)
        by_work = sorted(modes.items(), key=lambda mode: _batch_seconds(mode[1], data), reverse=True)
        for number, (mode, config) in enumerate(by_work):
            left = until - time.perf_counter()
            if number and left <= 0:
                found[network, mode] = found[network, by_work[0][0]]
            else:
                found[network, mode] = _measure(config, data, left / (len(by_work) - number))
    return [found[_leaves(config, NETWORK, "model."), _leaves(config, AUGMENTATION)] for config in configs]


def _leaves(config: Config, keys: Sequence[str], section: str = "none.") -> Key:
    """The values of these keys, and of a whole section."""
    return tuple(leaf for leaf in flattened(config.model_dump()) if leaf[0] in keys or leaf[0].startswith(section))


def _some_images(config: DataConfig) -> Data:
    """A few images from all over both lists, in place of all."""
    lists = check_lists(config)
    few = {
        file: samples[:: ceil(len(samples) / IMAGES)]
        for file, samples in ((lists.train_file, lists.train), (lists.eval_file, lists.eval))
    }
    (train, _), (evaluation, _) = decode(few, config)
    return Data(train, evaluation, lists.class_names, "", lists.pool, lists.split)


def _repeated(images: ImageSet, count: int) -> ImageSet:
    """So many images, the same ones over and over: they take no more memory."""
    which = np.resize(np.arange(len(images.labels)), count)
    pixels = DecodedImages([images.images[int(index)] for index in which], lambda *_: pixels[0])
    return ImageSet(pixels, images.labels[which], [images.paths[index] for index in which])


def _always_on(config: Config) -> Config:
    """The same with all of its augmentation on in every epoch, which its schedule may do in some only.

    The learning rate is too low to break a network that sees the same few images again and again.
    """
    augment = config.augment.model_copy(update={"schedule": ScheduleConfig(), "finetune": 0.0})
    train = config.train.model_copy(update={"lr": 1e-7, "clean_every": 1, "warmup": 0.0, "schedule": "constant"})
    return config.model_copy(update={"augment": augment, "train": train})


def _batch_seconds(config: Config, data: Data) -> float:
    """How long the batch of a step is worked on, of two the shorter time: the first may load what it needs."""
    from augment.batch import Augmenter

    augment: AugmentConfig = _always_on(config).augment
    few = _repeated(data.train, max(IMAGES, config.train.batch_size))
    augmenter = Augmenter(augment, config.train.seed, config.train.epochs, few.images, few.labels)
    samples = np.arange(config.train.batch_size)
    times = []
    for index in range(2):
        began = time.perf_counter()
        augmenter.batch(0, index, samples)
        times.append(time.perf_counter() - began)
    return min(times)


def _measure(config: Config, data: Data, seconds: float) -> Pace:
    """Train on one batch, which warms up and tells how many there is time for; then on those."""
    train = config.train
    backend.start_paddle(train.device, train.threads, train.deterministic, train.amp)
    with backend.trouble_in_words(LOWER):
        began = time.perf_counter()
        pace = _epoch(config, data, 1)
        taken = time.perf_counter() - began
        steps = int((seconds - taken) / (pace.step + pace.image * train.batch_size))
        return _epoch(config, data, min(steps, STEPS)) if steps > 0 else pace


def _epoch(config: Config, data: Data, steps: int) -> Pace:
    """An epoch of so many batches by the training loop itself."""
    from suite.training.loop import Training

    count = steps * config.train.batch_size
    few = data._replace(train=_repeated(data.train, count), eval=_repeated(data.eval, 8))
    training = Training(_always_on(config), few, read_weights(config.model))
    training.one_epoch()
    spent = training.clock.seconds
    looked_at = 8 + count + count * config.train.recalibrate
    return Pace(
        step=(spent["step"] + spent["input"]) / steps,
        image=spent["evaluation"] / looked_at,
        parameters=training.parameter_count,
        mode=config.augment.mode,
    )


def images_of(config: DataConfig) -> tuple[int, int]:
    """How many training and evaluation images a run has.

    Raises:
        UserError: when its lists cannot be used.
    """
    lists = check_lists(config)
    return len(lists.train), len(lists.eval)
