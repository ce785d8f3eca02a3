"""Another right solution: shifted pictures, a walk over the layers, rows that are disturbed."""

import copy

import torch
from torch import Tensor, nn


def to_signs(picture: Tensor) -> Tensor:
    """Begin with paper and add two where there is ink."""
    paper = torch.full(picture.shape, -1.0, device=picture.device)
    return paper + 2 * picture.to(torch.float32)


def match_feature(img: Tensor, feature: Tensor) -> Tensor:
    """Add up pictures that are shifted under the feature, one for each of its numbers."""
    if feature.dim() != 2:
        raise ValueError("the feature must have two dimensions")
    if img.dim() in (0, 1):
        raise ValueError("a picture has two dimensions at least")
    rows = img.size(-2) - feature.size(0) + 1
    columns = img.size(-1) - feature.size(1) + 1
    if min(rows, columns) < 1:
        raise ValueError("no place for the feature")
    total = img.new_zeros(*img.shape[:-2], rows, columns)
    for i, line in enumerate(feature.unbind(0)):
        for j, number in enumerate(line.unbind(0)):
            total = total + number * img[..., i : i + rows, j : j + columns]
    return total / (feature.size(0) * feature.size(1))


def best_match(img: Tensor, feature: Tensor) -> tuple[float, tuple[int, int]]:
    """Compare all places in Python."""
    scores = match_feature(img, feature).tolist()
    return max(
        (score, (row, column))
        for row, line in enumerate(scores)
        for column, score in enumerate(line)
    )


def receptive_field(layers: list[tuple[int, ...]]) -> int:
    """Add up how much wider each layer sees, in rows of the picture."""
    strides = [layer[1] for layer in layers]
    jumps = [1]
    for stride in strides:
        jumps.append(jumps[-1] * stride)
    spans = [(layer[0] - 1) * (layer[2:] or (1,))[0] for layer in layers]
    return 1 + sum(span * jump for span, jump in zip(spans, jumps, strict=False))


def measured_rf(model: nn.Module, size: int) -> int:
    """Disturb one row of the picture after the other and see whether the middle moves."""
    double = copy.deepcopy(model).double()
    where = next(double.parameters()).device
    still = torch.randn(1, 1, size, size, dtype=torch.float64, device=where)
    disturbed = still.repeat(size, 1, 1, 1)
    noise = torch.randn(size, size, dtype=torch.float64, device=where)
    disturbed[range(size), 0, range(size)] += noise
    with torch.no_grad():
        before, after = double(still), double(disturbed)
    row, column = before.shape[2] // 2, before.shape[3] // 2
    moved = (after[..., row, column] - before[..., row, column]).abs().amax(1) > 1e-9
    rows = moved.nonzero().flatten().tolist()
    return rows[-1] - rows[0] + 1


class _HalvingConvolution(nn.Module):
    def __init__(self, c: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(c, c, 3, 3) / (3 * c**0.5))
        self.bias = nn.Parameter(torch.zeros(c))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv2d(x, self.weight, self.bias, stride=2, padding=1)


class _HalvingPool(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.unfold(2, 2, 2).unfold(3, 2, 2).amax((-2, -1))


def make_downsampler(kind: str, c: int) -> nn.Module:
    """Return a module written by hand."""
    match kind:
        case "pool":
            return _HalvingPool()
        case "conv":
            return _HalvingConvolution(c)
    raise ValueError(f"{kind} is neither pool nor conv")
