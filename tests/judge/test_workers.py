"""Submissions that misbehave: each gets the promised verdict, and the next check is none the worse."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest

from grader.course import Limits
from grader.judge.outcomes import JudgeFault
from grader.judge.verdicts import Verdict
from grader.wire.channel import OUTPUT_KEPT
from tests.bench import GENEROUS, Bench, Outcome, check, running

SHORT = dataclasses.replace(GENEROUS, request_seconds=1)
"""For calls that never end."""

_PREAMBLE = """
import atexit, ctypes, gc, os, signal, subprocess, sys, threading, time
import torch
from grader.wire import messages as m

def write(*replies):
    "Send frames of our own to the judge, in one go."
    frames = [m.encode_message(reply, number) for number, reply in replies]
    os.write(3, b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames))

def processes():
    "How many processes there are in this sandbox, as far as they can be seen."
    try:
        return sum(name.isdigit() for name in os.listdir("/proc"))
    except OSError:
        return 0
"""
_ONLY_KEEPER_AND_WORKER = 2


def submission(body: str) -> str:
    """Return a submission that can forge frames, with `body` at its end."""
    return _PREAMBLE + dedent(body)


def call(bench: Bench, body: str, *, tier: str = "full", limits: Limits = GENEROUS) -> Outcome:
    """Call the function `f` that `body` defines, in a check of its own.

    Then a second check must find a worker and a sandbox as good as new.
    """
    with bench.grading(submission(body), tier=tier, limits=limits) as grading:
        outcome = check(grading, lambda student: student.f())
        again = check(grading, lambda student: student.processes())
    # In the lower tiers a worker sees no /proc, or all of it.
    assert again.value == _ONLY_KEEPER_AND_WORKER or tier != "full", again
    return outcome


# ---------------------------------------------------------------- the protocol

FORGED = {
    "garbage": r'os.write(3, b"\xff" * 64)',
    "frame that is no message": r'os.write(3, b"\0\0\0\1x")',
    "announced gigabytes": r'os.write(3, b"\xf0\0\0\0")',
    "answer and a second one": "write((2, m.Returned(1)), (2, m.Returned(1)))",
    "answer to another question": "write((3, m.Returned(1)))",
    "answer with the id of Ready": "write((0, m.Returned(1)))",
    "second Ready": 'write((2, m.Ready("full", [])))',
    "request": 'write((2, m.Resume(None, "cpu")))',
}


@pytest.mark.parametrize("tier", ["full", "none"])
@pytest.mark.parametrize("forgery", FORGED.values(), ids=FORGED)
def test_forged_frames_are_a_violation(bench: Bench, forgery: str, tier: str) -> None:
    """Whatever is not one well-formed answer to the question asked fails the check."""
    outcome = call(bench, f"def f():\n    {forgery}\n    return 1\n", tier=tier)
    assert (outcome.verdict, outcome.kind) == (Verdict.PROTOCOL_VIOLATION, "protocol")


@pytest.mark.parametrize(
    "forgery",
    [
        "write((2, m.Returned(42)))",
        "write((1, m.Returned(None)), (2, m.Returned(42)))",
        "write((1, m.Returned(None)), (2, m.Returned(42))); time.sleep(600)",
    ],
    ids=["first answer", "both answers", "both answers and silence"],
)
def test_answers_sent_before_the_question_do_not_count(bench: Bench, forgery: str) -> None:
    """An import that leaves its answer to the first call in the socket is a violation."""
    with bench.grading(submission(forgery)) as grading:
        outcome = check(grading, lambda student: student.f())
    assert outcome.verdict is Verdict.PROTOCOL_VIOLATION


def test_bytes_between_two_questions_are_a_violation(bench: Bench) -> None:
    """A thread cannot slip in an answer to a question that is still to come."""
    body = """
    def f():
        def later():
            write((3, m.Returned(42)))
            open("sent", "w").close()
        threading.Timer(0.2, later).start()

    def g():
        return 42
    """
    with bench.grading(submission(body)) as grading:

        def ask(student: Any) -> Any:
            student.f()
            # Until the thread has written: the judge reads nothing meanwhile.
            deadline = time.monotonic() + GENEROUS.request_seconds
            while _is_silent(student) and time.monotonic() < deadline:
                time.sleep(0.02)
            return student.g()

        outcome = check(grading, ask)
    assert outcome.verdict is Verdict.PROTOCOL_VIOLATION


def _is_silent(student: Any) -> bool:
    try:
        return not student._worker._channel._sock.recv(1, 2)  # MSG_PEEK
    except BlockingIOError:
        return True


# ---------------------------------------------------------------- endings


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
@pytest.mark.parametrize(
    ("how", "kind", "data"),
    [
        ("os._exit(0)", "exited", {"status": 0}),
        ("os._exit(3)", "exited", {"status": 3}),
        ("ctypes.string_at(0)", "killed", {"signal": "SIGSEGV"}),
        ("os.kill(os.getpid(), signal.SIGKILL)", "killed", {"signal": "SIGKILL"}),
        ("os.abort()", "killed", {"signal": "SIGABRT"}),
        ("os.close(3)", "exited", {"status": 0}),
    ],
)
def test_a_dead_worker_is_a_crash(
    bench: Bench, how: str, kind: str, data: dict[str, Any], tier: str
) -> None:
    """A worker that ends before it answers fails its check, with the way it ended."""
    outcome = call(bench, f"def f():\n    {how}\n", tier=tier)
    assert outcome.verdict is Verdict.CRASHED
    assert (outcome.kind, dict(outcome.causes[0].data)) == (kind, data)


@pytest.mark.parametrize(
    ("statement", "verdict", "kind", "data"),
    [
        ("os._exit(0)", Verdict.CRASHED, "import_exited", {"status": 0}),
        ("ctypes.string_at(0)", Verdict.CRASHED, "import_killed", {"signal": "SIGSEGV"}),
        ("sys.exit(0)", Verdict.CRASHED, "import_raised", {"type": "SystemExit", "text": "0"}),
        ("1 / 0", Verdict.CRASHED, "import_raised", {"type": "ZeroDivisionError"}),
        ("import no_such_thing", Verdict.CRASHED, "import_failed", {"module": "no_such_thing"}),
        ("def f(:", Verdict.CRASHED, "syntax_error", {}),
    ],
)
def test_an_import_that_ends_is_the_problem_of_the_whole_submission(
    bench: Bench, statement: str, verdict: Verdict, kind: str, data: dict[str, Any]
) -> None:
    """What keeps a submission from being imported is told as such, and fails every check."""
    with bench.grading(submission(statement)) as grading:
        problem = grading.find_problem()
        outcome = check(grading, lambda student: student.f())
    assert problem is not None
    assert (outcome.verdict, outcome.kind, problem.kind) == (verdict, kind, kind)
    assert data.items() <= problem.data.items()


@pytest.mark.parametrize(
    ("body", "phase", "kind"),
    [
        ("def f():\n    while True: pass", "call", "timed_out"),
        ("def f():\n    sum(range(10**15))", "call", "timed_out"),
        ("def f():\n    os.kill(os.getpid(), signal.SIGSTOP)", "call", "timed_out"),
        ("while True: pass", "import", "import_timed_out"),
    ],
    ids=["loop", "loop that holds the interpreter", "stopped", "import"],
)
def test_what_never_ends_is_ended(bench: Bench, body: str, phase: str, kind: str) -> None:
    """The judge's clock decides, whatever the worker does meanwhile."""
    limits = dataclasses.replace(SHORT, check_seconds=SHORT.request_seconds * 5)
    with bench.grading(submission(body), limits=limits) as grading:
        outcome = check(grading, lambda student: student.f())
    assert (outcome.verdict, outcome.kind) == (Verdict.TIMED_OUT, kind)
    assert outcome.causes[0].data["phase"] == phase


