"""Exercise ex55_transformer: attention, masks, several heads, a layer, and digits read by rows.

N is the size of the batch, T the number of steps, dim the features of a step. All numbers of a
call are float32 or float64, of one dtype and on one device; results have both, and gradients
reach everything that took part. Add the imports that you need.
"""

from torch import Tensor, nn


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Return (output, weights) of scaled dot product attention.

    q: queries (..., T, d). k: keys (..., S, d). v: values (..., S, e). The dimensions before the
    last two are equal, and there may be none. T may be 0; S and d are at least 1.
    The scores are q k^T / sqrt(d), (..., T, S); the mask changes them; weights (..., T, S) is
    their softmax over the keys, and output (..., T, e) is weights @ v.
    mask: of a shape that broadcasts to that of the scores. A mask of bools is True where a query
    may look at a key; elsewhere the weight is 0. A mask of numbers, of q's dtype, is added to the
    scores; -inf forbids.
    Where a query may look at no key at all (a row of False, or of -inf), its weights and its
    output are 0, and so are the gradients that come from there: nothing is nan.
    """
    raise NotImplementedError


def make_mask(lengths: Tensor, steps: int, *, causal: bool = False) -> Tensor:
    """Return a mask of bools (N, 1, steps, steps) for attention: [n, 0, i, j] is for i looks at j.

    lengths: int64 (N,), from 0 to steps. It is True where j < lengths[n], that is, where j is no
    padding, and with causal=True only where j <= i as well. The rows of queries i that are padding
    follow the same rule. The mask is on the device of lengths.
    """
    raise NotImplementedError


class MultiHead(nn.Module):
    """Self-attention with several heads and the parameters of nn.MultiheadAttention.

    They are in_proj_weight (3 dim, dim), in_proj_bias (3 dim,), out_proj.weight (dim, dim) and
    out_proj.bias (dim,). There are no others, and their first values are yours to choose.
    in_proj makes queries, keys and values, in this order, of dim features each; head h has the
    features h * dim / heads to (h + 1) * dim / heads - 1 of each. The outputs of the heads are put
    side by side, in order, and go through out_proj. There is no dropout.
    """

    def __init__(self, dim: int, heads: int) -> None:
        """Make the parameters. Raises ValueError when heads does not divide dim."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the output (N, T, dim) for x (N, T, dim), and the weights (N, T, T).

        N and T are at least 1. mask is as for attention, broadcast to (N, heads, T, T). The
        weights are the mean over the heads.
        """
        raise NotImplementedError


class EncoderLayer(nn.Module):
    """A Transformer layer with the parameters of nn.TransformerEncoderLayer.

    self_attn: MultiHead(dim, heads). linear1 and linear2: nn.Linear from dim to hidden and back.
    norm1 and norm2: nn.LayerNorm(dim). There is no dropout.
    """

    def __init__(self, dim: int, heads: int, hidden: int) -> None:
        """Make the five parts."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return a tensor of the shape of x (N, T, dim); mask is as for MultiHead.

        First a = norm1(x + output of self_attn), then norm2(a + linear2(relu(linear1(a)))).
        """
        raise NotImplementedError


class RowTransformer(nn.Module):
    """A classifier for sequences.

    embed: nn.Linear(features, dim). position: a parameter (steps, dim). layer: EncoderLayer(dim,
    heads, hidden). head: nn.Linear(dim, classes). Nothing else has parameters; their first
    values are yours to choose.
    """

    def __init__(
        self, features: int, dim: int, heads: int, hidden: int, steps: int, classes: int
    ) -> None:
        """Make the four parts."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return the scores (N, classes) of sequences x (N, T, features).

        N and T are at least 1. lengths: int64 (N,), from 1 to T; sequence n has lengths[n] steps,
        what stands behind them is padding and has no influence. If left out, all T steps count.
        Step t of embed(x) gets position[t] added. layer reads the sum, without looking at padding,
        and head reads the mean of its results over the steps that are no padding.
        Raises ValueError when T is more than there are positions.
        """
        raise NotImplementedError


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
    """Train a new RowTransformer on sequences and return it.

    rows: (N, T, D), float32, all T steps valid. labels: int64 (N,), classes 0 to classes - 1. The
    model has D features and T positions, and is on the device of rows; labels are there as well.
    Each epoch shows all sequences once, in an order drawn anew, in batches of batch_size (the last
    may be smaller). Each batch makes one step: one call of the model, mean cross entropy, its
    gradient, and one step of torch.optim.Adam with the rate lr and otherwise its defaults. There
    is one optimizer for all epochs.
    The first weights and the orders depend on seed and on nothing else.
    With the defaults, the model must get at least 50 % of new digits right after training on 1437
    digits, 8 rows of 8 pixels each.
    """
    raise NotImplementedError
