"""Exercise ex58_parallel: split a network by layers, by tensors and by data.

The last four functions are run by several processes at once, which form a group already: do not
call init_process_group. torch.distributed.get_rank() is the number of this process, from 0, and
get_world_size() how many there are. The group offers all_reduce (sums), all_gather, broadcast,
send, recv and barrier, for contiguous tensors on the CPU. Everything there is on the CPU.

Floating-point tensors are float32 or float64; what comes together has one dtype, and results
have it, too. "Cross entropy" is the mean over the samples. Add the imports that you need.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


def split_model(model: nn.Sequential, cut: int, devices: Sequence[torch.device | str]) -> nn.Module:
    """Return a module that computes model(x) in two parts, each on its own device.

    The first `cut` layers are moved to devices[0], the others to devices[-1]. The input is moved
    to devices[0], what comes out of the first part to devices[-1], and there the result stays.
    A list of one device is allowed; then both parts are on it.
    The layers are those of model, moved and not copied, and the names in the module's state_dict
    are those of model. Gradients pass through.
    Raises ValueError unless each part gets a layer and devices holds one or two.
    """
    raise NotImplementedError


class ColumnLinear(nn.Module):
    """A linear layer whose outputs are divided among devices: together they compute the same.

    `parts` is an nn.ModuleList of nn.Linear. Part i is on devices[i] and gives the next widths[i]
    outputs: it begins with copies of those rows of linear.weight and of those numbers of
    linear.bias (no part has a bias if linear has none), and it has the dtype of linear.
    """

    def __init__(
        self, linear: nn.Linear, widths: Sequence[int], devices: Sequence[torch.device | str]
    ) -> None:
        """Make the parts; linear stays as it is.

        Raises ValueError unless all widths are at least 1, their sum is linear.out_features and
        there are as many of them as devices.
        """
        super().__init__()
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """Return what linear would: (..., out_features) for x (..., in_features).

        x may be on any device. The result is on the device of the first part.
        """
        raise NotImplementedError


def shard(batch: Tensor, n: int) -> list[Tensor]:
    """Cut a batch along its first dimension into exactly n shards, in order.

    Their lengths differ by one at most, and the longer ones come first: 10 samples become 3, 3,
    2 and 2. With fewer samples than shards the last shards are empty.
    Raises ValueError when n < 1.
    """
    raise NotImplementedError


def data_parallel_grads(model: nn.Module, X: Tensor, y: Tensor, n: int) -> dict[str, Tensor]:
    """Compute the gradients of the cross entropy of a whole batch from its n shards.

    X (N, ...) and labels y (N,), N >= 1, are cut by shard. The model, or a copy of it, is called
    once for each shard that is not empty, with this shard alone. The gradients of the shards are
    put together so that the result is that of the cross entropy of the whole batch.
    Every parameter takes part in model. The model itself, with what stands in the .grad of its
    parameters, stays as it was.
    Returns {name of the parameter: its gradient}.
    """
    raise NotImplementedError


def strip_module_prefix(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return state with "module." taken off the names, once and only at their beginning.

    nn.DataParallel puts it there. Other names stay as they are, and so does the given state.
    """
    raise NotImplementedError


def average_gradients(model: nn.Module, samples: int) -> None:
    """Give the parameters in all processes the gradient of all samples. Every process calls it.

    In each process .grad holds the gradient of the mean loss of that process' own samples.
    samples: how many these are; not the same everywhere, and 0 somewhere, perhaps, but not
    everywhere. Afterwards .grad is in each process the mean in which every sample counts the same.
    A process without samples waits with the others and changes nothing, whatever is in its .grad.
    A .grad that is None counts as zeros. Parameters that do not require a gradient are the
    same ones in all processes and are left alone; all others have a .grad in the end.
    """
    raise NotImplementedError


def train_by_data(model: nn.Module, X: Tensor, y: Tensor, steps: int, lr: float) -> list[float]:
    """Train one model in all processes, each on its share of the batch. Every process calls it.

    X (N, ...) and labels y (N,), N >= 1, are the same in all processes. Process r works with
    shard r of as many shards as there are processes; some may be empty.
    The models may begin with different numbers: all parameters and buffers are first made those
    of process 0. Then come `steps` steps of gradient descent, p <- p - lr * gradient, on the
    cross entropy of the whole batch; every parameter takes part. Old gradients do not count.
    Returns in each process the same list of floats: the loss of the whole batch before each step.
    """
    raise NotImplementedError


def step_by_layers(part: nn.Module, X: Tensor, y: Tensor, features: int) -> float:
    """Compute loss and gradients of a network that lies in two processes. Both call it.

    part: in process 0 the layers that turn X (N, ...) into (N, features), in process 1 those that
    turn this into scores (N, K). Process 0 works with X alone, process 1 with y and with what it
    receives. N >= 1; both know X and y, so both know N and the dtype.
    Afterwards each parameter of part has the gradient of the cross entropy in its .grad. What
    stood there before has no part in it.
    Returns the cross entropy as a float, in both processes.
    """
    raise NotImplementedError


def step_by_columns(
    linear: nn.Linear, widths: Sequence[int], X: Tensor, upstream: Tensor
) -> tuple[Tensor, Tensor]:
    """Compute forwards and backwards through a linear layer that is divided among processes.

    linear: what this process has of the layer, with a bias. Process r gives widths[r] outputs,
    those after the outputs of all processes before it; sum(widths) is the whole width M.
    X (N, in_features) and upstream (N, M) are the same in all processes; upstream is the gradient
    of the loss with respect to the whole output. Every process calls it.
    Afterwards linear.weight.grad and linear.bias.grad are the gradients of the loss. What stood
    there before has no part in them.
    Returns in each process (the whole output (N, M), the gradient of the loss with respect to
    X), both detached.
    """
    raise NotImplementedError
