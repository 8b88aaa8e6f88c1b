"""The decode cache: never out of date, never silently damaged, safe to share, and never the end of a training."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from suite.config.schema import DataConfig
from suite.data import cache, decoding, loading
from suite.data.cache import cache_folder, clear_cache
from suite.errors import RunFailed
from tests.fixtures.commands import ROOT, Command
from tests.fixtures.images import make_image_set

Decoded = list[Path]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    """The files that have been decoded so far."""
    files: Decoded = []
    read_image = decoding.read_image
    monkeypatch.setattr(decoding, "read_image", lambda file, *how: (files.append(file), read_image(file, *how))[1])
    return files


@pytest.fixture
def settings(tmp_path: Path) -> DataConfig:
    return DataConfig(root=str(make_image_set(tmp_path / "images")), image_size=8, cache=str(tmp_path / "cache"))


def parts(settings: DataConfig) -> list[Path]:
    return sorted(Path(settings.cache).iterdir())


def pixels(settings: DataConfig) -> np.ndarray:
    """All training and evaluation images, as they are read."""
    data = loading.load_data(settings)
    return np.concatenate([data.train.images[:], data.eval.images[:]])


def test_decoded_once_then_mapped_from_the_disk(settings: DataConfig, decoded: Decoded) -> None:
    in_memory = pixels(settings.model_copy(update={"cache": "none"}))
    assert len(decoded) == 36
    assert (pixels(settings) == in_memory).all()
    assert len(decoded) == 72
    data = loading.load_data(settings)
    assert (pixels(settings) == in_memory).all()
    assert len(decoded) == 72
    one = data.train.images[3]
    assert type(one) is np.ndarray and not one.flags.writeable
    assert (data.train.images[np.array([3, 1])] == in_memory[[3, 1]]).all()
    assert len(parts(settings)) == 1


def test_folds_and_subsets_of_a_set_share_what_is_kept(settings: DataConfig, decoded: Decoded) -> None:
    """Before, every subset and every fold kept a copy of its own."""
    root = Path(settings.root)
    sides = [(root / name).read_text().splitlines(keepends=True) for name in ("Train.txt", "Eval.txt")]
    together = [*sides[0], *sides[1]]
    (root / "Train-fold2.txt").write_text("".join(together[:-18]))
    (root / "Eval-fold2.txt").write_text("".join(together[-18:]))
    pixels(settings.model_copy(update={"images_per_class": 2}))
    assert len(decoded) == 6 + 12
    pixels(settings.model_copy(update={"images_per_class": 4}))
    assert len(decoded) == 12 + 12
    pixels(settings)
    assert len(decoded) == 36
    pixels(settings.model_copy(update={"train_list": "Train-fold2.txt", "eval_list": "Eval-fold2.txt"}))
    assert len(decoded) == 36
    assert sum(part.stat().st_size for part in parts(settings)) < 36 * (8 * 8 * 3 + 48) + len(parts(settings)) * 200


@pytest.mark.parametrize("damage", ["header", "cut", "longer", "empty", "text", "other shape", "index", "no rights"])
def test_a_damaged_part_is_noticed_and_made_again(settings: DataConfig, decoded: Decoded, damage: str) -> None:
    sound = pixels(settings)
    [part] = parts(settings)
    content = bytearray(part.read_bytes())
    if damage in ("header", "index"):
        content[20 if damage == "header" else -40] ^= 4
    elif damage == "other shape":
        np.save(part, np.zeros((2, 4, 4, 3), np.uint8))
        content = bytearray(part.read_bytes() + bytes(2 * 48 + 32))
    else:
        content = {
            "cut": content[:-40],
            "longer": content + b"\0",
            "empty": bytearray(),
            "text": bytearray(b"no array"),
            "no rights": content,
        }[damage]
    part.write_bytes(content)
    if damage == "no rights":
        if os.geteuid() == 0:
            pytest.skip("root may read everything")
        part.chmod(0)
    assert (pixels(settings) == sound).all()
    assert len(decoded) == 72
    assert (pixels(settings) == sound).all()
    assert len(decoded) == 72


def test_damaged_pixels_are_noticed_where_they_are_read(
    settings: DataConfig, decoded: Decoded, capsys: pytest.CaptureFixture[str]
) -> None:
    """No start reads all of a large cache, so the check belongs to whoever reads the image."""
    sound = pixels(settings)
    [part] = parts(settings)
    content = bytearray(part.read_bytes())
    content[128 + 8 * 8 * 3 * 5] ^= 1  # of the sixth image
    part.write_bytes(content)
    data = loading.load_data(settings)
    assert len(decoded) == 36
    assert (data.train.images[4] == sound[4]).all() and len(decoded) == 36
    assert (data.train.images[:] == sound[:24]).all()
    assert [file.name for file in decoded[36:]] == [Path(data.train.paths[5]).name]
    said = capsys.readouterr().err
    assert f"warning: {part} is damaged; " in said and said.count("warning") == 1
    assert parts(settings) == []
    assert (pixels(settings) == sound).all()
    assert len(decoded) == 37 + 36


def test_damaged_pixels_of_an_image_that_has_changed_are_not_guessed(settings: DataConfig) -> None:
    pixels(settings)
    [part] = parts(settings)
    content = bytearray(part.read_bytes())
    content[128] ^= 1
    part.write_bytes(content)
    data = loading.load_data(settings)
    first = Path(settings.root) / data.train.paths[0]
    Image.new("RGB", (24, 20)).save(first)
    with pytest.raises(RunFailed, match=r"000\.png has changed since the start, and what .* kept of it is damaged"):
        data.train.images[0]


def test_an_interrupted_decoding_leaves_nothing(settings: DataConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(file: Path, *how: int) -> np.ndarray:
        raise KeyboardInterrupt

    monkeypatch.setattr(decoding, "read_image", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loading.load_data(settings)
    assert parts(settings) == []


def failing(name: str, number: int) -> Callable[[pytest.MonkeyPatch], None]:
    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(f"suite.data.cache.{name}", fail)

    return patch


@pytest.mark.parametrize(
    "fault",
    [
        failing("Path.mkdir", errno.EACCES),
        failing("Path.mkdir", errno.ENOTDIR),
        failing("Path.iterdir", errno.EACCES),
        failing("os.posix_fallocate", errno.ENOSPC),
        failing("os.posix_fallocate", errno.EDQUOT),
        failing("os.fsync", errno.EDQUOT),
        failing("os.fsync", errno.EIO),
        failing("Path.replace", errno.EPERM),
        failing("Path.replace", errno.EXDEV),
    ],
)
def test_whatever_fails_is_a_warning_and_memory(
    settings: DataConfig,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """Before, an error after the file was made, such as a quota at the last flush, ended the training."""
    sound = pixels(settings.model_copy(update={"cache": "none"}))
    with monkeypatch.context() as patched:
        fault(patched)
        assert (pixels(settings) == sound).all()
    assert "warning: " in (said := capsys.readouterr().err) and "Traceback" not in said
    assert not [*Path(settings.cache).glob(".*")]


def test_a_file_system_that_cannot_take_room_beforehand_keeps_images(
    settings: DataConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing("os.posix_fallocate", errno.EOPNOTSUPP)(monkeypatch)
    pixels(settings)
    assert len(parts(settings)) == 1


def test_a_folder_that_is_a_file_is_a_warning(settings: DataConfig, capsys: pytest.CaptureFixture[str]) -> None:
    Path(settings.cache).write_text("")
    assert pixels(settings).shape == (36, 8, 8, 3)
    assert "cannot keep decoded images there: File exists" in capsys.readouterr().err


def test_no_home_is_a_warning(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """As in a container that is run with a user that has neither name nor HOME."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert cache_folder("auto") is None
    assert "no home folder to keep decoded images in; data.cache can name another" in capsys.readouterr().err


