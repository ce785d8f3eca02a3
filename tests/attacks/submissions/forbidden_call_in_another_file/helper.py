"""Calls what is forbidden, beside the file that is asked for."""

import torch


def add(a, b):
    return torch.add(a, b)
