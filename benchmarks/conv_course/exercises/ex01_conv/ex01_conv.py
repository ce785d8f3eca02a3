"""A convolution of one's own."""

import torch


def conv(images: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """Return the maps (n, o, H - h + 1, W - w + 1) that `o` kernels find in `n` pictures.

    images: (n, c, H, W); weight: (o, c, h, w); bias: (o,), added to every number of its map.
    """
    raise NotImplementedError
