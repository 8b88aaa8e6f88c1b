"""What a run says of itself: what is trained with what, each start of the program, and what may spoil it."""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from suite import machine, next_step
from suite.config.schema import Config
from suite.data.loading import Data
from suite.errors import NotFinite
from suite.runs.checkpoints import Checkpoint
from suite.runs.curves import curve_digests
from suite.runs.facts import DataFacts, Facts, Session, Threads, made_unlike
from suite.runs.inputs import config_fingerprint
from suite.training import room

if TYPE_CHECKING:
    from suite.training.loop import Training


NIGHT = "EXPERIMENT_NIGHT"
"""Environment variable that tells a run the command which has started it among others."""


def run_facts(config: Config, data: Data, training: Training, earlier: Sequence[Session]) -> Facts:
    """What `run.json` says of a run that goes on now, after `earlier` sessions."""
    facts = Facts(
        status="running",
        model=config.model.name,
        parameters=training.parameter_count,
        weights=training.weights_name,
        mode=config.augment.mode,
        seed=config.train.seed,
        config_fingerprint=config_fingerprint(config),
        data=DataFacts(
            name=Path(config.data.root).resolve().name,
            fingerprint=data.fingerprint,
            pool=data.pool,
            split=data.split,
            train_images=len(data.train.labels),
            eval_images=len(data.eval.labels),
            class_names=tuple(data.class_names),
            train_per_class=tuple(np.bincount(data.train.labels, minlength=len(data.class_names)).tolist()),
            image_size=config.data.image_size,
        ),
        sessions=(*earlier, session(config, training)),
        epochs_done=0,
        curves={},
        images_per_second=None,
        seconds_per_epoch=(),
        shares={},
    )
    return with_progress(facts, training)


def session(config: Config, training: Training) -> Session:
    """This start of the program."""
    return Session(
        started=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        after_epoch=training.epochs_done,
        host=platform.node(),
        command=next_step.again(),
        night=os.environ.get(NIGHT),
        git=git_commit(),
        code=machine.code_fingerprint(),
        lr=config.train.lr,
        device=training.device,
        gpu=machine.gpu(training.device),
        cpu=machine.cpu_model(),
        threads=Threads(paddle=config.train.threads, loader=config.data.threads),
        versions=machine.versions(training.device),
        token=secrets.token_hex(8),
    )


def with_sessions(checkpoint: Checkpoint, facts: Facts) -> Checkpoint:
    """The checkpoint together with the sessions so far, from which a damaged `run.json` is made again."""
    sessions = [session.model_dump(mode="json") for session in facts.sessions]
    return checkpoint._replace(facts={**checkpoint.facts, "sessions": sessions})


def kept_sessions(checkpoint: Checkpoint | None) -> tuple[Session, ...]:
    """The sessions that `with_sessions` has put into the checkpoint."""
    kept = checkpoint.facts.get("sessions", ()) if checkpoint else ()
    return tuple(Session.model_validate_json(json.dumps(session)) for session in kept)


def with_progress(facts: Facts, training: Training) -> Facts:
    """The same after the epochs that are done by now."""
    done, seconds = training.epochs_done, training.seconds
    return facts.model_copy(
        update={
            "status": "finished" if done == training.config.train.epochs else "running",
            "epochs_done": done,
            "curves": curve_digests(training.curves),
            "images_per_second": facts.data.train_images * done / sum(seconds) if done else None,
            "seconds_per_epoch": tuple(seconds),
            "shares": training.clock.shares(),
        }
    )


def stopped_by(error: NotFinite, facts: Facts) -> Facts:
    """The same after a loss or a weight that was not finite."""
    *earlier, last = facts.sessions
    sessions = (*earlier, last.model_copy(update={"not_finite": True}))
    return facts.model_copy(update={"status": "not finite", "reason": str(error), "sessions": sessions})


def changes(facts: Facts) -> list[str]:
    """A line for each difference between this session and those that trained the epochs so far: what it spoils."""
    before, now = facts.counted_sessions, facts.sessions[-1]
    unlike = [
        f"{difference}: plot_curves.py leaves out a run with epochs of both; go on with the first, or use --fresh"
        for difference in made_unlike([*before, now])
    ]
    last_bits = [
        f"{fact} was {session.made_on[fact]} and is {value} now: this run cannot be repeated bit for bit"
        for session in before[-1:]
        for fact, value in now.made_on.items()
        if session.made_on.get(fact, value) != value
    ]
    return unlike + last_bits


def scarce_room(training: Training, folder: Path) -> list[str]:
    """A line when the disk may not hold what the run will write."""
    needed = room.at_most(training.parameter_count, training.config.train)
    there = sum(file.stat().st_size for file in folder.iterdir())
    free = shutil.disk_usage(folder).free
    if free + there >= needed:
        return []
    return [f"{folder}: the disk has {free / 1e6:,.0f} MB left, the run may need {(needed - there) / 1e6:,.0f} MB"]


def git_commit() -> str | None:
    """The commit of this program, with `-dirty` behind it when files differ from it; None outside a checkout."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
