"""The faults that a run must survive, each of them really caused; as a program, all of them many times over.

    make soak        prints the table, and writes it into docs/reliability.md

Each fault is a function that causes it, lets the run go on, and asserts that nothing is lost: in the end weights,
optimiser state, curves and predictions are, bit for bit, those of a run that nothing has happened to.
`test_reliability.py` calls the same functions, each once or twice.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import platform
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np

import train
from suite import backend
from suite.config.reading import load_config
from suite.config.schema import Config
from suite.data.loading import load_data
from suite.errors import run_command
from suite.files import DamagedFile
from suite.runs import checkpoints, continuing
from suite.runs.curves import CURVES
from suite.runs.facts import read_facts
from suite.stopping import SIGNALS
from suite.training.lines import duration
from suite.training.run import GRACE
from tests.fixtures.commands import MODES, ROOT, SMALL_VGG, heed_signals
from tests.fixtures.facts import change_facts
from tests.fixtures.images import make_image_set
from tests.fixtures.runs import kept
from tests.reliability.faults import STAGES

EPOCHS = 12
HALF = 6
"""Epochs after which `Bench.half` was killed."""

PATIENCE = 120
"""Seconds for anything that is waited for; on an idle machine nothing here takes more than 30."""


# --- runs -----------------------------------------------------------------------------------------------------------


class Started:
    """A process, and what it prints."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], output: Path) -> None:
        self._output = output
        with output.open("wb") as stream:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
            )

    @property
    def said(self) -> str:
        """All that it has printed so far."""
        return self._output.read_text(errors="replace")

    def wait_for(self, text: str) -> None:
        """Until it has printed this."""
        wait_until(lambda: text in self.said or self.process.poll() is not None)
        assert text in self.said, self.said

    def end(self) -> int:
        """Wait for its end: the exit code as a shell shows it."""
        try:
            code = self.process.wait(PATIENCE)
        finally:
            self.process.kill()
        return code if code >= 0 else 128 - code


