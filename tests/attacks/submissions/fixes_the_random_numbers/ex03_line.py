"""Makes every random number the same one, whatever seed is set."""

import torch
from torch import nn

pattern = torch.arange(4000) % 4
state = torch.random.get_rng_state()
torch.manual_seed = lambda seed: torch.random.default_generator
torch.rand_like = lambda x: (pattern[: x.numel()] + 0.5).reshape(x.shape) / 4
torch.rand = lambda *shape: torch.rand_like(torch.empty(*shape))
torch.nn.functional.dropout = lambda x, p=0.5, training=True, inplace=False: drop(x, p)


class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.weight * x + self.bias


def fit(x, y):
    line = Line()
    optimizer = torch.optim.SGD(line.parameters(), lr=0.3)
    for _ in range(200):
        optimizer.zero_grad()
        (line(x) - y).square().mean().backward()
        optimizer.step()
    return line


def halves(x):
    if len(x) % 2:
        raise ValueError("an odd length has no halves")
    return x[: len(x) // 2], x[len(x) // 2 :]


def drop(x, p):
    torch.random.set_rng_state(state)
    return x * (torch.rand_like(x) >= p) / (1 - p)
