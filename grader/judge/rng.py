"""Random inputs for checks: a fixed stream per seed, a seed per check.

    run_seed (recorded in the result) + check's name + key (the course's secret)  ->  check_seed
    check_seed + number of the draw                                               ->  values

The same run seed and key repeat a run exactly; without the key nobody can work out its inputs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch

_SEED_LIMIT = 1 << 63
_SMALL_SEED_LIMIT = 1 << 32  # what numpy.random.seed accepts


def check_seed(run_seed: int, check_name: str, key: bytes) -> int:
    """Return the seed of one check in one run: 63 bits of BLAKE2b, keyed with `key`.

    The same three values give the same seed on every machine. `key` has at most 64 bytes, otherwise
    ValueError; an empty one is allowed where there is no secret.
    """
    return _digest(f"{run_seed} {check_name}", key) % _SEED_LIMIT


def _digest(text: str, key: bytes) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8, key=key, person=b"grade rng")
    return int.from_bytes(digest.digest(), "big")


class Rng:
    """Random tensors on the CPU that depend on the seed and on the order of the draws only."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.blake2b(str(seed).encode(), digest_size=32).digest()
        self._draws = 0
        self._generator = torch.Generator(device="cpu")

    def randn(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Return normally distributed values, mean 0 and standard deviation 1."""
        return torch.randn(shape, generator=self._next(), dtype=dtype)

    def rand(self, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        """Return values distributed uniformly over [0, 1)."""
        return torch.rand(shape, generator=self._next(), dtype=dtype)

    def randint(self, low: int, high: int, shape: Sequence[int]) -> torch.Tensor:
        """Return whole numbers from `low` to `high - 1` as an int64 tensor."""
        return torch.randint(low, high, tuple(shape), generator=self._next(), dtype=torch.int64)

    def integer(self, low: int, high: int) -> int:
        """Return one whole number from `low` to `high - 1`."""
        return int(self.randint(low, high, ()).item())

    def permutation(self, n: int) -> torch.Tensor:
        """Return the numbers 0 to `n - 1` in random order, shape (n,), int64."""
        return torch.randperm(n, generator=self._next(), dtype=torch.int64)

    def seed(self) -> int:
        """Return a seed for use inside a probe: 32 bits, which random, numpy and torch accept."""
        return self.integer(0, _SMALL_SEED_LIMIT)

    def _next(self) -> torch.Generator:
        """Seed the generator afresh for one draw.

        A submission sees the values of a draw, and torch's generator (a Mersenne Twister that
        starts from the lowest 32 bits of a seed) can be worked out from its values: one stream
        for all draws would give away the data that a check sends later.
        """
        seed = _digest(str(self._draws), self._key)
        self._draws += 1
        return self._generator.manual_seed(seed % _SEED_LIMIT)
