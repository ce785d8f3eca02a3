"""Exercise ex42_tb_media: pictures, feature maps, weights, embeddings and graphs for TensorBoard.

Every function writes with the writer that it is given and leaves it open.
Add the imports that you need.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter


def log_image(
    writer: SummaryWriter,
    tag: str,
    img: Image.Image | np.ndarray | Tensor,
    step: int,
    *,
    bgr: bool = False,
) -> None:
    """Log one picture under the tag and the step, so that it looks as it should.

    img: its kind tells the order of the axes, and its dtype the range of the values:
    - a picture of PIL, of any mode; what is not RGB is converted to RGB
    - an array of numpy: (H, W), (H, W, 1) or (H, W, 3)
    - a tensor: (1, H, W) or (3, H, W), on any device; it may require gradients
    An array or tensor is uint8 with 0 to 255, or float32 or float64 with 0 to 1. One channel is
    shown as grey. Nothing has to be contiguous in memory, and img is left as it is.
    bgr: only for arrays (H, W, 3): the channels are blue, green, red, as cv2 reads a file.
    Of float values the picture may be off by 1 of 255, so it does not matter how you round.
    Raises TypeError for any other kind of object or an integer or bool dtype other than uint8.
    Raises ValueError for an array or tensor of any other shape, such as a batch, and for floats
    below 0, above 1 or nan.
    """
    raise NotImplementedError


def log_feature_maps(writer: SummaryWriter, tag: str, maps: Tensor, step: int) -> Tensor:
    """Log the feature maps of a batch as pictures of three channels, all in one add_images.

    maps: (N, C, H, W), float32 or float64, with any finite values.
    1. Scale: (maps - lowest) / (highest - lowest), lowest and highest taken over the whole tensor,
       so that the values lie in [0, 1]. Where all values are equal, all become 0.
    2. Fill up: every sample gets black channels (zeros) at its end, as few as are needed for a
       multiple of 3. No picture has channels of two samples.
    3. Regroup: channels 0, 1, 2 of sample 0 make the first picture, 3, 4, 5 the second, ...; then
       come the pictures of sample 1.
    Returns the pictures, (N * ceil(C / 3), 3, H, W), dtype and device of maps, detached; maps is
    left as it is. The picture in the event file is what add_images makes of them.
    Raises ValueError when maps is not 4-d or has no element.
    """
    raise NotImplementedError


def log_weights(writer: SummaryWriter, model: nn.Module, step: int) -> None:
    """Log one histogram for every parameter of the model, with the parameter's name as its tag.

    The names are those of model.named_parameters(), such as "hidden.weight". Frozen parameters are
    logged as well, buffers are not.
    """
    raise NotImplementedError


def log_embedding(
    writer: SummaryWriter, mat: Tensor, labels: Sequence[str] | Sequence[int] | Tensor, step: int
) -> None:
    """Log the rows of a matrix with their labels, for TensorBoard's projector.

    mat: (N, D), floats; it may require gradients. labels: N strings without tabs or line breaks,
    N ints, or a 1-d tensor of N integers.
    As add_embedding does it, this makes a folder named after the step with five digits, such as
    00003/default, in the writer's folder. In it, tensors.tsv has a line for each row with tabs
    between the numbers, and metadata.tsv a line for each label: the string, or the number in
    digits.
    Raises ValueError when mat is not 2-d or does not have as many rows as there are labels; then
    no folder is made.
    """
    raise NotImplementedError


def log_graph(writer: SummaryWriter, model: nn.Module, x: Tensor) -> None:
    """Log the graph of the model, as it computes its output for the input x.

    Afterwards the model is as before: parameters, buffers and gradients, and the mode (training or
    evaluation) of every module in it, also where the modes are not all the same. If the model
    cannot compute with x, the exception goes on to the caller, and the modes are as before all the
    same.
    """
    raise NotImplementedError
