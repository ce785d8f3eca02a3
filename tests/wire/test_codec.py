"""The encoding of values: exact, canonical, and closed against hostile bytes."""

import collections
import enum
import mmap
import struct
import subprocess
import sys
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.wire import UnsendableError, WireError
from grader.wire.codec import decode, encode
from grader.wire.limits import MAX_DEPTH, MAX_FRAME, MAX_NODES
from grader.wire.tensors import Array

PROPERTY = settings(max_examples=150, deadline=None, database=None)

ARRAY_DTYPES = [
    *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.uint16, torch.uint32, torch.uint64, torch.float16, torch.float32, torch.float64),
    *(torch.complex64, torch.complex128),
]
DTYPES = [*ARRAY_DTYPES, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]


def raw(tensor: torch.Tensor | Array) -> bytes:
    """Return the values of a tensor or array as bytes; a meta tensor has none of its own."""
    if isinstance(tensor, np.ndarray):
        return tensor.tobytes()
    if tensor.is_meta:
        return b"meta"
    rows = torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor.detach())
    return rows.view(-1).view(torch.uint8).numpy().tobytes()


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal in type, structure and every bit."""
    if type(left) is not type(right):
        return False
    match left:
        case list() | tuple():
            return len(left) == len(right) and all(map(same, left, right))
        case dict():
            return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
        case float():
            return struct.pack("d", left) == struct.pack("d", right)
        case torch.Tensor() | np.ndarray():
            form = (left.dtype, left.shape) == (right.dtype, right.shape)
            return form and raw(left) == raw(right)
        case _:
            return bool(left == right)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    """Tensors of every dtype from random bytes, NaN and infinities included, in several layouts."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(st.lists(st.integers(0, 3), max_size=4))
    if draw(st.integers(0, 9)) == 0:
        return torch.empty(shape, dtype=dtype, device="meta")
    size = int(np.prod(shape)) * dtype.itemsize
    content = bytearray(draw(st.binary(min_size=size, max_size=size)))
    if dtype is torch.bool:
        content = bytearray(byte % 2 for byte in content)
    tensor = torch.empty(shape, dtype=dtype)
    if size:
        tensor.view(-1).view(torch.uint8).copy_(torch.frombuffer(content, dtype=torch.uint8))
    layout = draw(st.sampled_from(["rows", "reversed dims", "every second"]))
    if layout == "reversed dims":
        return tensor.permute(*reversed(range(tensor.ndim))) if tensor.ndim else tensor
    return tensor[::2] if layout == "every second" and tensor.ndim else tensor


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    """Numpy arrays of every dtype that both sides know, some of them not contiguous."""
    tensor = draw(tensors())
    if tensor.is_meta or tensor.dtype not in ARRAY_DTYPES:
        return np.zeros(tuple(tensor.shape), dtype=draw(st.sampled_from(["f4", "u1", "c16"])))
    array = tensor.numpy()
    return array.T if draw(st.booleans()) else array


STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    STRINGS,
    st.binary(max_size=8),
    st.lists(st.integers(-3, 2**40), max_size=8).map(torch.Size),
    st.sampled_from(DTYPES),
    st.sampled_from(["cpu", "cuda", "cuda:1", "cuda:127", "mps", "mps:0", "meta"]).map(
        torch.device
    ),
    tensors(),
    arrays(),
)
VALUES = st.recursive(
    SCALARS,
    lambda children: st.one_of(
        st.lists(children, max_size=4),
        st.lists(children, max_size=4).map(tuple),
        st.dictionaries(STRINGS, children, max_size=4),
    ),
    max_leaves=8,
)


def accepted_or_refused(data: bytes) -> None:
    """Decode bytes of any origin; what is accepted must be the one encoding of its value."""
    try:
        value = decode(data)
    except WireError:
        return
    assert encode(value) == data


@PROPERTY
@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    """Type, structure and every bit survive, and a second encoding is the same bytes."""
    data = encode(value)
    back = decode(data)
    assert same(back, value)
    assert encode(back) == data


@PROPERTY
@given(VALUES, st.data())
def test_a_cut_encoding_is_refused(value: Any, data: st.DataObject) -> None:
    """No proper beginning of an encoding is an encoding."""
    encoded = encode(value)
    end = data.draw(st.integers(0, len(encoded) - 1))
    with pytest.raises(WireError):
        decode(encoded[:end])


