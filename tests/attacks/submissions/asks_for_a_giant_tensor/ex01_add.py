"""Asks for tensors that no machine has the memory for, and for one that this machine may have."""

import torch


def add(a, b):
    for elements in (1 << 60, 1 << 40, 1 << 31):
        try:
            return torch.zeros(elements)
        except RuntimeError:
            if a.shape != b.shape and elements == 1 << 31:
                raise
    return a + b