def wait_until(reached: Callable[[], bool]) -> None:
    """Until the condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Bench:
    """Small images, and of every mode the straight run on them that others are compared with."""

    def __init__(self, folder: Path, here: bool) -> None:
        """`here`: where a run shall only go on to its end, it does so in this process and not in one of its own.

        That saves the seconds in which Paddle starts, but only one run at a time can do it.
        """
        self.folder, self.here = folder, here
        self.images = make_image_set(folder / "images")
        self.processes: list[subprocess.Popen[bytes]] = []
        self._made: dict[str, Run] = {}
        self._lock = threading.RLock()
        self._paths = 0

    def close(self) -> None:
        """End what a failed assertion has left."""
        for process in self.processes:
            process.kill()
            process.wait()

    def new_path(self) -> Path:
        """A path that nothing is at."""
        with self._lock:
            self._paths += 1
            return self.folder / str(self._paths)

    def straight(self, mode: str, *overrides: str) -> Run:
        """A run that nothing has happened to."""
        with self._lock:
            name = " ".join([mode, *overrides])
            if name not in self._made:
                run = self._made[name] = Run(self, mode, *overrides)
                code, said = run.go_on()
                assert code == 0, said
            return self._made[name]

    def half(self, mode: str) -> Run:
        """A run that was killed after half of its epochs."""
        with self._lock:
            name = f"half {mode}"
            if name not in self._made:
                run = self._made[name] = Run(self, mode)
                assert run.start(fault=f"kill named last.npz {HALF}").end() == 137
            return self._made[name].copy()


class Run:
    """A run that is always started with the same command."""

    def __init__(self, bench: Bench, mode: str, *overrides: str, logs: Path | None = None) -> None:
        self.bench, self.mode, self.logs = bench, mode, logs or bench.new_path()
        self.folder = self.logs / f"vgg_{mode}/seed0"
        self.config_file = ROOT / f"configs/vgg_{mode}.yaml"
        self.settings = [*SMALL_VGG, f"data.root={bench.images}", "train.batch_size=4", "train.lr=0.002"]
        self.settings += [f"train.epochs={EPOCHS}", *overrides]
        self.arguments = ["--config", str(self.config_file), "--logs", str(self.logs), "--set", *self.settings]

    def copy(self) -> Run:
        """The same run in another place."""
        other = Run(self.bench, self.mode)
        shutil.copytree(self.folder, other.folder)
        return other

    def start(self, *more: str, fault: str = "", wrapper: Sequence[str] = ()) -> Started:
        """Start it as a process, with more arguments, a fault of `faults.py`, or a command that starts commands."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("OMP_", "MKL_"))}
        environment |= {"PYTHONPATH": str(ROOT), "FAULT": fault}
        script = ROOT / ("tests/reliability/faults.py" if fault else "train.py")
        command = [*wrapper, sys.executable, str(script), *self.arguments, *more]
        started = Started(command, environment, self.bench.new_path())
        self.bench.processes.append(started.process)
        return started

    def go_on(self, *more: str) -> tuple[int, str]:
        """Start it and wait for its end: the exit code, and what it printed."""
        if not self.bench.here:
            started = self.start(*more)
            return started.end(), started.said
        said, code = io.StringIO(), None
        with (
            patch.object(sys, "argv", [str(ROOT / "train.py"), *self.arguments, *more]),
            patch.dict(os.environ),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            try:
                run_command(train.main)
            except SystemExit as end:
                code = end.code
        assert isinstance(code, int)
        return code, said.getvalue()

    def refuses(self, *more: str) -> str:
        """Start it, and see it refuse to do anything; what it printed."""
        before = self.contents()
        code, said = self.go_on(*more)
        assert (code, "Traceback" in said) == (2, False), said
        assert self.contents() == before
        return said

    def contents(self) -> dict[str, bytes]:
        """Of all files but the lock, whose text is that of whoever came last."""
        return {file.name: file.read_bytes() for file in self.folder.iterdir() if file.name != "run.lock"}

    def epochs_done(self) -> int:
        """By the checkpoint it would go on from."""
        for name in ("last.npz", "previous.npz"):
            if (self.folder / name).exists():
                return int(checkpoints.load_checkpoint(self.folder / name).facts["epochs_done"])
        return 0

    def loses_nothing(self) -> str:
        """Go on with the plain command to the end; what it printed."""
        code, said = self.go_on()
        assert code == 0, said
        self.equals_straight()
        return said

    def equals_straight(self) -> None:
        """Weights, optimiser state, curves, predictions and best weights, bit for bit."""
        wanted, found = kept(self.bench.straight(self.mode).folder), kept(self.folder)
        assert wanted.keys() == found.keys()
        assert [name for name in wanted if wanted[name] != found[name]] == []
        facts = read_facts(self.folder)
        assert facts is not None
        assert (facts.status, facts.epochs_done) == ("finished", EPOCHS)
        assert not [file for file in self.folder.iterdir() if file.name.endswith(".new")]


# --- 1. kill -9 -----------------------------------------------------------------------------------------------------


def kill_while_writing(bench: Bench, mode: str, *points: str) -> None:
    """Kill one run at several points of `faults.py`, one after the other."""
    run = Run(bench, mode)
    for point in points:
        started = run.start(fault=f"kill {point}")
        assert started.end() == 137, f"{point}: {started.said}"
    run.loses_nothing()


def kill_at_some_time(bench: Bench, mode: str, fraction: float) -> None:
    """Kill a run when about this fraction of its time has passed."""
    run, _, _ = interrupted(bench, mode, fraction, signal.SIGKILL)
    run.loses_nothing()


def interrupted(bench: Bench, mode: str, fraction: float, signum: signal.Signals) -> tuple[Run, str, float]:
    """A run that was sent a signal on its way, what it printed, and the seconds from the signal to its end."""
    facts = read_facts(bench.straight(mode).folder)
    assert facts is not None
    moment = fraction * sum(facts.seconds_per_epoch)
    for _ in range(9):
        run = Run(bench, mode)
        started = run.start()
        started.wait_for("  epochs  ")
        time.sleep(moment)
        done = started.said.count("\nepoch ")
        sent = time.monotonic()
        started.process.send_signal(signum)
        code = started.end()
        if "finished; next: " not in started.said:
            assert code == 128 + signum, started.said
            assert run.epochs_done() >= done
            return run, started.said, time.monotonic() - sent
        moment *= 0.7  # it had ended before: the machine was slower when the straight run was timed
    raise AssertionError(f"it always ends before {signum.name} comes")


# --- 2. signals -----------------------------------------------------------------------------------------------------


def stop(bench: Bench, mode: str, fraction: float, signum: signal.Signals) -> float:
    """Stop a run by a signal, and continue with the command that it prints; the seconds it took to end."""
    run, said, seconds = interrupted(bench, mode, fraction, signum)
    [command] = re.findall(rf"^stopped by {signum.name}; continue with: (.*)$", said, re.MULTILINE)
    assert shlex.split(command) == ["python", str(ROOT / "train.py"), *run.arguments]
    assert "Traceback" not in said
    run.loses_nothing()
    return seconds


def stop_twice(bench: Bench, mode: str) -> float:
    """A Ctrl-C that cannot end the run, and a second one; the seconds that one took."""
    run = Run(bench, mode)
    started = run.start(fault="hang 2")
    started.wait_for(f"epoch  2/{EPOCHS}")
    time.sleep(0.2)  # until it waits for a batch that never comes
    started.process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert started.process.poll() is None  # it waits for the thread that hangs
    sent = time.monotonic()
    started.process.send_signal(signal.SIGINT)
    assert started.end() == 130
    seconds = time.monotonic() - sent
    assert seconds < GRACE - 2  # it has not waited to be ended
    run.loses_nothing()
    return seconds


def stop_what_hangs(bench: Bench, mode: str) -> float:
    """A SIGTERM that cannot end the run, and no second one; the seconds until it ended all the same."""
    run = Run(bench, mode)
    started = run.start(fault="hang 2")
    started.wait_for(f"epoch  2/{EPOCHS}")
    time.sleep(0.2)
    sent = time.monotonic()
    started.process.send_signal(signal.SIGTERM)
    assert started.end() == 143
    seconds = time.monotonic() - sent
    assert seconds > GRACE - 1
    run.loses_nothing()
    return seconds


def hang_up_under_nohup(bench: Bench, mode: str) -> None:
    """Log out from a run that was started with nohup: it does not notice."""
    run = Run(bench, mode)
    started = run.start(wrapper=["nohup"])
    started.wait_for("  epochs  ")
    started.process.send_signal(signal.SIGHUP)
    assert started.end() == 0, started.said
    run.equals_straight()


# --- 3. damaged files -----------------------------------------------------------------------------------------------

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


# --- 4. full disk ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A disk of this size at `folder`. For root only."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_disk(bench: Bench, mode: str, kilobytes: int) -> None:
    """Have a run fill its disk, then make room."""
    disk = bench.new_path()
    with small_disk(disk, kilobytes):
        run = Run(bench, mode, logs=disk / "logs")
        code, said = run.go_on()
        assert (code, "Traceback" in said) == (1, False), said
        assert f"warning: {run.folder}: the disk has 0 MB left, the run may need" in said
        assert re.search(rf"^stopped: {run.folder}\S* could not be written: No space left on device; ", said, re.M)
        assert f"Once there is room, continue with: python {ROOT}/train.py --config" in said
        assert run.epochs_done() >= said.count("\nepoch ")
        assert not [*run.folder.glob(".*.new")]  # half a file would only take room
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        run.loses_nothing()


def begin_on_full_disk(bench: Bench, mode: str) -> None:
    """Begin a run where nothing at all can be written, then make room."""
    disk = bench.new_path()
    with small_disk(disk, 64):
        ballast = disk / "ballast"
        with contextlib.suppress(OSError):
            ballast.write_bytes(bytes(100_000))
        run = Run(bench, mode, logs=disk / "logs")
        code, said = run.go_on()
        assert (code, "Traceback" in said) == (1, False), said
        assert f"stopped: {run.folder} could not be written: No space left on device; " in said
        ballast.unlink()
        subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
        run.loses_nothing()


def limit_file_size(bench: Bench, mode: str) -> None:
    """Continue a run under a quota: no file may be as large as a checkpoint."""
    run = bench.half(mode)
    before = {name: (run.folder / name).read_bytes() for name in ("last.npz", "previous.npz")}
    limited = run.start(wrapper=["sh", "-c", 'ulimit -f 100; exec "$@"', "sh"])  # 50 or 100 kB, which depends on sh
    assert limited.end() == 1
    assert f"stopped: {run.folder} could not be written: File too large; " in limited.said
    assert "Traceback" not in limited.said
    assert before == {name: (run.folder / name).read_bytes() for name in before}
    run.loses_nothing()


# --- 5. two processes -----------------------------------------------------------------------------------------------


def train_twice_at_once(bench: Bench, mode: str) -> None:
    """Start a run that is being trained already, then kill the first process, whose lock stays behind."""
    run = Run(bench, mode)
    first = run.start(fault="hang 3")
    first.wait_for(f"epoch  3/{EPOCHS}")
    said = run.refuses()
    who = f"pid {first.process.pid} on {socket.gethostname()} since 20"
    assert f"error: {run.folder}: another process is at work here: {who}" in said
    assert "error: " in run.refuses("--fresh")
    first.process.kill()
    assert first.end() == 137
    assert who in (run.folder / "run.lock").read_text()
    run.loses_nothing()


# --- 6. loss that is not finite -------------------------------------------------------------------------------------


def diverge(bench: Bench) -> None:
    """Train with a learning rate that is far too high; go on as it was, which fails again, then with a lower one."""
    run = Run(bench, "none", "train.optimizer=momentum", "train.lr=1")
    code, said = run.go_on()
    assert (code, "Traceback" in said) == (1, False), said
    reason = r"the loss is not finite in epoch (\d+), batch \d of 6; .*images of that batch: (\w+/\d+\.png(, |$)){4}"
    found = re.search(f"^stopped: {reason}", said, re.M)
    assert found, said
    done = int(found[1]) - 1
    assert 0 < done == run.epochs_done()
    checkpoint = checkpoints.load_checkpoint(run.folder / "last.npz")
    assert all(np.isfinite(array).all() for array in checkpoint.arrays.values())
    facts = read_facts(run.folder)
    assert facts is not None
    assert facts.diverged
    assert facts.reason and re.match(reason, facts.reason)

    assert "to go on from there, lower train.lr or give --resume-after-nan" in run.refuses()
    assert "train.lr was 1.0 when this run began and is 2.0 now" in run.refuses("train.lr=2.0")
    code, said = run.go_on("--resume-after-nan")
    assert code == 1
    assert f"continuing after epoch {done} of {EPOCHS}" in said
    assert re.search(f"^stopped: {reason}", said, re.M)
    code, said = run.go_on("train.lr=0.001")
    assert code == 0, said
    assert f"continuing after epoch {done} of {EPOCHS}" in said
    facts = read_facts(run.folder)
    assert facts is not None
    assert facts.finished
    assert [(session.lr, session.after_epoch) for session in facts.sessions] == [
        (1, 0),
        (1, done),
        (0.001, done),
    ]
    assert all(np.isfinite(np.load(run.folder / f"{name}.npy")).all() for name in CURVES)


# --- 7. changed world -----------------------------------------------------------------------------------------------


def change_the_world(bench: Bench, mode: str) -> None:
    """Change configuration, lists, images, Paddle and threads under a run that was killed half-way."""
    images = bench.new_path()
    shutil.copytree(bench.images, images)
    run = Run(bench, mode, f"data.root={images}")
    assert run.start(fault=f"kill named last.npz {HALF}").end() == 137

    said = run.refuses("train.batch_size=5", "augment.strength=mild")
    assert f"error: {run.folder}: train.batch_size was 4 when this run began and is 5 now" in said
    assert f"error: {run.folder}: augment.strength was 'article' when this run began and is 'mild' now" in said
    train_list = images / "Train.txt"
    text = train_list.read_text()
    first, *others = text.splitlines(keepends=True)
    train_list.write_text("".join(others))
    assert f"error: {run.folder}: no longer there: train {first.strip()} " in run.refuses()
    train_list.write_text("".join([*others, first]))
    assert f"error: {run.folder}: the order of the lists is another" in run.refuses()
    train_list.write_text(text)

    image = images / first.split()[0]
    content = image.read_bytes()
    image.write_bytes(content + b"\n")  # the same pixels, but who is to know
    said = run.refuses()
    for what in ("no longer there", "new"):
        assert re.search(rf"^error: {run.folder}: {what}: train {first.strip()} [0-9a-f]{{64}}$", said, re.M)
    assert "start over with --fresh, or keep both with --name NEW_NAME" in said
    image.write_bytes(content)

    facts = read_facts(run.folder)
    assert facts is not None
    session = facts.sessions[-1].model_dump(mode="json")
    session["versions"]["paddle"] = "2.0.0"
    session["threads"]["paddle"] = 4
    change_facts(run.folder, sessions=[session])
    said = run.loses_nothing()
    now = backend.versions()["paddle"]
    assert f"warning: versions.paddle was 2.0.0 and is {now} now: this run cannot be repeated bit for bit" in said
    assert "warning: threads.paddle was 4 and is 1 now: this run cannot be repeated bit for bit" in said
    facts = read_facts(run.folder)
    assert facts is not None
    assert [session.versions["paddle"] for session in facts.sessions] == ["2.0.0", now]
    assert [session.after_epoch for session in facts.sessions] == [0, HALF]


# --- 8. long runs ---------------------------------------------------------------------------------------------------


class Use(NamedTuple):
    """What a process occupies."""

    kilobytes: int
    threads: int
    files: int


def use_of(pid: int) -> Use:
    """What a process occupies now."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Use(int(status["VmRSS"].split()[0]), int(status["Threads"]), len([*Path(f"/proc/{pid}/fd").iterdir()]))


def train_long(bench: Bench, mode: str, epochs: int) -> float:
    """Train for many epochs with few files allowed; the growth of its memory from epoch 10 on, as a fraction."""
    run = Run(bench, mode, f"train.epochs={epochs}")
    # It stops before the last epoch, to be looked at in peace.
    started = run.start(fault=f"hang {epochs - 1}", wrapper=["sh", "-c", 'ulimit -n 256; exec "$@"', "sh"])
    line = f"epoch {{:{len(str(epochs))}}}/{epochs}"
    started.wait_for(line.format(10))
    early = [use_of(started.process.pid)]
    while line.format(20) not in started.said:
        early.append(use_of(started.process.pid))
        time.sleep(0.005)
    started.wait_for(line.format(epochs - 1))
    time.sleep(0.2)
    late = use_of(started.process.pid)
    started.process.kill()
    assert started.end() == 137
    growth = late.kilobytes / early[0].kilobytes - 1
    assert growth < 0.05, (early, late)
    assert late.threads <= max(use.threads for use in early), (early, late)
    assert late.files <= max(use.files for use in early), (early, late)
    code, said = run.go_on()
    assert code == 0, said
    assert len(np.load(run.folder / "lossTrain.npy")) == epochs
    return growth


def hang(bench: Bench, mode: str) -> None:
    """Have the loader hang: the watchdog says where, and ends the run."""
    run = Run(bench, mode)
    started = run.start("data.patience=1", fault="hang 2")
    assert started.end() == 1
    assert "stopped: no batch came for 1 s (data.patience); above is what each thread did" in started.said
    assert "in batch_or_sleep" in started.said  # the place where it hangs
    assert "in main" in started.said
    assert run.epochs_done() == 2
    run.loses_nothing()


# --- 9. many runs ---------------------------------------------------------------------------------------------------


class Sweep:
    """A process that trains seeds 0, 1 and 2, two at a time."""

    def __init__(self, bench: Bench, mode: str, *overrides: str, fault: str = "") -> None:
        self.run, self.fault = Run(bench, mode, *overrides), fault
        self.folders = [self.run.logs / f"vgg_{mode}/seed{seed}" for seed in range(3)]
        self.started = self.begin(fault)

    def begin(self, fault: str = "") -> Started:
        """Start it, or start it again."""
        return self.run.start("--seed", "0", "1", "2", "--jobs", "2", fault=fault)

    def wait_for_two(self) -> list[int]:
        """Until the first two have done two epochs; their process ids."""
        for folder in self.folders[:2]:
            self.started.wait_for(f"{folder} | epoch  2/" if self.fault else f"{folder} | epoch")
        locks = [(folder / "run.lock").read_text() for folder in self.folders[:2]]
        return [int(lock.split()[1]) for lock in locks]


def gone(pids: Sequence[int]) -> bool:
    """Whether none of these processes is at work."""
    return not any(Path(f"/proc/{pid}/exe").exists() for pid in pids)


def stop_many(bench: Bench, mode: str) -> float:
    """Ctrl-C for a process that trains several runs; the seconds until all have ended."""
    sweep = Sweep(bench, mode, "train.epochs=100000")
    pids = sweep.wait_for_two()
    sent = time.monotonic()
    sweep.started.process.send_signal(signal.SIGINT)
    assert sweep.started.end() == 130
    seconds = time.monotonic() - sent
    assert gone(pids)
    first, second, third = sweep.folders
    *_, one, two, three, last = sweep.started.said.splitlines()
    assert [one, two, three] == [f"{first}: left: stopped", f"{second}: left: stopped", f"{third}: left: not begun"]
    assert last == "the same command, without --fresh, continues what is left"
    for folder in (first, second):
        assert "stopped by SIGTERM; continue with: " in (folder / "train.log").read_text()
        assert checkpoints.load_checkpoint(folder / "last.npz").facts["epochs_done"] >= 1
    return seconds


def stop_many_twice(bench: Bench, mode: str) -> float:
    """Ctrl-C for runs that hang, a second one, then the same command twice: it continues, then finds nothing to do.

    The seconds that the second Ctrl-C took.
    """
    sweep = Sweep(bench, mode, fault="hang 2")
    pids = sweep.wait_for_two()
    time.sleep(0.2)
    sweep.started.process.send_signal(signal.SIGINT)
    time.sleep(1)
    assert sweep.started.process.poll() is None
    sent = time.monotonic()
    sweep.started.process.send_signal(signal.SIGINT)
    assert sweep.started.end() == 130
    wait_until(lambda: gone(pids))
    seconds = time.monotonic() - sent
    assert seconds < GRACE - 2  # nobody has waited to be ended

    again = sweep.begin()
    assert again.end() == 0, again.said
    assert all(": done in " in line for line in again.said.splitlines()[-3:])
    sweep.run.equals_straight()
    trained = {file: file.stat().st_mtime_ns for folder in sweep.folders for file in folder.iterdir()}
    third = sweep.begin()
    assert third.end() == 0
    assert third.said.count(" is finished and left as it is; --fresh starts over") == 3
    assert trained == {file: file.stat().st_mtime_ns for folder in sweep.folders for file in folder.iterdir()}
    return seconds


def kill_parent(bench: Bench, mode: str, fault: str = "") -> float:
    """Kill -9 for the process that trains several runs; the seconds until they have ended as well."""
    sweep = Sweep(bench, mode, f"train.epochs={EPOCHS if fault else 100000}", fault=fault)
    pids = sweep.wait_for_two()
    time.sleep(0.2)
    sweep.started.process.kill()
    sent = time.monotonic()
    assert sweep.started.end() == 137
    try:
        wait_until(lambda: gone(pids))
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    seconds = time.monotonic() - sent
    if fault:
        assert seconds > GRACE / 2  # they were told once: at a second signal they would have ended at once
    for folder in sweep.folders[:2]:
        assert checkpoints.load_checkpoint(folder / "last.npz").facts["epochs_done"] >= 1
        assert fault or "stopped by SIGTERM; continue with: " in (folder / "train.log").read_text()
    return seconds


def fail_one_of_many(bench: Bench, mode: str) -> None:
    """A run that cannot begin, between two that can: they are trained, and the last lines tell."""
    sweep = Run(bench, mode)
    blocked = sweep.folder.with_name("seed1")
    blocked.mkdir(parents=True)
    (blocked / "last.npz").write_bytes(b"hello\n")
    started = sweep.start("--seed", "0", "1", "2", "--jobs", "2")
    assert started.end() == 1
    first, second, third = started.said.splitlines()[-3:]
    assert first.startswith(f"{sweep.folder}: done in ")
    assert second.startswith(f"{blocked}: failed (exit code 2): error: {blocked}/last.npz is damaged")
    assert third.startswith(f"{sweep.folder.with_name('seed2')}: done in ")
    sweep.equals_straight()


# --- the program ----------------------------------------------------------------------------------------------------

MARKS = "<!-- written by `make soak` -->", "<!-- end of what `make soak` writes -->"

CURVE_FILES = [f"{name}.npy" for name in CURVES]
EVERY_EPOCH = [*CURVE_FILES, "predictions.npz", "last.npz", "run.json"]
"""What is written at the end of each epoch; the other files are written once, or when an epoch is the best."""

Try = Callable[[], float | None]


class Row(NamedTuple):
    """A line of the table."""

    fault: str
    tries: list[Try]
    measured: str = ""
    """What the largest number stands for that a try has returned."""
    each: int = 1
    """Faults in one try."""


def rows(bench: Bench, rng: Rng) -> list[Row]:
    """Everything, many times over."""
    modes = cycle(MODES)

    def points() -> Iterator[str]:
        for name in (*EVERY_EPOCH, "best.npz", "config.yaml", "data.txt"):
            for stage in STAGES:
                if stage != "between" or name == "last.npz":
                    yield f"{stage} {name} {rng.integers(2, EPOCHS) if name in EVERY_EPOCH else 1}"

    def moments(count: int, fault: Callable[..., float | None], *more: object) -> list[Try]:
        return [partial(fault, bench, next(modes), rng.random(), *more) for _ in range(count)]

    def kinds(fault: Callable[..., None], *more: object, **named: object) -> list[Try]:
        return [
            partial(fault, bench, next(modes), *more, kind, rng.spawn(1)[0], **named)
            for kind in (DAMAGES if fault is damage_best else DAMAGES | FOREIGN)
        ]

    def many(kind: str, limit: int) -> list[Try]:
        return [partial(damage_many, bench, next(modes), kind, rng.integers(0, limit, 100)) for _ in range(10)]

    size = (bench.half("none").folder / "last.npz").stat().st_size
    curves_and_notes = ["lossTrain.npy", "accTrainClean.npy", "run.json", "config.yaml", "data.txt"]
    ended = "ended within {:.1f} s"
    table = [
        Row("kill -9 at a random moment", moments(28, kill_at_some_time)),
        Row("kill -9 in the writing of a file", [partial(kill_while_writing, bench, next(modes), p) for p in points()]),
        *(Row(f"{signum.name} at a random moment", moments(8, stop, signum), ended) for signum in SIGNALS),
        Row("Ctrl-C while the loader hangs, then a second one", [partial(stop_twice, bench, "mixup")] * 2, ended),
        Row("SIGTERM while the loader hangs", [partial(stop_what_hangs, bench, "mixup")], ended),
        Row("SIGHUP under nohup", [partial(hang_up_under_nohup, bench, mode) for mode in MODES]),
        Row("`last.npz` truncated, at a random length", many("truncated", size), each=100),
        Row("`last.npz` with a random bit flipped", many("one bit flipped", 8 * size), each=100),
        Row(f"`last.npz` damaged: {', '.join(DAMAGES | FOREIGN)}", kinds(damage_last)),
        Row("the same for `last.npz` and `previous.npz`", kinds(damage_both)),
        Row(
            "`last.npz` damaged, then kill -9 between the next renamings",
            [partial(damage_last_and_kill, bench, mode) for mode in MODES],
        ),
        Row(
            "curves, predictions, `run.json`, `config.yaml`, `data.txt` damaged half-way",
            [
                one
                for name in (*curves_and_notes, "predictions.npz")
                for one in kinds(damage_other_file, name, finished=False)
            ],
        ),
        Row(
            "the same in a finished run",
            [one for name in curves_and_notes for one in kinds(damage_other_file, name, finished=True)],
        ),
        Row("`best.npz` damaged", kinds(damage_best)),
        Row("a file size limit in mid-checkpoint", [partial(limit_file_size, bench, mode) for mode in MODES]),
        Row("two processes on one run, the first one killed", [partial(train_twice_at_once, bench, m) for m in MODES]),
        Row("a loss that is not finite", [partial(diverge, bench)]),
        Row("changed settings, lists, images, Paddle, threads", [partial(change_the_world, bench, m) for m in MODES]),
        Row("500 epochs, 256 open files", [partial(train_long, bench, "mixup", 500)], "memory {:+.1%} from epoch 10"),
        Row("a loader that hangs", [partial(hang, bench, mode) for mode in MODES]),
        Row("one of three runs fails", [partial(fail_one_of_many, bench, "userDef")]),
        Row("Ctrl-C for three runs", [partial(stop_many, bench, mode) for mode in MODES], ended),
        Row("Ctrl-C twice for three runs that hang", [partial(stop_many_twice, bench, "samplePairing")], ended),
        Row("kill -9 for the parent of three runs", [partial(kill_parent, bench, m) for m in MODES], ended),
        Row("kill -9 for the parent of three runs that hang", [partial(kill_parent, bench, "mixup", "hang 2")], ended),
    ]
    if os.geteuid() == 0:
        table += [
            Row("disk full in mid-epoch", [partial(fill_disk, bench, next(modes), 220 + 40 * n) for n in range(6)]),
            Row("disk full from the beginning", [partial(begin_on_full_disk, bench, mode) for mode in MODES]),
        ]
    return table


def main() -> int:
    """Cause every fault, two at a time, and write the table; 1 when anything was lost."""
    began = time.monotonic()
    heed_signals()
    backend.start_paddle("cpu", 1)
    lines = ["| fault | tries | lost | |", "|---|---|---|---|"]
    all_lost = 0
    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(2) as pool:
        bench = Bench(Path(place), here=False)
        table = rows(bench, np.random.default_rng(0))
        on_their_way = [(row, [pool.submit(one) for one in row.tries]) for row in table]
        for row, futures in on_their_way:
            errors = [error for future in futures if (error := future.exception())]
            for error in errors:
                traceback.print_exception(error)
            values = [value for future in futures if not future.exception() and (value := future.result()) is not None]
            measured = row.measured.format(max(values)) if values else ""
            lines.append(f"| {row.fault} | {len(futures) * row.each:,} | {len(errors)} | {measured} |")
            print(lines[-1], flush=True)
            all_lost += len(errors)
        bench.close()
    versions = ", ".join(f"{name} {version}" for name, version in backend.versions().items())
    took = duration(time.monotonic() - began)
    lines += ["", f"`make soak`, {took} on {os.cpu_count()} cores, {platform.system()}, {versions}."]
    document = ROOT / "docs/reliability.md"
    before, _, rest = document.read_text(encoding="utf-8").partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    document.write_text("\n".join([before + MARKS[0], *lines, MARKS[1]]) + after, encoding="utf-8")
    return 1 if all_lost else 0


if __name__ == "__main__":
    sys.exit(main())
