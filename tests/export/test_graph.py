"""Every network as a graph, loaded by Paddle's engine for inference."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import paddle
import pytest
from paddle.inference import Config, create_predictor

from models.predicting import predict
from models.settings import Normalisation
from suite.export.contents import PROGRAMS
from suite.export.graph import save_graph
from tests.fixtures.judged import softmax
from tests.fixtures.networks import CLASSES, SMALL, image_size, random_images, small_network

NORMALISATIONS = get_args(Normalisation)


@pytest.mark.parametrize("name", SMALL)
def test_a_graph_computes_what_the_network_does(name: str, tmp_path: Path) -> None:
    """Catches dropout and statistics of a batch that are left on, a batch of one size only, and a part of a network
    that a graph cannot hold."""
    paddle.seed(0)
    network, size = small_network(name), image_size(name)
    how = NORMALISATIONS[sorted(SMALL).index(name) % len(NORMALISATIONS)]
    save_graph(network, how, size, tmp_path / "model")
    [program] = [tmp_path / name for name in PROGRAMS if (tmp_path / name).is_file()]
    config = Config(str(program), str(tmp_path / "model.pdiparams"))
    config.disable_glog_info()
    engine = create_predictor(config)
    for count in (1, 3):
        images = random_images(count, size)
        engine.get_input_handle("images").copy_from_cpu(images)
        engine.run()
        found = engine.get_output_handle(engine.get_output_names()[0]).copy_to_cpu()
        assert found.shape == (count, CLASSES) and found.dtype == np.float32
        np.testing.assert_allclose(found, softmax(predict(network, images, how)), atol=1e-5)
