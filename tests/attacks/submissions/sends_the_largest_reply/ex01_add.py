"""Answers with as much as the wire carries: many bytes, then many values."""

import torch


def add(a, b):
    if a.shape == b.shape:
        return torch.zeros((255 << 20) // 8, dtype=torch.float64)
    return [[None] * 99_000 for _ in range(10)]
