"""The limits of the wire, each with its reason.

The encoder keeps the same limits as the decoder: what one side may send, the other one accepts.
"""

from __future__ import annotations

MAX_FRAME = 256 << 20
"""Bytes of a frame: four matrices of 4096 x 4096 float32. The judge may hold a frame and its
decoded copy at once, so twice this must fit beside everything else on a student's laptop."""

MAX_DEPTH = 32
"""Containers within containers. Far more than any check needs; keeps the decoder's recursion far
from Python's own limit."""

MAX_NODES = 1_000_000
"""Values in one frame, containers included. A value of one byte may cost 100 bytes of memory, so
this keeps what small values cost below 100 MB and the time to decode them near a second."""

TENSOR_NODES = 16
"""How many nodes a tensor or an array counts for: one without data takes 5 bytes of a frame,
but about half a kilobyte of memory."""

MAX_NDIM = 8
"""Dimensions of a tensor, an array or a torch.Size. Video batches have 5; a header stays short."""

MAX_EXTENT = 1 << 62
"""Bytes that the dimensions of a tensor may stand for, those of length 0 left out. Matters for meta
and for empty tensors, which need no bytes: torch and numpy compute strides in signed 64 bits."""

MAX_DEVICE_INDEX = 127
"""torch keeps a device's index in a signed byte."""

MAX_NAME = 200
"""Characters of the name of a function, a type or a name in a student's file."""

MAX_PATH = 1024
"""Characters of a file's name, folders included."""

MAX_TEXT = 2048
"""Characters of an exception's text; more does not help a student."""

MAX_MRO = 32
"""Classes in the method resolution order of an exception; Python's own have at most 6."""

MAX_FRAMES = 6
"""Places in a student's files on the way to an exception: the last ones, where the mistake is."""

MAX_NAMES = 32
"""Names in a list of near misses or of witnessed denials."""

MAX_THREADS = 1024
"""Threads that a worker may be told to use."""
