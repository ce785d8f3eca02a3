"""Another right solution: layers go by their names, functions instead of modules, backward()."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def make_downsample(cin: int, cout: int, stride: int) -> nn.Sequential | None:
    """Append the layers one by one."""
    layers = nn.Sequential()
    if stride > 1 or cin != cout:
        layers.append(nn.Conv2d(cin, cout, kernel_size=(1, 1), stride=(stride, stride), bias=False))
        layers.append(nn.BatchNorm2d(num_features=cout))
    return layers if len(layers) else None


class _Block(nn.Module):
    """What both blocks have in common: a branch and a shortcut."""

    expansion = 1
    downsample: nn.Module | None

    def _shapes(self, width: int, wide: int, groups: int) -> list[tuple[int, int, int]]:
        raise NotImplementedError

    def __init__(
        self,
        in_channel: int,
        out_channel: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
        groups: int = 1,
        width_per_group: int = 64,
    ) -> None:
        super().__init__()
        self.add_module("downsample", downsample)
        wide = out_channel * self.expansion
        if self.expansion == 1 and (groups, width_per_group) != (1, 64):
            raise ValueError("no groups here")
        if downsample is None and not (stride == 1 and in_channel == wide):
            raise ValueError("x itself does not fit")
        width = out_channel * width_per_group // 64 * groups
        before, self.depth = in_channel, 0
        for maps, kernel, parts in self._shapes(width, wide, groups):
            self.depth += 1
            step = stride if kernel == 3 else 1
            if kernel == 3:
                stride = 1  # the first 3 x 3 takes it
            layer = nn.Conv2d(before, maps, kernel, step, kernel // 2, groups=parts, bias=False)
            self.add_module(f"conv{self.depth}", layer)
            self.add_module(f"bn{self.depth}", nn.BatchNorm2d(maps))
            before = maps

    def forward(self, x: Tensor) -> Tensor:
        """Go through the branch; no relu after its last layer."""
        out = x
        for number in range(1, self.depth + 1):
            out = self.get_submodule(f"conv{number}")(out)
            out = self.get_submodule(f"bn{number}")(out)
            if number < self.depth:
                out = functional.relu(out)
        return torch.clamp(out + (self.downsample(x) if self.downsample else x), min=0)


class BasicBlock(_Block):
    """Two layers of 3 x 3."""

    expansion = 1

    def _shapes(self, width: int, wide: int, groups: int) -> list[tuple[int, int, int]]:
        return [(wide, 3, 1)] * 2


class Bottleneck(_Block):
    """Three layers."""

    expansion = 4

    def _shapes(self, width: int, wide: int, groups: int) -> list[tuple[int, int, int]]:
        return [(width, 1, 1), (width, 3, groups), (wide, 1, 1)]


def depth_gradient(
    x: Tensor, weights: list[Tensor], *, residual: bool, norm: bool = False
) -> float:
    """Make parameters of copies, and let backward() fill them."""
    kernels = [nn.Parameter(weight.detach().clone()) for weight in weights]
    h = x.detach()
    for kernel in kernels:
        branch = functional.conv2d(functional.pad(h, (1, 1, 1, 1)), kernel)
        if norm:
            mean = branch.mean((0, 2, 3), keepdim=True)
            var = branch.var((0, 2, 3), keepdim=True, correction=0)
            branch = (branch - mean) / torch.sqrt(var + 1e-5)
        h = functional.relu(branch) + (h if residual else 0)
    h.sum().backward()
    slope = kernels[0].grad
    assert slope is not None
    return float(slope.square().sum().sqrt())
