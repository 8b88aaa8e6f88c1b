"""What holds for every network of the table: it can be built, learns, and images go through it unchanged."""

from __future__ import annotations

import numpy as np
import paddle
import pytest
from numpy.typing import NDArray
from paddle.nn import functional as F  # noqa: N812 (its usual name)

from models import predicting
from models.building import build
from models.settings import DEFAULT_NETWORK, NETWORKS
from tests.fixtures.networks import CLASSES, SMALL, forward, image_size, random_images, small_network

WITH_DROPOUT = [name for name, section in NETWORKS.items() if "dropout" in section.model_fields]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_takes_its_least_image_size(name: str) -> None:
    """A network that is in the table alone, or breaks on images that the schema lets through, fails in the night.

    The logits of two images differ: below its least size, AlexNet gives all images the same ones and no error.
    """
    section = NETWORKS[name].model_validate({"name": name, **SMALL[name]})
    size = max(section.least_image_size, 8)  # the least `data.image_size`
    network = build(section, size, CLASSES)
    network.eval()
    one, other = forward(network, random_images(2, size))
    assert one.shape == (CLASSES,)
    assert not np.array_equal(one, other)
    assert section.least_image_size == 1 or section.why_no_smaller_images


def test_the_default_network_is_in_the_table() -> None:
    """Its name is filled in where a file gives none."""
    assert NETWORKS[DEFAULT_NETWORK.name] is type(DEFAULT_NETWORK)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_schema_knows_of_batch_norm(name: str) -> None:
    """Batches of one image would be let through to a network that cannot learn from them."""
    kinds = {type(layer) for layer in small_network(name).sublayers()}
    assert NETWORKS[name].has_batch_norm == (paddle.nn.BatchNorm2D in kinds)


@pytest.mark.parametrize("name", NETWORKS)
def test_initial_weights_depend_on_the_seed_alone(name: str) -> None:
    """Comparing modes by seed is only fair when they start from the same weights, whatever was built before."""

    def initial(seed: int) -> list[NDArray[np.float32]]:
        paddle.seed(seed)
        return [parameter.numpy() for parameter in small_network(name).parameters()]

    first, again, other = initial(1), initial(1), initial(2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    drawn = [(a, b) for a, b in zip(first, other, strict=True) if len(set(a.ravel())) > 1]  # others are all 0, or all 1
    assert drawn
    assert not any(np.array_equal(a, b) for a, b in drawn)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_few_steps_reduce_the_loss(name: str) -> None:
    """Initial weights must let every network learn; a detached layer would stop it."""
    paddle.seed(0)
    model = small_network(name, **({"dropout": 0.0} if name in WITH_DROPOUT else {}))
    images = predicting.normalise(paddle.to_tensor(random_images(8, image_size(name))))
    labels = paddle.arange(8) % CLASSES
    optimizer = paddle.optimizer.Adam(1e-3, parameters=model.parameters())
    before = {path: parameter.numpy() for path, parameter in model.named_parameters()}
    losses = []
    for _ in range(20):
        loss = F.cross_entropy(model(images), labels)
        losses.append(float(loss))
        loss.backward()
        optimizer.step()
        optimizer.clear_grad()
    assert losses[-1] < 0.7 * losses[0]
    assert [path for path, value in model.named_parameters() if np.array_equal(value.numpy(), before[path])] == []


# --- images in, logits out ------------------------------------------------------------------------------------------


def test_normalise() -> None:
    """Rows, columns and channels mixed up; arithmetic in uint8, which wraps around; the wrong range."""
    images = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)
    result = predicting.normalise(paddle.to_tensor(images))
    assert result.dtype == paddle.float32
    assert list(result.shape) == [2, 3, 4, 5]
    for n, y, x, channel in ((0, 0, 0, 0), (0, 1, 4, 2), (1, 3, 2, 1)):
        assert float(result[n, channel, y, x]) == pytest.approx(images[n, y, x, channel] / 255 * 2 - 1, abs=1e-6)
    ends = predicting.normalise(paddle.to_tensor(np.array([0, 255, 255], np.uint8).reshape(1, 1, 1, 3)))
    assert ends.flatten().tolist() == [-1, 1, 1]


@pytest.mark.parametrize("name", WITH_DROPOUT)
def test_dropout_is_active_in_training_only(name: str) -> None:
    """Dropout that stays on spoils evaluation; dropout that never runs changes the article's VGG."""
    images = random_images(2, image_size(name))
    for dropout in (0.0, 0.5):
        model = small_network(name, dropout=dropout)
        assert np.array_equal(forward(model, images), forward(model, images)) == (dropout == 0)
        model.eval()
        assert np.array_equal(forward(model, images), forward(model, images))


@pytest.mark.parametrize("name", NETWORKS)
def test_predict_is_one_forward_in_order_however_it_is_split(name: str) -> None:
    """A lost last batch, batches out of order, dropout left on, BatchNorm over the images of a batch."""
    model, images = small_network(name), random_images(7, image_size(name))
    predicted = predicting.predict(model, images)
    assert predicted.dtype == np.float32
    model.eval()
    assert np.array_equal(predicted, forward(model, images))
    for batch_size in (1, 3, 7):
        np.testing.assert_allclose(predicting.predict(model, images, batch_size=batch_size), predicted, atol=1e-5)


def test_predict_leaves_the_mode_as_it_was() -> None:
    """Training would go on without dropout after the first evaluation."""
    model, images = small_network("vgg"), random_images(1, image_size("vgg"))
    predicting.predict(model, images)
    assert all(layer.training for layer in model.sublayers(include_self=True))
    model.eval()
    predicting.predict(model, images)
    assert not any(layer.training for layer in model.sublayers(include_self=True))


def test_the_means_and_deviations_of_imagenet() -> None:
    """Channels mixed up, or a deviation that multiplies."""
    pixels = np.array([0, 100, 255], np.uint8).reshape(1, 1, 1, 3)
    found = predicting.normalise(paddle.to_tensor(pixels), "imagenet").flatten().tolist()
    assert found == pytest.approx([-0.485 / 0.229, (100 / 255 - 0.456) / 0.224, (1 - 0.406) / 0.225], abs=1e-6)
