"""The windows as columns of a matrix."""

from torch.nn.functional import unfold


def conv(images, weight, bias):
    """Return the maps that the kernels find."""
    count, _, height, width = images.shape
    maps, _, h, w = weight.shape
    columns = unfold(images, (h, w))
    product = weight.reshape(maps, -1) @ columns + bias[:, None]
    return product.view(count, maps, height - h + 1, width - w + 1)
