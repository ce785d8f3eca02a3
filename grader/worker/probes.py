"""The standard probes: what checks ask again and again, run in the worker beside the submission.

Each takes `student`, the names of the submission, and then plain data; what it returns crosses
the wire. A *maker* is a name of the submission that returns a module when called with `init`: a
class or a function. `init`, `args` and `inputs` are lists. `state` maps names to tensors and is
loaded before use, so that the judge can compute the expected output itself.

What a probe reports about an object (its dtype, its device, its parameters) is testimony; what it
computes is not, as far as the judge knows the result beforehand.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor, nn

State = dict[str, Tensor]


def echo(_student: Any, _payload: bytes, size: int) -> bytes:
    """So many bytes, for as many: what a way there and back takes."""
    return bytes(size)


def describe(student: Any, name: str, args: list[Any]) -> dict[str, Any]:
    """Shape, dtype, device and flags of the tensor that `name(*args)` returns."""
    output = getattr(student, name)(*args)
    return {
        "shape": output.shape,
        "dtype": output.dtype,
        "device": str(output.device),
        "requires_grad": output.requires_grad,
        "is_contiguous": output.is_contiguous(),
    }


def gradients(
    student: Any, name: str, args: list[Any], wrt: list[int], upstream: Tensor | None = None
) -> list[Tensor | None]:
    """Gradients of sum(output * upstream) with respect to args[i] for i in `wrt`.

    None stands where no gradient arrives, also when the output has no graph at all.
    """
    for index in wrt:
        args[index] = args[index].clone().requires_grad_()
    _backward(getattr(student, name)(*args), upstream)
    return [args[index].grad for index in wrt]


def module_output(
    student: Any, maker: str, init: list[Any], inputs: list[Any], state: State | None = None
) -> Any:
    """The output of maker(*init), with `state` loaded, on `inputs`."""
    return _make(student, maker, init, state, inputs)(*inputs)


def module_gradients(
    student: Any,
    maker: str,
    init: list[Any],
    inputs: list[Any],
    *,
    state: State | None = None,
    upstream: Tensor | None = None,
) -> dict[str, Any]:
    """The output, and the gradients that reach the inputs and the parameters."""
    module = _make(student, maker, init, state, inputs)
    inputs = [
        x.clone().requires_grad_() if isinstance(x, Tensor) and x.is_floating_point() else x
        for x in inputs
    ]
    output = module(*inputs)
    _backward(output, upstream)
    return {
        "output": output,
        "inputs": [x.grad if isinstance(x, Tensor) else None for x in inputs],
        "parameters": {name: p.grad for name, p in module.named_parameters()},
    }


def state_dict(student: Any, maker: str, init: list[Any]) -> State:
    """The state_dict of a fresh module."""
    return dict(getattr(student, maker)(*init).state_dict())


def state_dict_round_trip(
    student: Any, maker: str, init: list[Any], inputs: list[Any]
) -> dict[str, Any]:
    """Save the state to a real file, load it into a second fresh module, compare what both say."""
    first = _make(student, maker, init, None, inputs)
    before = first(*inputs)
    torch.save(first.state_dict(), "state.pt")
    second = _make(student, maker, init, None, inputs)
    loaded = torch.load("state.pt")
    second.load_state_dict(loaded)
    return {"before": before, "after": second(*inputs), "keys": list(loaded)}


def train_and_eval(
    student: Any, maker: str, init: list[Any], inputs: list[Any], state: State | None = None
) -> dict[str, list[Any]]:
    """Two outputs in training mode and two in evaluation mode, of the same module."""
    module = _make(student, maker, init, state, inputs)
    module.train()
    train = [module(*inputs), module(*inputs)]
    module.eval()
    return {"train": train, "eval": [module(*inputs), module(*inputs)]}


def parameter_count(student: Any, maker: str, init: list[Any]) -> dict[str, int]:
    """How many numbers a fresh module trains, and how many it holds frozen."""
    parameters = list(getattr(student, maker)(*init).parameters())
    trainable = sum(p.numel() for p in parameters if p.requires_grad)
    return {"trainable": trainable, "frozen": sum(p.numel() for p in parameters) - trainable}


def same_seed(student: Any, name: str, args: list[Any], seed: int) -> list[Any]:
    """The results of two calls, each right after torch.manual_seed(seed)."""
    results = []
    for _ in range(2):
        torch.manual_seed(seed)
        results.append(getattr(student, name)(*args))
    return results


def optimizer_steps(
    student: Any,
    maker: str,
    parameters: list[Tensor],
    gradients: list[list[Tensor]],
    options: dict[str, Any],
) -> list[list[Tensor]]:
    """The parameters after each step of maker(parameters, **options) on the given gradients."""
    leaves = [nn.Parameter(p.clone()) for p in parameters]
    optimizer = getattr(student, maker)(leaves, **options)
    history = []
    for step in gradients:
        for leaf, gradient in zip(leaves, step, strict=True):
            leaf.grad = gradient.clone()
        optimizer.step()
        history.append([leaf.detach().clone() for leaf in leaves])
    return history


def train_then_predict(
    student: Any, trainer: str, args: list[Any]
) -> Generator[None, list[Any], Any]:
    """Call trainer(*args), which returns a module; then predict on inputs sent only afterwards.

    The module predicts in evaluation mode, whatever mode the trainer left it in.
    """
    model = getattr(student, trainer)(*args).eval()
    inputs = yield None
    with torch.no_grad():
        return model(*inputs)


def _make(
    student: Any, maker: str, init: list[Any], state: State | None, inputs: list[Any]
) -> nn.Module:
    """maker(*init) with `state` loaded, on the device and in the dtype of the inputs."""
    module: nn.Module = getattr(student, maker)(*init)
    for x in inputs:
        if isinstance(x, Tensor):
            module = module.to(x.device, x.dtype if x.is_floating_point() else None)
            break
    if state is not None:
        module.load_state_dict(state)
    return module


def _backward(output: Any, upstream: Tensor | None) -> None:
    if isinstance(output, Tensor) and output.requires_grad:
        # Not output.backward(upstream): that imports sympy, 0.4 s in every worker.
        total = (output if upstream is None else output * upstream).sum()
        total.backward()  # type: ignore[no-untyped-call]  # torch says nothing of its types
