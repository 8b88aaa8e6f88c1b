"""Weights of other programs are read to the bit, and nothing in their files is run."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import paddle
import pytest
from safetensors.numpy import save_file

from models.settings import EfficientNetLite0Config, ResNetConfig
from suite.errors import UserError
from suite.runs.checkpoints import Checkpoint, save_checkpoint
from suite.weights.reading import Weights, read_file, read_weights
from tests.fixtures.weight_files import Payload, outside, tensors, write_legacy, write_zip

ARRAYS = {
    "conv.weight": np.random.default_rng(0).normal(size=(2, 3, 1, 1)).astype(np.float32),
    "fc.weight": np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32),
    "fc.bias": np.arange(4, dtype=np.float32),
}


def assert_read(file: Path, layout: str) -> Weights:
    weights = read_file(str(file))
    assert weights.layout == layout
    assert weights.arrays.keys() == ARRAYS.keys()
    for path, array in weights.arrays.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, ARRAYS[path]), path
    return weights


def refusal(file: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_file(str(file))
    [problem] = caught.value.problems
    assert problem.startswith(f"model.weights: {file}: ")
    return problem.removeprefix(f"model.weights: {file}: ")


def test_pdparams_of_this_paddle(tmp_path: Path) -> None:
    """A state dict as its users save it, of a network with the statistics of BatchNorm."""
    network = paddle.nn.Sequential(paddle.nn.Conv2D(3, 4, 3), paddle.nn.BatchNorm2D(4), paddle.nn.Linear(5, 6))
    file = tmp_path / "net.pdparams"
    paddle.save(network.state_dict(), str(file))
    weights = read_file(str(file))
    assert weights.layout == "paddle"
    assert weights.arrays.keys() == network.state_dict().keys()
    assert all(np.array_equal(weights.arrays[path], value.numpy()) for path, value in network.state_dict().items())


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("core", [b"numpy.core", b"numpy._core"])
def test_pdparams_of_every_numpy(tmp_path: Path, protocol: int, core: bytes) -> None:
    """NumPy 2 has another name for what makes its arrays, and each protocol another form of bytes."""
    content = pickle.dumps({**ARRAYS, "StructuredToParameterName@@": {"fc.bias": "linear_0.b_0"}}, protocol)
    here = np.ndarray.__reduce__(np.empty(0))[0].__module__.rpartition(".")[0].encode()
    if protocol == 2:  # later ones say how long a name is
        content = content.replace(here, core)
    (tmp_path / "net.pdparams").write_bytes(content)
    assert_read(tmp_path / "net.pdparams", "paddle")


def test_arrays_of_another_order_and_type(tmp_path: Path) -> None:
    """Columns first, the other end of numbers first, half of the bits."""
    changed = {
        "conv.weight": ARRAYS["conv.weight"].astype(">f4"),
        "fc.weight": np.asfortranarray(ARRAYS["fc.weight"]),
        "fc.bias": ARRAYS["fc.bias"].astype(np.float16),
    }
    (tmp_path / "net.pdparams").write_bytes(pickle.dumps(changed))
    assert_read(tmp_path / "net.pdparams", "paddle")


def test_tensors_with_names(tmp_path: Path) -> None:
    """Paddle saves a tensor outside of a state dict as a pair."""
    (tmp_path / "net.pdparams").write_bytes(pickle.dumps({path: (path, array) for path, array in ARRAYS.items()}))
    assert_read(tmp_path / "net.pdparams", "paddle")


@pytest.mark.parametrize("write", [write_zip, write_legacy])
def test_pth(tmp_path: Path, write: Callable[..., Path]) -> None:
    """Both forms; alone, as an entry among others, and as DataParallel names it."""
    for number, content in enumerate(
        (
            tensors(ARRAYS),
            {"epoch": 3, "state_dict": tensors(ARRAYS)},
            {"model": {f"module.{path}": tensor for path, tensor in tensors(ARRAYS).items()}},
        )
    ):
        assert_read(write(tmp_path / f"net{number}.pth", content, ARRAYS), "torch")


def test_a_transposed_view_in_pth(tmp_path: Path) -> None:
    """Tensors have strides; read as rows, this one would be shuffled."""
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    file = write_zip(tmp_path / "net.pth", tensors({"weight": rows.T}), {"weight": rows})
    assert np.array_equal(read_file(str(file)).arrays["weight"], rows.T)


@pytest.mark.parametrize(("form", "layout"), [("pt", "torch"), ("pd", "paddle")])
def test_safetensors(tmp_path: Path, form: str, layout: str) -> None:
    save_file(ARRAYS, tmp_path / "net.safetensors", {"format": form})
    assert_read(tmp_path / "net.safetensors", layout)


def test_our_own_checkpoints(tmp_path: Path) -> None:
    """They tell what they were trained with, and optimiser state is no weight."""
    arrays = {f"model/{path}": array for path, array in ARRAYS.items()}
    facts = {"epochs_done": 3, "model": {"name": "resnet", "normalise": "imagenet"}}
    file = tmp_path / "last.npz"
    save_checkpoint(file, Checkpoint({**arrays, "optimizer/fc.bias/moment1_0": ARRAYS["fc.bias"]}, facts))
    weights = assert_read(file, "paddle")
    assert weights.name.startswith("last.npz ")
    assert read_weights(ResNetConfig(weights=str(file), normalise="imagenet"))
    with pytest.raises(
        UserError, match=r"with model\.normalise imagenet, but model\.normalise is suite; set it to image"
    ):
        read_weights(ResNetConfig(weights=str(file)))
    with pytest.raises(UserError, match=r"with model\.name resnet, but model\.name is efficientnet_lite0"):
        read_weights(EfficientNetLite0Config(weights=str(file), normalise="imagenet"))
    assert read_weights(ResNetConfig()) is None


@pytest.mark.parametrize("suffix", ["pdparams", "pth", "legacy", "npz"])
def test_nothing_in_a_file_is_run(tmp_path: Path, suffix: str) -> None:
    """What `pickle.load`, `paddle.load`, `torch.load` and `np.load` would run, each in its own kind of file."""
    mark = tmp_path / "was-run"
    content = {**tensors(ARRAYS), "payload": Payload(mark)}
    file = tmp_path / f"net.{suffix.replace('legacy', 'pth')}"
    if suffix == "pdparams":
        file.write_bytes(pickle.dumps({**ARRAYS, "payload": Payload(mark)}))
    elif suffix == "npz":
        np.savez(file, **ARRAYS, payload=np.array([Payload(mark)]))
    else:
        (write_legacy if suffix == "legacy" else write_zip)(file, content, ARRAYS)
    told = refusal(file)
    assert not mark.exists()
    if suffix != "npz":
        assert "it wants to call posix.mkdir, which weights have no need of; nothing of it was run" in told


def test_objects_inside_of_arrays_are_refused(tmp_path: Path) -> None:
    """An array of objects is a pickle within a pickle."""
    (tmp_path / "net.pdparams").write_bytes(pickle.dumps({"weight": np.array([{}, []], object)}))
    assert "cannot be used as weights" in refusal(tmp_path / "net.pdparams")


@pytest.mark.parametrize(
    "program",
    [
        b"cnumpy\ndtype\n(dU__class__\nNb.",  # BUILD on what a name stands for
        b"ccollections\nOrderedDict\n)\x81.",  # NEWOBJ of it
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy.core.multiarray\n_reconstruct\n(tR(I1\n(I9999999999\nt(tI00\nS''\ntb.",  # a shape that does not fit
        b"r\xff\xff\xff\x7f.",  # a place in the memo that C's unpickler makes 16 GB of room for
        b"",
        b"\x80\x04",
    ],
)
def test_odd_pickles_are_refused(tmp_path: Path, program: bytes) -> None:
    (tmp_path / "net.pdparams").write_bytes(program)
    assert "cannot be used as weights" in refusal(tmp_path / "net.pdparams")


def test_a_tensor_outside_of_its_numbers_is_refused(tmp_path: Path) -> None:
    """It would show what else is in memory."""
    bias = ARRAYS["fc.bias"]
    assert "outside of its numbers" in refusal(write_zip(tmp_path / "net.pth", outside(bias), {"weight": bias}))


def test_archives_that_claim_too_much_are_refused(tmp_path: Path) -> None:
    """A zip bomb fills the memory before anything in it is looked at."""
    file = tmp_path / "net.pth"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10_000_000))
    assert "it claims to hold more than fits into it" in refusal(file)


@pytest.mark.parametrize("content", [b"", b"\x08\0\0\0\0\0\0\0{}      ", b"\xff" * 100])
def test_odd_safetensors_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.safetensors").write_bytes(content)
    try:
        assert read_file(str(tmp_path / "net.safetensors")).arrays == {}  # sound, and empty
    except UserError as error:
        assert "cannot be used as weights" in error.problems[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [("missing.pth", "no such file; "), ("net.bin", "should end in one of .npz, .pdparams, .safetensors, .pth, .pt, ")],
)
def test_files_that_are_not_there_or_of_no_known_kind(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "net.bin").touch()
    assert refusal(tmp_path / name).startswith(said)


def test_damage_in_any_byte_is_told_in_a_sentence(tmp_path: Path) -> None:
    """No traceback, whatever a download has lost; a flipped bit within a number cannot be seen in these formats."""
    sound: dict[str, bytes] = {
        "net.pdparams": pickle.dumps(ARRAYS, 4),
        "net.pth": write_zip(tmp_path / "sound.pth", tensors(ARRAYS), ARRAYS).read_bytes(),
        "old.pth": write_legacy(tmp_path / "sound.pth", tensors(ARRAYS), ARRAYS).read_bytes(),
    }
    rng = np.random.default_rng(0)
    for name, content in sound.items():
        for _ in range(150):
            spoiled = bytearray(content)
            spoiled[rng.integers(len(spoiled))] = rng.integers(256)
            (tmp_path / name).write_bytes(spoiled[: rng.integers(len(spoiled)) + 1] if rng.random() < 0.3 else spoiled)
            _read_or_refuse(tmp_path / name)


def _read_or_refuse(file: Path) -> Any:
    try:
        return read_file(str(file))
    except UserError as error:
        return error
