"""The run folder: what is written can be trusted, or is refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import runs
from config import Config, dump_config
from errors import UserError

CHECKPOINT = runs.Checkpoint(
    {"model/a": np.arange(12, dtype=np.float32).reshape(3, 4), "optimizer/a/moment1_0": np.float32(0.1) * np.ones(())},
    {"epochs_done": 3, "curves": {"lossTrain": [1.0, 0.1, float("nan")]}},
)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "last.npz"
    runs.save_checkpoint(file, CHECKPOINT)
    return file


def loaded_equal(file: Path) -> bool:
    arrays, facts = runs.load_checkpoint(file)
    same = arrays.keys() == CHECKPOINT.arrays.keys() and facts["epochs_done"] == 3
    return same and all(arrays[name].tobytes() == CHECKPOINT.arrays[name].tobytes() for name in arrays)


def test_a_checkpoint_comes_back_as_it_was(saved: Path) -> None:
    assert loaded_equal(saved)
    assert runs.load_checkpoint(saved).facts["curves"]["lossTrain"][:2] == [1.0, 0.1]
    assert [path.name for path in saved.parent.iterdir()] == ["last.npz"]  # no temporary file is left


def test_every_truncation_is_noticed(saved: Path) -> None:
    content = saved.read_bytes()
    for length in range(0, len(content), 13):
        saved.write_bytes(content[:length])
        with pytest.raises(runs.DamagedFile, match=r"last\.npz is damaged"):
            runs.load_checkpoint(saved)


def test_a_flipped_bit_is_noticed_or_without_consequence(saved: Path) -> None:
    """A zip has a few bytes that mean nothing, such as its dates: they may change, a value may not."""
    content = saved.read_bytes()
    for position in np.random.default_rng(0).integers(0, len(content) * 8, 300):
        changed = bytearray(content)
        changed[position // 8] ^= 1 << position % 8
        saved.write_bytes(bytes(changed))
        try:
            assert loaded_equal(saved)
        except runs.DamagedFile:
            pass


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 500, pickle.dumps({"a": 1})])
def test_other_files_are_refused(saved: Path, content: bytes) -> None:
    saved.write_bytes(content)
    with pytest.raises(runs.DamagedFile):
        runs.load_checkpoint(saved)


def test_pickled_arrays_are_refused_and_not_run(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "was_here",))

    array = np.empty(1, object)
    array[0] = Payload()
    np.savez(tmp_path / "last.npz", **{"model/a": array})
    with pytest.raises(runs.DamagedFile):
        runs.load_checkpoint(tmp_path / "last.npz")
    assert not (tmp_path / "was_here").exists()


def test_a_failed_write_leaves_the_old_file(saved: Path) -> None:
    def half(stream: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        runs.write_atomically(saved, half)
    assert loaded_equal(saved)


def test_curves_are_float64_with_one_value_an_epoch(tmp_path: Path) -> None:
    runs.write_curves(tmp_path, {name: [0.1, float("nan")] for name in runs.CURVES})
    for name in runs.CURVES:
        curve = np.load(tmp_path / f"{name}.npy")
        assert (curve.dtype, curve.shape) == (np.float64, (2,))
        assert curve[0] == 0.1


def test_a_changed_configuration_is_refused_with_the_difference(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(dump_config(Config()))
    runs.unchanged_or_refuse(tmp_path, Config())
    runs.unchanged_or_refuse(tmp_path, Config.model_validate({"train": {"device": "cpu"}, "data": {"threads": 4}}))
    with pytest.raises(UserError) as caught:
        runs.unchanged_or_refuse(tmp_path, Config.model_validate({"train": {"lr": 1e-3}, "model": {"name": "vgg"}}))
    told = "\n".join(caught.value.problems)
    assert "train.lr was 0.0001 when this run began and is 0.001 now" in told
    assert "model.name was 'googlenet' when this run began and is 'vgg' now" in told
    assert "model.stem_stride was 1 when this run began and is not set now" in told
    assert "--fresh" in told


def test_changed_data_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(dump_config(Config()))
    runs.write_json(tmp_path / "run.json", {"data": {"fingerprint": "a"}})
    runs.unchanged_or_refuse(tmp_path, Config(), "a")
    with pytest.raises(UserError, match="lists or the images have changed"):
        runs.unchanged_or_refuse(tmp_path, Config(), "b")


def test_clear_removes_what_a_run_wrote_and_nothing_else(tmp_path: Path) -> None:
    for name in (*runs.RUN_FILES, "notes.txt"):
        (tmp_path / name).write_text("")
    runs.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
