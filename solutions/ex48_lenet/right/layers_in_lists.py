"""Another right solution: the steps as small modules without parameters, squares by einsum."""

import itertools

import torch
from torch import Tensor, nn


class LeNet(nn.Module):
    """Pooling and ReLU are modules as well; they have no parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.act, self.pool = nn.ReLU(), nn.MaxPool2d(2)
        self.fc3, self.fc2, self.fc1 = nn.Linear(84, 10), nn.Linear(120, 84), nn.Linear(400, 120)

    def features(self, x: Tensor) -> Tensor:
        """Take the steps one after the other."""
        for step in (self.conv1, self.act, self.pool, self.conv2, self.act, self.pool):
            x = step(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """Unpack the shape, and look at every part."""
        try:
            _, channels, rows, columns = x.shape
        except ValueError:
            raise ValueError("x must have four dimensions") from None
        if (channels, rows, columns) != (1, 32, 32):
            raise ValueError("x must have one channel of 32x32")
        maps = torch.flatten(self.features(x), start_dim=1)
        return self.fc3(self.act(self.fc2(self.act(self.fc1(maps)))))


def to_lenet_input(images: Tensor) -> Tensor:
    """Spread each number over two new dimensions of 4, then join them with rows and columns."""
    if images.dim() != 3 or list(images.shape[-2:]) != [8, 8]:
        raise ValueError("images must be (N, 8, 8)")
    scaled = images.double().mul(1 / 16).float()
    spread = scaled[:, None, :, None, :, None].expand(-1, 1, 8, 4, 8, 4)
    return spread.flatten(4, 5).flatten(2, 3)


def layer_parameters(model: nn.Module) -> dict[str, int]:
    """Read the owner from the name of each parameter."""
    counts = {name: 0 for name, _ in model.named_modules()}
    for name, parameter in model.named_parameters():
        counts[name.rpartition(".")[0]] += parameter.nelement()
    return dict(itertools.filterfalse(lambda item: item[1] == 0, counts.items()))


def train_lenet(
    images: Tensor, labels: Tensor, epochs: int, seed: int, device: str = "cpu"
) -> LeNet:
    """Write the steps of Adam by hand."""
    torch.manual_seed(seed)
    model = LeNet()
    orders = [torch.randperm(len(labels)) for _ in range(epochs)]
    model.to(device)
    parameters = list(model.parameters())
    means = [torch.zeros_like(parameter) for parameter in parameters]
    squares = [torch.zeros_like(parameter) for parameter in parameters]
    step = 0
    for order in orders:
        for start in range(0, len(order), 16):
            places = order[start : start + 16]
            x, y = to_lenet_input(images[places]).to(device), labels[places].to(device)
            loss = nn.CrossEntropyLoss()(model(x), y)
            slopes = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                step += 1
                for p, mean, square, slope in zip(parameters, means, squares, slopes, strict=True):
                    mean.mul_(0.9).add_(0.1 * slope)
                    square.mul_(0.999).add_(0.001 * slope**2)
                    root = (square / (1 - 0.999**step)).sqrt() + 1e-8
                    p.sub_(0.003 * mean / (1 - 0.9**step) / root)
    return model
