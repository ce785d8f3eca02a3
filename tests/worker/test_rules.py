"""Source rules: which calls a submission's text makes."""

from __future__ import annotations

from textwrap import dedent

import pytest

from grader.judge.outcomes import StudentFault
from grader.judge.verdicts import Verdict
from grader.worker import rules
from tests.bench import Bench


def find_calls(text: str, calls: list[str], inside: list[str]) -> list[tuple[str, int]]:
    """The uses in a submission of one file."""
    return rules.find_calls({"answer.py": dedent(text).encode()}, "answer.py", calls, inside)


CONV = "torch.nn.functional.conv2d"

USES = {
    "full name": "import torch\ndef f(x):\n    return torch.nn.functional.conv2d(x)",
    "module by another name": "import torch.nn.functional as F\ndef f(x):\n    return F.conv2d(x)",
    "package by another name": "import torch as t\ndef f(x): return t.nn.functional.conv2d(x)",
    "function imported": "from torch.nn.functional import conv2d\ndef f(x):\n    return conv2d(x)",
    "function renamed": "from torch.nn.functional import conv2d as c\ndef f(x): return c(x)",
    "module imported": "from torch.nn import functional\ndef f(x): return functional.conv2d(x)",
    "star": "from torch.nn.functional import *\ndef f(x):\n    return conv2d(x)",
    "alias": "from torch.nn import functional as F; c = F.conv2d\ndef f(x):\n    return c(x)",
    "alias of a module": "import torch; n = torch.nn.functional\ndef f(x):\n    return n.conv2d(x)",
    "getattr": "import torch.nn.functional as F\ndef f(x):\n    return getattr(F, 'conv2d')(x)",
    "not called": "import torch.nn.functional as F\ndef f(x):\n    return map(F.conv2d, x)",
    "imported inside": "def f(x):\n    import torch.nn.functional as F\n    return F.conv2d(x)",
    "lambda": "import torch.nn.functional as F\nf = 1\ndef f(x): return (lambda: F.conv2d)(x)",
    "decorator": "import torch.nn.functional as F\n@F.conv2d\ndef f(x): ...",
    "default": "import torch.nn.functional as F\n\ndef f(x, c=F.conv2d): ...",
    "helper": """\
        import torch.nn.functional as F
        def f(x): return g(x)
        def g(x): return h(x)
        def h(x):
            return F.conv2d(x)
        """,
    "class that f uses": """\
        import torch.nn.functional as F
        def f(x): return Layer()(x)
        class Layer:
            def forward(self, x):
                return F.conv2d(x)
        """,
    "lambda at the top": """\
        import torch.nn.functional as F
        g = lambda x: F.conv2d(x)
        def f(x): return g(x)
        """,
    "alias of a helper": """\
        import torch.nn.functional as F
        def g(x): return F.conv2d(x)
        h = g
        def f(x): return h(x)
        """,
    "only imported": "from torch.nn.functional import conv2d as f",
    "imported with a star": "from torch.nn.functional import *\nf = conv2d",
    "in a branch": "import torch.nn.functional as F\nif F:\n    def f(x): return F.conv2d(x)",
    "in a try": "try:\n    from torch.nn.functional import conv2d as f\nexcept ImportError: ...",
    "tuple": "import torch.nn.functional as F\nf, g = F.conv2d, 0",
    "walrus": "import torch.nn.functional as F\n(f := F.conv2d)",
    "with": "import torch.nn.functional as F\nwith F as f: F.conv2d",
}


@pytest.mark.parametrize("text", USES.values(), ids=USES)
def test_a_use_is_found_by_whatever_name(text: str) -> None:
    """Imports, aliases, constant getattr and helpers of the file lead to the function meant."""
    assert {name for name, _ in find_calls(text, [CONV], ["f"])} == {CONV}


FILES = {
    "a name": ("from helper import f", "from torch import add as f"),
    "a module": ("import helper\ndef f(x): return helper.g(x)", "import torch\ng = torch.add"),
    "a star": ("from helper import *", "import torch\ndef f(x): return torch.add(x, x)"),
    "through a second": (
        "from pkg.mod import f",
        "import torch\ntorch.add",
        "from helper import *",
    ),
}


