"""Exercise ex15_norm_layers: BatchNorm2d and LayerNorm from scratch, and the scaling of features.

Add the imports that you need.
"""

from __future__ import annotations

from torch import Tensor, nn


class MyBatchNorm2d(nn.Module):
    """A layer that normalises each map of a batch by itself, as nn.BatchNorm2d does.

    Its state_dict has the names, shapes, dtypes and first values of nn.BatchNorm2d, so that each
    can load the other's:
    - the parameters `weight`, ones, and `bias`, zeros, both (num_features,); neither if affine is
      False;
    - the buffers `running_mean`, zeros, and `running_var`, ones, both (num_features,), and
      `num_batches_tracked`, the int64 number 0 of shape (); none of them if track_running_stats is
      False.
    Written from scratch, without PyTorch's own normalisation.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        *,
        affine: bool = True,
        track_running_stats: bool = True,
    ) -> None:
        """Make the parameters and the buffers for num_features maps."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return (x - mean) / sqrt(var + eps) * weight + bias, each map with its own four numbers.

        x: (N, C, H, W) with C = num_features, float32 or float64. Returns the same shape, dtype and
        device. Gradients reach x, also through mean and var, and the parameters.

        In training mode, and always if track_running_stats is False, mean and var are those of the
        batch: over the N * H * W numbers of a map, where var is the mean of the squared differences
        from the mean (divided by N * H * W). The result has to be right, to 0.05 in float32, even
        where the mean is some thousand times the spread.
        In evaluation mode they are running_mean and running_var, and no buffer changes.

        Each call in training mode moves the buffers, if there are any, and they never belong to a
        graph:
            running_mean <- (1 - momentum) * running_mean + momentum * mean
            running_var  <- (1 - momentum) * running_var  + momentum * (variance of the batch, but
                                                            divided by N * H * W - 1)
            num_batches_tracked <- num_batches_tracked + 1

        Raises ValueError when x is not 4-d, when C is not num_features, or when the statistics of
        the batch are needed and a map has fewer than two numbers.
        """
        raise NotImplementedError


def layer_norm(x: Tensor, eps: float = 1e-5) -> Tensor:
    """Normalise along the last dimension: (x - mean) / sqrt(var + eps), as nn.LayerNorm does.

    x: (..., D), D >= 1, float32 or float64; before D there may be any dimensions, none included.
    Every row of D numbers has its own mean and its own var, the mean of the squared differences
    from the mean (divided by D). There is no weight and no bias.
    Returns the same shape, dtype and device; gradients reach x, also through mean and var. The
    result has to be right, to 0.05 in float32, even where the mean is some thousand times the
    spread.
    Written from scratch, without PyTorch's own normalisation.
    """
    raise NotImplementedError


def minmax(x: Tensor, lo: float = 0.0, hi: float = 1.0) -> Tensor:
    """Stretch every column of a table to [lo, hi]: its smallest number becomes lo, its largest hi.

    x: (N, D), N rows of D features, float32 or float64. A column whose numbers are all equal
    becomes lo. Returns a new tensor (N, D) of the same dtype and device; x is left as it is.
    Raises ValueError when x is not 2-d or has no rows, or when lo is not less than hi.
    """
    raise NotImplementedError


class Standardizer:
    """Scales features to mean 0 and standard deviation 1, as they were in the training set.

    After fit it has two attributes, tensors of shape (D,) with the dtype and device of fit's table:
    `mean` of every column, and `std`, the square root of the mean squared difference from the mean
    (divided by N). The std of a column whose numbers are all equal counts as 1.
    """

    mean: Tensor
    std: Tensor

    def fit(self, x: Tensor) -> Standardizer:
        """Take mean and std of every column of x, (N, D), float32 or float64, and return self.

        Raises ValueError when x is not 2-d or has no rows.
        """
        raise NotImplementedError

    def transform(self, x: Tensor) -> Tensor:
        """Return (x - mean) / std for any table x, (M, D), with mean and std from fit.

        Raises RuntimeError before fit, and ValueError when x is not 2-d with D columns.
        """
        raise NotImplementedError

    def inverse(self, x: Tensor) -> Tensor:
        """Return x * std + mean for a table x, (M, D): what transform has done is undone.

        Raises RuntimeError before fit, and ValueError when x is not 2-d with D columns.
        """
        raise NotImplementedError


def gd_loss(X: Tensor, y: Tensor, steps: int, lr: float) -> float:
    """Fit a straight line (a plane) by gradient descent and return the loss that is left.

    X: (N, D), N rows of D features. y: (N,), of X's dtype and device, float32 or float64.
    The model is X @ w + b with w of shape (D,); w and b start with zeros. The loss is the mean of
    (X @ w + b - y) ** 2 over the N rows. One step: w <- w - lr * (gradient of the loss with respect
    to w), and in the same step b likewise. Do `steps` steps (0 is allowed), each with all rows and
    without momentum.
    Returns the loss after the last step, a float. X and y are left as they are.
    """
    raise NotImplementedError
