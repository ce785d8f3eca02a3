"""Probes: what of a check file travels to the worker, and what it does there."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch

from grader.judge.outcomes import StudentRaised
from grader.judge.probes import ProbeError, shipped_source
from grader.judge.verdicts import Verdict
from tests.bench import Bench, check
from tests.judge.example_probes import counting, doubled, failing, stumbling

CHECK_FILE = '''"""SENTINEL in the docstring of the file."""
from __future__ import annotations

import math, os
import pytest as SENTINEL_pytest
import torch.nn.functional as F
from torch import (
    nn,
    ones as make_ones,
)

from grader.checks import assert_tensor, check, probe

SENTINEL = 3.5  # SENTINEL


@check(points=1, zh="SENTINEL")
def test_SENTINEL(submission):
    """SENTINEL."""
    assert_tensor(submission.run(first, 1), SENTINEL)


# SENTINEL between two probes
@probe
def first(student, x, by: SENTINEL = math.pi):
    return second(student, x) * by


def SENTINEL_helper(): return 1


@probe
@os.fspath
def second(student, x): return F.relu(make_ones(x)), nn, [SENTINEL_local := 1]
SENTINEL_after = 1
'''


@pytest.fixture
def ship(tmp_path: Path) -> Any:
    """Give a function that cuts the probes out of a check file of this text."""

    def cut(text: str) -> str:
        file = tmp_path / "test_hidden.py"
        file.write_text(text, "utf-8")
        return shipped_source(str(file), file.read_text("utf-8"))

    return cut


def test_only_imports_and_probes_travel(ship: Any) -> None:
    """No comment, check, constant, helper or import of the judge's own leaves the judge."""
    source = ship(CHECK_FILE)
    shipped = [node for node in ast.parse(source).body if not isinstance(node, ast.ImportFrom)]
    assert [ast.unparse(node).splitlines()[0] for node in shipped] == [
        "import math, os",
        "import torch.nn.functional as F",
        "def first(student, x, by: SENTINEL=math.pi):",
        "@os.fspath",
    ]
    for word in (
        "in the docstring",
        "3.5",
        "pytest",
        "between",
        "helper",
        "after",
        "assert_tensor",
    ):
        assert word not in source


def test_lines_keep_their_numbers(ship: Any) -> None:
    """A traceback in a probe names the line of the check file."""
    written, shipped = CHECK_FILE.splitlines(), ship(CHECK_FILE).splitlines()
    probe_lines = [n for n, line in enumerate(written) if "second(student" in line]
    assert len(probe_lines) == 2
    assert [shipped[n] for n in probe_lines] == [written[n] for n in probe_lines]


WELL_FORMED = {
    "nested function": "def inner(): return student\n    return inner()",
    "comprehension": "return [a + b for a in range(3) for b in {1: 2} if a]",
    "lambda": "return (lambda z, *r, k=1, **o: z)(student)",
    "walrus": "return [y := 1, y]",
    "class body": "class A:\n        x = 1\n        def f(self): return A.x\n    return A().f()",
    "exception": "try: pass\n    except ValueError as e: return e",
    "own import": "import json as j\n    return j.dumps(1)",
    "with and for": "with open('a') as f:\n        for line in f: print(line)",
    "match": "match student:\n        case [a, *b]: return a, b\n        case {'a': c}: return c",
    "own global": "global fresh\n    fresh = 1",
    "annotation": "x: Unknown = 1\n    return x",
    "delete": "y = 1\n    del y",
    "another probe": "return other(student)",
}


@pytest.mark.parametrize("body", WELL_FORMED.values(), ids=WELL_FORMED)
def test_what_a_probe_may_reach_for(ship: Any, body: str) -> None:
    """Parameters, names of its own, builtins, imports and other probes are fine."""
    head = "from __future__ import annotations\nfrom grader.checks import probe\n"
    text = f"{head}@probe\ndef p(student):\n    {body}\n"
    assert "def p(student)" in ship(text + "@probe\ndef other(student): return 1\n")


