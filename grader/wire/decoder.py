"""The reading half of the codec; the format is in `grader.wire.codec`."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, ClassVar

import torch

from grader.wire.errors import WireError
from grader.wire.limits import MAX_DEPTH, MAX_NDIM, MAX_NODES, TENSOR_NODES
from grader.wire.reader import Reader
from grader.wire.tensors import Array, decode_array, decode_tensor, dtype_of, is_device

_F64 = struct.Struct("!d")


class Decoder:
    """Builds one value from a frame that nobody vouches for."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._nodes = MAX_NODES

    def value(self, depth: int = MAX_DEPTH) -> Any:
        """Read a value that may hold `depth` more levels of containers."""
        tag = self._reader.u8()
        read = self._READERS.get(tag)
        if read is None:
            raise WireError(f"no type has the tag {tag}")
        self._spend(1)
        return read(self, depth)

    def _integer(self, _depth: int) -> int:
        return int.from_bytes(self._reader.take(8), "big", signed=True)

    def _floating(self, _depth: int) -> float:
        (number,) = _F64.unpack(self._reader.take(_F64.size))
        return float(number)

    def _string(self, _depth: int) -> str:
        return self._reader.text(self._reader.u32())

    def _octets(self, _depth: int) -> bytes:
        return bytes(self._reader.take(self._reader.u32()))

    def _sequence(self, depth: int) -> list[Any]:
        count = self._open(depth, smallest=1)
        return [self.value(depth - 1) for _ in range(count)]

    def _row(self, depth: int) -> tuple[Any, ...]:
        return tuple(self._sequence(depth))

    def _mapping(self, depth: int) -> dict[str, Any]:
        # The smallest item is an empty key, 4 bytes, and a value of one byte.
        count = self._open(depth, smallest=5)
        items: dict[str, Any] = {}
        for _ in range(count):
            key = self._reader.text(self._reader.u32())
            if key in items:
                raise WireError("a key occurs twice in a dict")
            items[key] = self.value(depth - 1)
        return items

    def _size(self, _depth: int) -> torch.Size:
        ndim = self._reader.u8()
        if ndim > MAX_NDIM:
            raise WireError(f"a torch.Size with {ndim} dimensions")
        return torch.Size(self._reader.numbers("q", ndim))

    def _dtype(self, _depth: int) -> torch.dtype:
        return dtype_of(self._reader.u8())

    def _device(self, _depth: int) -> torch.device:
        name = self._reader.text(self._reader.u8())
        if not is_device(name):
            raise WireError("not the name of a device")
        return torch.device(name)

    def _tensor(self, _depth: int) -> torch.Tensor:
        self._spend(TENSOR_NODES)
        return decode_tensor(self._reader)

    def _array(self, _depth: int) -> Array:
        self._spend(TENSOR_NODES)
        return decode_array(self._reader)

    def _open(self, depth: int, *, smallest: int) -> int:
        """Read the number of items of a container; each takes at least `smallest` bytes."""
        if depth == 0:
            raise WireError(f"containers are nested more than {MAX_DEPTH} levels deep")
        count = self._reader.u32()
        if count * smallest > self._reader.remaining or count > self._nodes:
            raise WireError(f"a container of {count} items is too large")
        return count

    def _spend(self, nodes: int) -> None:
        self._nodes -= nodes
        if self._nodes < 0:
            raise WireError(f"more than {MAX_NODES} values")

    _READERS: ClassVar[dict[int, Callable[[Decoder, int], Any]]] = {
        ord("N"): lambda _decoder, _depth: None,
        ord("T"): lambda _decoder, _depth: True,
        ord("F"): lambda _decoder, _depth: False,
        ord("i"): _integer,
        ord("d"): _floating,
        ord("s"): _string,
        ord("b"): _octets,
        ord("l"): _sequence,
        ord("t"): _row,
        ord("m"): _mapping,
        ord("z"): _size,
        ord("y"): _dtype,
        ord("v"): _device,
        ord("x"): _tensor,
        ord("a"): _array,
    }
