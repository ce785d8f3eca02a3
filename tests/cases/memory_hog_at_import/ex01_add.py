"""Loads far too much while it is being imported."""

import torch

kept = [torch.ones(1_000_000) for _ in range(1000)]


def add(a, b):
    return a + b
