"""Statistics of BatchNorm that are measured anew."""

from __future__ import annotations

import numpy as np
import paddle
import pytest
from paddle import nn

from models import predicting
from models.building import STATISTICS
from models.statistics import recalibrate
from tests.fixtures.networks import image_size, random_images, small_network

SIZE = image_size("resnet")


def values(model: nn.Layer) -> dict[str, np.ndarray]:
    return {path: value.numpy() for path, value in model.named_parameters()}


def test_the_first_statistics_are_means_over_the_batches() -> None:
    """A moving mean gives the last batch 500 times the weight of the first of sixty, and keeps the past."""
    model, images = small_network("resnet"), random_images(12, SIZE)
    images[:4] //= 3  # the batches differ
    with paddle.no_grad():
        seen = model.stem.conv1(predicting.normalise(paddle.to_tensor(images))).numpy()
    batches = np.split(seen, 3)
    recalibrate(model, images, batch_size=4)
    found = values(model)
    means = np.mean([batch.mean(axis=(0, 2, 3)) for batch in batches], axis=0)
    variances = np.mean([batch.var(axis=(0, 2, 3)) for batch in batches], axis=0)
    np.testing.assert_allclose(found["stem.bn1._mean"], means, atol=1e-5)
    np.testing.assert_allclose(found["stem.bn1._variance"], variances, rtol=1e-3)


def test_nothing_but_statistics_changes() -> None:
    """Weights, the mode, how fast statistics move in training, and what is frozen."""
    model, images = small_network("resnet"), random_images(6, SIZE)
    model.stem.bn1.weight.stop_gradient = True
    before = values(model)
    recalibrate(model, images, batch_size=4)
    changed = {path for path, value in values(model).items() if not np.array_equal(value, before[path])}
    statistics = {path for path in before if path.endswith(STATISTICS)}
    assert changed == statistics - {"stem.bn1._mean", "stem.bn1._variance"}
    layers = model.sublayers(include_self=True)
    assert all(layer.training for layer in layers)
    assert {layer._momentum for layer in layers if isinstance(layer, nn.BatchNorm2D)} == {0.9}


@pytest.mark.parametrize("name", ["resnet", "efficientnet_lite0"])
def test_what_was_there_has_no_weight(name: str) -> None:
    """Twice is the same as once."""
    model, images = small_network(name), random_images(9, image_size(name))
    recalibrate(model, images, batch_size=4)
    once = values(model)
    recalibrate(model, images, batch_size=4)
    assert all(np.array_equal(value, once[path]) for path, value in values(model).items())
