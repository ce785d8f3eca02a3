"""Computes in numpy, which knows no gradients."""

import numpy as np
import torch


def conv(images, weight, bias):
    images, weight = images.detach().numpy(), weight.detach().numpy()
    windows = np.lib.stride_tricks.sliding_window_view(images, weight.shape[2:], (2, 3))
    maps = np.einsum("ncyxhw,ochw->noyx", windows, weight)
    return torch.from_numpy(maps) + bias[:, None, None]
