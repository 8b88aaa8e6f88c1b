"""Random and slightly wrong checkpoints are read or refused."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suite import files
from suite.runs import arrays, checkpoints
from tests.fixtures.fuzzing import fuzz, patched

ARRAYS = {"model/a": np.arange(60, dtype=np.float32).reshape(5, 12), "optimizer/a/moment1_0": np.float32(0.1)}
FACTS = {"epochs_done": 3, "curves": {"lossTrain": [1.0, 0.5, 0.25]}}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("real") / "last.npz"
    checkpoints.save_checkpoint(
        file, checkpoints.Checkpoint({name: np.asarray(array) for name, array in ARRAYS.items()}, FACTS)
    )
    return file.read_bytes()


def load_within_means(file: Path, content: bytes) -> checkpoints.Checkpoint | None:
    """Read a file of this content; None when it is refused. Neither may take much memory."""
    file.write_bytes(content)
    tracemalloc.start()
    try:
        return checkpoints.load_checkpoint(file)
    except files.DamagedFile as error:
        assert str(error).startswith(f"{file} is damaged")
        return None
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 10_000_000  # no file here is longer than 300 kB; what is measured besides has come to 1.2 MB


@fuzz(200)
@given(st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4))
def test_a_damaged_checkpoint_is_refused_or_still_the_same(
    tmp_path: Path, real: bytes, patches: list[tuple[int, bytes]]
) -> None:
    """Weights that are silently wrong would be the worst of all; some bytes of a zip mean nothing."""
    kept = load_within_means(tmp_path / "last.npz", patched(real, patches))
    if kept is not None:
        assert kept.facts == FACTS
        assert {name: array.tobytes() for name, array in kept.arrays.items()} == {
            name: array.tobytes() for name, array in ARRAYS.items()
        }


def test_exchanged_names_are_noticed(tmp_path: Path, real: bytes) -> None:
    """A zip has a checksum for every member's content and none for its name."""
    assert load_within_means(tmp_path / "last.npz", real.replace(b"model/a.npy", b"model/b.npy")) is None


@fuzz(100)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x01\x00"]))
def test_any_bytes_are_no_checkpoint(tmp_path: Path, content: bytes, magic: bytes) -> None:
    assert load_within_means(tmp_path / "last.npz", magic + content) is None


SHAPES = [
    "()",
    "(3,)",
    "(-1,)",
    "(0, 2**0)",
    f"({10**6},)",
    f"({10**12},)",
    f"({2**62}, 4)",
    f"({10**30},)",
    "(3, )" * 2,
]

SHAPES += ["3", "(True,)", "('3',)", "(" * 500, "(3.0,)"]

TYPES = ["'<f4'", "'<f8'", "'|O'", "'|V2147483647'", "'<U500000000'", "[('a', '<f4')]", "'<M8[s]'", "'zz'", "None"]

HEADERS = st.builds(
    lambda descr, order, shape: f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode(),
    st.sampled_from(TYPES),
    st.sampled_from(["False", "True", "2"]),
    st.sampled_from(SHAPES),
)

MEMBERS = st.tuples(
    st.sampled_from(["model/a.npy", "facts.npy", "digest.npy", "facts", "../out.npy", "/etc/x.npy", "", "猫.npy"]),
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda version, header, values: (
                b"\x93NUMPY" + version + len(header).to_bytes(2 if version[0] == 1 else 4, "little") + header + values
            ),
            st.sampled_from([b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x09"]),
            HEADERS | st.binary(max_size=20),
            st.binary(max_size=64),
        ),
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@fuzz(200)
@given(
    st.lists(MEMBERS, max_size=4),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(min_size=1, max_size=4)), max_size=2),
)
def test_odd_archives_are_no_checkpoints(
    tmp_path: Path, members: list[tuple[str, bytes, int]], with_facts: bool, patches: list[tuple[int, bytes]]
) -> None:
    """Headers that claim terabytes or overflow, foreign compressions, object arrays, names that lead out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content, compression in members:
            archive.writestr(zipfile.ZipInfo(name), content, compression)
        if with_facts:
            for name in ("facts", "digest"):
                buffer = io.BytesIO()
                np.save(buffer, np.frombuffer(b"{}", np.uint8))
                archive.writestr(f"{name}.npy", buffer.getvalue())
    assert load_within_means(tmp_path / "last.npz", patched(stream.getvalue(), patches)) is None


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, compression: int) -> None:
    """64 MB in a few kB here; with the same trick, a gigabyte in one megabyte."""
    array = io.BytesIO()
    np.save(array, np.zeros(64_000_000, np.uint8))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", compression) as archive:
        archive.writestr("model/a.npy", array.getvalue())
    assert len(bomb.getvalue()) < 100_000
    assert load_within_means(tmp_path / "last.npz", bomb.getvalue()) is None


@pytest.mark.parametrize("facts", [b"not JSON", b"[1]", b"{}", b"[" * 100_000])
def test_a_digest_that_fits_does_not_make_a_checkpoint(tmp_path: Path, facts: bytes) -> None:
    """Anybody can compute a digest: it tells damage, not intent."""
    file = tmp_path / "last.npz"
    arrays.write_arrays(file, {"facts": np.frombuffer(facts, np.uint8)})
    assert load_within_means(file, file.read_bytes()) is None
