"""Loss and accuracy, against numbers that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from suite.metrics import accuracy, balanced_accuracy, class_accuracies, confusion_matrix, cross_entropy


def test_cross_entropy_is_minus_the_log_of_the_probability() -> None:
    """The wrong axis, a wrong sign, or the label of another row."""
    probabilities = np.array([[0.7, 0.2, 0.1], [0.25, 0.25, 0.5]])
    shift = np.array([[5.0], [-3.0]])  # changes nothing
    losses = cross_entropy(np.log(probabilities) + shift, np.array([1, 2]))
    np.testing.assert_allclose(losses, [-math.log(0.2), -math.log(0.5)])


def test_cross_entropy_stays_finite_for_huge_logits() -> None:
    """exp(1e4) overflows: an over-confident network would have an infinite or undefined loss."""
    losses = cross_entropy(np.array([[1e4, 0.0], [1e4, 0.0], [-1e4, -1e4]]), np.array([0, 1, 0]))
    np.testing.assert_allclose(losses, [0, 1e4, math.log(2)])


def test_cross_entropy_of_float32_logits_is_computed_in_float64() -> None:
    """In float32 a loss below 1e-7 rounds to 0, and the curves of a network that knows its images end in steps."""
    losses = cross_entropy(np.array([[20.0, 0.0]], dtype=np.float32), np.array([0]))
    assert losses.dtype == np.float64
    assert losses[0] == pytest.approx(math.log1p(math.exp(-20)), rel=1e-6)


def test_accuracy_counts_the_largest_logit() -> None:
    """Percent in place of a share, the smallest in place of the largest, the wrong axis."""
    logits = np.array([[3.0, 1.0, 2.0], [-3.0, -2.0, -1.0], [0.0, 5.0, 1.0], [1.0, 0.0, 0.0]])
    assert accuracy(logits, np.array([0, 2, 1, 2])) == 0.75


def test_every_class_counts_the_same_in_balanced_accuracy() -> None:
    """Who always guesses the class of nine images in ten; a class without images neither helps nor spoils."""
    logits = np.tile([1.0, 0.0, 0.0], (10, 1))
    labels = np.array([0] * 9 + [1])
    np.testing.assert_array_equal(class_accuracies(logits, labels), [1, 0, np.nan])
    assert (accuracy(logits, labels), balanced_accuracy(logits, labels)) == (0.9, 0.5)


def test_confusion_has_the_truth_in_its_rows() -> None:
    """Rows and columns exchanged; a pair that occurs twice counted once; a class without images left out."""
    logits = np.array([[0.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 3.0, 1.0], [5.0, 0.0, 1.0]])
    np.testing.assert_array_equal(confusion_matrix(logits, np.array([0, 0, 1, 0])), [[1, 2, 0], [0, 1, 0], [0, 0, 0]])