@pytest.mark.parametrize("texts", FILES.values(), ids=FILES)
def test_what_is_used_of_another_file_counts(texts: tuple[str, ...]) -> None:
    """A helper's calls are those of the line that uses it."""
    names = ("answer.py", "helper.py", "pkg/mod.py")
    files = {name: text.encode() for name, text in zip(names, texts, strict=False)}
    found = rules.find_calls(files, "answer.py", ["torch.add"], ["f"])
    assert {name for name, _ in found} == {"torch.add"}


def test_a_file_that_is_not_used_breaks_nothing() -> None:
    """What lies beside the entry and is not used is not even parsed."""
    files = {
        "answer.py": b"def f(x): return x",
        "helper.py": b"import torch; torch.add(",
        "x.txt": b"",
    }
    assert rules.find_calls(files, "answer.py", ["torch.add"], ["f"]) == []


OTHERS = {
    "another function of that name": "from mine import conv2d\ndef f(x): return conv2d(x)",
    "a method of that name": "def f(x): return x.conv2d()",
    "its own definition": "def conv2d(x): return x\ndef f(x): return conv2d(x)",
    "text": "def f(x):\n    'torch.nn.functional.conv2d(x)'\n    # torch.nn.functional.conv2d(x)",
    "elsewhere": "import torch.nn.functional as F\ndef f(x): pass\ndef g(x): return F.conv2d(x)",
    "variant": "import torch.nn.functional as F\ndef f(x): return F.conv2d_other(x), F.conv1d(x)",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_things_are_no_use(text: str) -> None:
    """What is neither used by `f` nor what it uses, or only looks alike, breaks no rule."""
    assert find_calls(text, [CONV], ["f"]) == []


@pytest.mark.parametrize("text", ["return a @ b", "a @= b", "return (a + 1) @ b.t()"])
def test_the_operator_of_a_matrix_product_is_a_use(text: str) -> None:
    """It has no name in the text, so it is told as that of Python's own function."""
    text = f"def f(a, b):\n    {text}\ndef g(a, b):\n    return a * b"
    assert find_calls(text, ["operator.matmul"], ["f"]) == [("operator.matmul", 2)]
    assert find_calls(text, ["operator.matmul"], ["g"]) == []


def test_without_scopes_the_whole_file_counts() -> None:
    """A rule that names no function concerns every line, in order and each use once."""
    text = "import torch\ntorch.add(1, 2)\nclass A:\n    x = torch.mul(torch.add(1, 1), 2)\n"
    found = find_calls(text, ["torch.add", "torch.mul"], [])
    assert [line for _, line in found] == [2, 4, 4]
    assert set(found) == {("torch.add", 2), ("torch.add", 4), ("torch.mul", 4)}


def test_methods_of_a_class_count_as_the_class() -> None:
    """A rule about a module's class concerns all its methods."""
    text = "import torch\nclass Layer:\n    def forward(self, x):\n        return torch.add(x, x)\n"
    assert find_calls(text, ["torch.add"], ["Layer"]) == [("torch.add", 4)]
    assert find_calls(text, ["torch.add"], ["Other"]) == []


# ---------------------------------------------------------------- in a worker

HOSTILE = {
    "nested parentheses": b"(" * 100_000 + b")" * 100_000,
    "nested minus": b"-" * 100_000 + b"1",
    "long chain of attributes": b"a" + b".a" * 500_000,
    "long chain of calls": b"a" + b"()" * 100_000,
    "long sum": b"1" + b"+1" * 200_000,
    "one line of 1 MiB": b"x=1;" * 262_144,
    "many names": b"[" + b"torch.add," * 100_000 + b"]",
    "no Python": b"\xff\xfe(",
    "null bytes": b"x = 1\0",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_judged_within_limits(bench: Bench, text: bytes) -> None:
    """Text that exhausts a parser costs its author the rule, and the judge nothing."""
    with bench.grading(text) as grading:
        try:
            (found,) = grading.judge_rules([(["torch.add"], [])])
        except StudentFault as fault:
            assert fault.verdict in (Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.OUT_OF_MEMORY)  # noqa: PT017  either may be
        else:
            assert set(found) <= {("torch.add", 1)}
    assert bench.run("def f(): return 1", "f").value == 1


def test_the_text_is_read_and_not_run(bench: Bench) -> None:
    """Rules are judged in a worker that never imports the submission."""
    with bench.grading("import os, torch\nos._exit(3)\ntorch.add(1, 1)\n") as grading:
        assert grading.judge_rules([(["torch.add"], []), (["os._exit"], [])]) == [
            [("torch.add", 3)],
            [("os._exit", 2)],
        ]
