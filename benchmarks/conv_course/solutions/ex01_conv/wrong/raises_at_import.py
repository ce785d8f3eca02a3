"""Imports a module that only its author has."""

import torch
from my_pictures import window_of


def conv(images, weight, bias):
    return torch.einsum("ncyxhw,ochw->noyx", window_of(images), weight) + bias[:, None, None]
