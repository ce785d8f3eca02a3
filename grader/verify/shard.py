"""Which exercises one of several machines grades."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_WRITTEN = re.compile(r"(\d{1,3})/(\d{1,3})")


@dataclass(frozen=True)
class Shard:
    """Every `count`-th exercise, from the `number`-th on."""

    number: int
    count: int

    @classmethod
    def read(cls, word: str) -> Self | None:
        """Read K/N; None unless it is the K-th of N."""
        found = _WRITTEN.fullmatch(word)
        shard = cls(int(found[1]), int(found[2])) if found else None
        return shard if shard and 1 <= shard.number <= shard.count else None

    def has(self, place: int) -> bool:
        """Whether the exercise at this place, counted from 0, is in it."""
        return place % self.count == self.number - 1


WHOLE = Shard(1, 1)
