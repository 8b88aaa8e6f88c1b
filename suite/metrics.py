"""How good predictions are, from logits and labels alone."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Metric = Literal["accuracy", "balanced"]
"""Whether every image counts the same, or every class. Where one class is large, a network that always guesses it has
a high accuracy, but a balanced accuracy of 1 / classes."""

BINS = 15
"""Equal bins of confidence for the calibration error."""


def calibration_error(labels: NDArray[np.int64], logits: NDArray[np.float32]) -> float:
    """Expected calibration error, 0 to 1, of labels [N] and logits [N, classes], in 15 equal bins (Guo et al. 2017).

    In each bin of confidence, the distance between mean confidence and accuracy; the mean over all samples.
    """
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    confidence = powers.max(axis=1) / powers.sum(axis=1)
    excess = confidence - (logits.argmax(axis=1) == labels)
    bins = np.minimum((BINS * confidence).astype(np.int64), BINS - 1)
    return float(abs(np.bincount(bins, excess)).sum() / len(labels))


def cross_entropy(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """Loss of every sample in nats, float64 [N], from logits [N, K] and labels [N] in 0..K-1.

    Not the mean, so that the caller can weigh and sum over batches of any size (article, section 6).
    """
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)  # exp() of a large logit is infinite
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]


def accuracy(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Share of samples, 0 to 1, whose largest logit [N, K] is at their label [N]."""
    return float(np.mean(logits.argmax(axis=1) == labels))


def class_accuracies(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.float64]:
    """The accuracy within every class, float64 [K], from logits [N, K] and labels [N]; NaN without samples."""
    samples = np.bincount(labels, minlength=logits.shape[1])
    hits = np.bincount(labels, logits.argmax(axis=1) == labels, minlength=logits.shape[1])
    return np.divide(hits, samples, out=np.full(len(samples), np.nan), where=samples > 0)


def balanced_accuracy(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """The mean of the accuracies within the classes that have samples, 0 to 1 (Brodersen et al. 2010)."""
    return float(np.nanmean(class_accuracies(logits, labels)))


def confusion_matrix(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """How many samples of class `row` were taken for class `column`, [K, K], from logits [N, K] and labels [N]."""
    counts = np.zeros((logits.shape[1], logits.shape[1]), np.int64)
    np.add.at(counts, (labels, logits.argmax(axis=1)), 1)
    return counts
