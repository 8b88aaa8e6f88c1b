"""`.pth` and `.pt` files of PyTorch: a pickle of tensors, and their numbers beside it."""

from __future__ import annotations

import io
import math
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import numpy as np

from suite.weights.unpickling import Refused, StateDict, Unpickler

TYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "BFloat16Storage": "<u2",  # widened afterwards
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "|i1",
    "ByteStorage": "|u1",
    "BoolStorage": "|b1",
}
"""What PyTorch calls its types, as NumPy has them; files have little-endian numbers."""

MAGIC = 0x1950A86A20F9469CFC6C
"""The first pickle in a file of a PyTorch before 1.6, which is no zip archive."""

WRAPPERS = ("state_dict", "model")
"""Under which keys training programs keep the weights beside other things."""


class _Storage:
    """Numbers that tensors are views of."""

    def __init__(self, kind: str, count: int) -> None:
        self.kind, self.count = kind, count
        self.numbers = np.empty(0, TYPES[kind])

    def fill(self, content: bytes) -> None:
        if len(content) != self.count * np.dtype(TYPES[self.kind]).itemsize:
            raise Refused("it has a tensor of another size than its content")
        self.numbers = np.frombuffer(content, TYPES[self.kind])


class _Tensor:
    """A view of a storage, looked at when the storage has been filled."""

    def __init__(self, storage: Any, offset: Any, shape: Any, strides: Any, *_: Any) -> None:
        numbers = (offset, *shape, *strides)
        if not isinstance(storage, _Storage) or not all(isinstance(one, int) and one >= 0 for one in numbers):
            raise Refused("it has a tensor that is none")
        self.storage, self.offset, self.shape, self.strides = storage, offset, tuple(shape), tuple(strides)

    def __setstate__(self, state: Any) -> None:
        raise Refused("it has a tensor that is none")

    def array(self) -> np.ndarray:
        """A copy of the numbers."""
        numbers, size = self.storage.numbers, self.storage.numbers.itemsize
        count = math.prod(self.shape)
        last = self.offset + sum((side - 1) * stride for side, stride in zip(self.shape, self.strides, strict=True))
        if count > len(numbers) or (count and last >= len(numbers)):
            raise Refused("it has a tensor outside of its numbers")
        if count == 0:
            return np.empty(self.shape, numbers.dtype)
        strides = [size * stride for stride in self.strides]
        found = np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, strides).copy()
        return widened(found) if self.storage.kind == "BFloat16Storage" else found


def widened(halves: np.ndarray) -> np.ndarray:
    """The upper halves of float32 numbers, uint16, as float32."""
    return (halves.astype(np.uint32) << 16).view(np.float32)


class _TorchUnpickler(Unpickler):
    """Looks up tensors, mappings and types of storages."""

    allowed: ClassVar[dict[tuple[str, str], Callable[..., Any]]] = {
        ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
        ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
        ("collections", "OrderedDict"): StateDict,
        **{("torch", name): lambda: None for name in TYPES},  # named in `persistent_load`, never called
    }

    def __init__(self, stream: BinaryIO, storages: dict[str, _Storage]) -> None:
        super().__init__(stream, encoding="latin1")
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        return name if module == "torch" else found

    def persistent_load(self, pid: Any) -> _Storage:
        """A storage by the note that stands for it: ("storage", type, key, device, count, ...)."""
        kind, key, count = pid[1], pid[2], pid[4]
        if kind not in TYPES or not isinstance(key, str) or not isinstance(count, int):
            raise Refused("it has a tensor of no type that is known")
        return self._storages.setdefault(key, _Storage(kind, count))


def read_pth(file: Path) -> dict[str, np.ndarray]:
    """The arrays of a state dict by their paths, also where it is an entry of a larger dict.

    Raises:
        Refused: when the file wants to run code, or is not what PyTorch writes. Damaged ones raise other errors, too.
    """
    content = _read_zip(file) if zipfile.is_zipfile(file) else _read_legacy(file)
    for wrapper in WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(wrapper), dict):
            content = content[wrapper]
    if not isinstance(content, dict):
        raise Refused("it holds no weights by name")
    tensors = {path: value for path, value in content.items() if isinstance(value, _Tensor)}
    return _without_wrapper({str(path): value.array() for path, value in tensors.items()})


def _read_zip(file: Path) -> Any:
    storages: dict[str, _Storage] = {}
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        stored = all(m.compress_type == zipfile.ZIP_STORED and m.compress_size == m.file_size for m in members)
        if not stored or sum(m.file_size for m in members) > file.stat().st_size:  # as in a zip bomb
            raise Refused("it claims to hold more than fits into it")
        pickles = [member.filename for member in members if member.filename.endswith("/data.pkl")]
        if not pickles:
            raise Refused("it is a zip archive without weights")
        content = _TorchUnpickler(io.BytesIO(archive.read(pickles[0])), storages).load()
        for key, storage in storages.items():
            storage.fill(archive.read(f"{pickles[0].removesuffix('data.pkl')}data/{key}"))
    return content


def _read_legacy(file: Path) -> Any:
    storages: dict[str, _Storage] = {}
    with file.open("rb") as stream:
        load: Callable[[], Any] = lambda: _TorchUnpickler(stream, storages).load()  # noqa: E731 (one after the other)
        if load() != MAGIC:
            raise Refused("it is no file of PyTorch")
        load(), load()  # the version of the format, and the sizes of numbers where it was written
        content = load()
        for key in load():
            (count,) = struct.unpack("<q", stream.read(8))
            if key not in storages or count != storages[key].count:
                raise Refused("it has a tensor of another size than its content")
            storages[key].fill(stream.read(count * storages[key].numbers.itemsize))
    return content


def _without_wrapper(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """DataParallel puts "module." before every path."""
    if all(path.startswith("module.") for path in arrays):
        return {path.removeprefix("module."): array for path, array in arrays.items()}
    return arrays