@PROPERTY
@given(VALUES, st.data())
def test_a_damaged_encoding_is_refused_or_canonical(value: Any, data: st.DataObject) -> None:
    """Whatever bytes are replaced, inserted or removed, nothing but WireError comes out."""
    encoded = encode(value)
    start = data.draw(st.integers(0, len(encoded)))
    end = data.draw(st.integers(start, min(len(encoded), start + 9)))
    accepted_or_refused(encoded[:start] + data.draw(st.binary(max_size=9)) + encoded[end:])


@PROPERTY
@given(st.sampled_from(b"NTFidsbltmzyvxa"), st.binary(max_size=64))
def test_any_bytes_are_refused_or_canonical(tag: int, rest: bytes) -> None:
    """Bytes that were never an encoding give WireError or a value with exactly that encoding."""
    accepted_or_refused(bytes([tag]) + rest)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_each_dtype_keeps_its_bits(dtype: torch.dtype) -> None:
    """A tensor of each dtype of the table comes back with the same dtype and bits."""
    tensor = torch.tensor([[0, 1], [1, 0], [1, 1]]).to(dtype)
    assert same(decode(encode(tensor)), tensor)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(12).view(3, 4).t(),
        torch.arange(12)[::3],
        torch.arange(6).view(1, 6)[:, 2:4],
        torch.ones(1).expand(5, 2),
        torch.zeros(0, 3),
        torch.tensor(2.5),
        torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        torch.randn(3, dtype=torch.complex64).conj(),
        torch.randn(3, dtype=torch.complex64).conj().imag,
        torch.randn(3, requires_grad=True) * 2,
        torch.tensor([float("nan"), float("inf"), -0.0]),
    ],
    ids=lambda tensor: f"{tuple(tensor.shape)}",
)
def test_any_layout_crosses_as_its_values(tensor: torch.Tensor) -> None:
    """Strides, lazy conjugation and autograd stay behind; the values cross."""
    back = decode(encode(tensor))
    assert back.is_contiguous()
    assert not back.requires_grad
    assert same(back, tensor.detach().resolve_conj().resolve_neg())


@pytest.mark.parametrize(
    "array",
    [np.arange(12)[::3], np.arange(12)[5::12], np.arange(12)[:0:3], np.arange(6).reshape(2, 3).T],
    ids=lambda array: f"{array.shape}",
)
def test_any_layout_of_an_array_crosses_as_its_values(array: Array) -> None:
    """Strides of a numpy array stay behind as well."""
    back = decode(encode(array))
    assert back.flags.c_contiguous
    assert same(back, array)


def test_a_meta_tensor_crosses_without_data() -> None:
    """A meta tensor of any size takes a few bytes and stays a meta tensor."""
    tensor = torch.empty(1 << 30, 1 << 20, device="meta", dtype=torch.float16)
    data = encode(tensor)
    assert len(data) == 4 + 16
    assert same(decode(data), tensor)


def test_a_parameter_crosses_as_a_plain_tensor() -> None:
    """`nn.Parameter` is the one subclass that the wire carries, as the tensor that it holds."""
    parameter = torch.nn.Parameter(torch.randn(2, 3))
    assert same(decode(encode(parameter)), parameter.detach())


def test_uninitialised_truth_values_become_true() -> None:
    """Bytes other than 0 and 1 behind a bool tensor or array are sent as true."""
    odd = torch.tensor([0, 1, 2, 255], dtype=torch.uint8)
    truth = torch.tensor([False, True, True, True])
    assert same(decode(encode(odd.view(torch.bool))), truth)
    assert same(decode(encode(odd.numpy().view(np.bool_))), truth.numpy())


def test_decoded_tensors_own_their_memory() -> None:
    """A decoded tensor or array shares nothing with the frame and can be written to."""
    data = bytearray(encode([torch.zeros(4), np.zeros(4)]))
    tensor, array = decode(data)
    data[:] = b"\xff" * len(data)
    assert tensor.tolist() == array.tolist() == [0] * 4
    tensor += 1
    array += 1
    assert tensor.tolist() == array.tolist() == [1] * 4
    assert set(data) == {0xFF}


class Colour(enum.IntEnum):
    """A subclass of int."""

    RED = 1


class Name(str):
    """A subclass of str."""

    __slots__ = ()


