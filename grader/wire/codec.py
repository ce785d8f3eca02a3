"""Values as bytes and back: strict, canonical, and without pickle.

A value is one byte that names its type, then its content; numbers are big-endian.

    N  None                 T  True                     F  False
    i  int: 8 bytes, two's complement                   d  float: 8 bytes, IEEE 754
    s  str: u32 bytes, UTF-8                            b  bytes: u32 bytes, the bytes
    l  list: u32 items, the items                       t  tuple: the same
    m  dict: u32 items, then for each the key (u32 bytes, UTF-8) and the value
    z  torch.Size: u8 dimensions, each 8 bytes          y  torch.dtype: u8 code
    v  torch.device: u8 bytes, its name                 x  tensor      a  numpy array

Every value has exactly one encoding, and every accepted encoding gives the value that it came
from, so `encode(decode(data)) == data`. Types are carried exactly or not at all: a subclass (an
enum's member, a named tuple, a numpy scalar) is refused, not read as its base. The one exception is
`nn.Parameter`, which crosses as the tensor that it holds.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from grader.wire.decoder import Decoder
from grader.wire.encoder import Encoder, type_name
from grader.wire.errors import UnsendableError, WireError
from grader.wire.limits import MAX_FRAME
from grader.wire.reader import Reader

Value: TypeAlias = Any
"""One of the types in the table above. A recursive union would say so, but every caller would have
to cast, because lists and dicts are invariant."""


def encode(value: object) -> bytes:
    """Return the encoding of `value`; UnsendableError if it, or anything in it, cannot cross.

    Reading a tensor may raise whatever torch raises, a pending CUDA error for example.
    """
    encoder = Encoder()
    encoder.value(value)
    data = b"".join(encoder.parts)
    if len(data) > MAX_FRAME:
        raise UnsendableError(f"{type_name(value)} of {len(data)} bytes")
    return data


def decode(data: bytes | bytearray | memoryview) -> Value:
    """Return the one value that `data` encodes, sharing no memory with it.

    Raises WireError, and nothing else, for every other input. Allocates a small multiple of the
    length of `data` and at most MAX_NODES small objects, whatever the numbers in it claim.
    """
    reader = Reader(data)
    if reader.remaining > MAX_FRAME:
        raise WireError(f"{reader.remaining} bytes are more than a frame may hold")
    value = Decoder(reader).value()
    if reader.remaining:
        raise WireError(f"{reader.remaining} bytes follow the value")
    return value
