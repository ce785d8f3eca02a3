"""What the submission's code raises, returns and prints, and what becomes of it."""

from __future__ import annotations

import dataclasses
from textwrap import dedent

import pytest

from grader.judge.verdicts import Verdict
from grader.wire.channel import OUTPUT_KEPT
from tests.bench import GENEROUS, Bench, call_f

HASTY = dataclasses.replace(GENEROUS, request_seconds=1)
"""For calls that never end."""

# ---------------------------------------------------------------- exceptions


@pytest.mark.parametrize(
    "name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "AssertionError", "StopIteration"]
)
def test_every_exception_is_a_crash(bench: Bench, name: str) -> None:
    """Exceptions that end programs or pass tests elsewhere end nothing here."""
    outcome = call_f(bench, f"def f():\n    raise {name}(0)\n")
    assert (outcome.verdict, outcome.kind) == (Verdict.CRASHED, "raised")
    place = {"type": name, "text": "0", "function": "f"}
    assert place.items() <= outcome.causes[0].data.items()


def test_the_place_of_an_exception_is_the_submissions(bench: Bench) -> None:
    """The line is the innermost one in the student's own file, not in a library."""
    text = "import torch\n\ndef f():\n    return torch.ones(2) @ torch.ones(3)\n"
    cause = bench.run(text, "f").causes[0]
    assert (cause.data["line"], cause.data["function"]) == (4, "f")


STRANGE_EXCEPTIONS = {
    "text that raises": "class E(Exception):\n    def __str__(self): raise SystemExit",
    "text of 10 MB": "class E(Exception):\n    def __str__(self): return 'x' * 10**7",
    "text that is no string": "class E(Exception):\n    def __str__(self): return 5",
    "half a surrogate pair": "class E(Exception):\n    def __str__(self): return '\\ud800'",
    "string with a length of its own": """
        class S(str):
            def __getitem__(self, key): return b"no text"
        class E(Exception):
            def __str__(self): return S("x")
        """,
    "name of another class": "class CheckFailed(Exception): pass\nE = CheckFailed",
    "long name": "E = type('E' * 10**5, (Exception,), {})",
    "many bases": """
        E = Exception
        for _ in range(200):
            E = type("E", (E,), {})
        """,
    "class that lies": """
        class Meta(type):
            __name__ = property(lambda cls: 5)
        class E(Exception, metaclass=Meta):
            __class__ = AssertionError
        """,
}


@pytest.mark.parametrize("definition", STRANGE_EXCEPTIONS.values(), ids=STRANGE_EXCEPTIONS)
def test_strange_exceptions_are_crashes_of_bounded_size(bench: Bench, definition: str) -> None:
    """No exception of a submission becomes a fault of the grader, or a report of megabytes."""
    outcome = call_f(bench, dedent(definition) + "\ndef f():\n    raise E\n")
    assert outcome.verdict is Verdict.CRASHED
    assert len(str(outcome.causes)) < 3000


def test_a_text_that_never_ends_times_out(bench: Bench) -> None:
    """An exception cannot hold up the grader while its text is made."""
    body = """
    class E(Exception):
        def __str__(self):
            while True: pass
    def f():
        raise E
    """
    assert call_f(bench, body, limits=HASTY).verdict is Verdict.TIMED_OUT


def test_recursion_without_end(bench: Bench) -> None:
    """A function that calls itself for ever gets a cause of its own."""
    outcome = call_f(bench, "def f():\n    return f()\n")
    assert (outcome.verdict, outcome.kind) == (Verdict.CRASHED, "recursion")
    assert outcome.causes[0].data["function"] == "f"


def test_not_written_and_missing_names(bench: Bench) -> None:
    """A stub and a misspelt name are told apart from mistakes."""
    stub = call_f(bench, "def f():\n    raise NotImplementedError\n")
    assert (stub.kind, stub.causes[0].data["function"]) == ("not_written", "f")
    missing = bench.run("def convolve(): return 1\n", "convolv")
    assert (missing.verdict, missing.kind) == (Verdict.FAILED, "missing_name")
    assert missing.causes[0].data["near"] == "convolve"


# ---------------------------------------------------------------- values


UNSENDABLE = {
    "generator": "(i for i in [1])",
    "function": "lambda: 1",
    "set": "{1}",
    "tensor that lies": """type("T", (torch.Tensor,), {
        "__torch_function__": classmethod(lambda *a, **k: True),
        "__eq__": lambda self, other: True,
        "__class__": torch.Tensor,
    })([1.0])""",
    "int that equals all": 'type("I", (int,), {"__eq__": lambda self, other: True})(1)',
    "dict of a kind of its own": 'type("D", (dict,), {})()',
    "list of more than a frame": "[bytes(1 << 20)] * 300",
    "list in itself": "(lambda x: x.append(x) or x)([])",
    "number of 65 bits": "1 << 64",
    "sparse tensor": "torch.eye(2).to_sparse()",
}


@pytest.mark.parametrize("value", UNSENDABLE.values(), ids=UNSENDABLE)
def test_only_plain_data_come_back(bench: Bench, value: str) -> None:
    """What could lie when it is compared never reaches the judge."""
    outcome = call_f(bench, f"def f():\n    return {value}\n")
    assert (outcome.verdict, outcome.kind) == (Verdict.FAILED, "unsendable")
    assert len(str(outcome.causes)) < 500


def test_a_value_that_raises_while_it_is_read_is_a_crash(bench: Bench) -> None:
    """A submission can break the encoder in its own process only."""
    body = """
    def f():
        import grader.wire.encoder as encoder
        encoder.Encoder.value = lambda *a: 1 / 0
        return 1
    """
    assert call_f(bench, body).verdict is Verdict.CRASHED


# ---------------------------------------------------------------- output


def test_output_is_kept_up_to_its_bound(bench: Bench) -> None:
    """Printing megabytes neither blocks the worker nor fills the judge."""
    outcome = call_f(bench, "def f():\n    print('x' * 10**6)\n    return 1\n")
    assert (outcome.value, outcome.printed) == (1, b"x" * OUTPUT_KEPT)


def test_a_thread_that_prints_for_ever_does_not_delay_an_answer(bench: Bench) -> None:
    """The answer counts, and what was printed stays within its bound."""
    body = """
    def f():
        def flood():
            while True: os.write(1, b"y" * 65536)
        threading.Thread(target=flood, daemon=True).start()
        return 7
    """
    outcome = call_f(bench, body)
    assert outcome.value == 7
    assert len(outcome.printed) <= OUTPUT_KEPT


def test_reports_printed_at_exit_are_only_output(bench: Bench) -> None:
    """Nothing that a submission prints, at whatever time, is read as a result."""
    body = """
    forged = '{"result": {"verdict": "passed", "points": 100}}'
    atexit.register(print, forged)
    def f():
        print(forged)
        os._exit(0)
    """
    assert call_f(bench, body).verdict is Verdict.CRASHED
