"""Reference solution of ex15_norm_layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MyBatchNorm2d(nn.Module):
    """A layer that normalises each map of a batch by itself, as nn.BatchNorm2d does."""

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
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        if affine:
            self.weight = nn.Parameter(torch.ones(num_features))
            self.bias = nn.Parameter(torch.zeros(num_features))
        if track_running_stats:
            self.register_buffer("running_mean", torch.zeros(num_features))
            self.register_buffer("running_var", torch.ones(num_features))
            self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise by the batch or by the running statistics; then scale and shift."""
        if x.dim() != 4 or x.shape[1] != self.num_features:
            raise ValueError(f"expected (N, {self.num_features}, H, W), got {tuple(x.shape)}")
        if self.training or not self.track_running_stats:
            count = x.shape[0] * x.shape[2] * x.shape[3]
            if count < 2:
                raise ValueError("one number alone has no spread")
            mean = x.mean(dim=(0, 2, 3))
            var = x.var(dim=(0, 2, 3), correction=0)
            if self.track_running_stats:
                self._move(mean.detach(), var.detach() * count / (count - 1))
        else:
            mean, var = self.running_mean, self.running_var
        y = (x - mean[:, None, None]) / (var[:, None, None] + self.eps).sqrt()
        if self.affine:
            y = y * self.weight[:, None, None] + self.bias[:, None, None]
        return y

    def _move(self, mean: Tensor, unbiased: Tensor) -> None:
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        self.num_batches_tracked += 1


def layer_norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Normalise along the last dimension."""
    difference = x - x.mean(dim=-1, keepdim=True)
    var = difference.square().mean(dim=-1, keepdim=True)
    return difference / (var + eps).sqrt()


def minmax(x: Tensor, lo: float = 0.0, hi: float = 1.0) -> Tensor:
    """Stretch every column of a table to [lo, hi]."""
    _check_table(x)
    if lo >= hi:
        raise ValueError(f"lo = {lo} is not less than hi = {hi}")
    smallest, largest = x.aminmax(dim=0)
    span = torch.where(smallest == largest, 1.0, largest - smallest)
    return lo + (x - smallest) / span * (hi - lo)


class Standardizer:
    """Scales features to mean 0 and standard deviation 1, as they were in the training set."""

    mean: Tensor | None = None
    std: Tensor | None = None

    def fit(self, x: Tensor) -> Standardizer:
        """Take mean and std of every column."""
        _check_table(x)
        # Rounding may leave a little in the std of equal numbers; their extremes are equal.
        is_constant = x.amin(dim=0) == x.amax(dim=0)
        self.mean = x.mean(dim=0)
        self.std = torch.where(is_constant, 1.0, x.std(dim=0, correction=0))
        return self

    def transform(self, x: Tensor) -> Tensor:
        """Return (x - mean) / std."""
        self._check(x)
        return (x - self.mean) / self.std

    def inverse(self, x: Tensor) -> Tensor:
        """Return x * std + mean."""
        self._check(x)
        return x * self.std + self.mean

    def _check(self, x: Tensor) -> None:
        if self.mean is None:
            raise RuntimeError("call fit first")
        if x.dim() != 2 or x.shape[1] != len(self.mean):
            raise ValueError(f"expected {len(self.mean)} columns, got {tuple(x.shape)}")


def _check_table(x: Tensor) -> None:
    if x.dim() != 2 or len(x) == 0:
        raise ValueError(f"expected a table with rows, got {tuple(x.shape)}")


def gd_loss(X: Tensor, y: Tensor, steps: int, lr: float) -> float:
    """Fit a plane by gradient descent and return the loss that is left."""
    w, b = X.new_zeros(X.shape[1]), 0
    for _ in range(steps):
        error = X @ w + b - y
        w = w - lr * 2 * X.T @ error / len(X)
        b = b - lr * 2 * error.mean()
    return (X @ w + b - y).square().mean().item()
