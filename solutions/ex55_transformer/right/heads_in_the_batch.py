"""Another right solution: masks become numbers, heads go into the batch, gradients by autograd."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Make numbers of bools; rows without any key are replaced before and after the softmax."""
    scores = torch.matmul(q, k.mT).div(q.shape[-1] ** 0.5)
    if mask is None:
        weights = torch.softmax(scores, dim=-1)
        return torch.matmul(weights, v), weights
    if mask.dtype is torch.bool:
        zero = scores.new_zeros(())
        mask = torch.where(mask, zero, zero - torch.inf)
    alive = (mask > -torch.inf).any(dim=-1, keepdim=True)
    mask = torch.where(alive, mask, 0)
    weights = torch.where(alive, torch.softmax(scores + mask, dim=-1), 0)
    return torch.matmul(weights, v), weights


def make_mask(lengths: Tensor, steps: int, *, causal: bool = False) -> Tensor:
    """Write each mask as an outer comparison."""
    i = torch.arange(steps, device=lengths.device)
    mask = torch.ones(len(lengths), 1, steps, steps, dtype=torch.bool, device=lengths.device)
    mask &= i < lengths.reshape(-1, 1, 1, 1)
    if causal:
        mask &= i[None, :] <= i[:, None]
    return mask


class MultiHead(nn.Module):
    """All heads of all samples are one batch."""

    def __init__(self, dim: int, heads: int) -> None:
        if heads * (dim // heads) != dim:
            raise ValueError("each head needs as many features as the others")
        super().__init__()
        self.heads = heads
        first = nn.Linear(dim, 3 * dim)
        self.in_proj_weight, self.in_proj_bias = first.weight, first.bias
        self.out_proj = nn.Linear(dim, dim)

    def _split(self, x: Tensor) -> Tensor:
        n, t, dim = x.shape
        x = x.contiguous().view(n, t, self.heads, dim // self.heads)
        return x.transpose(1, 2).reshape(n * self.heads, t, -1)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Split into batches of heads, and put together again."""
        n, t, dim = x.shape
        parts = functional.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        if mask is not None:
            mask = mask.expand(n, self.heads, t, t).reshape(n * self.heads, t, t)
        output, weights = attention(*map(self._split, parts), mask)
        output = output.view(n, self.heads, t, -1).permute(0, 2, 1, 3).reshape(n, t, dim)
        return self.out_proj(output), weights.view(n, self.heads, t, t).mean(1)


class EncoderLayer(nn.Module):
    """Applies the two norms by their functional form."""

    def __init__(self, dim: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.self_attn = MultiHead(dim, heads)
        for name, part in [
            ("linear1", nn.Linear(dim, hidden)),
            ("linear2", nn.Linear(hidden, dim)),
            ("norm1", nn.LayerNorm(dim)),
            ("norm2", nn.LayerNorm(dim)),
        ]:
            self.add_module(name, part)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Use the functional forms."""
        one, two = self.norm1, self.norm2
        size = x.shape[-1:]
        x = functional.layer_norm(x + self.self_attn(x, mask)[0], size, one.weight, one.bias)
        y = self.linear2(functional.relu(self.linear1(x)))
        return functional.layer_norm(x + y, size, two.weight, two.bias)


class RowTransformer(nn.Module):
    """Replaces the states of padding by 0 before the sum."""

    def __init__(
        self, features: int, dim: int, heads: int, hidden: int, steps: int, classes: int
    ) -> None:
        super().__init__()
        self.embed = nn.Linear(features, dim)
        self.register_parameter("position", nn.Parameter(torch.rand(steps, dim)))
        self.layer = EncoderLayer(dim, heads, hidden)
        self.head = nn.Linear(dim, classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Count the valid steps in the mask."""
        n, t, _ = x.shape
        if self.position.shape[0] < t:
            raise ValueError("there are not enough positions")
        if lengths is None:
            lengths = x.new_full((n,), t, dtype=torch.int64)
        states = self.embed(x).add(self.position.narrow(0, 0, t))
        states = self.layer(states, make_mask(lengths, t))
        padding = torch.arange(t, device=x.device)[None] >= lengths[:, None]
        states = states.masked_fill(padding[..., None], 0)
        return self.head(states.sum(1) / (~padding).sum(1, keepdim=True))


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
    """Shuffle once per epoch, and take slices."""
    torch.manual_seed(5 * seed + 2)
    _, steps, features = rows.shape
    model = RowTransformer(features, dim, heads, hidden, steps, classes).to(rows.device)
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=lr, foreach=False)
    for _ in range(epochs):
        order = torch.randperm(len(rows)).to(rows.device)
        shuffled = rows[order].split(batch_size), labels[order].split(batch_size)
        for x, y in zip(*shuffled, strict=True):
            loss = functional.nll_loss(model(x).log_softmax(1), y)
            slopes = torch.autograd.grad(loss, parameters)
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter.grad = slope
            optimizer.step()
    return model
