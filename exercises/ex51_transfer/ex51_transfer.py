"""Exercise ex51_transfer: what a network has learned for one task, used for another.

Nothing in this exercise downloads anything. Add the imports that you need.
"""

from collections.abc import Iterable, Mapping

from torch import Tensor, nn


def weights_meta(name: str) -> dict[str, object]:
    """Return what torchvision knows about pre-trained weights, without downloading them.

    name: the full name of weights for classification in torchvision.models, "VGG16_Weights.DEFAULT"
    for example, or "ResNet50_Weights.IMAGENET1K_V2".
    Returns a dict of
        "name": the full name that is meant; DEFAULT is a second name of one of the others;
        "parameters": the number of parameters of the whole model, an int;
        "classes": the number of its classes, an int, or None where the weights have none;
        "resize", "crop": the sizes in pixels to which the weights' own preprocessing resizes and
            crops, ints;
        "mean", "std": the numbers of its normalisation, lists of three floats.
    Raises ValueError for a name that torchvision does not know.
    """
    raise NotImplementedError


def adapt_classifier(model: nn.Module, n: int, mode: str) -> nn.Module:
    """Make model, which ends in other classes, give scores for n classes. Return model itself.

    model.classifier is an nn.Sequential of any length whose last layer is an nn.Linear with a bias.
    mode "append": a new nn.Linear behind it, named "add_linear", turns the old scores into n.
    mode "replace": a new nn.Linear to n scores stands in the old one's place, with its name.
    The new layer has a bias, PyTorch's own first numbers, and the dtype and the device of the old
    last layer. Everything else in model stays: the same layers and the same parameters.
    Raises ValueError for another mode, and for n less than 1; model is then as it was.
    """
    raise NotImplementedError


def vgg16_for(n: int, mode: str) -> nn.Module:
    """Return torchvision's VGG16 without pre-trained weights, adapted to n classes.

    mode: as in adapt_classifier, with its errors. The model is made on the device that is the
    default where the function is called: within `with torch.device("meta"):` on meta, where its
    138 million numbers take no memory.
    """
    raise NotImplementedError


def freeze(model: nn.Module, except_: Iterable[str] = ()) -> list[str]:
    """Freeze all parameters of model but those of except_. Return the names of the others.

    except_: names as named_modules() and named_parameters() know them; a module's name stands for
    all parameters within it. "fc" means fc and what is in it, not fc2.
    A frozen parameter has requires_grad False, and its grad is None. The others have requires_grad
    True, whatever they had before, and keep their grad. Modes and values stay as they are.
    Returns the names of the parameters that are not frozen, in the order of named_parameters().
    Raises ValueError when a name of except_ fits no parameter; model is then as it was.
    """
    raise NotImplementedError


def transfer_state(src: Mapping[str, Tensor], dst: nn.Module) -> tuple[list[str], list[str]]:
    """Copy from src, the state_dict of another model, all that fits into dst.

    An entry fits when dst's state_dict has one of the same name and the same shape: parameters and
    buffers alike. It is copied, with dst's dtype and to dst's device, into the tensor that is
    there; later changes of dst do not reach src. All else in dst stays, requires_grad as well.
    Returns (loaded, skipped): the names in dst's state_dict that got their numbers from src, and
    those that did not, both in its order.
    Raises ValueError when nothing fits, as after a misspelt prefix.
    """
    raise NotImplementedError


def finetune(
    model: nn.Module,
    data: tuple[Tensor, Tensor],
    epochs: int,
    *,
    lr: float = 3e-3,
    batch_size: int = 16,
    seed: int = 0,
) -> list[float]:
    """Train those parameters of model that require gradients. Return the loss of each epoch.

    data: inputs (N, ...) and classes (N,), N >= 1, perhaps on another device than model. model
    turns inputs into scores (N, K).
    An epoch gives every sample once, in batches of batch_size, the last one perhaps smaller, in a
    new random order. The orders depend on seed and on nothing else. A step: the mean cross entropy
    of a batch, its gradient, one step of torch.optim.Adam with lr and otherwise its defaults.
    model is in training mode meanwhile, but each nn.BatchNorm2d or nn.BatchNorm1d whose parameters
    are all frozen is in evaluation mode: its statistics stay. Frozen parameters do not change, also
    if they come with a grad of earlier times. At the end model is in evaluation mode.
    The loss of an epoch is the mean over its samples, with each loss as it was before its step; a
    Python float.
    Raises ValueError when no parameter requires gradients.
    """
    raise NotImplementedError
