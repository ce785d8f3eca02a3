"""The stand-in for torch's compiler must be invisible to whoever needs the compiler."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

_SERVER = """
import json, os, sys, traceback, torch
from grader.torch_startup import defer_compiler
defer_compiler()
stand_in = sys.modules["torch._dynamo"]
for line in sys.stdin:
    ours, theirs = os.pipe()
    if os.fork() == 0:
        try:
            exec(json.loads(line), dict(globals()))
        except BaseException:
            os.write(theirs, traceback.format_exc()[-4000:].encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as file:
        text = file.read().decode()
    print(json.dumps([os.wait()[1], text]), flush=True)
"""


Run: TypeAlias = Callable[[str], None]
"""Runs code in a process that has just imported torch; it must not fail."""


@pytest.fixture(scope="module", name="run")
def _run() -> Iterator[Run]:
    """Import torch once, and fork for each piece of code."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        ask, answers = server.stdin, server.stdout

        def run(code: str) -> None:
            ask.write(json.dumps(code) + "\n")
            ask.flush()
            assert json.loads(answers.readline()) == [0, ""]

        yield run
        ask.close()


def test_the_server_tells_of_failures(run: Run) -> None:
    """Or the tests below could not fail."""
    with pytest.raises(AssertionError, match="NameError"):
        run("no_such_name")


def test_optimizers_and_meta_tensors_leave_the_compiler_out(run: Run) -> None:
    """A step of an optimizer and an operation on meta tensors import no compiler."""
    run("""
parameter = torch.nn.Parameter(torch.ones(2))
for kind in (torch.optim.SGD, torch.optim.Adam):
    optimizer = kind([parameter], lr=0.1)
    optimizer.zero_grad()
    parameter.sum().backward()
    optimizer.step()
assert (torch.ones(2, 3, device="meta") + 1).shape == (2, 3)
assert sys.modules["torch._dynamo"] is stand_in
assert "torch._dynamo.utils" not in sys.modules
""")


@pytest.mark.parametrize(
    "code",
    [
        "import torchvision, torchvision.transforms.v2, torchvision.models",
        "from torch._dynamo.utils import counters; assert torch._dynamo.utils.counters is counters",
        "from torch.func import jacrev; assert jacrev(torch.sin)(torch.ones(2)).shape == (2, 2)",
        "assert torch._dynamo.config.__name__ == 'torch._dynamo.config'",
        "assert torch.compile(lambda x: x * 2, backend='eager')(torch.ones(1)) == 2",
    ],
    ids=["torchvision", "submodule", "jacrev", "attribute", "compile"],
)
def test_whoever_needs_the_compiler_gets_it(run: Run, code: str) -> None:
    """The real package takes the stand-in's place, once, when anything more is asked of it."""
    run(code + "\nassert sys.modules['torch._dynamo'] is not stand_in")


def test_plain_sizes_leave_symbols_out(run: Run) -> None:
    """Meta tensors and gradients of many numbers import no arithmetic with symbols."""
    run("""
import torch.fx.experimental.symbolic_shapes as shapes
x = torch.ones(3, 2, requires_grad=True)
(x * 2).backward(torch.ones(3, 2))
assert torch.equal(x.grad, torch.full((3, 2), 2.0))
assert torch.randn(4, 3, device="meta").to("meta").sum(0).shape == (3,)
assert type(shapes).__name__ == "_StandIn" and "sympy" not in sys.modules
assert shapes.sym_eq((2, 3), [2, 3]) and not shapes.sym_eq((2, 3), (2, 4))
assert shapes.guard_or_false(True) is True and not shapes.is_nested_int(3)
""")


def test_symbols_are_answered_by_the_real_module(run: Run) -> None:
    """Whoever asks for anything else gets it, also of a function that is stood in for."""
    run("""
from torch.fx.experimental.symbolic_shapes import ShapeEnv, guard_or_false, guard_int
symbol = ShapeEnv().create_unbacked_symint()
assert guard_or_false(symbol == 7) is False
assert guard_int(3) == 3
real = sys.modules["torch.fx.experimental.symbolic_shapes"]
assert real.ShapeEnv is ShapeEnv and hasattr(real, "__file__")
""")


def test_a_judge_starts_without_statistics(run: Run) -> None:
    """They take as long to import as half of torch, and only timed checks need them."""
    run("import grader.judge.job; assert 'scipy.stats' not in sys.modules")
