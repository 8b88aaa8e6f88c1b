"""`config.yaml` and `data.txt`: what a run computes, and from which images. `run.json` has the fingerprints of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from suite.config.reading import load_config
from suite.config.schema import Config, dump_config
from suite.errors import UserError
from suite.files import DamagedFile, fingerprint, write_text
from suite.runs.facts import Facts


def write_inputs(folder: Path, config: Config, listing: str) -> None:
    """Replace both files; `listing` has a line `side path label digest` for every image (see `Data.listing`)."""
    write_text(folder / "config.yaml", dump_config(config))
    write_text(folder / "data.txt", listing)


def config_fingerprint(config: Config) -> str:
    """The fingerprint of `config.yaml` as `write_inputs` writes it."""
    return fingerprint(dump_config(config).encode())


def read_config(folder: Path, facts: Facts, overrides: Sequence[str] = ()) -> Config:
    """The configuration of the run, with what `--set` changes.

    Raises:
        DamagedFile: when `config.yaml` is missing, not what was written, or of another version.
    """
    file = folder / "config.yaml"
    _read_sealed(file, facts.config_fingerprint)
    try:
        config = load_config(file)
    except UserError as error:  # a key that this version does not know
        raise DamagedFile(error.problems[0]) from None
    return load_config(file, overrides) if overrides else config


def read_listing(folder: Path, facts: Facts) -> str:
    """The text of `data.txt`.

    Raises:
        DamagedFile: when it is missing or not what was written.
    """
    return _read_sealed(folder / "data.txt", facts.data.fingerprint).decode()


def count_trained_on(folder: Path, facts: Facts, digests: Iterable[str]) -> int | None:
    """How many of the images with these digests the run was trained on; None when its `data.txt` is damaged."""
    try:
        trained_on = _digests(folder, facts, "train")
    except DamagedFile:
        return None
    return sum(digest in trained_on for digest in digests)


def evaluated_on(folder: Path, facts: Facts) -> set[str]:
    """The digests of the images that the run was evaluated on.

    Raises:
        DamagedFile: when `data.txt` is missing or not what was written.
    """
    return _digests(folder, facts, "eval")


def _digests(folder: Path, facts: Facts, side: str) -> set[str]:
    lines = read_listing(folder, facts).split("\n")
    return {line.rpartition(" ")[2] for line in lines if line.startswith(f"{side} ")}


def _read_sealed(file: Path, written: str) -> bytes:
    if not file.is_file():  # also for a pipe: opening it would wait for its writer
        raise DamagedFile(f"{file} is missing")
    content = file.read_bytes()
    if fingerprint(content) != written:
        raise DamagedFile(f"{file} is damaged: its content does not match its fingerprint in run.json")
    return content
