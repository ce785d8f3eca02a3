"""Exercise ex48_lenet: a small network for handwritten digits, its input, its parameters.

Add the imports that you need.
"""

from torch import Tensor, nn


class LeNet(nn.Module):
    """The network LeNet, in the form of the notes: ten scores for each grey picture of 32x32.

    Five layers have parameters, all of them a bias too. Convolutions have stride 1 and no padding:

        conv1: 1 -> 6 maps, kernel 5      fc1: 400 -> 120
        conv2: 6 -> 16 maps, kernel 5     fc2: 120 -> 84
                                          fc3: 84 -> 10

    ReLU follows every layer but fc3. After conv1 and conv2 the largest number of each 2x2 square is
    kept (max pooling, stride 2). The first values of the parameters are those that PyTorch's layers
    choose. Nothing else has parameters or buffers.
    """

    def __init__(self) -> None:
        """Make the five layers."""
        super().__init__()
        raise NotImplementedError

    def features(self, x: Tensor) -> Tensor:
        """Return the maps (N, 16, 5, 5) after the second pooling, for pictures (N, 1, 32, 32)."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (N, 10) of pictures x (N, 1, 32, 32), N >= 0.

        The maps of features(x) become 400 numbers for each picture and go through fc1, fc2 and
        fc3. Scores have the dtype and the device of x, and gradients pass through.
        Raises ValueError when x has any other shape, such as (N, 1, 28, 28) or (1, 32, 32).
        """
        raise NotImplementedError


def to_lenet_input(images: Tensor) -> Tensor:
    """Make pictures of 8x8 as large as LeNet needs them.

    images: (N, 8, 8), N >= 0, with numbers from 0 to 16, of any dtype of integers or floats. They
    are left as they are.
    Returns (N, 1, 32, 32), float32, on the device of images, with numbers from 0 to 1: each pixel,
    divided by 16, fills a square of 4x4.
    Raises ValueError when images has any other shape.
    """
    raise NotImplementedError


def layer_parameters(model: nn.Module) -> dict[str, int]:
    """Return how many numbers each layer of model holds as its own parameters.

    One entry for each module of model.named_modules() that has parameters of its own, in this order
    and with the name that stands there: "conv1", or "block.0" for a layer inside another module,
    or "" for model itself. A module that only contains such modules has no entry. Frozen parameters
    count, buffers do not. Works on any device.
    """
    raise NotImplementedError


def train_lenet(
    images: Tensor, labels: Tensor, epochs: int, seed: int, device: str = "cpu"
) -> LeNet:
    """Return a new LeNet on device that has learned to read digits.

    images: (N, 8, 8), as for to_lenet_input. labels: (N,), int64, from 0 to 9. Both on the CPU.
    The recipe: nn.CrossEntropyLoss, and torch.optim.Adam with the learning rate 0.003, one for
    all epochs. In each epoch the pictures come once, in a new random order, in batches of 16; the
    last batch holds the rest.
    seed decides all that is random, whatever was drawn before: the same arguments give the same
    network, another seed another. The first weights follow from the seed alone and are the same
    for any number of epochs; with epochs=0 they are what you return.
    """
    raise NotImplementedError
