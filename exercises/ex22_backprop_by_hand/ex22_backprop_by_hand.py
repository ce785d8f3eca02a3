"""Exercise ex22_backprop_by_hand: gradients with pencil, with two values of f, and as a Function.

Add the imports that you need.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def chain(x: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return f = (x + y) * z and its partial derivatives with respect to x, y and z.

    x, y, z: tensors of one shape (0-d for single numbers), float32 or float64. Every place is an
    example of its own. The tensors are left as they are.
    Returns (f, df/dx, df/dy, df/dz), each of the shape and dtype of x. A result may be one of the
    tensors that came in. It works where nothing is recorded, under torch.inference_mode() too.
    """
    raise NotImplementedError


def numeric_grad(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-3) -> Tensor:
    """Return the gradient of f at x, measured by central differences.

    The entry at place i is (f(x + e) - f(x - e)) / (2 * eps), where e is eps at place i and
    zero elsewhere.

    f: takes a tensor of the shape and dtype of x and returns one number, a 0-d tensor of that
    dtype. x: any shape, () and empty ones included, float32 or float64, contiguous in memory or
    not, not tracked. After the call x holds the same numbers as before, bit for bit.
    Returns a tensor of the shape and dtype of x. It works under torch.inference_mode() too.
    """
    raise NotImplementedError


def two_layer_grads(X: Tensor, Y: Tensor, W1: Tensor, W2: Tensor) -> dict[str, Tensor]:
    """Return the loss of a network with one hidden layer, and its gradients, without autograd.

    Z = X @ W1, H = relu(Z), P = H @ W2, loss = the mean of (P - Y)**2 over all numbers of P.

    X: (N, D). W1: (D, K). W2: (K, O). Y: (N, O). All of one dtype, float32 or float64, and on one
    device. They are left as they are. The slope of relu at 0 counts as 0, as in PyTorch.
    Returns a dict of four tensors: "loss" (0-d), and under "W1", "W2" and "X" the gradients of
    the loss with respect to these, each of the same shape; dtype and device of X.
    It works under torch.inference_mode() too.
    """
    raise NotImplementedError


class Square(torch.autograd.Function):
    """The operation x**2, called as Square.apply(x), for x of any shape, float32 or float64.

    x may be not contiguous, 0-d or empty, and is left as it is. What backward needs is kept by
    ctx.save_for_backward: then PyTorch frees it after backward(), so that a second one raises
    RuntimeError, and so does a backward() after x was changed in place.
    The gradient can be differentiated once more.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return x**2 and save what backward needs."""
        raise NotImplementedError

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return the gradient of the loss with respect to x.

        grad_output: the gradient of the loss with respect to the result of forward, of its shape.
        Others may use the same tensor: it is left as it is.
        """
        raise NotImplementedError


class MyReLU(torch.autograd.Function):
    """The operation max(x, 0), called as MyReLU.apply(x), under the same conditions as Square.

    The slope at 0 is 0. What backward needs is kept by ctx.save_for_backward: a second backward()
    raises RuntimeError.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return x where it is positive and 0 elsewhere; save what backward needs."""
        raise NotImplementedError

    @staticmethod
    def backward(ctx: Any, grad_output: Tensor) -> Tensor:
        """Return the gradient of the loss with respect to x; grad_output is left as it is."""
        raise NotImplementedError
