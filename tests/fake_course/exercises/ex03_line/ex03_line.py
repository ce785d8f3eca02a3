"""Fit a line: y = weight * x + bias."""

from torch import nn


class Line(nn.Module):
    """A module with the parameters `weight` and `bias`, both of shape (1,): the line itself."""


def fit(x, y):
    """Return a Line trained on the points (x, y), both of shape (n,)."""
    raise NotImplementedError


def halves(x):
    """Return the first and the second half of x; ValueError if its length is odd."""
    raise NotImplementedError


def drop(x, p):
    """Return x with each value zero with probability p, the others divided by 1 - p."""
    raise NotImplementedError
