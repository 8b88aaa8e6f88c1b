"""The table of networks: what the schema names can be built, and at the least image size too."""

from __future__ import annotations

from typing import Any

import paddle
import pytest

from models.building import build
from models.predicting import normalise
from models.settings import DEFAULT_NETWORK, NETWORKS

SMALL: dict[str, dict[str, Any]] = {"googlenet": {"width": 0.1}, "vgg": {"width": 0.1, "fc": [8]}}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_takes_its_least_image_size(name: str) -> None:
    """A network that is in the table alone, or breaks on images that the schema lets through, fails in the night."""
    section = NETWORKS[name].model_validate({"name": name, **SMALL[name]})
    size = section.least_image_size
    network = build(section, size, classes=3)
    network.eval()
    images = paddle.zeros([2, size, size, 3], dtype="uint8")
    assert list(network(normalise(images)).shape) == [2, 3]
    assert size == 1 or section.why_no_smaller_images


def test_the_default_network_is_in_the_table() -> None:
    """Its name is filled in where a file gives none."""
    assert NETWORKS[DEFAULT_NETWORK.name] is type(DEFAULT_NETWORK)
