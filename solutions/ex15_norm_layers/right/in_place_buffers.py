"""Another right solution: buffers that move in place, and torch's own autograd and optimizer."""

import torch
from torch import Tensor, nn


class MyBatchNorm2d(nn.Module):
    """Registers None for what is left out, as nn.BatchNorm2d does."""

    def __init__(
        self, num_features, eps=1e-5, momentum=0.1, *, affine=True, track_running_stats=True
    ):
        super().__init__()
        self.eps = eps
        self.momentum = momentum
        self.num_features = num_features
        if affine:
            self.weight = nn.Parameter(torch.empty(num_features))
            self.bias = nn.Parameter(torch.empty(num_features))
            nn.init.ones_(self.weight)
            nn.init.zeros_(self.bias)
        else:
            self.register_parameter("weight", None)
            self.register_parameter("bias", None)
        remembered = {
            "running_mean": torch.zeros(num_features),
            "running_var": torch.ones(num_features),
            "num_batches_tracked": torch.zeros((), dtype=torch.int64),
        }
        for name, value in remembered.items():
            self.register_buffer(name, value if track_running_stats else None)

    def forward(self, x: Tensor) -> Tensor:
        """Choose the statistics first; the formula is the same in both modes."""
        if x.ndim != 4:
            raise ValueError("x must be 4-d")
        if x.size(1) != self.num_features:
            raise ValueError("x has another number of maps")
        if self.training or self.running_mean is None:
            if x[:, 0].numel() <= 1:
                raise ValueError("more than one number for each map, please")
            var, mean = torch.var_mean(x, (0, 2, 3), unbiased=False)
            if self.running_mean is not None:
                with torch.no_grad():
                    self.running_mean.lerp_(mean, self.momentum)
                    self.running_var.lerp_(x.var((0, 2, 3)), self.momentum)
                    self.num_batches_tracked.add_(1)
        else:
            mean, var = self.running_mean, self.running_var
        scale = torch.rsqrt(var + self.eps)
        shift = torch.zeros_like(mean)
        if self.weight is not None:
            scale, shift = scale * self.weight, self.bias
        centred = x - mean.view(1, -1, 1, 1)
        return centred * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)


def layer_norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Use torch's variance."""
    var, mean = torch.var_mean(x, -1, unbiased=False, keepdim=True)
    return (x - mean) * (var + eps) ** -0.5


def minmax(x: Tensor, lo: float = 0.0, hi: float = 1.0) -> Tensor:
    """Divide where there is something to divide by."""
    if x.ndim != 2 or x.shape[0] < 1:
        raise ValueError("no table")
    if not lo < hi:
        raise ValueError("no interval")
    smallest, largest = x.min(dim=0).values, x.max(dim=0).values
    share = torch.nan_to_num((x - smallest) / (largest - smallest), nan=0.0)
    return share * hi + (1 - share) * lo


class Standardizer:
    """Knows that it was not fitted from an attribute that is missing."""

    def fit(self, x: Tensor) -> "Standardizer":
        """Take the statistics."""
        if x.ndim != 2 or not x.shape[0]:
            raise ValueError("no table")
        self.mean = x.sum(0) / len(x)
        std = ((x - self.mean) ** 2).mean(0).sqrt()
        self.std = std.masked_fill(std == 0, 1.0)
        return self

    def transform(self, x: Tensor) -> Tensor:
        """Go there."""
        self._look_at(x)
        return x.sub(self.mean).div(self.std)

    def inverse(self, x: Tensor) -> Tensor:
        """Come back."""
        self._look_at(x)
        return x.mul(self.std).add(self.mean)

    def _look_at(self, x: Tensor) -> None:
        if not hasattr(self, "mean"):
            raise RuntimeError("not fitted")
        if x.shape[1:] != self.mean.shape:
            raise ValueError("other columns")


def gd_loss(X: Tensor, y: Tensor, steps: int, lr: float) -> float:
    """Let torch find the gradients and take the steps."""
    w = torch.zeros(X.shape[1], dtype=X.dtype, device=X.device, requires_grad=True)
    b = torch.zeros(1, dtype=X.dtype, device=X.device, requires_grad=True)
    optimizer = torch.optim.SGD([w, b], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(X @ w + b, y).backward()
        optimizer.step()
    with torch.no_grad():
        return float(nn.functional.mse_loss(X @ w + b, y))
