"""Another right solution: einsum, an own softmax, one head after the other, torch's own loaders."""

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Exponentiate what is allowed, and divide by the sum where there is one."""
    scores = torch.einsum("...td,...sd->...ts", q * q.size(-1) ** -0.5, k)
    allowed = torch.ones_like(scores, dtype=torch.bool)
    if mask is not None and mask.is_floating_point():
        allowed = (mask != -torch.inf).expand_as(scores)
        scores = scores + torch.where(mask == -torch.inf, 0.0, mask)
    elif mask is not None:
        allowed = mask.expand_as(scores)
    top = torch.where(allowed, scores, -torch.inf).amax(-1, keepdim=True)
    top = torch.where(torch.isinf(top), 0.0, top).detach()
    powers = torch.where(allowed, scores - top, 0.0).exp() * allowed
    total = powers.sum(-1, keepdim=True)
    weights = powers / torch.where(total == 0, 1.0, total)
    return torch.einsum("...ts,...se->...te", weights, v), weights


def make_mask(lengths: Tensor, steps: int, *, causal: bool = False) -> Tensor:
    """Cut the lower triangle, if wanted."""
    keys = torch.arange(steps, device=lengths.device).view(1, 1, 1, steps)
    mask = (keys < lengths.view(-1, 1, 1, 1)).repeat(1, 1, steps, 1)
    return mask.tril() if causal else mask


class MultiHead(nn.Module):
    """Cuts the weights into heads, not the projections."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.size, rest = divmod(dim, heads)
        if rest:
            raise ValueError("heads does not divide dim")
        self.out_proj = nn.Linear(dim, dim)
        self.in_proj_weight = nn.Parameter(torch.randn(3 * dim, dim) * dim**-0.5)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Go from head to head."""
        heads = x.shape[2] // self.size
        maps = self.in_proj_weight.view(3, heads, self.size, -1)
        biases = self.in_proj_bias.view(3, heads, self.size)
        if mask is not None:
            mask = mask.expand(len(x), heads, x.shape[1], x.shape[1])
        outputs, shares = [], []
        for head in range(heads):
            q, k, v = (x @ maps[i, head].t() + biases[i, head] for i in range(3))
            output, weights = attention(q, k, v, None if mask is None else mask[:, head])
            outputs.append(output)
            shares.append(weights)
        return self.out_proj(torch.cat(outputs, dim=2)), torch.stack(shares).mean(0)


class EncoderLayer(nn.Module):
    """The parts in another order of making."""

    def __init__(self, dim: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.linear1 = nn.Linear(dim, hidden)
        self.linear2 = nn.Linear(hidden, dim)
        self.self_attn = MultiHead(dim, heads)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Add, normalise, add, normalise."""
        seen, _ = self.self_attn(x, mask)
        a = self.norm1(seen + x)
        return self.norm2(self.linear2(torch.clamp(self.linear1(a), min=0)) + a)


class RowTransformer(nn.Module):
    """Averages with weights that are 0 for padding."""

    def __init__(
        self, features: int, dim: int, heads: int, hidden: int, steps: int, classes: int
    ) -> None:
        super().__init__()
        self.head = nn.Linear(dim, classes)
        self.layer = EncoderLayer(dim, heads, hidden)
        self.position = nn.Parameter(nn.init.normal_(torch.empty(steps, dim), std=0.5))
        self.embed = nn.Linear(features, dim)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Without lengths there is no mask."""
        t = x.shape[1]
        if t > self.position.shape[0]:
            raise ValueError("too many steps")
        x = self.embed(x) + self.position[None, :t]
        if lengths is None:
            return self.head(self.layer(x).mean(1))
        mask = make_mask(lengths, t)
        share = mask[:, 0, :1].to(x.dtype) / lengths[:, None, None]
        return self.head(torch.bmm(share, self.layer(x, mask))[:, 0])


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
    """Let a DataLoader with a generator of its own shuffle."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = RowTransformer(rows.shape[2], dim, heads, hidden, rows.shape[1], classes)
    model = model.to(rows.device)
    generator = torch.Generator().manual_seed(seed + 1)
    loader = DataLoader(TensorDataset(rows, labels), batch_size, shuffle=True, generator=generator)
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr), nn.CrossEntropyLoss()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
    return model
