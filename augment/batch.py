"""From indices of training images to the `Batch` that the loop trains on, as the configuration says. No Paddle here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from augment.mixers.partners import PARTNER_RULES
from augment.mixers.table import MIXERS
from augment.operations.table import operate
from augment.schedule import Phase
from augment.settings import AugmentConfig
from suite.image_source import ImageSource
from suite.randomness import Purpose, generator


class Augmenter:
    """Makes batches of one training set under one section `augment`.

    A batch depends on the section, its samples and the address (seed, epoch, index), on nothing else: any thread may
    make any batch, in any order.
    """

    def __init__(self, augment: AugmentConfig, seed: int, epochs: int, images: ImageSource, labels: np.ndarray) -> None:
        """Take uint8 images [N, S, S, 3] and int64 labels [N]; both are only read."""
        self.augment, self.seed, self.epochs = augment, seed, epochs
        self.images, self.labels = images, labels
        self.rule = PARTNER_RULES[augment.partner]
        self.draw_partners = self.rule.within(augment, images, labels) if augment.mixers else None

    def batch(self, epoch: int, index: int, samples: np.ndarray) -> Batch:
        """The batch number `index` of `epoch`, made of the training images `samples` (int64 [B])."""
        phase = Phase(self.augment, epoch, self.epochs)
        labels = self.labels[samples]
        images = self._images(samples, phase, Purpose.OPERATIONS, epoch, index)
        if self.draw_partners is None or not phase.mixing or (self.rule.in_batch and len(samples) == 1):
            return Batch(images, labels, labels, np.ones(len(samples), np.float32))  # one sample has no partner

        def rng(purpose: Purpose) -> np.random.Generator:
            return generator(self.seed, purpose, epoch, index)

        partners = self.draw_partners(samples, rng(Purpose.PARTNER))
        if self.rule.in_batch:
            partner_images: Iterable[np.ndarray] = [images[partner] for partner in partners]
            partner_labels = labels[partners]
        else:
            purpose = Purpose.OPERATIONS if self.rule.alike else Purpose.PARTNER_OPERATIONS
            partner_images = self._images(partners, phase, purpose, epoch, index)
            partner_labels = self.labels[partners]
        mixer = MIXERS[self.augment.mixers[rng(Purpose.SWITCH).integers(len(self.augment.mixers))]]
        lam = mixer.draw_lam(self.augment, len(samples), rng(Purpose.LAMBDA))
        mixed, lam = mixer.mix(images, partner_images, lam, rng(Purpose.MIXING))
        return Batch(mixed, labels, partner_labels if mixer.second_label else labels, lam)

    def _images(self, samples: np.ndarray, phase: Phase, purpose: Purpose, epoch: int, index: int) -> np.ndarray:
        if not phase.operations:
            return self.images[samples]
        images = [self.images[sample] for sample in samples]
        return operate(self.augment, images, lambda stream: generator(self.seed, purpose, epoch, index, stream))


class Batch(NamedTuple):
    """What every mode hands to the training loop, mixed or not.

    The loss is `lam * CE(label_a) + (1 - lam) * CE(label_b)`; an unmixed batch has `label_b = label_a`, `lam = 1`.
    """

    images: np.ndarray  # uint8 [B, S, S, 3], RGB
    label_a: np.ndarray  # int64 [B]
    label_b: np.ndarray  # int64 [B]
    lam: np.ndarray  # float32 [B], the weight of the first image and of its label
