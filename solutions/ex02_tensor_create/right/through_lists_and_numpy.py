"""Another right solution: Python lists and numpy where the notes use them."""

import numpy as np
import torch
from torch import Tensor


def make_basic() -> dict[str, Tensor]:
    """Write lists down and read them."""
    step = 2 / 999
    return {
        "zeros": torch.tensor([[0] * 3] * 4),
        "eye": torch.tensor([[float(i == j) for j in range(3)] for i in range(3)]),
        "lengths": torch.tensor([50] * 16),
        "mixed": torch.Tensor([5.5, 3]),
        "small": torch.as_tensor([1, 2, 3], dtype=torch.int8),
        "halves": torch.tensor([i / 2 for i in range(4)]),
        "column": torch.tensor([[-1 + i * step] for i in range(1000)]),
        "pictures": torch.rand((4, 3, 32, 32)),
        "order": torch.randperm(20, dtype=torch.int64),
        "dice": 1 + torch.randint(high=6, size=(200,)),
    }


def like(x: Tensor, fill: float) -> Tensor:
    """Ask x for a new tensor."""
    return x.new_full(x.size(), fill)


def grid(a: float, b: float, n: int) -> Tensor:
    """Let numpy count, in float64."""
    return torch.from_numpy(np.linspace(a, b, n)).float()


def noisy_parabola(n: int, noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw into an empty column."""
    x = torch.linspace(-1, 1, n).view(n, 1)
    z = torch.empty(n, 1).normal_(mean=0, std=1, generator=generator)
    return x, x * x + z * noise


def as_label(v: float | list) -> Tensor:
    """Let numpy find out how deep the lists are."""
    return torch.from_numpy(np.asarray(v).astype(np.int64))


def as_input(v: float | list) -> Tensor:
    """Let numpy find out how deep the lists are."""
    return torch.as_tensor(np.asarray(v, dtype=np.float32))


def rank_name(t: Tensor) -> str:
    """Look the name up in a list that is long enough."""
    names = ["scalar", "vector", "matrix"]
    names += [f"{rank}-d tensor" for rank in range(3, len(t.shape) + 1)]
    return names[len(t.size())]


def to_number(t: Tensor) -> float:
    """Unpack the flat tensor; it has to hold one element."""
    try:
        (only,) = t.detach().flatten()
    except ValueError as error:
        raise RuntimeError("not exactly one element") from error
    return only.item()
