"""Another right solution: every map becomes one row, and one function normalises all rows."""

import math

import torch
from torch import Tensor, nn


def _moments(rows: Tensor) -> tuple[Tensor, Tensor]:
    count = rows.shape[-1]
    mean = rows.sum(-1, keepdim=True) / count
    return mean, ((rows - mean) ** 2).sum(-1, keepdim=True) / count


class MyBatchNorm2d(nn.Module):
    """Keeps the options in a tuple and the maps in rows."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        *,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        super().__init__()
        self._options = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        self.remembers = track_running_stats
        if self.remembers:
            self.register_buffer("running_mean", torch.zeros(num_features))
            self.register_buffer("running_var", torch.ones(num_features))
            self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))

    def forward(self, x: Tensor) -> Tensor:
        """Put the maps into rows, normalise the rows, and put them back."""
        maps, eps, momentum = self._options
        if len(x.shape) != 4 or x.shape[1] != maps:
            raise ValueError(f"this layer is for {maps} maps")
        rows = x.transpose(0, 1).flatten(1)
        use_batch = self.training or not self.remembers
        if use_batch and rows.shape[1] < 2:
            raise ValueError("too few numbers")
        if use_batch:
            mean, var = _moments(rows)
        else:
            mean, var = self.running_mean[:, None], self.running_var[:, None]
        if self.training and self.remembers:
            count = rows.shape[1]
            news = mean.data[:, 0], var.data[:, 0] * (count / (count - 1))
            self.running_mean += momentum * (news[0] - self.running_mean)
            self.running_var += momentum * (news[1] - self.running_var)
            self.num_batches_tracked = self.num_batches_tracked + 1
        rows = (rows - mean) / torch.sqrt(var + eps)
        if self.weight is not None:
            rows = torch.addcmul(self.bias[:, None], rows, self.weight[:, None])
        return rows.unflatten(1, (x.shape[0], *x.shape[2:])).transpose(0, 1)


def layer_norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Normalise row by row."""
    mean, var = _moments(x)
    return (x - mean) / torch.sqrt(var + eps)


def minmax(x: Tensor, lo: float = 0.0, hi: float = 1.0) -> Tensor:
    """Scale one column after the other."""
    if x.dim() != 2 or x.numel() == 0 or hi <= lo:
        raise ValueError("a table and an interval, please")
    result = torch.full_like(x, lo)
    for column in range(x.shape[1]):
        smallest, largest = x[:, column].min(), x[:, column].max()
        if largest > smallest:
            factor = (hi - lo) / (largest - smallest)
            result[:, column] += (x[:, column] - smallest) * factor
    return result


class Standardizer:
    """Checks the shapes by unpacking them."""

    def __init__(self) -> None:
        self.mean = self.std = None

    def fit(self, x: Tensor) -> "Standardizer":
        """Take mean and std of every column."""
        rows, _ = x.shape
        if rows == 0:
            raise ValueError("an empty table")
        self.mean, var = (moment[:, 0] for moment in _moments(x.T))
        std = [math.sqrt(value) or 1.0 for value in var.tolist()]
        self.std = torch.tensor(std, dtype=x.dtype, device=x.device)
        return self

    def _needed(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if self.std is None:
            raise RuntimeError("fit comes first")
        _, columns = x.shape
        if columns != self.std.numel():
            raise ValueError("other columns than fit has seen")
        return self.mean.expand(x.shape), self.std.expand(x.shape)

    def transform(self, x: Tensor) -> Tensor:
        """Return (x - mean) / std."""
        mean, std = self._needed(x)
        return (x - mean) / std

    def inverse(self, x: Tensor) -> Tensor:
        """Return x * std + mean."""
        mean, std = self._needed(x)
        return torch.addcmul(mean, x, std)


def gd_loss(X: Tensor, y: Tensor, steps: int, lr: float) -> float:
    """Give X a column of ones, so that b is the last weight."""
    A = torch.cat([X, X.new_ones(X.shape[0], 1)], dim=1)
    w = A.new_zeros(A.shape[1], 1)
    for _ in range(steps):
        w -= 2 * lr / len(A) * (A.mT @ (A @ w - y[:, None]))
    return torch.mean((A @ w - y[:, None]) ** 2).item()
