"""Another right solution: empty tensors that are filled in place, and conversions at the end."""

import torch
from torch import Tensor


def make_basic() -> dict[str, Tensor]:
    """Make every entry in a way that is not the shortest."""
    basic = {name: torch.zeros(3, 3) for name in ("eye", "small", "mixed")}
    basic["eye"].fill_diagonal_(1)
    basic["mixed"] = torch.FloatTensor([5.5, 3])
    basic["small"] = torch.CharTensor([1, 2, 3])
    basic["zeros"] = torch.zeros(4, 3).long()
    basic["lengths"] = torch.empty(16, dtype=torch.long).fill_(50)
    basic["halves"] = torch.linspace(0, 1.5, 4)
    basic["column"] = torch.linspace(-1, 1, steps=1000).reshape(-1, 1)
    basic["pictures"] = torch.empty(4, 3, 32, 32).uniform_()
    basic["order"] = torch.rand(20).argsort()
    basic["dice"] = torch.empty(200, dtype=torch.int64).random_(1, 7)
    return basic


def like(x: Tensor, fill: float) -> Tensor:
    """Fill an empty tensor."""
    return torch.empty_like(x).fill_(fill)


def grid(a: float, b: float, n: int) -> Tensor:
    """Walk from a in n - 1 steps, as arange counts them."""
    return a + (b - a) / max(n - 1, 1) * torch.arange(n, dtype=torch.float32)


def noisy_parabola(n: int, noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Let torch.normal put the noise around the parabola."""
    x = grid(-1, 1, n)[:, None]
    y = torch.normal(x.square(), float(noise), generator=generator)
    return x, y


def as_label(v: float | list) -> Tensor:
    """Convert after reading."""
    return torch.tensor(v).long()


def as_input(v: float | list) -> Tensor:
    """Convert after reading."""
    return torch.tensor(v).to(torch.float32)


def rank_name(t: Tensor) -> str:
    """Write a branch for each."""
    if t.ndim == 0:
        return "scalar"
    if t.ndim == 1:
        return "vector"
    if t.ndim == 2:
        return "matrix"
    return f"{t.ndim}-d tensor"


def to_number(t: Tensor) -> float:
    """Count first, then take the first of the flat list."""
    if t.numel() != 1:
        raise RuntimeError(f"one element is needed, not {t.numel()}")
    return t.reshape(-1).tolist()[0]
