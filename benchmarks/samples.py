"""What was measured several times: its median, its quartiles, and how both are written."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Values of one quantity, all in one unit."""

    values: tuple[float, ...]
    unit: str
    """ms, s, MB or /s."""

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The values below which a quarter and three quarters of the others lie."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high

    def __str__(self) -> str:
        low, high = self.quartiles
        spread = f" ({_number(low)} to {_number(high)})" if len(self.values) > 1 else ""
        return f"{_number(self.median)} {self.unit}{spread}"


def milliseconds(seconds: list[float]) -> Sample:
    """Make a sample in milliseconds from values in seconds."""
    return Sample(tuple(value * 1000 for value in seconds), "ms")


def per_second(count: int, seconds: list[float]) -> Sample:
    """Make a sample of rates from the seconds that so many things took."""
    return Sample(tuple(count / value for value in seconds), "/s")


def megabytes(kilobytes: list[int]) -> Sample:
    """Make a sample in MB (10**6 bytes) from values in the kernel's kB (1024 bytes)."""
    return Sample(tuple(value * 1024 / 1e6 for value in kilobytes), "MB")


def _number(value: float) -> str:
    """Three digits that matter, no exponent."""
    decimals = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{decimals}f}"
