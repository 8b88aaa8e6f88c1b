"""The run folder: what is written can be trusted, or is refused."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from suite import files
from suite.config.schema import Config
from suite.errors import UserError
from suite.runs import checkpoints, continuing
from suite.runs.curves import CURVES, curve_digests, write_curves
from suite.runs.facts import Facts, read_facts, write_facts
from suite.runs.folder import RUN_FILES, clear
from suite.runs.inputs import config_fingerprint, write_inputs
from suite.runs.lock import locked
from tests.fixtures.facts import change_config, made_up_facts

CHECKPOINT = checkpoints.Checkpoint(
    {"model/a": np.arange(12, dtype=np.float32).reshape(3, 4), "optimizer/a/moment1_0": np.float32(0.1) * np.ones(())},
    {"epochs_done": 3, "curves": {"lossTrain": [1.0, 0.1, float("nan")]}},
)


def changed(**sections: dict[str, object]) -> Config:
    return Config.model_validate(sections)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "last.npz"
    checkpoints.save_checkpoint(file, CHECKPOINT)
    return file


def loaded_equal(file: Path) -> bool:
    arrays, facts = checkpoints.load_checkpoint(file)
    same = arrays.keys() == CHECKPOINT.arrays.keys() and facts["epochs_done"] == 3
    return same and all(arrays[name].tobytes() == CHECKPOINT.arrays[name].tobytes() for name in arrays)


def test_a_checkpoint_comes_back_as_it_was(saved: Path) -> None:
    assert loaded_equal(saved)
    assert checkpoints.load_checkpoint(saved).facts["curves"]["lossTrain"][:2] == [1.0, 0.1]
    assert [path.name for path in saved.parent.iterdir()] == ["last.npz"]  # no temporary file is left


def test_every_truncation_is_noticed(saved: Path) -> None:
    content = saved.read_bytes()
    for length in range(0, len(content), 13):
        saved.write_bytes(content[:length])
        with pytest.raises(files.DamagedFile, match=r"last\.npz is damaged"):
            checkpoints.load_checkpoint(saved)


def test_pickled_arrays_are_refused_and_not_run(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "was_here",))

    array = np.empty(1, object)
    array[0] = Payload()
    np.savez(tmp_path / "last.npz", **{"model/a": array})
    with pytest.raises(files.DamagedFile):
        checkpoints.load_checkpoint(tmp_path / "last.npz")
    assert not (tmp_path / "was_here").exists()


def test_a_failed_write_leaves_the_old_file(saved: Path) -> None:
    def half(stream: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        files.write_atomically(saved, half)
    assert loaded_equal(saved)


def test_curves_are_float64_with_one_value_an_epoch(tmp_path: Path) -> None:
    write_curves(tmp_path, {name: [0.1, float("nan")] for name in CURVES})
    for name in CURVES:
        curve = np.load(tmp_path / f"{name}.npy")
        assert (curve.dtype, curve.shape) == (np.float64, (2,))
        assert curve[0] == 0.1


def begun(folder: Path, listing: str = "", **changes: Any) -> Facts:
    """A run of the default configuration, on the images of this listing."""
    write_inputs(folder, Config(), listing)
    data = {"fingerprint": files.fingerprint(listing.encode())}
    facts = made_up_facts(config_fingerprint=config_fingerprint(Config()), data=data, **changes)
    write_facts(folder, facts)
    return facts


def test_a_changed_configuration_is_refused_with_the_difference(tmp_path: Path) -> None:
    facts = begun(tmp_path)
    for same in (
        Config(),
        changed(train={"device": "cpu"}, data={"threads": 4}),
        changed(data={"root": "moved", "train_list": "a.txt", "eval_list": "b.txt"}),
    ):
        assert continuing.refuse_changed_config(tmp_path, facts, same) == []
    with pytest.raises(UserError) as caught:
        continuing.refuse_changed_config(tmp_path, facts, changed(train={"lr": 1e-3}, model={"name": "vgg"}))
    told = "\n".join(caught.value.problems)
    assert "train.lr was 0.0001 when this run began and is 0.001 now" in told
    assert "model.name was 'googlenet' when this run began and is 'vgg' now" in told
    assert "model.stem_stride was 1 when this run began and is not set now" in told
    assert "--fresh" in told


def test_a_lower_learning_rate_is_allowed_after_a_bad_loss_only(tmp_path: Path) -> None:
    slower = changed(train={"lr": 1e-5})
    with pytest.raises(UserError, match=r"train\.lr was"):
        continuing.refuse_changed_config(tmp_path, begun(tmp_path), slower)
    stopped = begun(tmp_path, status="not finite", reason="the loss is not finite")
    assert continuing.refuse_changed_config(tmp_path, stopped, slower) == []
    with pytest.raises(UserError, match=r"train\.lr was"):
        continuing.refuse_changed_config(tmp_path, stopped, changed(train={"lr": 1e-3}))
    with pytest.raises(UserError, match=r"train\.epochs was"):
        continuing.refuse_changed_config(tmp_path, stopped, changed(train={"lr": 1e-5, "epochs": 3}))

    continuing.refuse_to_repeat_a_bad_loss(tmp_path, stopped, slower)
    with pytest.raises(UserError, match=r"to go on from there, lower train\.lr or give --resume"):
        continuing.refuse_to_repeat_a_bad_loss(tmp_path, stopped, Config())


def test_changed_data_are_refused_with_the_difference(tmp_path: Path) -> None:
    listing = "train a.png 0 11\ntrain b.png 1 22\neval c.png 0 33\n"
    facts = begun(tmp_path, listing)
    assert continuing.refuse_changed_data(tmp_path, facts, listing) == []
    with pytest.raises(UserError) as caught:
        continuing.refuse_changed_data(tmp_path, facts, listing.replace("22", "44"))
    assert caught.value.problems[1:3] == [
        f"{tmp_path}: no longer there: train b.png 1 22",
        f"{tmp_path}: new: train b.png 1 44",
    ]
    first, second, third = listing.splitlines(keepends=True)
    with pytest.raises(UserError, match="the order of the lists is another"):
        continuing.refuse_changed_data(tmp_path, facts, second + first + third)


def save_run(folder: Path, epoch: int, config: Config) -> None:
    """As if `epoch` epochs were done."""
    facts = {"config": continuing.identity(config, config.train.lr), "fingerprint": "f", "epochs_done": epoch}
    kept = checkpoints.Checkpoint({"model/a": np.full(3, epoch)}, facts)
    checkpoints.save_checkpoint(folder / "last.npz", kept, keep_old=folder / "previous.npz")


def test_the_checkpoint_before_is_kept_and_serves_when_the_last_is_damaged(tmp_path: Path) -> None:
    assert continuing.latest_checkpoint(tmp_path, None, Config(), "f") == (None, [])
    for epoch in (1, 2, 3):
        save_run(tmp_path, epoch, Config())
    kept, left = continuing.latest_checkpoint(tmp_path, None, Config(), "f")
    assert (kept and kept.facts["epochs_done"], left) == (3, [])
    (tmp_path / "last.npz").unlink()  # killed between the two renamings
    kept, left = continuing.latest_checkpoint(tmp_path, None, Config(), "f")
    assert (kept and kept.facts["epochs_done"], left) == (2, [])
    save_run(tmp_path, 3, Config())
    (tmp_path / "last.npz").write_bytes(b"x")
    kept, [left_line] = continuing.latest_checkpoint(tmp_path, None, Config(), "f")
    assert kept and kept.facts["epochs_done"] == 2
    assert "last.npz is damaged" in left_line
    (tmp_path / "last.npz").write_bytes(b"x")
    with pytest.raises(UserError, match="no sound checkpoint is left; start over with --fresh, or keep both"):
        continuing.latest_checkpoint(tmp_path, None, Config(), "f")


def test_checkpoints_that_are_gone_are_missed(tmp_path: Path) -> None:
    """A run of a hundred epochs would begin again at the first, and write over their curves."""
    killed_in_the_first_epoch = made_up_facts(epochs_done=0)
    assert continuing.latest_checkpoint(tmp_path, killed_in_the_first_epoch, Config(), "f") == (None, [])
    with pytest.raises(UserError, match=r"counts 100 epochs, but last\.npz and previous\.npz are gone"):
        continuing.latest_checkpoint(tmp_path, made_up_facts(epochs_done=100), Config(), "f")


@pytest.mark.parametrize("other", [{"seed": 1}, {"lr": 1e-3}, {"epochs": 507}])
def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path, other: dict[str, float]) -> None:
    save_run(tmp_path, 1, changed(train=other))
    with pytest.raises(UserError, match=r"last\.npz belongs to another run"):
        continuing.latest_checkpoint(tmp_path, None, Config(), "f")
    with pytest.raises(UserError, match=r"last\.npz belongs to another run"):
        continuing.latest_checkpoint(tmp_path, None, changed(train=other), "other data")


@pytest.mark.parametrize("key", sorted(continuing.identity(Config(), 1e-4).keys() - {"train.seed"}))
def test_a_key_that_is_newer_than_a_run_has_its_default_there(tmp_path: Path, key: str) -> None:
    """Every run of the night would be refused after an update, with the advice to discard it."""
    kept = {name: value for name, value in continuing.identity(Config(), 1e-4).items() if name != key}
    facts = {"config": kept, "fingerprint": "f", "epochs_done": 1}
    checkpoints.save_checkpoint(tmp_path / "last.npz", checkpoints.Checkpoint({}, facts))
    checkpoint, left = continuing.latest_checkpoint(tmp_path, None, Config(), "f")
    assert checkpoint is not None and left == []


def test_a_key_that_is_newer_than_config_yaml_has_its_default_there(tmp_path: Path) -> None:
    begun(tmp_path)
    change_config(tmp_path, "  clean_every: 1\n", "")
    facts = read_facts(tmp_path)
    assert facts is not None and continuing.refuse_changed_config(tmp_path, facts, Config()) == []
    with pytest.raises(UserError, match=r"train\.clean_every was 1 when this run began and is 2 now"):
        continuing.refuse_changed_config(tmp_path, facts, changed(train={"clean_every": 2}))


def test_a_newer_key_with_another_value_makes_another_run(tmp_path: Path) -> None:
    """Its default is what the run was trained with; and a key that this version does not know cannot be told."""
    for wanted, kept in (({"train": {"weight_decay": 0.1}}, {}), ({}, {"train.newer": 1})):
        identity = continuing.identity(Config(), 1e-4) | kept
        del identity["train.weight_decay"]
        facts = {"config": identity, "fingerprint": "f", "epochs_done": 1}
        checkpoints.save_checkpoint(tmp_path / "last.npz", checkpoints.Checkpoint({}, facts))
        with pytest.raises(UserError, match="belongs to another run, or to another version of this suite"):
            continuing.latest_checkpoint(tmp_path, None, changed(**wanted), "f")


def test_a_checkpoint_may_have_any_learning_rate_this_run_has_had(tmp_path: Path) -> None:
    save_run(tmp_path, 1, Config())
    facts = made_up_facts(sessions=[{"lr": 1e-4}, {"lr": 1e-5}])
    kept, left = continuing.latest_checkpoint(tmp_path, facts, changed(train={"lr": 1e-5}), "f")
    assert (kept is not None, left) == (True, [])


def test_a_second_process_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    with (
        locked(tmp_path),
        pytest.raises(UserError, match=rf"pid {os.getpid()} on \S+ since 20"),
        locked(tmp_path),
    ):
        pass
    with locked(tmp_path):  # the file is still there, its process has let it go
        pass


def test_damaged_facts_are_told(tmp_path: Path) -> None:
    assert read_facts(tmp_path) is None
    write_facts(tmp_path, made_up_facts())
    content = (tmp_path / "run.json").read_bytes()
    for broken in (content[:-5], b"", b"\0" * 30, b"[]", b"{}"):
        (tmp_path / "run.json").write_bytes(broken)
        with pytest.raises(files.DamagedFile, match=r"run\.json is damaged"):
            read_facts(tmp_path)


def test_a_finished_run_is_whole_when_its_files_agree(tmp_path: Path) -> None:
    """Or else it is left as finished with a curve that shows something else than what was trained."""
    curves = {name: [1.0, math.nan] for name in CURVES}
    facts = begun(tmp_path, "train a.png 0 11\n", status="finished", epochs_done=2, curves=curve_digests(curves))
    checkpoints.save_checkpoint(tmp_path / "last.npz", checkpoints.Checkpoint({}, {"curves": curves, "epochs_done": 2}))
    write_curves(tmp_path, curves)
    assert continuing.is_whole(tmp_path, facts)
    for name in ("accEval.npy", "config.yaml", "data.txt"):
        content = (tmp_path / name).read_bytes()
        for spoil in (lambda file: file.write_bytes(file.read_bytes()[:-1] + b"?"), Path.unlink):
            spoil(tmp_path / name)
            assert not continuing.is_whole(tmp_path, facts)
            (tmp_path / name).write_bytes(content)
    assert continuing.is_whole(tmp_path, facts)
    for bad in ({"epochs_done": 2}, {"epochs_done": 2, "curves": {name: [1.0] for name in CURVES}}):  # one is best.npz
        checkpoints.save_checkpoint(tmp_path / "last.npz", checkpoints.Checkpoint({}, bad))
        assert not continuing.is_whole(tmp_path, facts)
    (tmp_path / "last.npz").write_bytes(b"x")
    assert not continuing.is_whole(tmp_path, facts)
    (tmp_path / "last.npz").unlink()
    assert continuing.is_whole(tmp_path, facts)


def test_changed_facts_are_damaged_ones(tmp_path: Path) -> None:
    """JSON has no checksum: with one digit changed it is as valid as before."""
    write_facts(tmp_path, made_up_facts(epochs_done=12))
    content = (tmp_path / "run.json").read_text()
    (tmp_path / "run.json").write_text(content.replace("12", "13"))
    with pytest.raises(files.DamagedFile, match=r"run\.json is damaged: its content does not match"):
        read_facts(tmp_path)


def test_clear_removes_what_a_run_wrote_and_nothing_else(tmp_path: Path) -> None:
    for name in (*RUN_FILES, "notes.txt"):
        (tmp_path / name).write_text("")
    clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
