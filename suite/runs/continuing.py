"""Whether a run may go on, and from where: only as what it began as, with the same images."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from augment.schedule import Phase
from suite.config.schema import MACHINE_KEYS, PATH_KEYS, Config, flattened, unflattened
from suite.errors import UserError, shortened
from suite.files import DamagedFile
from suite.runs.checkpoints import Checkpoint, load_checkpoint
from suite.runs.curves import curve_digests, read_curves
from suite.runs.facts import Facts
from suite.runs.inputs import read_config, read_listing

START_OVER = "start over with --fresh, or keep both with --name NEW_NAME"


def has_begun(folder: Path, facts: Facts) -> bool:
    """Whether an epoch is done: before that, nothing is lost when a run takes other settings or images."""
    return facts.epochs_done > 0 or any((folder / name).exists() for name in ("last.npz", "previous.npz"))


def is_whole(folder: Path, facts: Facts) -> bool:
    """Whether the files of a finished run agree; its last checkpoint may have been removed to save room."""
    last = folder / "last.npz"
    try:
        read_config(folder, facts)
        read_listing(folder, facts)
        read_curves(folder, facts)
        return not last.exists() or curve_digests(load_checkpoint(last).facts["curves"]) == facts.curves
    except (DamagedFile, KeyError):  # KeyError: a sound checkpoint, but of weights alone, such as best.npz
        return False


def why_not_longer(began: Config, epochs: int, done: int) -> str:
    """Why a run with `done` epochs cannot go on to `epochs` as if they had been planned; empty when it can.

    Then the epochs so far are bit for bit those of a longer run: nothing in them has depended on their number.
    """
    if epochs < began.train.epochs:
        return "a run cannot become shorter"
    if began.train.schedule != "constant":
        return f"its learning rate falls along a {began.train.schedule} that ends with the last epoch"
    for epoch in range(done):
        before, after = (vars(Phase(began.augment, epoch, planned)) for planned in (began.train.epochs, epochs))
        if before != after:
            return f"its augmentation is switched after shares of the run, so epoch {epoch + 1} would be another"
    return ""


def refuse_changed_config(folder: Path, facts: Facts, config: Config) -> list[str]:
    """Let a run go on only as what it began as; after a loss that was not finite, also with a lower learning rate.

    It may become longer where that changes nothing of the epochs so far.

    Returns a warning when `config.yaml` is damaged. Then the checkpoint decides, which has the configuration too.

    Raises:
        UserError: with a line for every key that differs from the folder's `config.yaml`.
    """
    try:
        began = read_config(folder, facts)
    except DamagedFile as error:
        return [f"{error}; it is written anew"]
    why_not = why_not_longer(began, config.train.epochs, facts.epochs_done)
    may_slow_down = facts.diverged and config.train.lr < began.train.lr
    may_change = {"train.lr"} if may_slow_down else set()
    if not why_not:
        may_change.add("train.epochs")
    problems = [
        f"{folder}: {key} was {was} when this run began and is {now} now{f'; {why_not}' * (key == 'train.epochs')}"
        for key, was, now in differences(began, config)
        if key not in may_change
    ]
    if problems:
        raise UserError([*problems, START_OVER])
    return []


def differences(began: Config, now: Config) -> list[tuple[str, str, str]]:
    """The keys in which two configurations compute something else, and both values as text."""
    before, after = (identity(config, config.train.lr) for config in (began, now))
    keys = sorted(before.keys() | after.keys())
    rows = [(key, *(repr(side[key]) if key in side else "not set" for side in (before, after))) for key in keys]
    return [(key, was, is_now) for key, was, is_now in rows if was != is_now]


def reads_other_files(folder: Path, facts: Facts, config: Config) -> bool:
    """Whether `config` names other paths than the run in `folder`: the same files that were moved, or others."""
    began, now = (dict(flattened(each.model_dump())) for each in (read_config(folder, facts), config))
    return any(began[key] != now[key] for key in PATH_KEYS)


def refuse_changed_data(folder: Path, facts: Facts, listing: str) -> list[str]:
    """Let a run go on only with the images it began with (`data.txt`, see `data.Data.listing`).

    Returns a warning when `data.txt` is damaged. Then the checkpoint decides, which has its fingerprint.

    Raises:
        UserError: with the lines that differ.
    """
    try:
        before, now = read_listing(folder, facts).splitlines(), listing.splitlines()
    except DamagedFile as error:
        return [f"{error}; it is written anew"]
    if before == now:
        return []
    gone, new = set(before) - set(now), set(now) - set(before)
    changes = [f"{folder}: no longer there: {line}" for line in before if line in gone]
    changes += [f"{folder}: new: {line}" for line in now if line in new]
    changes = changes or [f"{folder}: the order of the lists is another"]
    raise UserError([f"{folder}: lists or images have changed since this run began", *shortened(changes), START_OVER])


def refuse_changed_weights(folder: Path, facts: Facts, weights: str | None) -> None:
    """Let a run go on only from the weights it began with (`Weights.name`).

    Raises:
        UserError: when they are others.
    """
    if facts.weights != weights:
        was, now = facts.weights or "none", weights or "none"
        raise UserError([f"{folder}: model.weights were {was} when this run began and are {now} now", START_OVER])


def latest_checkpoint(
    folder: Path, facts: Facts | None, config: Config, fingerprint: str, weights: str | None = None
) -> tuple[Checkpoint | None, list[str]]:
    """The newest sound checkpoint of this run, None before the first epoch; and a line for each unusable one.

    Its file is `last.npz` afterwards: at the next writing, a damaged one must not become `previous.npz`.
    Its learning rate may be any that this run has had: after a loss that was not finite, a run may go on with less.
    `facts` are None when there are none, or no sound ones; `fingerprint` is that of the data,
    `weights` the name of those that the run starts from.

    Raises:
        UserError: when there are checkpoints, and none is sound; or none, though `run.json` counts epochs.
    """
    rates = {config.train.lr, *(session.lr for session in (facts.sessions if facts else ()))}
    identities = [identity(config, lr, weights) for lr in rates]
    epochs = config.train.epochs
    unusable: list[str] = []
    last, previous = folder / "last.npz", folder / "previous.npz"
    for file in (last, previous):
        try:
            checkpoint = load_checkpoint(file)
        except FileNotFoundError:
            continue
        except DamagedFile as error:
            unusable.append(str(error))
            continue
        began = _config_in(checkpoint)
        if (
            began
            and began.train.epochs != epochs
            and not why_not_longer(began, epochs, checkpoint.facts["epochs_done"])
        ):
            checkpoint, began = _as_if_longer(checkpoint, began), with_epochs(began, epochs)
        its_identity = identity(began, began.train.lr, began.model.weights) if began else None
        if checkpoint.facts.get("fingerprint") == fingerprint and its_identity in identities:
            file.replace(last)
            return checkpoint, unusable
        unusable.append(f"{file} belongs to another run, or to another version of this suite")
    if not unusable and facts and facts.epochs_done:
        unusable = [f"{folder}: run.json counts {facts.epochs_done} epochs, but last.npz and previous.npz are gone"]
    if unusable:
        raise UserError([*unusable, f"{folder}: no sound checkpoint is left; {START_OVER}"])
    return None, []


def identity(config: Config, lr: float, weights: str | None = None) -> dict[str, Any]:
    """What a checkpoint remembers of its run, trained with learning rate `lr`: what is computed, and not where.

    `weights` is the name of those that the run starts from, which stands in the place of their path.
    """
    leaves = dict(flattened(config.model_dump(mode="json")))
    kept = {key: value for key, value in leaves.items() if key not in MACHINE_KEYS + PATH_KEYS}
    return kept | {"train.lr": lr, "model.weights": weights}


def _config_in(checkpoint: Checkpoint) -> Config | None:
    """The configuration whose `identity` a checkpoint remembers, with the defaults of keys that are newer than it.

    The name of the weights stands in the place of their path. None without any, and when it has a key that this version
    does not know.
    """
    try:
        return Config.model_validate(unflattened(checkpoint.facts["config"]))
    except (KeyError, ValidationError):  # KeyError: of weights alone, such as best.npz
        return None


def with_epochs(config: Config, epochs: int) -> Config:
    """The same for another number of epochs."""
    return config.model_copy(update={"train": config.train.model_copy(update={"epochs": epochs})})


def _as_if_longer(checkpoint: Checkpoint, began: Config) -> Checkpoint:
    """Without the pass over the clean training images that an epoch had only because it was to be the last."""
    last = began.train.epochs
    if last % began.train.clean_every == 0:
        return checkpoint
    curves = {
        name: [*values[: last - 1], math.nan] if name.endswith("TrainClean") and len(values) == last else values
        for name, values in checkpoint.facts["curves"].items()
    }
    return checkpoint._replace(facts={**checkpoint.facts, "curves": curves})


def refuse_to_repeat_a_bad_loss(folder: Path, facts: Facts, config: Config) -> None:
    """A run that a loss has stopped would most likely stop there again.

    Raises:
        UserError: unless it now has a lower learning rate.
    """
    if facts.diverged and config.train.lr >= facts.sessions[-1].lr:
        raise UserError(f"{folder}: {facts.reason}; to go on from there, lower train.lr or give --resume-after-nan")
