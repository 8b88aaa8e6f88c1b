"""The decode cache: never out of date, never silently damaged, safe to share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.config.schema import DataConfig
from suite.data import images as data_images
from suite.data import loading
from suite.data.cache import cache_folder, cached_images
from tests.fixtures.commands import ROOT
from tests.fixtures.images import make_image_set

SHAPE = (3, 4, 4, 3)


def made(folder: Path | None, calls: list[int], key: str = "k") -> np.ndarray:
    def fill(images: np.ndarray) -> None:
        calls.append(1)
        images[:] = np.arange(images.size, dtype=np.uint8).reshape(SHAPE)

    return cached_images(folder, key, SHAPE, fill)


def test_filled_once_then_mapped_from_the_disk(tmp_path: Path) -> None:
    calls: list[int] = []
    first, second = made(tmp_path, calls), made(tmp_path, calls)
    assert len(calls) == 1
    assert (first == second).all()
    assert type(second) is np.ndarray
    assert not second.flags.writeable
    assert [file.name for file in tmp_path.iterdir()] == ["k.npy"]
    assert (made(None, calls) == first).all()
    made(tmp_path, calls, "other")
    assert len(calls) == 3


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "text", "other shape"])
def test_a_damaged_file_is_noticed_and_made_again(tmp_path: Path, damage: str) -> None:
    calls: list[int] = []
    sound = made(tmp_path, calls).copy()
    file = tmp_path / "k.npy"
    content = bytearray(file.read_bytes())
    if damage == "flip":
        content[200] ^= 4
    elif damage == "cut":
        content = content[:-40]
    elif damage == "other shape":
        np.save(file, np.zeros((2, 4, 4, 3), np.uint8))
        content = bytearray(file.read_bytes() + b"\0" * 32)
    else:
        content = bytearray(b"" if damage == "empty" else b"no array")
    file.write_bytes(content)
    assert (made(tmp_path, calls) == sound).all()
    assert len(calls) == 2
    assert (made(tmp_path, calls) == sound).all()
    assert len(calls) == 2


def test_an_interrupted_filling_leaves_nothing(tmp_path: Path) -> None:
    def fill(images: np.ndarray) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cached_images(tmp_path, "k", SHAPE, fill)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_used_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert made(tmp_path / "file", []).shape == SHAPE
    assert "cannot keep decoded images there" in capsys.readouterr().err


def test_changed_bytes_are_another_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_image_set(tmp_path / "images")
    settings = DataConfig(root=str(root), image_size=8, cache=str(tmp_path / "cache"))
    before = loading.load_data(settings)
    decoded: list[Path] = []
    read_image = data_images.read_image
    monkeypatch.setattr(loading, "read_image", lambda file, size: (decoded.append(file), read_image(file, size))[1])
    assert (loading.load_data(settings).train.images == before.train.images).all()
    assert decoded == []
    stat = (root / "red/000.png").stat()
    Image.new("RGB", (24, 20), (1, 2, 3)).save(root / "red/000.png")
    os.utime(root / "red/000.png", ns=(stat.st_atime_ns, stat.st_mtime_ns))  # not even the time tells
    after = loading.load_data(settings)
    assert (after.train.images[0] == [1, 2, 3]).all()
    assert (after.train.images[1:] == before.train.images[1:]).all()


def test_processes_that_fill_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    root = make_image_set(tmp_path / "images", train_per_class=60)
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from suite.config.schema import DataConfig; from suite.data.loading import load_data\n"
        f"d = load_data(DataConfig(root={str(root)!r}, image_size=64, cache={str(tmp_path / 'cache')!r}))\n"
        "import hashlib; print(hashlib.sha256(d.train.images.tobytes()).hexdigest())"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    results = {process.communicate(timeout=120)[0] for process in processes}
    assert len(results) == 1
    assert all(process.returncode == 0 for process in processes)
    assert sorted(file.suffix for file in (tmp_path / "cache").iterdir()) == [".npy", ".npy"]


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder("auto") == Path("/somewhere/paddle-augment-suite")
    assert cache_folder("none") is None
    assert cache_folder("my/folder") == Path("my/folder")
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder("~/kept") == Path("/home/me/kept")
    assert cache_folder("~nosuchuser/kept") == Path("~nosuchuser/kept")  # and no traceback
