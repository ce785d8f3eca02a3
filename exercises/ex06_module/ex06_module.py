"""Exercise ex06_module: modules, the parameters that they register, and the functional form.

Add the imports that you need.
"""

from collections.abc import Mapping

from torch import Tensor, nn


class ConvNet(nn.Module):
    """A small network for pictures of 3x32x32: convolution, ReLU, one linear layer.

    Two sub-modules: `conv`, an nn.Conv2d from 3 to 64 maps with kernel 3, stride 1 and padding 1,
    which keeps 32x32; and `fc`, an nn.Linear from all 64 * 32 * 32 numbers of a picture to 10.
    Both have a bias, and nothing else has parameters. ReLU stands between the two.
    """

    def __init__(self) -> None:
        """Make the layers."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, 10) for a batch x of N >= 1 pictures, (N, 3, 32, 32).

        x may have any layout in memory, that of a permuted tensor for example. The layers are
        called as self.conv(...) and self.fc(...), so that their hooks run. Every picture gives
        exactly one row: for pictures of another size RuntimeError is raised, as nn.Linear does
        for rows of another length.
        """
        raise NotImplementedError


class Center(nn.Module):
    """A layer without parameters: x minus the mean of all its numbers."""

    def forward(self, x: Tensor) -> Tensor:
        """Return x - (mean over all numbers of x): the same shape, dtype and device.

        x: any shape, float32 or float64. The mean depends on x, and its gradient counts.
        """
        raise NotImplementedError


class ListDense(nn.Module):
    """Four matrices in an nn.ParameterList called `params`, multiplied one after the other.

    Three are 4x4, the last is 4x1, all float32; their first values are yours to choose. In the
    state_dict they are called params.0, params.1, params.2 and params.3.
    """

    def __init__(self) -> None:
        """Make the parameters."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return x @ params[0] @ params[1] @ params[2] @ params[3]: (N, 4) becomes (N, 1)."""
        raise NotImplementedError


class DictDense(nn.Module):
    """Three matrices in an nn.ParameterDict called `params`; the caller chooses one by name.

    linear1 is 4x4, linear2 is 4x1 and linear3 is 4x2, all float32; their first values are yours to
    choose. In the state_dict they are called params.linear1, params.linear2 and params.linear3.
    """

    def __init__(self) -> None:
        """Make the parameters."""
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor, choice: str = "linear1") -> Tensor:
        """Return x @ params[choice] for x of shape (N, 4). The other two matrices take no part.

        Raises KeyError when choice is not the name of one of the three matrices.
        """
        raise NotImplementedError


def count_parameters(m: nn.Module, *, trainable_only: bool = True) -> int:
    """Return how many numbers the parameters of m and of all its sub-modules hold.

    With trainable_only those whose requires_grad is False do not count. A parameter that is used
    in two places counts once. Buffers (the running mean of a BatchNorm layer, say) never count.
    """
    raise NotImplementedError


def describe_parameters(m: nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    """Return (name, shape) for every parameter of m and of all its sub-modules.

    The names are those of the state_dict ("0.weight", "features.conv.bias"), and the order is
    PyTorch's own, in which they were registered. Frozen parameters are listed too, buffers are
    not; a parameter that is used in two places stands there once, under its first name.
    A shape is a tuple; torch.Size is one as well.
    """
    raise NotImplementedError


def functional_forward(x: Tensor, state: Mapping[str, Tensor]) -> Tensor:
    """Compute what a network like ConvNet computes, without any module.

    state holds "conv.weight" (O, C, 3, 3), "conv.bias" (O,), "fc.weight" (K, O * H * W) and
    "fc.bias" (K,). x: (N, C, H, W), with the dtype and device of the state. O, C, H, W and K may be
    any numbers: they follow from the tensors, and are not those of ConvNet.
    The convolution has stride 1 and padding 1; then ReLU; then the linear layer on all numbers of
    a picture. Returns (N, K); gradients reach x and the tensors in state.
    """
    raise NotImplementedError
