"""Calls what is forbidden from a function that is not at the top of the file."""

import torch

if torch:

    def add(a, b):
        return torch.add(a, b)
