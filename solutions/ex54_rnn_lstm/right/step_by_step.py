"""Another right solution: F.linear and split, time outside and layers inside, a loop in RowLSTM."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def rnn_cell(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Add two linear maps."""
    return (functional.linear(x, W_ih, b_ih) + functional.linear(h, W_hh, b_hh)).tanh()


def lstm_cell(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    W_ih: Tensor,
    W_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """Split by the size of the state."""
    short, long = state
    gates = functional.linear(x, W_ih, b_ih) + functional.linear(short, W_hh, b_hh)
    take, keep, new, show = gates.split(short.shape[-1], dim=-1)
    long = torch.addcmul(torch.sigmoid(keep) * long, torch.sigmoid(take), torch.tanh(new))
    return torch.sigmoid(show) * torch.tanh(long), long


def gru_cell(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Compute the two gates together, then move from h towards the new state."""
    size = h.shape[1]
    a, b = functional.linear(x, W_ih, b_ih), functional.linear(h, W_hh, b_hh)
    reset, keep = torch.sigmoid(a[:, : 2 * size] + b[:, : 2 * size]).split(size, dim=1)
    new = torch.tanh(a[:, 2 * size :] + reset * b[:, 2 * size :])
    return new + keep * (h - new)


class MyRNN(nn.Module):
    """At each time step all layers, from below to above."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, batch_first: bool = False
    ) -> None:
        super().__init__()
        self.layout = (num_layers, hidden_size)
        self.time = 1 if batch_first else 0
        bound = hidden_size**-0.5
        for k in range(num_layers):
            for kind in _KINDS:
                columns = input_size if kind == "weight_ih" and k == 0 else hidden_size
                shape = (hidden_size, columns) if kind.startswith("w") else (hidden_size,)
                value = torch.empty(shape).uniform_(-bound, bound)
                setattr(self, f"{kind}_l{k}", nn.Parameter(value))

    def forward(self, x: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Carry a list of states through the time."""
        if len(x.shape) != 3:
            raise ValueError("a batch of sequences is needed")
        layers, size = self.layout
        if h0 is None:
            h0 = torch.zeros(layers, x.shape[1 - self.time], size, dtype=x.dtype, device=x.device)
        states, output = list(h0.unbind(0)), []
        for step in x.unbind(self.time):
            below = step
            for k in range(layers):
                weights = (getattr(self, f"{kind}_l{k}") for kind in _KINDS)
                below = rnn_cell(below, states[k], *weights)
                states[k] = below
            output.append(states[-1])
        return torch.stack(output, dim=self.time), torch.stack(states)


def last_valid(output: Tensor, lengths: Tensor) -> Tensor:
    """Gather along the time."""
    if len(lengths) and not 1 <= lengths.min() <= lengths.max() <= output.size(1):
        raise ValueError("a length does not fit")
    places = (lengths - 1)[:, None, None].expand(-1, 1, output.size(2))
    return output.gather(1, places)[:, 0]


class RowLSTM(nn.Module):
    """The weights of nn.LSTM, the loop written by hand."""

    def __init__(self, input_size: int, hidden_size: int, classes: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Go through the steps with lstm_cell."""
        weights = [getattr(self.lstm, f"{kind}_l0") for kind in _KINDS]
        zeros = x.new_zeros(len(x), self.lstm.hidden_size)
        state, output = (zeros, zeros), []
        for step in x.unbind(1):
            state = lstm_cell(step, state, *weights)
            output.append(state[0])
        if lengths is None:
            return self.head(state[0])
        return self.head(last_valid(torch.stack(output, dim=1), lengths))


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
    """Let a DataLoader with a generator of its own shuffle."""
    torch.manual_seed(seed)
    model = RowLSTM(rows.shape[-1], hidden_size, classes)
    model.to(rows.device)
    generator = torch.Generator().manual_seed(seed + 1)
    loader = DataLoader(TensorDataset(rows, labels), batch_size, shuffle=True, generator=generator)
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr), nn.CrossEntropyLoss()
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            criterion(model(x), y).backward()
            optimizer.step()
    return model
