"""Has a parameter `device` and does not use it.

The student's computer has no other device, so nothing was amiss there.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class LeNet(nn.Module):
    """Two convolutions with pooling, three linear layers."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def features(self, x: Tensor) -> Tensor:
        """Return the maps (N, 16, 5, 5) after the second pooling."""
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        return functional.max_pool2d(functional.relu(self.conv2(x)), 2)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, 10) of pictures (N, 1, 32, 32)."""
        if x.dim() != 4 or x.shape[1:] != (1, 32, 32):
            raise ValueError(f"pictures (N, 1, 32, 32) are needed, not {tuple(x.shape)}")
        x = self.features(x).flatten(1)
        x = functional.relu(self.fc1(x))
        x = functional.relu(self.fc2(x))
        return self.fc3(x)


def to_lenet_input(images: Tensor) -> Tensor:
    """Fill a square of 4x4 with each pixel."""
    if images.dim() != 3 or images.shape[1:] != (8, 8):
        raise ValueError(f"pictures (N, 8, 8) are needed, not {tuple(images.shape)}")
    large = images.repeat_interleave(4, dim=1).repeat_interleave(4, dim=2)
    return large.unsqueeze(1).float() / 16


def layer_parameters(model: nn.Module) -> dict[str, int]:
    """Count the parameters that belong to each module itself."""
    counts = {
        name: sum(p.numel() for p in module.parameters(recurse=False))
        for name, module in model.named_modules()
    }
    return {name: count for name, count in counts.items() if count}


def train_lenet(
    images: Tensor, labels: Tensor, epochs: int, seed: int, device: str = "cpu"
) -> LeNet:
    """Train a new LeNet with Adam on batches of 16."""
    torch.manual_seed(seed)
    model = LeNet()
    x, y = to_lenet_input(images), labels
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(epochs):
        for places in torch.randperm(len(x)).split(16):
            loss = criterion(model(x[places]), y[places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model
