"""Files that are damaged while no run is at work."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable, Iterable

import numpy as np

from suite.config.reading import load_config
from suite.config.schema import Config
from suite.data.loading import load_data
from suite.files import DamagedFile
from suite.runs import checkpoints, continuing
from suite.runs.facts import read_facts
from tests.reliability.bench import HALF, Bench, Run

Rng = np.random.Generator


def flip_bit(content: bytes, position: int) -> bytes:
    """The content with one bit changed."""
    changed = bytearray(content)
    changed[position // 8] ^= 1 << position % 8
    return bytes(changed)


def of_another(run: Run, name: str, *overrides: str) -> bytes:
    """The same file of a finished run that differs in these settings."""
    [folder] = (run.bench.straight(run.mode, *overrides).logs / f"vgg_{run.mode}").iterdir()
    return (folder / name).read_bytes()


DAMAGES: dict[str, Callable[[Run, str, bytes, Rng], bytes]] = {
    "truncated": lambda run, name, sound, rng: sound[: rng.integers(len(sound))],
    "one bit flipped": lambda run, name, sound, rng: flip_bit(sound, int(rng.integers(8 * len(sound)))),
    "zeros": lambda run, name, sound, rng: bytes(len(sound)),
    "empty": lambda run, name, sound, rng: b"",
    "text": lambda run, name, sound, rng: b"hello\n",
    "noise": lambda run, name, sound, rng: rng.bytes(len(sound)),
    "pickle": lambda run, name, sound, rng: pickle.dumps({"model/a": sound[:9]}),
}
"""Contents to put in the place of a sound one."""

FOREIGN: dict[str, Callable[[Run, str, bytes, Rng], bytes]] = {
    "another seed's": lambda run, name, sound, rng: of_another(run, name, "train.seed=1"),
    "another network's": lambda run, name, sound, rng: of_another(run, name, "model.fc=[16]"),
    "best.npz's": lambda run, name, sound, rng: (run.folder / "best.npz").read_bytes(),
}
"""The same, sound in themselves."""


def damage(run: Run, name: str, kind: str, rng: Rng) -> bytes:
    """Damage a file of a run; returns what was in it."""
    file = run.folder / name
    sound = file.read_bytes()
    file.write_bytes((DAMAGES | FOREIGN)[kind](run, name, sound, rng))
    return sound


def damage_last(bench: Bench, mode: str, kind: str, rng: Rng) -> None:
    """Damage `last.npz`: the run says so, and goes on from `previous.npz`."""
    run = bench.half(mode)
    damage(run, "last.npz", kind, rng)
    said = run.loses_nothing()
    if kind == "one bit flipped" and f"continuing after epoch {HALF} " in said:
        return  # the bit was one that means nothing, such as one of a date in the zip
    assert f"warning: {run.folder}/last.npz " in said
    assert f"continuing after epoch {HALF - 1} " in said


def damage_last_and_kill(bench: Bench, mode: str) -> None:
    """Damage `last.npz`, and kill the run, which has gone on from `previous.npz`, between the next two renamings."""
    run = bench.half(mode)
    (run.folder / "last.npz").write_bytes(b"hello\n")
    assert run.start(fault="kill between last.npz 1").end() == 137
    run.loses_nothing()


def damage_both(bench: Bench, mode: str, kind: str, rng: Rng) -> None:
    """Damage `last.npz` and `previous.npz`: the run names both and does nothing, least of all start over."""
    run = bench.half(mode)
    sound = damage(run, "last.npz", kind, rng)
    damage(run, "previous.npz", kind, rng)
    said = run.refuses()
    assert f"error: {run.folder}/last.npz " in said
    assert f"error: {run.folder}/previous.npz " in said
    assert "no sound checkpoint is left; start over with --fresh" in said
    (run.folder / "last.npz").write_bytes(sound)  # as from a backup
    run.loses_nothing()


def damage_many(bench: Bench, mode: str, kind: str, positions: Iterable[int]) -> None:
    """Cut `last.npz` at each length, or flip each bit: what the run would go on from is one of its checkpoints."""
    run = bench.half(mode)
    config = run_config(run)
    fingerprint = load_data(config.data).fingerprint
    last, previous = ((run.folder / name).read_bytes() for name in ("last.npz", "previous.npz"))
    sound, sound_before = (checkpoints.load_checkpoint(run.folder / name) for name in ("last.npz", "previous.npz"))
    for position in positions:
        damaged = last[:position] if kind == "truncated" else flip_bit(last, position)
        (run.folder / "last.npz").write_bytes(damaged)
        (run.folder / "previous.npz").write_bytes(previous)
        found, warnings = continuing.latest_checkpoint(run.folder, read_facts(run.folder), config, fingerprint)
        assert found is not None
        if warnings or kind == "truncated":
            assert "last.npz" in warnings[0]
            assert_same(found, sound_before)
        else:
            assert_same(found, sound)
    shutil.rmtree(run.logs)


def run_config(run: Run) -> Config:
    return load_config(run.config_file, run.settings)


def assert_same(one: checkpoints.Checkpoint, other: checkpoints.Checkpoint) -> None:
    assert json.dumps(one.facts) == json.dumps(other.facts)
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert (array.dtype, array.shape) == (other.arrays[name].dtype, other.arrays[name].shape), name
        assert array.tobytes() == other.arrays[name].tobytes(), name


def damage_other_file(bench: Bench, mode: str, name: str, kind: str, rng: Rng, finished: bool) -> None:
    """Damage a file that nothing goes on from: it is made again, or the run refuses and says what differs."""
    run = bench.straight(mode).copy() if finished else bench.half(mode)
    sound = damage(run, name, kind, rng)
    code, said = run.go_on()
    assert "Traceback" not in said, said
    if code == 2:  # a config.yaml that is whole and says something else
        assert name == "config.yaml"
        assert " when this run began and is " in said
        (run.folder / name).write_bytes(sound)
        code, said = run.go_on()
    assert code == 0, said
    run.equals_straight()


def damage_best(bench: Bench, mode: str, kind: str, rng: Rng) -> None:
    """Damage `best.npz`, which nobody can make again: whoever reads it is told."""
    run = bench.straight(mode).copy()
    sound = checkpoints.load_checkpoint(run.folder / "best.npz")
    damage(run, "best.npz", kind, rng)
    try:
        assert_same(checkpoints.load_checkpoint(run.folder / "best.npz"), sound)
    except DamagedFile as error:
        assert f"{run.folder}/best.npz is damaged" in str(error)
