"""A student's own traceback: what stands in the submission is quoted, and nothing else."""

from __future__ import annotations

import pytest

from grader.judge.frames import quoted
from grader.judge.outcomes import StudentRaised
from grader.judge.results import Cause, CheckResult, Frame
from grader.judge.verdicts import Verdict
from grader.text import Text
from grader.wire.messages import Raised
from tests.bench import ENTRY, Bench, call_f

FILES = {
    "a.py": b"import torch\n\n    x = 1 / 0  \n",
    "b/c.py": b"first\r\nsecond\rthird",
    "chinese.py": "# coding: gbk\n\ny = '乘法'\n".encode("gbk"),
    "slow.py": b"# coding: punycode\nx = 1\n",
    "broken.py": b"x = '\xff'\n",
    "marked.py": "\ufeffz = 1\n".encode(),
}


@pytest.mark.parametrize(
    ("file", "line", "text"),
    [
        ("a.py", 1, "import torch"),
        ("a.py", 3, "x = 1 / 0"),
        ("b/c.py", 2, "second"),
        ("b/c.py", 3, "third"),
        ("chinese.py", 3, "y = '乘法'"),
        ("marked.py", 1, "z = 1"),
    ],
)
def test_a_line_is_quoted_from_the_submission(file: str, line: int, text: str) -> None:
    """Lines are counted as Python counts them and read in the encoding of the file."""
    (frame,) = quoted([(file, line, "f")], FILES)
    assert frame == Frame(file, line, "f", text)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("a.py", 2),
        ("a.py", 4),
        ("a.py", 5),
        ("a.py", 2**63 - 1),
        ("c.py", 1),
        ("../a.py", 1),
        ("/etc/passwd", 1),
        ("", 1),
        ("slow.py", 2),
        ("broken.py", 1),
    ],
)
def test_what_is_not_in_the_submission_is_left_out(file: str, line: int) -> None:
    """A place that a worker made up, an empty line, a file that is no text: none is shown."""
    assert quoted([(file, line, "f")], FILES) == ()


def test_a_long_line_is_cut() -> None:
    """A line of a megabyte does not become a report of a megabyte."""
    (frame,) = quoted([("a.py", 1, "f")], {"a.py": b"x" * 10**6})
    assert len(frame.text) == 300


def test_the_last_place_gives_line_and_function() -> None:
    """What was left out does not count."""
    raised = Raised("E", ["E"], "text", [("a.py", 1, "f"), ("a.py", 9, "g")], "call")
    (cause,) = StudentRaised(raised, quoted(raised.frames, FILES)).causes
    assert cause == Cause(
        "raised",
        {"type": "E", "text": "text", "line": 1, "function": "f"},
        (Frame("a.py", 1, "f", "import torch"),),
    )


def test_a_hidden_check_has_no_frames() -> None:
    """They would tell where hidden inputs lead."""
    cause = Cause("raised", {"type": "ValueError"}, (Frame("a.py", 1, "f", "x"),))
    result = CheckResult(
        name="t",
        sentence=Text("A.", "甲。"),
        points=1,
        verdict=Verdict.CRASHED,
        hidden=True,
        seconds=0.1,
        causes=(cause,),
    )
    assert result.redacted(()).causes == (Cause("raised", {"type": "ValueError"}),)


# ---------------------------------------------------------------- with a real worker


def _places(cause: Cause) -> list[tuple[int, str, str]]:
    assert {frame.file for frame in cause.frames} <= {ENTRY}
    return [(frame.line, frame.function, frame.text) for frame in cause.frames]


NET = """import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.out = torch.nn.Linear(3, 4)

    def forward(self, x):
        return self.out(x)

def predict():
    return Net()(torch.ones(2, 5))
"""


def test_only_the_students_own_places_are_told(bench: Bench) -> None:
    """Torch's frames between them are left out."""
    (cause,) = bench.run(NET, "predict").causes
    assert _places(cause) == [
        (12, "predict", "return Net()(torch.ones(2, 5))"),
        (9, "Net.forward", "return self.out(x)"),
    ]
    assert (cause.data["line"], cause.data["function"]) == (9, "Net.forward")


def test_at_most_the_last_six_places_are_told_and_each_once(bench: Bench) -> None:
    """Neither a long way nor a recursion fills the report."""
    steps = "".join(f"def s{n}(): s{n + 1}()\n" for n in range(9))
    long = bench.run(f"{steps}def s9(): 1 / 0\n", "s0").causes[0]
    assert [frame.function for frame in long.frames] == [f"s{n}" for n in range(4, 10)]
    endless = bench.run("def f(n):\n    return f(n + 1)\ndef g():\n    f(0)\n", "g").causes[0]
    assert endless.kind == "recursion"
    assert _places(endless) == [(4, "g", "f(0)"), (2, "f", "return f(n + 1)")]


def test_an_import_and_a_syntax_error_show_their_line(bench: Bench) -> None:
    """What keeps a submission from being imported is shown in the same way."""
    failed = bench.run("import torch\n\nx = torch.ones(2) @ torch.ones(3)\n", "f").causes[0]
    assert failed.kind == "import_raised"
    assert _places(failed) == [(3, "<module>", "x = torch.ones(2) @ torch.ones(3)")]
    unread = bench.run("import torch\n\ny = (1,\n", "f").causes[0]
    assert unread.data == {"message": "'(' was never closed", "line": 3}
    assert _places(unread) == [(3, "", "y = (1,")]


FORGED = {
    "names another file": 'code.replace(co_filename="/etc/passwd")',
    "names a line that is not there": "code.replace(co_firstlineno=10**6)",
    "has a long name": 'code.replace(co_qualname="x" * 10**6)',
}


@pytest.mark.parametrize("code", FORGED.values(), ids=FORGED)
def test_a_frame_that_lies_shows_nothing_but_the_submission(bench: Bench, code: str) -> None:
    """Whatever a code object says of itself, only lines of the submission are quoted, cut."""
    body = f"""
    def g():
        1 / 0
    code = g.__code__
    g.__code__ = {code}
    def f():
        g()
    """
    (cause,) = call_f(bench, body).causes
    assert cause.data["type"] == "ZeroDivisionError"
    assert {text for _, _, text in _places(cause)} <= {"g()", "1 / 0"}
    assert cause.frames[0].function == "f"
    assert all(len(frame.function) <= 200 for frame in cause.frames)


def test_a_forged_answer_shows_nothing_but_the_submission(bench: Bench) -> None:
    """A worker may send any places; those that are not in the submission are dropped."""
    body = """
    def f():
        places = [("/etc/passwd", 1, "f"), ("answer.py", 10**9, "g"), ("answer.py", 3, "made up")]
        write((m.READY_ID + 2, m.Raised("E", [], "text", places, "call")))
        time.sleep(60)
    """
    (cause,) = call_f(bench, body).causes
    assert _places(cause) == [(3, "made up", "import torch")]
