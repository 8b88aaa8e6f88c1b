"""A network starts from the weights of another library, or says why it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.vision import models as reference

from models import freezing, predicting
from models.building import HEAD, build, is_head
from models.pretrained import Unfit, start_from
from models.settings import NETWORKS
from tests.fixtures.networks import image_size, random_images, small_network


def body(network: nn.Layer) -> nn.Layer:
    return nn.Sequential(*(part for part in network.named_children() if part[0] not in HEAD))


def arrays_of(network: nn.Layer) -> dict[str, np.ndarray]:
    return {path: value.numpy() for path, value in network.state_dict().items()}


def as_torch(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same as PyTorch names and lays them out."""
    named = {"_mean": "running_mean", "_variance": "running_var"}
    found: dict[str, np.ndarray] = {}
    for path, array in arrays.items():
        layer, _, leaf = path.rpartition(".")
        found[f"{layer}.{named.get(leaf, leaf)}"] = array.T if array.ndim == 2 else array
        if leaf == "_mean":
            found[f"{layer}.num_batches_tracked"] = np.array(7)
    return found


def test_names_and_layout_of_other_libraries() -> None:
    """ResNet has statistics and VGG fully connected layers in its body: a square one fits transposed, too."""
    for name, theirs, ours in (
        ("resnet", reference.resnet18(), {"depth": 18}),
        ("vgg", reference.vgg16(), {}),
    ):
        network = build(NETWORKS[name].model_validate({"name": name, **ours}), 224, 5)
        drawn = network.classifier.weight.numpy()
        for of_torch in (False, True):
            paddle.seed(int(of_torch))
            given = arrays_of(theirs)
            start_from(network, name, as_torch(given) if of_torch else given, of_torch)
            last = "fc" if name == "resnet" else "classifier.6"
            wanted = [value for path, value in given.items() if not path.startswith(f"{last}.")]
            found = [value for path, value in arrays_of(network).items() if not is_head(path)]
            assert len(wanted) == len(found)
            assert all(np.array_equal(a, b) for a, b in zip(wanted, found, strict=True)), (name, of_torch)
        assert np.array_equal(network.classifier.weight.numpy(), drawn)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_starts_from_its_own_weights(name: str) -> None:
    """Also with another number of classes: the head is a new one, and the features are the old ones."""
    trained, images = small_network(name), random_images(2, image_size(name))
    fresh = small_network(name)
    assert not np.array_equal(predicting.predict(body(trained), images), predicting.predict(body(fresh), images))
    start_from(fresh, name, arrays_of(trained), of_torch=False)
    assert np.array_equal(predicting.predict(body(trained), images), predicting.predict(body(fresh), images))
    assert not np.array_equal(fresh.classifier.weight.numpy(), trained.classifier.weight.numpy())


def unfit(arrays: dict[str, np.ndarray]) -> list[str]:
    network = small_network("resnet")
    before = arrays_of(network)
    with pytest.raises(Unfit) as caught:
        start_from(network, "resnet", arrays, of_torch=False)
    after = arrays_of(network)
    assert all(np.array_equal(after[path], before[path]) for path in before)  # not half of them
    return caught.value.lines


def test_weights_of_another_network_are_refused_with_both_lists() -> None:
    """Weights that are quietly left out make a network that is half new, and a night of training that looks sound."""
    arrays = arrays_of(small_network("resnet"))
    del arrays["stem.bn1._mean"]
    arrays["top.weight"] = np.zeros(3, np.float32)
    assert unfit(arrays) == [
        "its names are not those of resnet, nor of torchvision, timm and paddle.vision",
        "only in the file: top.weight",
        "only in the network: stem.bn1._mean",
    ]


def test_weights_of_another_width_are_refused() -> None:
    [first, *more] = unfit(arrays_of(small_network("resnet", width=0.5)))
    assert first.startswith("its shapes are not those of this resnet")
    assert "stem.conv1.weight is (32, 3, 3, 3) in the file and (16, 3, 3, 3) in the network" in more


# --- frozen layers --------------------------------------------------------------------------------------------------


def changed_by_training(name: str, what: Any) -> set[str]:
    """The layers at the top of a network that a step in training mode changes, statistics included."""
    network = small_network(name)
    freezing.freeze(network, what)
    freezing.set_training(network, what)
    before = arrays_of(network)
    optimizer = paddle.optimizer.Adam(0.1, parameters=network.parameters(), weight_decay=0.1)
    network(predicting.normalise(paddle.to_tensor(random_images(4, image_size(name))))).square().sum().backward()
    optimizer.step()
    after = arrays_of(network)
    return {path.partition(".")[0] for path in before if not np.array_equal(before[path], after[path])}


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_frozen_stays_as_it_is(name: str) -> None:
    """Statistics of BatchNorm move without any gradient, and weight decay shrinks what it is given."""
    layers = {path.partition(".")[0] for path in arrays_of(small_network(name))}
    first = next(layer for layer, _ in small_network(name).named_children())
    assert changed_by_training(name, "none") == layers
    assert changed_by_training(name, "stem") == layers - {first}
    assert changed_by_training(name, "body") == {"classifier"}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_shortcut_ends_where_the_whole_network_does(name: str) -> None:
    """To the bit: `evaluate.py` takes the long way."""
    network, images = small_network(name), random_images(11, image_size(name))
    route = freezing.shortcut(network, images, images[:3], "imagenet")
    assert route.network.classifier.weight is network.classifier.weight
    for inputs, seen in ((route.train, images), (route.eval, images[:3])):
        short = predicting.predict(route.network, inputs, "imagenet")
        assert np.array_equal(short, predicting.predict(network, seen, "imagenet"))
