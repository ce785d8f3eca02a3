"""What a worker does on the wire and at its end, and the verdict that the judge makes of it."""

from __future__ import annotations

import contextlib
import dataclasses
import select
import time
from collections.abc import Callable
from typing import Any

import pytest

from grader.judge.outcomes import JudgeFault
from grader.judge.spawn import SpawnedWorker, SpawnLauncher
from grader.judge.verdicts import Verdict
from grader.sandbox import cgroup
from grader.wire import messages as m
from tests.bench import GENEROUS, Bench, call_f, check, submission

HASTY = dataclasses.replace(GENEROUS, request_seconds=1)
"""For calls that never end."""

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
    outcome = call_f(bench, f"def f():\n    {forgery}\n    return 1\n", tier=tier)
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
    ],
)
def test_a_dead_worker_is_a_crash(
    bench: Bench, how: str, kind: str, data: dict[str, Any], tier: str
) -> None:
    """A worker that ends before it answers fails its check, with the way it ended."""
    outcome = call_f(bench, f"def f():\n    {how}\n", tier=tier)
    assert outcome.verdict is Verdict.CRASHED
    assert (outcome.kind, dict(outcome.causes[0].data)) == (kind, data)


@pytest.mark.parametrize("how", ["os.close(3)", "os.dup2(0, 3)"])
def test_a_worker_that_closes_its_socket_is_a_crash(bench: Bench, how: str) -> None:
    """Nothing can be answered any more, whatever the process does meanwhile."""
    outcome = call_f(bench, f"def f():\n    {how}\n    time.sleep(600)\n")
    assert outcome.verdict is Verdict.CRASHED


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


def test_an_import_that_raises_leaves_no_worker(bench: Bench) -> None:
    """A worker that no check will use does not wait in its sandbox, beside the next ones."""
    with bench.grading("1 / 0") as grading:
        for _ in range(4):
            assert check(grading, lambda student: student.f()).kind == "import_raised"
    deadline = time.monotonic() + 30
    while (alive := _workers_in_full_sandboxes(bench)) and time.monotonic() < deadline:
        time.sleep(0.05)  # those of earlier tests may still be dying
    assert alive == []


def _workers_in_full_sandboxes(bench: Bench) -> list[int]:
    """The children of the keepers, which are children of the zygote's children."""
    level = [bench.pid]
    for _ in range(3):
        level = [child for pid in level for child in cgroup._children(pid)]
    return level


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
    limits = dataclasses.replace(HASTY, check_seconds=HASTY.request_seconds * 5)
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


# ---------------------------------------------------------------- our own faults


def test_a_worker_that_was_quick_to_announce_itself_is_loaded_like_any_other(bench: Bench) -> None:
    """Nobody pays for a judge that had to wait for the processor before it sent the submission."""
    # Not with the first worker of a launcher, whose announcement has been read already.
    assert bench.run("def f(): return 1", "f").value == 1
    worker = bench.launcher().start_worker(GENEROUS)
    try:
        assert select.select([worker._channel._sock], [], [], 60)[0]
        worker.send_load(m.Load({"a.py": b""}, "a.py", "cpu", 1, 1))
        worker.wait_until_loaded()
    finally:
        worker.end()


def test_a_worker_that_cannot_start_is_our_fault() -> None:
    """What dies before it has read the submission did not die of the submission."""
    with contextlib.closing(SpawnLauncher()) as launcher:
        worker = launcher.start_worker(GENEROUS)
        assert isinstance(worker._running, SpawnedWorker)
        worker._running.process.kill()
        worker._running.process.wait()
        with pytest.raises(JudgeFault):  # noqa: PT012  whichever of the two notices it
            worker.send_load(m.Load({"a.py": b""}, "a.py", "cpu", 1, 1))
            worker.wait_until_loaded()


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
        grading.finish()


def test_a_check_that_goes_on_after_the_end_is_our_fault(bench: Bench) -> None:
    """A check that catches a crash and asks again must not blame the student twice."""
    with bench.grading(submission("def f(): os._exit(0)")) as grading:
        handle = grading.begin()
        with pytest.raises(Exception, match="crashed"):
            handle.f()
        with pytest.raises(JudgeFault, match="after its worker had ended"):
            handle.f()
        grading.finish()
