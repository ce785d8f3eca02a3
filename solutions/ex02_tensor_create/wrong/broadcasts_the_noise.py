"""A noise of n numbers for a column of n points.

(n, 1) plus (n,) is allowed, and it is (n, n): every point gets every noise. Nothing complains until
the loss function is given n * n targets.
"""

import torch
from torch import Tensor


def make_basic() -> dict[str, Tensor]:
    """Return ten tensors by name, on the CPU."""
    return {
        "zeros": torch.zeros(4, 3, dtype=torch.int64),
        "eye": torch.eye(3),
        "lengths": torch.full((16,), 50),
        "mixed": torch.tensor([5.5, 3]),
        "small": torch.tensor([1, 2, 3], dtype=torch.int8),
        "halves": torch.arange(0, 2, 0.5),
        "column": torch.linspace(-1, 1, 1000).unsqueeze(1),
        "pictures": torch.rand(4, 3, 32, 32),
        "order": torch.randperm(20),
        "dice": torch.randint(1, 7, (200,)),
    }


def like(x: Tensor, fill: float) -> Tensor:
    """Return a new tensor of x's shape, dtype and device with `fill` in every place."""
    return torch.full_like(x, fill)


def grid(a: float, b: float, n: int) -> Tensor:
    """Return n evenly spaced numbers from a to b, both included: a float32 tensor (n,)."""
    return torch.linspace(a, b, n)


def noisy_parabola(n: int, noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return n points of a parabola with noise: x and y, both (n, 1), float32, on the CPU."""
    x = torch.linspace(-1, 1, n).unsqueeze(1)
    return x, x**2 + noise * torch.randn(n, generator=generator)


def as_label(v: float | list) -> Tensor:
    """Return whole numbers as an int64 tensor, exactly, as a loss function wants its labels."""
    return torch.tensor(v, dtype=torch.int64)


def as_input(v: float | list) -> Tensor:
    """Return numbers as a float32 tensor, as a network wants its inputs."""
    return torch.tensor(v, dtype=torch.float32)


def rank_name(t: Tensor) -> str:
    """Return what a tensor with t's number of dimensions is called."""
    names = {0: "scalar", 1: "vector", 2: "matrix"}
    return names.get(t.dim(), f"{t.dim()}-d tensor")


def to_number(t: Tensor) -> float:
    """Return the one number in t as a Python number: an int, a float or a bool, by t's dtype."""
    return t.item()
