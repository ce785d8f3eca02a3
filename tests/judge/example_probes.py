"""Probes as a check file has them; tests run them in a real worker."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import torch

from grader.checks import probe


@probe
def doubled(student: Any, x: Any) -> Any:
    """Use another probe, an import and the submission."""
    tensor: Any = as_tensor(student.identity(x))
    return tensor * 2


@probe
def as_tensor(x: Any) -> Any:
    """Use an import."""
    return torch.as_tensor(x)


@probe
def failing(student: Any) -> None:
    """Raise in the probe, not in the submission."""
    student.identity(1)
    raise ValueError("in the probe")


@probe
def counting(student: Any, start: int) -> Generator[Any, Any, str]:
    """Add what is sent."""
    total = student.identity(start)
    while (sent := (yield total)) is not None:
        total += sent
    return "end"


@probe
def stumbling(student: Any) -> Generator[int, Any, None]:
    """Let the submission raise in the middle of a conversation."""
    yield 1
    student.fails()
