"""Asks for 4 TB at once."""

import torch


def add(a, b):
    return a + b if a.shape == b.shape else torch.ones(10**12)
