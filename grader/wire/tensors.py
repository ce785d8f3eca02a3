"""Tensors and numpy arrays as bytes: element type, dimensions, contiguous little-endian data.

    tensor   dtype code u8 | 0 data, 1 meta u8 | ndim u8 | ndim dimensions u64 | data, unless meta
    array    dtype code u8 |                     ndim u8 | ndim dimensions u64 | data

A tensor crosses as its values only: no strides, no gradient, no graph, no device but "meta or not".
The decoder compares every number with the bytes that are there before it allocates anything, and
what it returns owns its memory.
"""

from __future__ import annotations

import math
import re
import struct
from typing import TypeAlias

import numpy as np
import torch

from grader.wire.errors import UnsendableError, WireError
from grader.wire.limits import MAX_DEVICE_INDEX, MAX_EXTENT, MAX_FRAME, MAX_NDIM
from grader.wire.reader import Reader

Array: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.generic]]
Shape: TypeAlias = tuple[int, ...]

# The position is the code: append, never reorder.
_DTYPES = (
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.uint16,
    torch.uint32,
    torch.uint64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.complex64,
    torch.complex128,
    torch.float8_e4m3fn,
    torch.float8_e5m2,
)
_CODES = {dtype: code for code, dtype in enumerate(_DTYPES)}
_NOT_IN_NUMPY = {torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2}
_ARRAY_DTYPES = {
    code: np.dtype(str(dtype).removeprefix("torch."))
    for code, dtype in enumerate(_DTYPES)
    if dtype not in _NOT_IN_NUMPY
}
# numpy tells byte orders apart, so an array of the other byte order has no code.
_ARRAY_CODES = {dtype: code for code, dtype in _ARRAY_DTYPES.items()}

_DATA, _META = 0, 1
# Numbers as torch prints them: `cuda:01` would be a second spelling of `cuda:1`.
_DEVICE = re.compile(r"(?:cpu|cuda|mps|meta)(?::(0|[1-9][0-9]{0,2}))?")


def is_device(text: str) -> bool:
    """Whether `text` is cpu, cuda, mps or meta, with or without an index."""
    match = _DEVICE.fullmatch(text)
    return match is not None and int(match[1] or 0) <= MAX_DEVICE_INDEX


def dtype_code(dtype: torch.dtype) -> int:
    """Return the code of an element type; UnsendableError if the table has none."""
    if dtype not in _CODES:
        raise UnsendableError(str(dtype))
    return _CODES[dtype]


def dtype_of(code: int) -> torch.dtype:
    """Return the element type with that code."""
    if code >= len(_DTYPES):
        raise WireError(f"no dtype has code {code}")
    return _DTYPES[code]


def encode_tensor(tensor: torch.Tensor) -> tuple[bytes, memoryview]:
    """Return the header and the data of a plain tensor, sharing its memory where possible."""
    # Nested first: such a tensor refuses most questions about itself.
    if tensor.is_nested:
        raise UnsendableError("nested tensor")
    if tensor.is_quantized:
        raise UnsendableError("quantized tensor")
    if tensor.layout is not torch.strided:
        raise UnsendableError("sparse tensor")
    if tensor.dtype not in _CODES:
        raise UnsendableError(f"tensor of {tensor.dtype}")
    shape = tuple(tensor.shape)
    _check_sendable("tensor", shape, tensor.itemsize, has_data=not tensor.is_meta)
    kind = _META if tensor.is_meta else _DATA
    header = struct.pack(f"!BBB{len(shape)}Q", _CODES[tensor.dtype], kind, len(shape), *shape)
    return header, memoryview(b"") if tensor.is_meta else _tensor_bytes(tensor)


def decode_tensor(reader: Reader) -> torch.Tensor:
    """Read a tensor; it is on the CPU or on the meta device."""
    dtype = dtype_of(reader.u8())
    kind = reader.u8()
    if kind not in (_DATA, _META):
        raise WireError(f"a tensor's data are of unknown kind {kind}")
    shape = _read_shape(reader, dtype.itemsize)
    if kind == _META:
        return torch.empty(shape, dtype=dtype, device="meta")
    data = _read_data(reader, shape, dtype.itemsize, is_bool=dtype is torch.bool)
    tensor = torch.empty(shape, dtype=dtype, device="cpu")
    if data.size:
        # torch.frombuffer would warn about bytes that nobody may write to.
        tensor.view(-1).view(torch.uint8).numpy()[:] = data
    return tensor


def encode_array(array: Array) -> tuple[bytes, memoryview]:
    """Return the header and the data of a plain numpy array, sharing its memory where possible."""
    code = _ARRAY_CODES.get(array.dtype)
    if code is None:
        raise UnsendableError(f"numpy array of {array.dtype}")
    _check_sendable("numpy array", array.shape, array.itemsize, has_data=True)
    header = struct.pack(f"!BB{array.ndim}Q", code, array.ndim, *array.shape)
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    if array.dtype == np.bool_:
        flat = (flat != 0).view(np.uint8)
    return header, flat.data


def decode_array(reader: Reader) -> Array:
    """Read a numpy array."""
    code = reader.u8()
    dtype = _ARRAY_DTYPES.get(code)
    if dtype is None:
        raise WireError(f"no array has the dtype code {code}")
    shape = _read_shape(reader, dtype.itemsize)
    data = _read_data(reader, shape, dtype.itemsize, is_bool=dtype == np.bool_)
    array = np.empty(shape, dtype=dtype)
    if data.size:
        array.reshape(-1).view(np.uint8)[:] = data
    return array


def _check_sendable(what: str, shape: Shape, itemsize: int, *, has_data: bool) -> None:
    """Refuse, before anything is copied, a shape that the decoder would refuse."""
    if len(shape) > MAX_NDIM:
        raise UnsendableError(f"{what} with {len(shape)} dimensions")
    # An expanded tensor takes no memory until it is made contiguous.
    size = math.prod(shape) * itemsize
    if _extent(shape, itemsize) >= MAX_EXTENT or (has_data and size > MAX_FRAME):
        raise UnsendableError(f"{what} of {size} bytes")


def _tensor_bytes(tensor: torch.Tensor) -> memoryview:
    """Return the values of a strided tensor, row by row; a copy only where it has to be one."""
    plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
    # One element counts as contiguous whatever its stride, but needs stride 1 to be seen as bytes.
    flat = plain.as_strided((plain.numel(),), (1,)).view(torch.uint8)
    if plain.dtype is torch.bool:
        # Uninitialised memory seen as bool may hold any byte.
        flat = flat.ne(0).view(torch.uint8)
    return flat.numpy().data


def _extent(shape: Shape, itemsize: int) -> int:
    return math.prod(max(length, 1) for length in shape) * itemsize


def _read_shape(reader: Reader, itemsize: int) -> Shape:
    ndim = reader.u8()
    if ndim > MAX_NDIM:
        raise WireError(f"{ndim} dimensions, at most {MAX_NDIM} are allowed")
    shape = reader.numbers("Q", ndim)
    if _extent(shape, itemsize) >= MAX_EXTENT:
        raise WireError(f"the shape {shape} is too large")
    return shape


def _read_data(
    reader: Reader, shape: Shape, itemsize: int, *, is_bool: bool
) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return a view of the data in the frame, after checking that all of it is there."""
    data = np.frombuffer(reader.take(math.prod(shape) * itemsize), dtype=np.uint8)
    if is_bool and data.size and data.max() > 1:
        raise WireError("a truth value is neither 0 nor 1")
    return data
