"""`run.json`: what a run says of itself, and how far it has come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from suite.errors import RunTaken
from suite.files import DamagedFile, fingerprint, write_text
from suite.machine import Gpu
from suite.section import Section

Status = Literal["running", "finished", "not finite"]
"""Not finite: a loss or a weight has stopped the run."""


class DataFacts(Section):
    """What was trained and evaluated on."""

    name: str
    fingerprint: str
    """Of `data.txt`, which lists both sides with the digests of the images."""
    pool: str
    """The same for all folds and all `images_per_class` of one set of labelled images."""
    split: str
    """The same for all `images_per_class` of one pair of lists, but not for other folds."""
    train_images: int
    eval_images: int
    class_names: tuple[str, ...]
    train_per_class: tuple[int, ...] = ()
    """How many training images each class has; empty in runs of earlier versions."""
    image_size: int

    @property
    def is_imbalanced(self) -> bool:
        """Whether the largest class has more than twice the training images of the smallest."""
        return bool(self.train_per_class) and max(self.train_per_class) > 2 * min(self.train_per_class)


class Threads(Section):
    """How many threads computed, and how many prepared batches."""

    paddle: int
    loader: int


class Session(Section):
    """One start of the program: a run that was continued has several."""

    started: str
    after_epoch: int
    """How many epochs were done before."""
    host: str
    command: str
    """What continues the run."""
    night: str | None = None
    """What continues all runs that were started together with it; None for a run that was started by itself."""
    git: str | None
    code: str | None = None
    """Fingerprint of the files that decide results."""
    lr: float
    device: str
    """cpu, or gpu:0."""
    gpu: Gpu | None = None
    cpu: str | None = None
    """The name of the processor."""
    threads: Threads
    versions: dict[str, str]
    not_finite: bool = False
    """Whether a loss or a weight has ended it."""
    token: str | None = None
    """Random digits that no other session has."""

    @property
    def made_with(self) -> dict[str, str]:
        """What decides more than the last bits of a result: runs that are paired agree in it."""
        gpu = {"GPU": self.gpu.name} if self.gpu else {}
        device = self.device.partition(":")[0]  # gpu:1 is a gpu
        return {"code": self.code or "not recorded", **self.versions, "device": device, **gpu}

    @property
    def made_on(self) -> dict[str, str]:
        """What may change the last bits: a cluster mixes such machines, so it splits no pair."""
        driver = {"driver": self.gpu.driver or "unknown"} if self.gpu else {}
        return {"CPU": self.cpu or "not recorded", "Paddle threads": str(self.threads.paddle), **driver}


class Facts(Section):
    """The content of `run.json`. A fact that is added has a default, for runs that were begun without it."""

    status: Status
    reason: str | None = None
    """Why the run has stopped; only when a value was not finite."""
    model: str
    parameters: int
    weights: str | None = None
    """What the run started from: the name of the file, and sixteen digits of its digest."""
    mode: str
    seed: int
    config_fingerprint: str
    """Of `config.yaml`."""
    data: DataFacts
    sessions: tuple[Session, ...]
    """The first start first; at least one."""
    epochs_done: int
    curves: dict[str, str]
    """The digest of every curve over its first `epochs_done` values."""
    images_per_second: float | None
    """None before the first epoch."""
    seconds_per_epoch: tuple[float, ...]
    shares: dict[str, float]
    """What part of the time of the last session went where, 0 to 1."""

    @property
    def counted_sessions(self) -> tuple[Session, ...]:
        """The sessions that have trained any of the epochs that are done; one that was killed before its first has not.

        A session whose checkpoint was damaged goes on from an earlier epoch, and the epochs after that no longer count.
        """
        sessions, counted = self.sessions, []
        for place, session in enumerate(sessions):
            ends = min([self.epochs_done, *(later.after_epoch for later in sessions[place + 1 :])])
            if session.after_epoch < ends:
                counted.append(session)
        return tuple(counted)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.status == "finished"

    @property
    def diverged(self) -> bool:
        """Whether a value that was not finite has stopped the run."""
        return self.status == "not finite"


def made_unlike(sessions: Iterable[Session]) -> list[str]:
    """What the epochs of these sessions were not all made with, such as `opencv 4.10.0, then 5.0.0`."""
    made_with = [{**session.made_with, "train.lr": f"{session.lr:g}"} for session in sessions]
    names = dict.fromkeys(name for facts in made_with for name in facts)
    values = {name: dict.fromkeys(facts.get(name, "none") for facts in made_with) for name in names}
    return [f"{name} {', then '.join(different)}" for name, different in values.items() if len(different) > 1]


def write_facts(folder: Path, facts: Facts) -> None:
    """Replace `run.json`, atomically, with a fingerprint of its content as last entry."""
    content = facts.model_dump(mode="json")
    sealed = {**content, "fingerprint": _fingerprint(content)}
    write_text(folder / "run.json", json.dumps(sealed, indent=2, ensure_ascii=False) + "\n")


def read_facts(folder: Path) -> Facts | None:
    """The content of `run.json`, or None where there is none.

    Raises:
        DamagedFile: when it is not what was written.
    """
    file = folder / "run.json"
    try:
        if file.exists() and not file.is_file():
            raise ValueError("not a regular file")  # reading a pipe would wait for its writer
        content = json.loads(file.read_bytes())
        written = content.pop("fingerprint")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedFile(f"{file} is damaged ({type(error).__name__}: {error})") from None
    if written != _fingerprint(content):
        raise DamagedFile(f"{file} is damaged: its content does not match its fingerprint")
    try:
        return Facts.model_validate_json(json.dumps(content))
    except ValidationError:
        raise DamagedFile(f"{file} was written by another version of this suite") from None


def refuse_if_taken_over(folder: Path, facts: Facts) -> None:
    """Let only the latest session write. A process that was cut off for a while may no longer be that.

    Raises:
        RunTaken: when `run.json` has another latest session than `facts`, or none.
    """
    try:
        there = read_facts(folder)
    except DamagedFile:
        there = None
    if there is None or there.sessions[-1].token != facts.sessions[-1].token:
        raise RunTaken(
            f"{folder}: another process has taken this run over, as run.json no longer ends with this session; this "
            "one stops and leaves everything as it is"
        )


def _fingerprint(content: dict[str, Any]) -> str:
    return fingerprint(json.dumps(content).encode())
