"""One run, from its folder to its last epoch."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from augment.schedule import missing_clean_end
from suite import backend, next_step
from suite.config.schema import Config
from suite.data.loading import Data, load_data
from suite.errors import NotFinite, RunFailed
from suite.files import NO_ROOM, DamagedFile, only_while
from suite.percent import per_cent
from suite.runs.checkpoints import Checkpoint, save_checkpoint
from suite.runs.continuing import (
    has_begun,
    is_whole,
    latest_checkpoint,
    reads_other_files,
    refuse_changed_config,
    refuse_changed_data,
    refuse_changed_weights,
    refuse_to_repeat_a_bad_loss,
)
from suite.runs.curves import write_curves
from suite.runs.facts import Facts, read_facts, refuse_if_taken_over, write_facts
from suite.runs.folder import clear, exclusive
from suite.runs.inputs import write_inputs
from suite.runs.predictions import Predictions, write_predictions
from suite.stopping import Stopped, note_signals
from suite.training import dashboard, lines, provenance
from suite.training.changes import changes_since
from suite.training.lines import log
from suite.weights.reading import Weights, name_of, read_weights

if TYPE_CHECKING:
    from suite.training.loop import Training

LOWER = (
    "lower train.batch_size, data.image_size or the width of the network, or --jobs; a run without a whole epoch takes "
    "such a change, another one needs --fresh or a new --name"
)
"""What helps a training that needs too much memory."""

GRACE = 20
"""Seconds that a run which was told to stop may take to end, before it is ended."""


def train(config: Config, folder: Path, fresh: bool = False, resume_after_nan: bool = False) -> int:
    """Do the epochs that the run in `folder` still lacks; the exit code, 0 unless a signal has stopped it.

    Raises:
        UserError: when the configuration, the data or the folder cannot be used.
        RunTaken: when another process is at work in the folder, or takes the run over.
        RunFailed: when the loss is not finite, or the disk is full.
    """
    if not fresh and (finished := _is_done(config, folder, resume_after_nan)):
        changes = changes_since(folder, finished, config.data)
        but = f", but its data have changed since: {'; '.join(changes)}" if changes else ""
        print(f"{folder} is finished and left as it is{but}; --fresh starts over")
        return 0
    if config.log.visualdl:
        dashboard.refuse_without_visualdl()

    data, weights = load_data(config.data), read_weights(config.model)

    settings = config.train
    backend.start_paddle(settings.device, settings.threads, settings.deterministic, settings.amp)

    with exclusive(folder):
        if fresh:
            clear(folder)
        before, warnings = _before(folder)
        if before and has_begun(folder, before):
            warnings += refuse_changed_config(folder, before, config)
            warnings += refuse_changed_data(folder, before, data.listing)
            refuse_changed_weights(folder, before, name_of(weights))
        checkpoint, unusable = latest_checkpoint(folder, before, config, data.fingerprint, name_of(weights))
        with lines.logging_to(folder / "train.log"), note_signals(GRACE), backend.trouble_in_words(LOWER):
            try:
                _run(config, data, weights, folder, before, checkpoint, [*warnings, *unusable])
            except Stopped as stopped:
                log.info(f"stopped by {stopped.name}; continue with: {next_step.again()}")
                return stopped.exit_code
    return 0


def _is_done(config: Config, folder: Path, resume_after_nan: bool) -> Facts | None:
    """The facts of a run that is finished and whose files agree; None for any other.

    Raises:
        UserError: when it cannot go on as it is; better said now than after minutes of decoding.
    """
    before, _ = _before(folder)
    if before is None:
        return None
    if has_begun(folder, before):
        refuse_changed_config(folder, before, config)
    if not resume_after_nan:
        refuse_to_repeat_a_bad_loss(folder, before, config)
    if not before.finished or before.epochs_done < config.train.epochs or not is_whole(folder, before):
        return None
    if reads_other_files(folder, before, config):
        refuse_changed_data(folder, before, load_data(config.data).listing)
        refuse_changed_weights(folder, before, name_of(read_weights(config.model)))
    return before


def _before(folder: Path) -> tuple[Facts | None, list[str]]:
    """What `run.json` says of the run so far. A damaged one is a warning, for it can be made again."""
    try:
        return read_facts(folder), []
    except DamagedFile as error:
        return None, [f"{error}; it is written anew"]


def _run(
    config: Config,
    data: Data,
    weights: Weights | None,
    folder: Path,
    before: Facts | None,
    checkpoint: Checkpoint | None,
    warnings: list[str],
) -> None:
    """Build the training as the checkpoint has it, and do the epochs that are left."""
    from suite.training.loop import Training  # imports Paddle, which takes seconds: not before it is needed

    training = Training(config, data, weights)
    if checkpoint:
        training.restore(checkpoint)
    earlier = before.sessions if before else provenance.kept_sessions(checkpoint)
    facts = provenance.run_facts(config, data, training, earlier)
    warnings += [*provenance.changes(facts), *provenance.scarce_room(training, folder)]
    warnings += missing_clean_end(config.augment, config.train.epochs)
    for line in (str(folder), *lines.header(config, facts), *(f"warning: {warning}" for warning in warnings)):
        log.info(line)
    if checkpoint:
        log.info(f"continuing after epoch {training.epochs_done} of {config.train.epochs}")
    try:
        write_inputs(folder, config, data.listing)
        write_curves(folder, training.curves)
        write_facts(folder, facts)
        with only_while(partial(refuse_if_taken_over, folder, facts)):
            _do_epochs(training, folder, facts)
    except OSError as error:
        if error.errno is None:  # Paddle's own
            raise
        once = "Once there is room" if error.errno in NO_ROOM else "Once that is mended"
        raise RunFailed(
            f"{error.filename or folder} could not be written: {error.strerror}; what the last whole epoch has left is "
            f"intact. {once}, continue with: {next_step.again()}"
        ) from error
    if training.clock.seconds:
        log.info("time: " + ", ".join(f"{what} {per_cent(share)}" for what, share in training.clock.shares().items()))
    log.info("finished")


def _do_epochs(training: Training, folder: Path, facts: Facts) -> None:
    """Train, write and tell, epoch after epoch."""
    began_with = training.epochs_done
    while training.epochs_done < training.config.train.epochs:
        try:
            training.one_epoch()
        except NotFinite as error:
            write_facts(folder, provenance.stopped_by(error, provenance.with_progress(facts, training)))
            raise
        with training.clock.measure("writing"):
            if training.config.log.visualdl:
                dashboard.write_scalars(folder, training, facts.sessions)
            write_epoch(training, folder, facts)
        log.info(lines.epoch_line(training, training.seconds[began_with:]))


def write_epoch(training: Training, folder: Path, facts: Facts) -> None:
    """Write what the latest epoch has given. With `last.npz` the epoch is done; `run.json` then says so."""
    write_curves(folder, training.curves)
    judged_on = training.data.eval
    write_predictions(folder, Predictions(judged_on.labels, training.eval_logits, groups=judged_on.groups))
    if training.latest_is_best:
        save_checkpoint(folder / "best.npz", training.weights())
    state = provenance.with_sessions(training.state(), facts)
    save_checkpoint(folder / "last.npz", state, keep_old=folder / "previous.npz")
    write_facts(folder, provenance.with_progress(facts, training))