REACHING = {
    "constant": ("def p(student):\n    return LIMIT", 9),
    "helper of the checks": ("def p(student):\n\n    return helper()", 10),
    "comparison": ("def p(student):\n    assert_tensor(1, 2)", 9),
    "fixture": ("def p(student):\n    return rng.randn(2)", 9),
    "pytest": ("def p(student):\n    pytest.fail()", 9),
    "default": ("def p(student, x=LIMIT):\n    return x", 8),
    "default by name": ("def p(student, *, x=LIMIT):\n    return x", 8),
    "nested function": (
        "def p(student):\n    def inner():\n        return LIMIT\n    return inner",
        10,
    ),
    "comprehension": ("def p(student):\n    return [LIMIT for _ in student]", 9),
    "lambda": ("def p(student):\n    return lambda: LIMIT", 9),
    "class body": ("def p(student):\n    class A:\n        x = LIMIT\n    return A", 10),
    "base class": ("def p(student):\n    class A(Base): pass\n    return A", 9),
    "default of a nested function": ("def p(student):\n    def f(x=LIMIT): pass", 9),
    "relative import": ("def p(student):\n    return near", 9),
}


@pytest.mark.parametrize(("function", "line"), REACHING.values(), ids=REACHING)
def test_what_does_not_travel_is_told_with_its_line(ship: Any, function: str, line: int) -> None:
    """A probe that would raise NameError in the worker is refused where it is written."""
    head = dedent("""\
        import pytest
        from grader.checks import assert_tensor, probe
        from . import near
        LIMIT = 3
        def helper(): return 1
        class Base: pass
        @probe
        """)
    with pytest.raises(ProbeError, match=rf"test_hidden\.py:{line}: the probe p uses"):
        ship(head + function + "\n")


def test_other_decorators_must_travel_too(ship: Any) -> None:
    """A decorator of the check file's own is not there in the worker."""
    with pytest.raises(ProbeError, match="uses twice"):
        ship("def twice(f): return f\n@twice\n@probe\ndef p(student): return 1\n")


def test_a_probe_never_runs_in_the_judge() -> None:
    """Calling it by mistake says what to write instead."""
    with pytest.raises(TypeError, match=r"submission\.run\(doubled"):
        doubled(None, 1)


# ---------------------------------------------------------------- in the worker

SUBMISSION = "def identity(x):\n    return x\n\ndef fails():\n    raise KeyError('k')\n"


def ask(bench: Bench, body: Any) -> Any:
    """Run the body of a check; return its value or raise what was raised."""
    with bench.grading(SUBMISSION) as grading:
        handle = grading.begin()
        try:
            return body(handle)
        finally:
            grading.finish()


def test_a_probe_runs_beside_the_submission(bench: Bench) -> None:
    """It uses the submission's names, the file's imports and other probes."""
    assert torch.equal(ask(bench, lambda it: it.run(doubled, [1, 2])), torch.tensor([2, 4]))


def test_an_exception_of_the_probe_itself_has_no_place_in_the_submission(bench: Bench) -> None:
    """A line number would be looked up in the wrong file."""
    with pytest.raises(StudentRaised) as caught:
        ask(bench, lambda it: it.run(failing))
    assert (caught.value.raised.text, caught.value.raised.frames) == ("in the probe", [])


def test_a_conversation_goes_to_and_fro(bench: Bench) -> None:
    """Each value sent gives the next one yielded, and at last the one returned."""

    def body(it: Any) -> list[Any]:
        conversation = it.start(counting, 5)
        first = conversation.value
        return [first, conversation.send(1), conversation.send(10), conversation.send(None)]

    assert ask(bench, body) == [5, 6, 16, "end"]


def test_nobody_answers_after_the_end_of_a_conversation(bench: Bench) -> None:
    """Sending to a probe that has returned is an error, and the submission's names still work."""

    def body(it: Any) -> Any:
        conversation = it.start(counting, 5)
        conversation.send(None)
        with pytest.raises(StudentRaised, match="crashed"):
            conversation.send(1)
        return it.identity(3)

    assert ask(bench, body) == 3


def test_a_conversation_in_which_the_submission_raises(bench: Bench) -> None:
    """The exception is the submission's, with its line, as in any call."""
    with bench.grading(SUBMISSION) as grading:
        outcome = check(grading, lambda it: it.start(stumbling).send(None))
    assert (outcome.verdict, outcome.kind) == (Verdict.CRASHED, "raised")
    assert outcome.causes[0].data["line"] == 5
