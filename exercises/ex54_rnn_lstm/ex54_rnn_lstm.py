"""Exercise ex54_rnn_lstm: three recurrent cells, a layer of them, and digits read row by row.

N is the size of the batch, T the number of steps, D the features of a step, H the size of the
state. All numbers of a call are float32 or float64, of one dtype and on one device; results have
both, and gradients reach everything that took part. Add the imports that you need.
"""

from torch import Tensor, nn


def rnn_cell(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Return the next state (N, H): tanh(x W_ih^T + b_ih + h W_hh^T + b_hh).

    x: (N, D), N may be 0. h: the state before, (N, H). W_ih: (H, D). W_hh: (H, H). b_ih and b_hh:
    (H,). Nothing that comes in is changed.
    """
    raise NotImplementedError


def lstm_cell(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    W_ih: Tensor,
    W_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """Return the next state (h, c) of an LSTM, two tensors (N, H).

    x: (N, D), N may be 0. state: the pair (h, c) before. W_ih: (4H, D). W_hh: (4H, H). b_ih and
    b_hh: (4H,). Their rows are four blocks of H in PyTorch's order, and each block of
    x W_ih^T + b_ih + h W_hh^T + b_hh is for one gate:
      i: sigmoid, f: sigmoid, g: tanh, o: sigmoid
      c' = f * c + i * g        h' = o * tanh(c')
    Nothing that comes in is changed.
    """
    raise NotImplementedError


def gru_cell(
    x: Tensor, h: Tensor, W_ih: Tensor, W_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Return the next state (N, H) of a GRU, as PyTorch defines it.

    x: (N, D), N may be 0. h: the state before, (N, H). W_ih: (3H, D). W_hh: (3H, H). b_ih and
    b_hh: (3H,). Their rows are three blocks of H, in the order r, z, n. With a = x W_ih^T + b_ih
    and b = h W_hh^T + b_hh, cut into such blocks:
      r = sigmoid(a_r + b_r)    z = sigmoid(a_z + b_z)    n = tanh(a_n + r * b_n)
      h' = (1 - z) * n + z * h
    Nothing that comes in is changed.
    """
    raise NotImplementedError


class MyRNN(nn.Module):
    """Layers of rnn_cell, one above the other, with the parameters of nn.RNN.

    Layer k has weight_ih_l{k} of shape (H, D), for k > 0 (H, H); weight_hh_l{k} (H, H);
    bias_ih_l{k} and bias_hh_l{k} (H,). There are no others, and their first values are yours to
    choose. So a state_dict of nn.RNN(input_size, hidden_size, num_layers) can be loaded.
    """

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, *, batch_first: bool = False
    ) -> None:
        """Make the parameters, for D = input_size and H = hidden_size."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return (output, h_n): the last layer's states, and every layer's state after the end.

        x: (T, N, D), or (N, T, D) if batch_first; T and N are at least 1. h0: the states before
        the first step, (num_layers, N, H), zeros if left out.
        The input of layer 0 are the steps of x, that of each other layer the states of the layer
        below.
        output: (T, N, H), or (N, T, H) if batch_first. h_n: (num_layers, N, H), also if
        batch_first. Nothing is kept from one call to the next.
        Raises ValueError when x is not 3-d.
        """
        raise NotImplementedError


def last_valid(output: Tensor, lengths: Tensor) -> Tensor:
    """Return for each sequence its output at its last valid step, (N, H).

    output: (N, T, H). lengths: int64 (N,) on output's device: sequence n has lengths[n] steps,
    what stands behind them is padding.
    Raises ValueError when a length is less than 1 or more than T.
    """
    raise NotImplementedError


class RowLSTM(nn.Module):
    """A classifier for sequences: `lstm`, and `head` on the output of the last valid step.

    lstm is an nn.LSTM(input_size, hidden_size, batch_first=True) of one layer, head an
    nn.Linear(hidden_size, classes). Nothing else has parameters. Here PyTorch's layers are allowed.
    """

    def __init__(self, input_size: int, hidden_size: int, classes: int) -> None:
        """Make the two layers."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the scores (N, classes) of sequences x (N, T, D), T and N at least 1.

        lengths: int64 (N,) as for last_valid; if left out, all T steps of all sequences count.
        Every sequence starts from a state of zeros, and padding has no influence. There is no
        softmax behind head.
        """
        raise NotImplementedError


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
    """Train a new RowLSTM on sequences and return it.

    rows: (N, T, D), float32, all T steps valid. labels: int64 (N,), classes 0 to classes - 1. The
    model is on the device of rows; labels are there as well.
    Each epoch shows all sequences once, in an order drawn anew, in batches of batch_size (the last
    may be smaller). Each batch makes one step: one call of the model, mean cross entropy, its
    gradient, and one step of torch.optim.Adam with the rate lr and otherwise its defaults. There
    is one optimizer for all epochs.
    The first weights (PyTorch's own) and the orders depend on seed and on nothing else.

    Speed counts: training on 1437 digits, 8 rows of 8 pixels each, and scoring others is timed
    beside a plain solution. Up to 4 times its time earns all points of that check, up to 8 times
    half of them, more than that none. The model must have learned as well: with the defaults it
    must get at least 65 % of new digits right.
    """
    raise NotImplementedError