def test_changed_bytes_are_another_image(settings: DataConfig, decoded: Decoded) -> None:
    before = pixels(settings)
    file = Path(settings.root) / "red/000.png"
    stat = file.stat()
    Image.new("RGB", (24, 20), (1, 2, 3)).save(file)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # not even the time tells
    after = pixels(settings)
    assert (after[0] == [1, 2, 3]).all()
    assert (after[1:] == before[1:]).all()
    assert len(decoded) == 37


def test_another_size_folder_white_or_decoder_is_another_set(
    settings: DataConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {cache.open_cache(str(settings.cache), Path(root), size) for root in "ab" for size in (8, 9)}
    names |= {cache.open_cache(settings.cache, Path("a"), 8, white=4095)}
    monkeypatch.setattr(cache, "DECODER", "another")
    assert len({one.name for one in names | {cache.open_cache(settings.cache, Path("a"), 8)} if one}) == 6


def test_processes_that_decode_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    root = make_image_set(tmp_path / "images", train_per_class=60)
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from suite.config.schema import DataConfig; from suite.data.loading import load_data\n"
        f"d = load_data(DataConfig(root={str(root)!r}, image_size=64, cache={str(tmp_path / 'cache')!r}))\n"
        "import hashlib; print(hashlib.sha256(d.train.images[:].tobytes()).hexdigest())"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    results = {process.communicate(timeout=120)[0] for process in processes}
    assert len(results) == 1
    assert all(process.returncode == 0 for process in processes)
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".npy"]


def test_other_sets_are_counted_and_clearing_leaves_what_is_not_ours(
    settings: DataConfig, command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, what was kept of sets that are gone stayed for good, and no command said so."""
    folder = Path(settings.cache)
    pixels(settings)
    assert capsys.readouterr().out == ""
    (folder / "mine.npy").write_bytes(b"mine")
    monkeypatch.setattr(decoding, "MUCH", 1000)
    pixels(settings.model_copy(update={"image_size": 9}))
    assert "note: " in (said := capsys.readouterr().out) and "0.00 GB of other sets or sizes" in said
    (folder / f"{'0' * 32}.npy").write_bytes(b"as an earlier version named it")
    done = command("train.py", "--clear-cache", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"removed 3 files of decoded images, 0.00 GB, from {folder}\n"
    assert [file.name for file in folder.iterdir()] == ["mine.npy"]
    done = command("train.py", "--clear-cache", folder / "nothing")
    assert "removed 0 files" in done.stdout
    assert clear_cache(folder) == (0, 0)


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_folder("auto") == Path("/somewhere/paddle-augment-suite")
    assert cache_folder("none") is None
    assert cache_folder("my/folder") == Path("my/folder")
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder("~/kept") == Path("/home/me/kept")
    assert cache_folder("~nosuchuser/kept") == Path("~nosuchuser/kept")  # and no traceback
