"""Whether a run may go on, and from where: only as what it began as, with the same images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from suite.config.reading import load_config
from suite.config.schema import MACHINE_KEYS, PATH_KEYS, Config, flattened
from suite.errors import UserError, shortened
from suite.files import DamagedFile, fingerprint
from suite.runs.checkpoints import Checkpoint, load_checkpoint
from suite.runs.facts import NOT_FINITE, usable_facts
from suite.runs.folder import CURVES, curve_bytes


def is_whole(folder: Path, config: Config) -> bool:
    """Whether the curves of a finished run are those of its checkpoint; true when that was removed to save room."""
    last = folder / "last.npz"
    if not last.exists():
        return True
    try:
        kept = load_checkpoint(last).facts
        found = {name: (folder / f"{name}.npy").read_bytes() for name in CURVES}
        wanted = {name: curve_bytes(kept["curves"][name]) for name in CURVES}
    except (DamagedFile, OSError, KeyError):  # KeyError: a sound checkpoint, but of weights alone, such as best.npz
        return False
    return bool(kept["epochs_done"] == config.train.epochs) and found == wanted


def refuse_changed_config(folder: Path, config: Config) -> list[str]:
    """Let a run go on only as what it began as; after a loss that was not finite, also with a lower learning rate.

    Returns a warning when `config.yaml` is damaged. Then the checkpoint has the last word, which remembers it too.

    Raises:
        UserError: with a line for every key that differs from the folder's `config.yaml`.
    """
    file = folder / "config.yaml"
    facts, _ = usable_facts(folder)
    if not file.is_file():
        return []
    if not _is_as_written(file, (facts or {}).get("config_fingerprint")):
        return [f"{file} is damaged; it is written anew"]
    began = load_config(file)
    may_slow_down = facts is not None and facts["status"] == NOT_FINITE and config.train.lr < began.train.lr
    problems = [
        f"{folder}: {key} was {was} when this run began and is {now} now"
        for key, was, now in differences(began, config)
        if not (may_slow_down and key == "train.lr")
    ]
    if problems:
        raise UserError([*problems, "start over with --fresh, or keep both with --name NEW_NAME"])
    return []


def _is_as_written(file: Path, written: str | None) -> bool:
    """Whether the content of `file` has this fingerprint; true without one, as in runs of older versions."""
    return written in (None, fingerprint(file.read_bytes()))


def differences(began: Config, now: Config) -> list[tuple[str, str, str]]:
    """The keys in which two configurations compute something else, and both values as text."""
    before, after = (identity(config, config.train.lr) for config in (began, now))
    keys = sorted(before.keys() | after.keys())
    shown = [(key, *(repr(side[key]) if key in side else "not set" for side in (before, after))) for key in keys]
    return [(key, was, is_now) for key, was, is_now in shown if was != is_now]


def reads_other_lists(folder: Path, config: Config) -> bool:
    """Whether `config` names other paths than the run in `folder`: the same images that were moved, or others."""
    file = folder / "config.yaml"
    if not file.is_file():
        return False
    began, now = (dict(flattened(each.model_dump())) for each in (load_config(file), config))
    return any(began[key] != now[key] for key in PATH_KEYS)


def refuse_changed_data(folder: Path, listing: str) -> list[str]:
    """Let a run go on only with the images it began with (`data.txt`, see `data.Data.listing`).

    Returns a warning when `data.txt` is damaged. Then the checkpoint has the last word, which has its fingerprint.

    Raises:
        UserError: with the lines that differ.
    """
    file = folder / "data.txt"
    if not file.is_file():
        return []
    facts, _ = usable_facts(folder)
    if not _is_as_written(file, (facts or {}).get("data", {}).get("fingerprint")):
        return [f"{file} is damaged; it is written anew"]
    before, now = file.read_text(encoding="utf-8").splitlines(), listing.splitlines()
    if before == now:
        return []
    gone, new = set(before) - set(now), set(now) - set(before)
    changes = [f"{folder}: no longer there: {line}" for line in before if line in gone]
    changes += [f"{folder}: new: {line}" for line in now if line in new]
    changes = changes or [f"{folder}: the order of the lists is another"]
    how_to_go_on = "start over with --fresh, or keep both with --name NEW_NAME"
    raise UserError([f"{folder}: lists or images have changed since this run began", *shortened(changes), how_to_go_on])


def latest_checkpoint(folder: Path, config: Config, fingerprint: str) -> tuple[Checkpoint | None, list[str]]:
    """The newest sound checkpoint of this run, None before the first epoch; and a line for each that had to be left.

    What is found is `last.npz` afterwards: at the next writing, a damaged one must not become `previous.npz`.
    Its learning rate may be any that this run has had: after a loss that was not finite, a run may go on with less.

    Raises:
        UserError: when there are checkpoints, and none is sound; or none, though `run.json` counts epochs.
    """
    facts, _ = usable_facts(folder)
    rates = {config.train.lr, *(session["lr"] for session in (facts or {}).get("sessions", []))}
    wanted = [identity(config, lr) for lr in rates]
    left: list[str] = []
    last, previous = folder / "last.npz", folder / "previous.npz"
    for file in (last, previous):
        try:
            kept = load_checkpoint(file)
        except FileNotFoundError:
            continue
        except DamagedFile as error:
            left.append(str(error))
            continue
        if kept.facts.get("fingerprint") == fingerprint and _without_places(kept.facts.get("config", {})) in wanted:
            file.replace(last)
            return kept, left
        left.append(f"{file} belongs to another run")
    if not left and (done := (facts or {}).get("epochs_done")):
        left = [f"{folder}: run.json counts {done} epochs, but last.npz and previous.npz are gone"]
    if left:
        raise UserError([*left, f"{folder}: no sound checkpoint is left; start over with --fresh"])
    return None, []


def identity(config: Config, lr: float) -> dict[str, Any]:
    """What a checkpoint remembers of its run, trained with learning rate `lr`."""
    return _without_places(dict(flattened(config.model_dump(mode="json"))) | {"train.lr": lr})


def _without_places(leaves: dict[str, Any]) -> dict[str, Any]:
    """What is computed, without the keys that say where; checkpoints of older versions hold `PATH_KEYS` too."""
    return {key: value for key, value in leaves.items() if key not in MACHINE_KEYS + PATH_KEYS}


def refuse_to_repeat_a_bad_loss(folder: Path, config: Config, resume_after_nan: bool) -> None:
    """A run that a loss has stopped would most likely stop there again: go on only when told to."""
    facts, _ = usable_facts(folder)
    if facts is None or facts["status"] != NOT_FINITE or resume_after_nan:
        return
    if config.train.lr >= facts["sessions"][-1]["lr"]:
        raise UserError(f"{folder}: {facts['reason']}; to go on from there, lower train.lr or give --resume-after-nan")
