"""Whether lists and images are still those that a finished run was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from suite.config.schema import DataConfig
from suite.data.images import ImageError, file_digest
from suite.data.lists import check_lists, image_folder
from suite.errors import UserError
from suite.runs.facts import Facts
from suite.runs.inputs import read_listing

MARGIN = 3600
"""Seconds that a file server's clock may be behind, and that decoding may take before a run notes its start."""


def changes_since(folder: Path, facts: Facts, config: DataConfig) -> list[str]:
    """What has changed in the data of the run in `folder`, in a few words each; nothing for nothing.

    An image is read only when its file has changed, by its times, since the run was started last.
    """
    began = datetime.fromisoformat(facts.sessions[-1].started).timestamp() - MARGIN
    then: dict[str, str] = {}  # digests by "side path label"
    for line in read_listing(folder, facts).splitlines():
        listed, _, digest = line.rpartition(" ")
        then[listed] = digest
    try:
        lists = check_lists(config)
    except UserError as error:
        return [error.problems[0]]
    sides = (("train", lists.train_file, lists.train), ("eval", lists.eval_file, lists.eval))
    now = {
        f"{side} {sample.path} {sample.label}": images / sample.path
        for side, list_file, samples in sides
        for images in [image_folder(config, list_file)]
        for sample in samples
    }
    others = [listed for listed, file in now.items() if listed in then and _is_another(file, then[listed], began)]
    return list(
        _in_words(
            {
                "new in the lists": [listed for listed in now if listed not in then],
                "no longer in the lists": [listed for listed in then if listed not in now],
                "with other content": others,
            }
        )
    )


def _is_another(file: Path, digest: str, since: float) -> bool:
    try:
        times = file.stat()
        return max(times.st_mtime, times.st_ctime) > since and file_digest(file) != digest
    except (OSError, ImageError):
        return True


def _in_words(changed: dict[str, list[str]]) -> Iterator[str]:
    for what, listed in changed.items():
        if listed:
            yield f"{len(listed)} {what} ({listed[0]}{', ...' if len(listed) > 1 else ''})"
