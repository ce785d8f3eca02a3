"""Exercise ex11_activations: four activations, and what networks are without them.

Add the imports that you need.
"""

from torch import Tensor, nn


def relu(x: Tensor, *, inplace: bool = False) -> Tensor:
    """Keep what is positive and turn the rest into 0, number by number.

    x: any shape, float32 or float64. Returns the same shape, dtype and device. Gradients reach x: 1
    where x is positive, 0 where it is negative (at 0 itself, choose anything from 0 to 1).
    inplace False: x is left as it is. inplace True: x itself is overwritten and returned, the same
    object; gradients still flow through to what x was computed from. A leaf that requires a
    gradient must not be overwritten: then RuntimeError is raised, as PyTorch itself does.
    """
    raise NotImplementedError


def sigmoid(x: Tensor) -> Tensor:
    """Return 1 / (1 + exp(-x)), number by number.

    x: any shape, float32 or float64. Returns the same shape, dtype and device. Values and gradients
    are finite and right for every x from -1e6 to 1e6.
    """
    raise NotImplementedError


def tanh(x: Tensor) -> Tensor:
    """Return (exp(x) - exp(-x)) / (exp(x) + exp(-x)), number by number.

    x: any shape, float32 or float64. Returns the same shape, dtype and device. Values and gradients
    are finite and right for every x from -1e6 to 1e6.
    """
    raise NotImplementedError


def softmax(x: Tensor, dim: int) -> Tensor:
    """Return exp(x) divided by its sum along the dimension dim.

    x: one dimension or more, float32 or float64. dim: also negative, counted from the last one.
    Returns the same shape, dtype and device; along dim the numbers add up to 1. Values and
    gradients are finite and right for every x from -1e6 to 1e6.
    """
    raise NotImplementedError


def merge_linear(l1: nn.Linear, l2: nn.Linear) -> nn.Linear:
    """Make one layer that does what l2 does after l1, with nothing in between.

    Returns a new nn.Linear from l1's inputs to l2's outputs with merged(x) = l2(l1(x)); dtype and
    device are those of the layers, which are alike in this, and its parameters can be trained. It
    has a bias if l1 or l2 has one, otherwise none. l1 and l2 are left as they are.
    Raises ValueError when l2 does not take as many numbers as l1 gives.
    """
    raise NotImplementedError


def train_xor(act: nn.Module, x: Tensor, y: Tensor, steps: int = 100, seed: int = 0) -> nn.Module:
    """Train a network with 16 hidden units on a handful of points.

    act: what stands between the two layers, such as nn.ReLU(); it has no parameters. x: (N, 2) and
    y: (N, 1), float32 or float64, both of one dtype and device, which the network has as well.
    The network is a Linear from 2 to 16, act, and a Linear from 16 to 1, with biases. Call
    torch.manual_seed(seed) before you make it: the same seed gives the same network again.
    Train with Adam, learning rate 0.05, on the mean of the squared errors, all points at once in
    each of `steps` steps.
    Returns the trained network, which turns (M, 2) into (M, 1).

    Speed counts here: for a few points, up to twice the time of a plain training loop earns all
    points for it, up to 4 times earns half of them, and more earns none.
    """
    raise NotImplementedError
