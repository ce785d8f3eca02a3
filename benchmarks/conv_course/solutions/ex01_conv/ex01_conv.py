"""The reference: all windows at once, summed with the kernels."""

import torch


def conv(images: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return the maps (n, o, H - h + 1, W - w + 1) that `o` kernels find in `n` pictures."""
    _, _, h, w = weight.shape
    windows = images.unfold(2, h, 1).unfold(3, w, 1)
    return torch.einsum("ncyxhw,ochw->noyx", windows, weight) + bias.view(1, -1, 1, 1)
