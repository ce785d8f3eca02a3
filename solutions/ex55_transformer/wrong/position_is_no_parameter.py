"""Positions as a plain tensor, and no bias in out_proj.

No optimizer finds the positions, no state_dict holds them, and .to() leaves them where they are.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return (output, weights): for each query a mean of the values."""
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        allowed = mask.dtype == torch.bool
        scores = scores.masked_fill(~mask, -math.inf) if allowed else scores + mask
    dead = scores.isneginf().all(dim=-1, keepdim=True)
    # Softmax never sees a row of -inf, or its gradient would be nan.
    weights = scores.masked_fill(dead, 0).softmax(dim=-1).masked_fill(dead, 0)
    return weights @ v, weights


def make_mask(lengths: Tensor, steps: int, *, causal: bool = False) -> Tensor:
    """Return a mask (N, 1, steps, steps), True where a step may look at another one."""
    places = torch.arange(steps, device=lengths.device)
    mask = (places < lengths[:, None])[:, None, None].expand(-1, 1, steps, steps)
    return mask & (places <= places[:, None]) if causal else mask


class MultiHead(nn.Module):
    """Self-attention with several heads and the parameters of nn.MultiheadAttention."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        if dim % heads:
            raise ValueError(f"{dim} features cannot be shared by {heads} heads")
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        nn.init.xavier_uniform_(self.in_proj_weight)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the output (N, T, dim), and the weights (N, T, T) as a mean over the heads."""
        projected = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = projected.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        output, weights = attention(q, k, v, mask)
        return self.out_proj(output.transpose(1, 2).flatten(2)), weights.mean(dim=1)


class EncoderLayer(nn.Module):
    """MultiHead and a small network for each step, both with a detour and a norm behind."""

    def __init__(self, dim: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.self_attn = MultiHead(dim, heads)
        self.linear1, self.linear2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return what becomes of x (N, T, dim), of the same shape."""
        x = self.norm1(x + self.self_attn(x, mask)[0])
        return self.norm2(x + self.linear2(self.linear1(x).relu()))


class RowTransformer(nn.Module):
    """A classifier for sequences: embed, position, one layer, a mean over the steps, head."""

    def __init__(
        self, features: int, dim: int, heads: int, hidden: int, steps: int, classes: int
    ) -> None:
        super().__init__()
        self.embed = nn.Linear(features, dim)
        self.position = torch.randn(steps, dim)
        self.layer = EncoderLayer(dim, heads, hidden)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the scores (N, classes) of sequences x (N, T, features)."""
        steps = x.shape[1]
        if steps > len(self.position):
            raise ValueError(f"{steps} steps, but positions for {len(self.position)} only")
        if lengths is None:
            lengths = torch.full((len(x),), steps, device=x.device)
        mask = make_mask(lengths, steps)
        states = self.layer(self.embed(x) + self.position[:steps], mask)
        valid = mask[:, 0, 0, :, None]
        return self.head((states * valid).sum(dim=1) / lengths[:, None])


def train_rows(
    rows: Tensor,
    labels: Tensor,
    *,
    dim: int = 16,
    heads: int = 2,
    hidden: int = 32,
    classes: int = 10,
    epochs: int = 4,
    batch_size: int = 64,
    lr: float = 0.02,
    seed: int = 0,
) -> RowTransformer:
    """Train a new RowTransformer on sequences and return it."""
    torch.manual_seed(seed)
    model = RowTransformer(rows.shape[2], dim, heads, hidden, rows.shape[1], classes)
    model.to(rows.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        for batch in torch.randperm(len(rows)).to(rows.device).split(batch_size):
            loss = functional.cross_entropy(model(rows[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model