class Loud(torch.Tensor):
    """A subclass of Tensor."""


def nested_tensor() -> torch.Tensor:
    """Return a nested tensor without the warning that the feature is young."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])


def quantized_tensor() -> torch.Tensor:
    """Return a quantized tensor without the warning that the feature is old."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)


def endless() -> list[Any]:
    """Return a list that holds itself."""
    items: list[Any] = []
    items.append(items)
    return items


def doubled() -> list[Any]:
    """Return a short structure that stands for 2 to the power of 30 values."""
    items: list[Any] = [None]
    for _ in range(29):
        items = [items, items]
    return items


UNSENDABLE: dict[str, Any] = {
    "generator": (digit for digit in "12"),
    "object": object(),
    "set": {1},
    "range": range(3),
    "complex": 1j,
    "bytearray": bytearray(b"x"),
    "function": nested_tensor,
    "type": int,
    "numpy.float64": np.float64(1),
    "numpy.bool": np.bool_(1),
    "MaskedArray": np.ma.array([1]),
    "numpy array of object": np.array([None]),
    "numpy array of <U1": np.array(["a"]),
    "numpy array of >f4": np.zeros(2, ">f4"),
    "numpy array of [('a', '<f4')]": np.zeros(2, [("a", "f4")]),
    "Colour": Colour.RED,
    "Name": Name("x"),
    "collections.Counter": collections.Counter(a=1),
    "torch.return_types.max": torch.ones(2, 2).max(dim=0),
    "Loud": torch.ones(2).as_subclass(Loud),
    "sparse tensor": torch.eye(2).to_sparse(),
    "quantized tensor": quantized_tensor(),
    "nested tensor": nested_tensor(),
    "tensor of torch.float8_e4m3fnuz": torch.ones(2).to(torch.float8_e4m3fnuz),
    "tensor with 9 dimensions": torch.ones((1,) * 9),
    "tensor of 4398046511104 bytes": torch.ones(1).expand(1 << 40),
    "numpy array of 1099511627776 bytes": np.broadcast_to(np.uint8(1), (1 << 40,)),
    "torch.Size with 9 dimensions": torch.Size([1] * 9),
    "torch.complex32": torch.complex32,
    "torch.device xla": torch.device("xla"),
    "int of more than 64 bits": 1 << 63,
    "str with half of a surrogate pair": "\ud800",
    "dict with a key of type int": {1: 2},
    "dict with a key of type": {Name("x"): 2},
    "container nested more than 32 levels deep": endless(),
    "container of more than 1000000 values": doubled(),
    "value of more than 268435456 bytes": [torch.zeros(1 << 22)] * 16,
}


@pytest.mark.parametrize("name", UNSENDABLE)
def test_what_cannot_cross_is_refused_by_name(name: str) -> None:
    """Everything else is refused wherever it stands, by a name that a student understands."""
    with pytest.raises(UnsendableError) as refusal:
        encode({"deep": (None, UNSENDABLE[name])})
    assert name in refusal.value.type_name


def tensor_header(*dims: int, code: int = 11, kind: int = 0) -> bytes:
    """Return the encoding of a float32 tensor up to its data."""
    return b"x" + bytes([code, kind, len(dims)]) + b"".join(dim.to_bytes(8, "big") for dim in dims)


