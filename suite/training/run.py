"""One run, from its folder to its last epoch."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from suite import backend
from suite.config.schema import Config, dump_config
from suite.data.loading import Data, load_data
from suite.errors import NotFinite, RunFailed
from suite.files import write_arrays, write_json, write_text
from suite.runs.checkpoints import Checkpoint, save_checkpoint
from suite.runs.continuing import (
    is_whole,
    latest_checkpoint,
    reads_other_lists,
    refuse_changed_config,
    refuse_changed_data,
    refuse_to_repeat_a_bad_loss,
)
from suite.runs.facts import NOT_FINITE, is_finished, usable_facts
from suite.runs.folder import clear, exclusive, write_curves
from suite.stopping import Stopped, note_signals
from suite.training import dashboard, lines, provenance

if TYPE_CHECKING:
    from suite.training.loop import Training


log = logging.getLogger("train")

GRACE = 20
"""Seconds that a run which was told to stop may take to end, before it is ended."""


def train(config: Config, folder: Path, fresh: bool = False, resume_after_nan: bool = False) -> int:
    """Do the epochs that the run in `folder` still lacks; the exit code, 0 unless a signal has stopped it.

    Raises:
        UserError: when the configuration, the data or the folder cannot be used.
        RunFailed: when the loss is not finite, or the disk is full.
    """
    warnings = []
    if not fresh:
        warnings += refuse_changed_config(folder, config)
        if not warnings and is_finished(folder) and is_whole(folder, config):
            if reads_other_lists(folder, config):
                refuse_changed_data(folder, load_data(config.data).listing)
            print(f"{folder} is finished and left as it is; --fresh starts over")
            return 0
        refuse_to_repeat_a_bad_loss(folder, config, resume_after_nan)
    if config.log.visualdl:
        dashboard.refuse_without_visualdl()
    data = load_data(config.data)
    settings = config.train
    backend.start_paddle(settings.device, settings.threads, settings.deterministic, settings.amp)
    with exclusive(folder):
        if fresh:
            clear(folder)
        warnings += refuse_changed_data(folder, data.listing)
        kept, more_warnings = latest_checkpoint(folder, config, data.fingerprint)
        with logging_to(folder / "train.log"), note_signals(GRACE):
            try:
                run_epochs(config, data, folder, kept, [*warnings, *more_warnings])
            except Stopped as stopped:
                log.info(f"stopped by {stopped.name}; continue with: {provenance.command_line()}")
                return stopped.exit_code
    return 0


def run_epochs(config: Config, data: Data, folder: Path, kept: Checkpoint | None, warnings: list[str]) -> None:
    """Build the training as `kept` has it, and do the epochs that are left."""
    from suite.training.loop import Training  # imports Paddle, which takes seconds: not before it is needed

    training = Training(config, data)
    if kept:
        training.restore(kept)
    facts = provenance.run_facts(config, data, training)
    before, more_warnings = usable_facts(folder)
    facts["sessions"] = [*(before or {}).get("sessions", []), provenance.session(config, training, facts)]
    warnings = [
        *warnings,
        *more_warnings,
        *provenance.changed_machine(facts["sessions"]),
        *provenance.scarce_room(training, folder),
    ]

    for line in (str(folder), *lines.header(config, facts), *(f"warning: {warning}" for warning in warnings)):
        log.info(line)
    if kept:
        log.info(f"continuing after epoch {training.epochs_done} of {config.train.epochs}")
    try:
        write_text(folder / "config.yaml", dump_config(config))
        write_text(folder / "data.txt", data.listing)
        write_curves(folder, training.curves)
        write_facts(training, folder, facts)
        began_with = training.epochs_done
        while training.epochs_done < config.train.epochs:
            training.one_epoch()
            with training.clock.measure("writing"):
                if config.log.visualdl:
                    dashboard.write_scalars(folder, training, facts["sessions"])
                write_epoch(training, folder)
                write_facts(training, folder, facts)
            log.info(lines.epoch_line(training, training.seconds[began_with:]))
    except NotFinite as error:
        write_facts(training, folder, facts | {"status": NOT_FINITE, "reason": str(error)})
        raise
    except OSError as error:
        raise RunFailed(
            f"{error.filename or folder} could not be written: {error.strerror}; what the last whole epoch has left is "
            f"intact. Once there is room, continue with: {provenance.command_line()}"
        ) from error
    if training.clock.seconds:
        log.info("time: " + ", ".join(f"{what} {share:.1%}" for what, share in training.clock.shares().items()))
    log.info(f"finished; next: python evaluate.py {folder}, python plot_curves.py {folder.parent.parent}")


def write_epoch(training: Training, folder: Path) -> None:
    """Write what the latest epoch has given. `last.npz` comes last: with it, the epoch is done."""
    write_curves(folder, training.curves)
    write_arrays(folder / "predictions.npz", labels=training.data.eval.labels, logits=training.eval_logits)
    if training.latest_is_best:
        save_checkpoint(folder / "best.npz", training.weights())
    save_checkpoint(folder / "last.npz", training.state(), keep_old=folder / "previous.npz")


def write_facts(training: Training, folder: Path, facts: dict[str, Any]) -> None:
    """Write `run.json`: what is trained, where, with what, and how far it has come."""
    done, seconds = training.epochs_done, training.seconds
    status = "finished" if done == training.config.train.epochs else "running"
    speed = len(training.data.train.labels) * done / sum(seconds) if done else None
    progress = {
        "epochs_done": done,
        "images_per_second": speed,
        "seconds_per_epoch": seconds,
        "shares": training.clock.shares(),  # of the time of this session
    }
    write_json(folder / "run.json", {"status": status, **facts, **progress})


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Send the log to the screen and, with the time before each line, to the end of `file`."""
    screen, kept = logging.StreamHandler(sys.stdout), logging.FileHandler(file, encoding="utf-8")
    kept.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%Y-%m-%d %H:%M:%S"))
    log.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a log that cannot be written, on a full disk, is not worth a traceback
    log.propagate = False  # Paddle gives the root logger a handler of its own, which would repeat every line
    for handler in (screen, kept):
        log.addHandler(handler)
    try:
        yield
    except Exception as error:  # the screen gets it where the command ends
        kept.handle(logging.makeLogRecord({"msg": f"stopped: {type(error).__name__}: {error}"}))
        raise
    finally:
        for handler in (screen, kept):
            log.removeHandler(handler)
        with suppress(OSError):  # it writes what a full disk has not taken so far
            kept.close()
