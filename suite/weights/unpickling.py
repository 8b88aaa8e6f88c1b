"""Pickles that hold arrays, read without running code.

A pickle is a program, and as dangerous as the names that it may look up. Here it may look up a handful, and each
stands for something of ours: nothing of NumPy, Paddle or PyTorch is built from what a file says before that is checked.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

KINDS = "fiub"
"""Numbers and truth values, as NumPy has the kinds of its types."""


class Refused(ValueError):
    """What is in a file that weights have no need of, or that cannot be true."""


class Allowed:
    """What an allowed name stands for: it can be called, and nothing else."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        return self._call(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise Refused("it wants to change what a name stands for")


# The one in C makes room for whatever place in its memo a file names, up to 64 GB; this one keeps the memo in a dict.
class Unpickler(pickle._Unpickler):
    """Looks up the names in `allowed`, by (module, name), and refuses all others."""

    allowed: ClassVar[dict[tuple[str, str], Callable[..., Any]]]

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.allowed:
            raise Refused(f"it wants to call {module}.{name}, which weights have no need of; nothing of it was run")
        return Allowed(self.allowed[module, name])


class StateDict(dict[Any, Any]):
    """For an OrderedDict, on which PyTorch hangs notes of its own."""

    def __setstate__(self, state: Any) -> None:
        """Leave the notes out."""


class _Type:
    """For a NumPy type; a pickle names it first and then tells its byte order."""

    def __init__(self, name: Any, *_: Any) -> None:
        self.name, self.order = name, "<"

    def __setstate__(self, state: Any) -> None:
        self.order = state[1]

    def numpy(self) -> np.dtype[Any]:
        """The type itself, which holds numbers."""
        if not isinstance(self.name, str) or self.order not in ("<", ">", "|", "="):
            raise Refused("it has an array of no type that is known")
        found = np.dtype(self.order + np.dtype(self.name).str[1:])
        if found.kind not in KINDS:
            raise Refused(f"it has an array of {found}, not of numbers")
        return found


class _Array:
    """For a NumPy array; a pickle makes an empty one first and then fills it."""

    array: np.ndarray

    def __init__(self, *_: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, by_column, content = state
        content = content.encode("latin1") if isinstance(content, str) else content  # written by Python 2
        self.array = _from_bytes(content, kind, shape, "F" if by_column else "C")


def _from_bytes(content: Any, kind: Any, shape: Any, order: Any = "C") -> np.ndarray:
    sizes = isinstance(shape, tuple) and all(isinstance(side, int) and side >= 0 for side in shape)
    if not sizes or not isinstance(kind, _Type) or not isinstance(content, (bytes, bytearray)):
        raise Refused("it has an array that is none")
    if math.prod(shape) * kind.numpy().itemsize != len(content):
        raise Refused("it has an array of another size than its content")
    return np.frombuffer(content, kind.numpy()).reshape(shape, order="F" if order == "F" else "C")


def _scalar(kind: Any, content: Any = b"") -> np.ndarray:
    return _from_bytes(content.encode("latin1") if isinstance(content, str) else content, kind, ())


def _encoded(text: Any, codec: Any) -> bytes:
    """How protocol 2 has bytes."""
    if codec != "latin1" or not isinstance(text, str):
        raise Refused(f"it wants to encode text as {codec}")
    return text.encode("latin1")


class NumpyUnpickler(Unpickler):
    """For dicts of NumPy arrays, as every version of NumPy writes them."""

    allowed: ClassVar[dict[tuple[str, str], Callable[..., Any]]] = {
        ("numpy", "dtype"): _Type,
        ("numpy", "ndarray"): lambda: None,  # named as an argument, never called
        ("_codecs", "encode"): _encoded,
        ("collections", "OrderedDict"): StateDict,
        ("builtins", "tuple"): tuple,  # a tensor is (name, array) in some files of Paddle
        ("__builtin__", "tuple"): tuple,
        **{
            (f"numpy.{core}.{module}", name): call
            for core in ("core", "_core")
            for module, name, call in (
                ("multiarray", "_reconstruct", _Array),
                ("multiarray", "scalar", _scalar),
                ("numeric", "_frombuffer", _from_bytes),
            )
        },
    }


def array_of(value: Any) -> np.ndarray | None:
    """The array that a value of a pickle stands for, if it is one."""
    if isinstance(value, tuple) and len(value) == 2:  # a tensor with its name
        value = value[1]
    if isinstance(value, _Array):
        value = getattr(value, "array", None)
    return value if isinstance(value, np.ndarray) else None