HOSTILE = {
    "nothing": b"",
    "unknown tag": b"?",
    "a second value": b"NN",
    "2**62 elements": tensor_header(1 << 62) + bytes(64),
    "2**63 elements": tensor_header(1 << 63) + bytes(64),
    "-1 elements": tensor_header((1 << 64) - 1) + bytes(64),
    "product that overflows to 0": tensor_header(1 << 32, 1 << 32) + bytes(64),
    "strides that overflow": tensor_header(0, 1 << 40, 1 << 40),
    "meta strides that overflow": tensor_header(0, 1 << 40, 1 << 40, kind=1),
    "too large a meta tensor": tensor_header(1 << 60, kind=1),
    "array of 2**62 elements": b"a\x0b\x01" + (1 << 62).to_bytes(8, "big") + bytes(64),
    "array of a dtype not in numpy": b"a\x0a\x00" + bytes(2),
    "255 dimensions": b"x\x0b\x00\xff" + bytes(8 * 255),
    "9 dimensions": tensor_header(*[1] * 9) + bytes(4),
    "a million dimensions": b"x\x0b\x00" + (1_000_000).to_bytes(4, "big") + bytes(64),
    "one byte too few": tensor_header(2) + bytes(7),
    "one byte too many": tensor_header(2) + bytes(9),
    "a meta tensor with data": tensor_header(1, kind=1) + bytes(4),
    "unknown kind of tensor": tensor_header(1, kind=2) + bytes(4),
    "unknown dtype": tensor_header(1, code=17) + bytes(4),
    "unknown dtype as a value": b"y\x11",
    "a truth value of 2": tensor_header(1, code=0) + b"\x02",
    "an array's truth value of 2": b"a\x00\x01" + bytes(7) + b"\x01\x02",
    "list of 2**32 - 1": b"l\xff\xff\xff\xff" + bytes(64),
    "tuple of 2**32 - 1": b"t\xff\xff\xff\xff" + bytes(64),
    "dict of 2**32 - 1": b"m\xff\xff\xff\xff" + bytes(64),
    "str of 2**32 - 1": b"s\xff\xff\xff\xff" + bytes(64),
    "bytes of 2**32 - 1": b"b\xff\xff\xff\xff" + bytes(64),
    "key twice": b"m\0\0\0\x02" + b"\0\0\0\x01aN" * 2,
    "overlong UTF-8": b"s\0\0\0\x02\xc0\x80",
    "half a surrogate pair": b"s\0\0\0\x03\xed\xa0\x80",
    "second spelling of cuda:1": b"v\x07cuda:01",
    "device index that torch would wrap": b"v\x08cuda:128",
    "digit of another script": b"v\x07cuda:" + "٣".encode(),
    "unknown device": b"v\x03xla",
    "device with a line feed": b"v\x04cpu\n",
    "torch.Size of 9": b"z\x09" + bytes(72),
    "33 levels": b"l\0\0\0\x01" * 33 + b"N",
    "a hundred thousand levels": b"l\0\0\0\x01" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_are_refused_before_anything_is_allocated(name: str) -> None:
    """A header that lies about sizes costs no memory and gives WireError."""
    data = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            decode(data)
        # The traceback of an error in the 33rd level takes most of it.
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024
    finally:
        tracemalloc.stop()


def test_the_deepest_value_crosses() -> None:
    """MAX_DEPTH containers may stand within each other, not one more."""
    value: Any = None
    for _ in range(MAX_DEPTH):
        value = [value]
    assert decode(encode(value)) == value
    with pytest.raises(UnsendableError):
        encode([value])


def test_values_are_counted_across_containers() -> None:
    """Many small containers may not hold more values than one large one."""

    def pair(first: int, second: int) -> bytes:
        parts = [b"l" + count.to_bytes(4, "big") + b"N" * count for count in (first, second)]
        return b"t\0\0\0\x02" + b"".join(parts)

    most = MAX_NODES - 3
    first, second = decode(pair(most // 2, most - most // 2))
    assert len(first) + len(second) == most
    with pytest.raises(WireError):
        decode(pair(most // 2, most - most // 2 + 1))


def test_empty_tensors_count_for_what_they_cost() -> None:
    """A frame of a million tiny tensors is refused, because each costs far more than its bytes."""
    count = 100_000
    with pytest.raises(WireError, match="values"):
        decode(b"l" + count.to_bytes(4, "big") + tensor_header(0) * count)
    with pytest.raises(UnsendableError, match="values"):
        encode([torch.zeros(0)] * count)


def test_a_frame_above_the_limit_is_refused() -> None:
    """Bytes beyond MAX_FRAME are refused without being read."""
    with (
        mmap.mmap(-1, MAX_FRAME + 1) as memory,
        memoryview(memory) as data,
        pytest.raises(WireError, match="frame"),
    ):
        decode(data)


def test_the_package_loads_without_torch() -> None:
    """The supervisor can set up the channel before torch is imported."""
    program = "import sys, grader.wire, grader.wire.limits; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_state_dict_crosses_as_a_dict() -> None:
    """`OrderedDict`, which `state_dict()` returns, arrives as a dict in the same order."""
    value = decode(encode(collections.OrderedDict(b=1, a=2)))
    assert type(value) is dict
    assert list(value.items()) == [("b", 1), ("a", 2)]
