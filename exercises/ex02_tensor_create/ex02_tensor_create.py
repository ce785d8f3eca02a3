"""Exercise ex02_tensor_create: making tensors of the right shape, dtype and values.

Add the imports that you need.
"""

import torch
from torch import Tensor


def make_basic() -> dict[str, Tensor]:
    """Return ten tensors by name, on the CPU.

    "zeros"     (4, 3)          int64    zeros
    "eye"       (3, 3)          float32  ones on the diagonal, zeros elsewhere
    "lengths"   (16,)           int64    50 everywhere
    "mixed"     (2,)            float32  5.5 and 3
    "small"     (3,)            int8     1, 2 and 3
    "halves"    (4,)            float32  0, 0.5, 1 and 1.5
    "column"    (1000, 1)       float32  from -1 to 1, both included, evenly spaced
    "pictures"  (4, 3, 32, 32)  float32  random, evenly distributed over [0, 1)
    "order"     (20,)           int64    the numbers 0 to 19, in random order
    "dice"      (200,)          int64    random whole numbers from 1 to 6, both included

    The last three come from torch's global random state, which the caller may have seeded:
    they differ from call to call, and torch.manual_seed makes them repeat.
    """
    raise NotImplementedError


def like(x: Tensor, fill: float) -> Tensor:
    """Return a new tensor of x's shape, dtype and device with `fill` in every place.

    x: any shape, any dtype, any values, NaN included; x stays as it is. fill: a number (an int, a
    float or a bool) that x's dtype can hold. The result requires no gradient, even if x does.
    """
    raise NotImplementedError


def grid(a: float, b: float, n: int) -> Tensor:
    """Return n evenly spaced numbers from a to b, both included: a float32 tensor (n,).

    a may be larger than b. n is at least 1; with n = 1 the only number is a.
    """
    raise NotImplementedError


def noisy_parabola(n: int, noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return n points of a parabola with noise: x and y, both (n, 1), float32, on the CPU.

    x: evenly spaced from -1 to 1, both included. y = x ** 2 + noise * z, where z has for every
    point its own draw from the normal distribution with mean 0 and standard deviation 1.
    n is at least 2, noise at least 0. All draws come from `generator`, a CPU generator, and go on
    where its last user stopped; torch's global random state stays as it is.
    """
    raise NotImplementedError


def as_label(v: float | list) -> Tensor:
    """Return whole numbers as an int64 tensor, exactly, as a loss function wants its labels.

    v: one number (the result is 0-d) or lists of numbers, nested to any depth, possibly empty.
    The numbers are ints, floats without a fraction, or bools (False is 0, True is 1).
    """
    raise NotImplementedError


def as_input(v: float | list) -> Tensor:
    """Return numbers as a float32 tensor, as a network wants its inputs.

    v: one number (the result is 0-d) or lists of ints, floats or bools, nested to any depth.
    It is float32 even after torch.set_default_dtype(torch.float64).
    """
    raise NotImplementedError


def rank_name(t: Tensor) -> str:
    """Return what a tensor with t's number of dimensions is called.

    "scalar" with none, "vector" with one, "matrix" with two, and from three on "3-d tensor",
    "4-d tensor" and so on. Sizes play no part: (1, 1) is a matrix.
    """
    raise NotImplementedError


def to_number(t: Tensor) -> float:
    """Return the one number in t as a Python number: an int, a float or a bool, by t's dtype.

    t: any dtype, any shape with exactly one element, (1, 1) for instance; it may require a
    gradient. Raises RuntimeError, as t.item() does, when t has no element or more than one.
    """
    raise NotImplementedError
