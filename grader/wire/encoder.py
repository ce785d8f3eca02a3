"""The writing half of the codec; the format is in `grader.wire.codec`."""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch

from grader.wire.errors import UnsendableError
from grader.wire.limits import MAX_DEPTH, MAX_FRAME, MAX_NDIM, MAX_NODES, TENSOR_NODES
from grader.wire.tensors import Array, dtype_code, encode_array, encode_tensor, is_device

_TAGGED_I64 = struct.Struct("!cq")
_TAGGED_F64 = struct.Struct("!cd")
_TAGGED_U32 = struct.Struct("!cI")
_U32 = struct.Struct("!I")


def type_name(value: object) -> str:
    """Return the name of a value's type as a student would write it, `int` or `numpy.float64`."""
    cls = type(value)
    return (
        cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"
    )


class Encoder:
    """Collects the parts of one encoding; the data of tensors are copied only when joined."""

    def __init__(self) -> None:
        self.parts: list[bytes | memoryview] = []
        self._nodes = MAX_NODES
        self._bytes = MAX_FRAME

    def value(self, value: object, depth: int = MAX_DEPTH) -> None:
        """Append a value that may hold `depth` more levels of containers."""
        write = self._WRITERS.get(type(value))
        if write is None:
            raise UnsendableError(type_name(value))
        self._spend(1)
        write(self, value, depth)

    def _constant(self, value: object, _depth: int) -> None:
        self.parts.append(b"N" if value is None else b"T" if value is True else b"F")

    def _integer(self, value: int, _depth: int) -> None:
        try:
            self.parts.append(_TAGGED_I64.pack(b"i", value))
        except struct.error as error:
            raise UnsendableError("int of more than 64 bits") from error

    def _floating(self, value: float, _depth: int) -> None:
        self.parts.append(_TAGGED_F64.pack(b"d", value))

    def _string(self, value: str, _depth: int) -> None:
        content = _utf8(value)
        self._long(_TAGGED_U32.pack(b"s", len(content)), content)

    def _octets(self, value: bytes, _depth: int) -> None:
        if len(value) > MAX_FRAME:
            raise UnsendableError(f"bytes of length {len(value)}")
        self._long(_TAGGED_U32.pack(b"b", len(value)), value)

    def _sequence(self, value: list[Any] | tuple[Any, ...], depth: int) -> None:
        tag = b"l" if type(value) is list else b"t"
        self._open(tag, len(value), depth)
        for item in value:
            self.value(item, depth - 1)

    def _mapping(self, value: dict[Any, Any], depth: int) -> None:
        self._open(b"m", len(value), depth)
        for key, item in value.items():
            if type(key) is not str:
                raise UnsendableError(f"dict with a key of type {type_name(key)}")
            content = _utf8(key)
            self._long(_U32.pack(len(content)), content)
            self.value(item, depth - 1)

    def _size(self, value: torch.Size, _depth: int) -> None:
        if len(value) > MAX_NDIM:
            raise UnsendableError(f"torch.Size with {len(value)} dimensions")
        self.parts.append(struct.pack(f"!cB{len(value)}q", b"z", len(value), *value))

    def _dtype(self, value: torch.dtype, _depth: int) -> None:
        self.parts.append(b"y" + bytes([dtype_code(value)]))

    def _device(self, value: torch.device, _depth: int) -> None:
        name = str(value)
        if not is_device(name):
            raise UnsendableError(f"torch.device {name}")
        self.parts.append(b"v" + bytes([len(name)]) + name.encode())

    def _tensor(self, value: torch.Tensor, _depth: int) -> None:
        self._spend(TENSOR_NODES)
        header, content = encode_tensor(value)
        self._long(b"x" + header, content)

    def _array(self, value: Array, _depth: int) -> None:
        self._spend(TENSOR_NODES)
        header, content = encode_array(value)
        self._long(b"a" + header, content)

    def _open(self, tag: bytes, count: int, depth: int) -> None:
        if depth == 0:
            raise UnsendableError(f"container nested more than {MAX_DEPTH} levels deep")
        if count > self._nodes:
            raise _too_many()
        self.parts.append(_TAGGED_U32.pack(tag, count))

    def _long(self, header: bytes, content: bytes | memoryview) -> None:
        # A list may name one large tensor a thousand times: stop before joining it all.
        self._bytes -= len(header) + len(content)
        if self._bytes < 0:
            raise UnsendableError(f"value of more than {MAX_FRAME} bytes")
        self.parts += (header, content)

    def _spend(self, nodes: int) -> None:
        self._nodes -= nodes
        if self._nodes < 0:
            raise _too_many()

    # Looked up by exact type, so that a subclass finds nothing.
    _WRITERS: ClassVar[dict[type, Callable[[Encoder, Any, int], None]]] = {
        type(None): _constant,
        bool: _constant,
        int: _integer,
        float: _floating,
        str: _string,
        bytes: _octets,
        list: _sequence,
        tuple: _sequence,
        dict: _mapping,
        OrderedDict: _mapping,  # what state_dict() returns
        torch.Size: _size,
        torch.dtype: _dtype,
        torch.device: _device,
        torch.Tensor: _tensor,
        torch.nn.Parameter: _tensor,
        np.ndarray: _array,
    }


def _utf8(text: str) -> bytes:
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        raise UnsendableError("str with half of a surrogate pair") from error
    if len(content) > MAX_FRAME:
        raise UnsendableError(f"str of {len(content)} bytes")
    return content


def _too_many() -> UnsendableError:
    return UnsendableError(f"container of more than {MAX_NODES} values")
