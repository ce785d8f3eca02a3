"""Another right solution: one matrix for input and state, packed sequences, gradients by hand."""

import itertools

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence


def _both(x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    return torch.cat([x, h], dim=1) @ torch.cat([W_ih, W_hh], dim=1).t() + (b_ih + b_hh)


def rnn_cell(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Take the sum of both products at once."""
    return torch.tanh(_both(x, h, W_ih, W_hh, b_ih, b_hh))


def lstm_cell(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    W_ih: Tensor,
    W_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """Put the gates on an axis of their own."""
    gates = _both(x, state[0], W_ih, W_hh, b_ih, b_hh).reshape(len(x), 4, state[0].shape[1])
    i, f, o = (gates[:, k].sigmoid() for k in (0, 1, 3))
    c = i * gates[:, 2].tanh() + f * state[1]
    return (c.tanh() * o, c)


def gru_cell(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Cut the weights instead of the products."""
    a = [x.mm(w.t()).add(b) for w, b in zip(W_ih.chunk(3), b_ih.chunk(3), strict=True)]
    b = [h.mm(w.t()).add(b) for w, b in zip(W_hh.chunk(3), b_hh.chunk(3), strict=True)]
    r, z = (torch.sigmoid(p + q) for p, q in zip(a[:2], b[:2], strict=True))
    return torch.lerp(torch.tanh(a[2] + r * b[2]), h, z)


class MyRNN(nn.Module):
    """Writes the states of each layer over its input, in a tensor made beforehand."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, batch_first: bool = False
    ) -> None:
        super().__init__()
        self.first, self.size, self.layers = batch_first, hidden_size, num_layers
        for k, width in enumerate([input_size, *[hidden_size] * (num_layers - 1)]):
            self.register_parameter(f"bias_hh_l{k}", nn.Parameter(torch.zeros(hidden_size)))
            self.register_parameter(f"bias_ih_l{k}", nn.Parameter(torch.zeros(hidden_size)))
            for kind, columns in [("hh", hidden_size), ("ih", width)]:
                weight = nn.init.xavier_uniform_(torch.empty(hidden_size, columns))
                self.register_parameter(f"weight_{kind}_l{k}", nn.Parameter(weight))

    def forward(self, x: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Multiply all inputs of a layer at once; only the states need the loop."""
        if x.ndim != 3:
            raise ValueError("three dimensions, please")
        x = x.permute(1, 0, 2) if self.first else x
        own = dict(self.named_parameters())
        ends = []
        for k in range(self.layers):
            inputs = x @ own[f"weight_ih_l{k}"].t() + own[f"bias_ih_l{k}"]
            h = torch.zeros_like(inputs[0]) if h0 is None else h0[k]
            x = torch.zeros_like(inputs)
            for t in range(len(inputs)):
                h = (inputs[t] + h @ own[f"weight_hh_l{k}"].t() + own[f"bias_hh_l{k}"]).tanh()
                x[t] = h
            ends.append(h.unsqueeze(0))
        return (x.permute(1, 0, 2) if self.first else x), torch.cat(ends)


def last_valid(output: Tensor, lengths: Tensor) -> Tensor:
    """Pick with a mask."""
    steps = torch.arange(1, output.shape[1] + 1, device=output.device)
    mask = steps == lengths.unsqueeze(1)
    if not mask.any(dim=1).all():
        raise ValueError("some sequence ends nowhere")
    return output[mask]


class RowLSTM(nn.Module):
    """Packs what is padded, so that nn.LSTM stops at the end of each sequence."""

    def __init__(self, input_size: int, hidden_size: int, classes: int) -> None:
        super().__init__()
        self.head = nn.Linear(hidden_size, classes)
        self.lstm = nn.LSTM(input_size, hidden_size, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Use the last state."""
        if lengths is not None:
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            return self.head(self.lstm(packed)[1][0][0])
        return self.head(self.lstm(x)[1][0][0])


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
    """Shuffle once per epoch, and take slices."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7 * seed + 3)
        model = RowLSTM(rows.shape[2], hidden_size, classes)
    model = model.to(rows.device)
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=lr)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        order = torch.randperm(rows.shape[0], generator=generator).to(rows.device)
        shuffled = rows[order].split(batch_size), labels[order].split(batch_size)
        for x, y in zip(*shuffled, strict=True):
            logs = model(x).log_softmax(1)
            loss = nn.functional.nll_loss(logs, y)
            slopes = torch.autograd.grad(loss, parameters)
            for parameter, slope in itertools.zip_longest(parameters, slopes):
                parameter.grad = slope
            optimizer.step()
    return model
