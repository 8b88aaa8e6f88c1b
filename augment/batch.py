"""From indices of training images to the `Batch` that the loop trains on, as the configuration says. No Paddle here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from augment import image_ops, mixing
from suite.config.schema import Config
from suite.randomness import Purpose, generator


class Phase:
    """What is on in one epoch."""

    def __init__(self, config: Config, epoch: int) -> None:
        augment, epochs = config.augment, config.train.epochs
        finetuning = epoch >= round((1 - augment.finetune) * epochs)
        self.operations = augment.operations != "none" and not finetuning
        self.mixing = (
            augment.mixer != "none" and not finetuning and mixing.mixing_is_on(augment.schedule, epoch, epochs)
        )


def fullest_epoch(configs: Sequence[Config]) -> int:
    """The first epoch (from 0) in which as much as possible is on: mixing first, then operations."""

    def on(epoch: int) -> tuple[int, int]:
        phases = [Phase(config, epoch) for config in configs]
        return sum(phase.mixing for phase in phases), sum(phase.operations for phase in phases)

    return max(range(configs[0].train.epochs), key=on)


class Augmenter:
    """Makes batches of one training set under one configuration.

    A batch depends on the configuration, its samples and the address (seed, epoch, index), on nothing else: any thread
    may make any batch, in any order.
    """

    def __init__(self, config: Config, images: np.ndarray, labels: np.ndarray) -> None:
        """Take uint8 images [N, S, S, 3] and int64 labels [N]; both are only read."""
        self.config, self.images, self.labels = config, images, labels

    def batch(self, epoch: int, index: int, samples: np.ndarray) -> Batch:
        """The batch number `index` of `epoch`, made of the training images `samples` (int64 [B])."""
        phase = Phase(self.config, epoch)
        labels = self.labels[samples]
        images = self._images(samples, phase, Purpose.OPERATIONS, epoch, index)
        partners_are_near = self.config.augment.partner == "batch"
        if not phase.mixing or (partners_are_near and len(samples) == 1):  # a last batch of one has nobody to mix with
            return Batch(images, labels, labels, np.ones(len(samples), np.float32))

        def rng(purpose: Purpose) -> np.random.Generator:
            return generator(self.config.train.seed, purpose, epoch, index)

        if partners_are_near:
            partners = mixing.partners_in_batch(len(samples), rng(Purpose.PARTNER))
            partner_images: Iterable[np.ndarray] = [images[partner] for partner in partners]
            partner_labels = labels[partners]
        else:
            partners = mixing.partners_in_dataset(samples, len(self.labels), rng(Purpose.PARTNER))
            partner_images = self._images(partners, phase, Purpose.PARTNER_OPERATIONS, epoch, index)
            partner_labels = self.labels[partners]
        mixer = mixing.MIXERS[self.config.augment.mixer]
        lam = mixer.draw_lam(self.config.augment, len(samples), rng(Purpose.LAMBDA))
        mixed = mixing.mix_images(images, partner_images, lam)
        return Batch(mixed, labels, partner_labels if mixer.second_label else labels, lam)

    def _images(self, samples: np.ndarray, phase: Phase, purpose: Purpose, epoch: int, index: int) -> np.ndarray:
        if not phase.operations:
            return self.images[samples]
        draws = image_ops.draw(
            self.config.augment.ops, len(samples), generator(self.config.train.seed, purpose, epoch, index)
        )
        out = np.empty((len(samples), *self.images.shape[1:]), np.uint8)
        image_ops.apply([self.images[sample] for sample in samples], draws, out)
        return out


class Batch(NamedTuple):
    """What every mode hands to the training loop, mixed or not.

    The loss is `lam * CE(label_a) + (1 - lam) * CE(label_b)`; an unmixed batch has `label_b = label_a`, `lam = 1`.
    """

    images: np.ndarray  # uint8 [B, S, S, 3], RGB
    label_a: np.ndarray  # int64 [B]
    label_b: np.ndarray  # int64 [B]
    lam: np.ndarray  # float32 [B], the weight of the first image and of its label
