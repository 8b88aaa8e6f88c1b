"""Files that have not changed are not read again, and those that have are."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.config.schema import DataConfig
from suite.data import known_files
from suite.data.cache import clear_cache
from suite.data.loading import Data, load_data
from suite.errors import UserError
from tests.fixtures.images import make_image_set

Read = list[Path]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """The files that were read for their digest; those of the test are old enough to be remembered."""
    files: Read = []
    read_file = known_files.read_file
    monkeypatch.setattr(known_files, "read_file", lambda file: (files.append(file), read_file(file))[1])
    monkeypatch.setattr(known_files, "FRESH", 0)
    return files


@pytest.fixture
def settings(tmp_path: Path) -> DataConfig:
    return DataConfig(root=str(make_image_set(tmp_path / "images")), image_size=8, cache=str(tmp_path / "cache"))


def read_by(settings: DataConfig, read: Read) -> tuple[Data, int]:
    """What is loaded, and how many files are read for it."""
    read.clear()
    return load_data(settings), len(read)


def test_a_second_start_reads_no_file_and_finds_the_same(settings: DataConfig, read: Read) -> None:
    first, all_files = read_by(settings, read)
    second, none = read_by(settings, read)
    assert (all_files, none) == (36, 0)
    assert second.listing == first.listing
    _, of_another_size = read_by(settings.model_copy(update={"image_size": 9}), read)
    assert of_another_size == 0
    clear_cache(Path(settings.cache))
    assert read_by(settings, read)[1] == 36


def test_a_file_that_changes_is_read_whatever_its_time_says(settings: DataConfig, read: Read) -> None:
    """As long as before, and with its old time put back, as `cp -p` and some synchronisers do."""
    file = Path(settings.root) / "red/000.png"
    sound = file.read_bytes()
    file.write_bytes(sound + b"0")
    before, _ = read_by(settings, read)
    times = file.stat()
    file.write_bytes(sound + b"1")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    after, count = read_by(settings, read)
    assert (count, after.listing == before.listing) == (1, False)


def test_what_a_file_may_be_is_remembered_too(settings: DataConfig, read: Read) -> None:
    """Otherwise the second start would take for dark what the first one has refused."""
    Image.fromarray(np.full((8, 8), 4095, np.uint16)).save(Path(settings.root) / "red/000.png")
    for count in (36, 0):
        read.clear()
        with pytest.raises(UserError, match="has the largest value of all 16-bit images here, 4095"):
            load_data(settings)
        assert len(read) == count


def test_what_has_just_changed_is_not_remembered(
    settings: DataConfig, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may change once more within the same tick of the file system's clock."""
    monkeypatch.setattr(known_files, "FRESH", 10**15)
    for _ in range(2):
        assert read_by(settings, read)[1] == 36


def test_what_is_known_and_damaged_is_made_again(settings: DataConfig, read: Read) -> None:
    """A wrong digest would make a run refuse its own images."""
    listing = read_by(settings, read)[0].listing
    [kept] = Path(settings.cache).glob("*.files")
    sound = kept.read_bytes()
    for damaged in (sound[:-1], sound[:50] + bytes([sound[50] ^ 1]) + sound[51:], b"", b"hello"):
        kept.write_bytes(damaged)
        data, count = read_by(settings, read)
        assert (data.listing, count) == (listing, 36)
        assert read_by(settings, read)[1] == 0
