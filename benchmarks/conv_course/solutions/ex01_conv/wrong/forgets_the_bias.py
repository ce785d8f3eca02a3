"""Takes the bias and never uses it."""

import torch


def conv(images, weight, bias):
    windows = images.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)
    return torch.einsum("ncyxhw,ochw->noyx", windows, weight)
