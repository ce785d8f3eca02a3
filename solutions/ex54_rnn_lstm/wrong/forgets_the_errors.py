"""Nothing is checked before the work begins.

A length of 0 becomes the index -1, the last step of all, and nobody notices. A length above T raises
an IndexError from deep inside, which is no ValueError.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


def rnn_cell(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Return the next state (N, H)."""
    return torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)


def lstm_cell(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    W_ih: Tensor,
    W_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the next state (h, c), each (N, H)."""
    h, c = state
    i, f, g, o = (x @ W_ih.T + b_ih + h @ W_hh.T + b_hh).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """Return the next state (N, H); the reset gate stands behind the matrix."""
    a_r, a_z, a_n = (x @ W_ih.T + b_ih).chunk(3, dim=1)
    b_r, b_z, b_n = (h @ W_hh.T + b_hh).chunk(3, dim=1)
    r, z = (a_r + b_r).sigmoid(), (a_z + b_z).sigmoid()
    return (1 - z) * (a_n + r * b_n).tanh() + z * h


class MyRNN(nn.Module):
    """Layers of rnn_cell, one above the other, with the parameters of nn.RNN."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, batch_first: bool = False
    ) -> None:
        super().__init__()
        self.hidden_size, self.num_layers = hidden_size, num_layers
        self.batch_first = batch_first
        for k in range(num_layers):
            below = hidden_size if k else input_size
            for kind, columns in [("ih", below), ("hh", hidden_size)]:
                weight, bias = torch.randn(hidden_size, columns), torch.randn(hidden_size)
                self.register_parameter(f"weight_{kind}_l{k}", nn.Parameter(weight))
                self.register_parameter(f"bias_{kind}_l{k}", nn.Parameter(bias))

    def forward(self, x: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the last layer's states, and every layer's state after the end."""
        if self.batch_first:
            x = x.transpose(0, 1)
        if h0 is None:
            h0 = x.new_zeros(self.num_layers, x.shape[1], self.hidden_size)
        last = []
        for k in range(self.num_layers):
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            weights = [self.get_parameter(f"{name}_l{k}") for name in names]
            h, states = h0[k], []
            for step in x:
                h = rnn_cell(step, h, *weights)
                states.append(h)
            last.append(h)
            x = torch.stack(states)  # what the next layer reads
        return x.transpose(0, 1) if self.batch_first else x, torch.stack(last)


def last_valid(output: Tensor, lengths: Tensor) -> Tensor:
    """Return for each sequence its output at its last valid step, (N, H)."""
    return output[torch.arange(len(output), device=output.device), lengths - 1]


class RowLSTM(nn.Module):
    """A classifier for sequences: `lstm`, and `head` on the output of the last valid step."""

    def __init__(self, input_size: int, hidden_size: int, classes: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the scores (N, classes) of sequences x (N, T, D)."""
        output, _ = self.lstm(x)
        return self.head(output[:, -1] if lengths is None else last_valid(output, lengths))


def train_rows(
    rows: Tensor,
    labels: Tensor,
    *,
    hidden_size: int = 32,
    classes: int = 10,
    epochs: int = 2,
    batch_size: int = 64,
    lr: float = 0.03,
    seed: int = 0,
) -> RowLSTM:
    """Train a new RowLSTM on sequences and return it."""
    torch.manual_seed(seed)
    model = RowLSTM(rows.shape[2], hidden_size, classes).to(rows.device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(epochs):
        for batch in torch.randperm(len(rows)).to(rows.device).split(batch_size):
            loss = functional.cross_entropy(model(rows[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model