def test_time_of_the_whole_submission_ends(bench: Bench) -> None:
    """When a submission has used up its time, its other checks do not start."""
    limits = dataclasses.replace(GENEROUS, submission_seconds=0.0)
    with bench.grading("def f(): return 1", limits=limits) as grading:
        outcome = check(grading, lambda student: student.f())
    assert (outcome.verdict, outcome.kind) == (Verdict.NOT_RUN, "submission_time_used_up")


# ---------------------------------------------------------------- exceptions


@pytest.mark.parametrize(
    "name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "AssertionError", "StopIteration"]
)
def test_every_exception_is_a_crash(bench: Bench, name: str) -> None:
    """Exceptions that end programs or pass tests elsewhere end nothing here."""
    outcome = call(bench, f"def f():\n    raise {name}(0)\n")
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
    outcome = call(bench, dedent(definition) + "\ndef f():\n    raise E\n")
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
    assert call(bench, body, limits=SHORT).verdict is Verdict.TIMED_OUT


def test_recursion_without_end(bench: Bench) -> None:
    """A function that calls itself for ever gets a cause of its own."""
    outcome = call(bench, "def f():\n    return f()\n")
    assert (outcome.verdict, outcome.kind) == (Verdict.CRASHED, "recursion")
    assert outcome.causes[0].data["function"] == "f"


def test_not_written_and_missing_names(bench: Bench) -> None:
    """A stub and a misspelt name are told apart from mistakes."""
    stub = call(bench, "def f():\n    raise NotImplementedError\n")
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
    outcome = call(bench, f"def f():\n    return {value}\n")
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
    assert call(bench, body).verdict is Verdict.CRASHED


# ---------------------------------------------------------------- output and stray processes


