"""`run.json`: what a run says of itself, and how far it has come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from suite.files import DamagedFile, fingerprint, write_text
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
    image_size: int


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
    git: str | None
    lr: float
    device: str
    threads: Threads
    versions: dict[str, str]


class Facts(Section):
    """The content of `run.json`."""

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
    def finished(self) -> bool:
        """Whether all epochs are done."""
        return self.status == "finished"

    @property
    def diverged(self) -> bool:
        """Whether a value that was not finite has stopped the run."""
        return self.status == "not finite"


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


def _fingerprint(content: dict[str, Any]) -> str:
    return fingerprint(json.dumps(content).encode())
