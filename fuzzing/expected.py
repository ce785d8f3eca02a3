"""The expected values that decoded values are compared with: of every kind that the wire carries.

Small, and different enough in shape and dtype that each comparison and each diagnosis is reached.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

_COUNTING = torch.arange(12.0).reshape(3, 4)
_WAVES = torch.sin(torch.arange(24.0) * 1.7).reshape(2, 3, 4)

EXPECTED: tuple[Any, ...] = (
    _COUNTING,
    _WAVES,
    _WAVES.double(),
    _WAVES.half(),
    _WAVES.bfloat16(),
    _WAVES.to(torch.float8_e4m3fn),
    _WAVES.to(torch.float8_e5m2),
    torch.complex(_WAVES, _WAVES.flip(0)),
    _COUNTING.to(torch.int64),
    _COUNTING.to(torch.uint8),
    torch.tensor([2**64 - 1, 2**63, 0], dtype=torch.uint64),
    torch.tensor([-(2**63), 2**63 - 1]),
    _COUNTING > 4,
    torch.softmax(_COUNTING / 7, 1),
    torch.tensor(2.5),
    torch.tensor([math.nan, math.inf, -math.inf, 1.0]),
    torch.zeros(2, 0),
    torch.empty(5, 6, device="meta"),
    _COUNTING.reshape(1, 2, 1, 2, 3),
    {"weight": _COUNTING, "steps": 3, "loss": 0.25, "history": [1.0, (2, None, True)], "": "x"},
    [1, 2.5, "text", b"bytes", None, False],
    ("a long text, and a longer one " * 5, b"\x00\xff" * 60),
    [np.arange(6.0).reshape(2, 3), np.array(1 + 2j), np.zeros((2, 0), dtype=np.uint16)],
    [torch.Size([2, 3]), torch.bfloat16, torch.device("cuda:1")],
    3,
    0.1,
    math.inf,
    "中文",
)