def test_output_is_kept_up_to_its_bound(bench: Bench) -> None:
    """Printing megabytes neither blocks the worker nor fills the judge."""
    outcome = call(bench, "def f():\n    print('x' * 10**6)\n    return 1\n")
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
    outcome = call(bench, body)
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
    assert call(bench, body).verdict is Verdict.CRASHED


STRAYS = {
    "child": "subprocess.Popen(command)",
    "child in a session of its own": "subprocess.Popen(command, start_new_session=True)",
    "orphan": """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execv(command[0], command)
            os._exit(0)
        """,
    "child that ignores signals": """
        subprocess.Popen(
            command,
            start_new_session=True,
            preexec_fn=lambda: [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 14, 15)],
        )
        """,
}


@pytest.mark.parametrize("tier", ["full", "lite", "none"])
@pytest.mark.parametrize("stray", STRAYS.values(), ids=STRAYS)
def test_nothing_outlives_its_check(bench: Bench, stray: str, tier: str) -> None:
    """Children, daemons and what ignores signals are gone when the check is over."""
    marker = f"stray{secrets.token_hex(8)}"
    code = f"import time; print('here', flush=True); time.sleep(600) # {marker}"
    body = f"""
def f():
    command = [sys.executable, "-S", "-c", {code!r}]
    reader, writer = os.pipe()
    kept = os.dup(1)
    os.dup2(writer, 1)
{_indented(stray)}
    os.dup2(kept, 1)
    return os.read(reader, 4) # it runs
"""
    seen: list[list[int]] = []
    with bench.grading(submission(body), tier=tier) as grading:

        def ask(student: Any) -> Any:
            answer = student.f()
            seen.append(running(marker))
            return answer

        outcome = check(grading, ask)
    # A sandbox is used again only when everything in it is gone, and there are two of them.
    assert bench.run("def f(): return 1", "f", tier=tier).value == 1
    seen.append(running(marker))
    assert outcome.value == b"here"
    assert seen[0], "the stray process could not be seen from outside"
    assert not seen[1]


def _indented(text: str) -> str:
    return "\n".join("    " + line for line in dedent(text).strip().splitlines())


# ---------------------------------------------------------------- one check and the next


@pytest.mark.parametrize(
    ("tier", "folders"),
    [("full", [".", "/tmp", "/dev/shm"]), ("lite", [".", "/dev/shm"]), ("none", ["."])],  # noqa: S108  a worker's own
)
def test_a_check_sees_nothing_of_the_one_before(
    bench: Bench, tier: str, folders: list[str]
) -> None:
    """Files, changed modules and changed libraries end with the worker that made them."""
    body = f"folders = {folders}\n" + """
    count = 0
    def f():
        global count
        count += 1
        torch.add = torch.sub
        os.environ["LEFT"] = "1"
        for folder in folders:
            open(folder + "/left-by-a-check", "w").close()
        return count

    def g():
        left = [f for f in folders if os.path.exists(f + "/left-by-a-check")]
        return [count, left, "LEFT" in os.environ, int(torch.add(torch.tensor(2), 1))]
    """
    with bench.grading(submission(body), tier=tier) as grading:
        outcomes = [check(grading, ask) for ask in (_ask_f, _ask_g, _ask_f, _ask_g)]
    assert [outcome.value for outcome in outcomes] == [1, [0, [], False, 3]] * 2


def _ask_f(student: Any) -> Any:
    return student.f()


def _ask_g(student: Any) -> Any:
    return student.g()


def test_requests_of_one_check_share_a_worker(bench: Bench) -> None:
    """Within a check the submission keeps its state."""
    body = "count = 0\ndef f():\n    global count\n    count += 1\n    return count\n"
    with bench.grading(body) as grading:
        outcome = check(grading, lambda student: [student.f(), student.f()])
    assert outcome.value == [1, 2]


# ---------------------------------------------------------------- our own faults


@pytest.mark.parametrize(
    "misuse",
    [lambda student: student.f(object()), lambda student: student.f({1: 2})],
    ids=["object", "dict with int keys"],
)
def test_a_check_that_sends_what_cannot_cross_is_our_fault(
    bench: Bench, misuse: Callable[[Any], Any]
) -> None:
    """The student does not pay for a mistake in a check."""
    with bench.grading("def f(x): return 1") as grading:
        handle = grading.begin()
        with pytest.raises(JudgeFault, match="the check sends"):
            misuse(handle)
        grading.finish(handle)


def test_a_check_that_goes_on_after_the_end_is_our_fault(bench: Bench) -> None:
    """A check that catches a crash and asks again must not blame the student twice."""
    with bench.grading(submission("def f(): os._exit(0)")) as grading:
        handle = grading.begin()
        with pytest.raises(Exception, match="crashed"):
            handle.f()
        with pytest.raises(JudgeFault, match="after its worker had ended"):
            handle.f()
        grading.finish(handle)
