"""What becomes of each check: verdicts, retries, and faults that are nobody's but ours."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import Limits, load_exercise
from grader.course.course import find_course
from grader.errors import GraderFault, UserError
from grader.judge import plugin
from grader.judge.checking import Checks
from grader.judge.recorder import Recorder
from grader.judge.results import Cause, CheckResult
from grader.judge.verdicts import Verdict
from tests.bench import GENEROUS, Bench

HEAD = "from grader.checks import assert_equal, assert_tensor, check, probe, raises\n"
SUBMISSION = """
import os
print("printed at import")
def double(x):
    return 2 * x
def strange():
    return "text"
def leaves():
    os._exit(1)
def fails():
    raise ValueError("mine")
def stub():
    raise NotImplementedError
"""
Run = Callable[..., list[CheckResult]]


@pytest.fixture(name="run")
def _run(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs the checks of a text against the submission."""
    # As the judge process has it: it brings the plugin itself.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (tmp_path / "course.yaml").write_text("title: {en: A, zh: 一}\n")
    folder = tmp_path / "exercises" / "ex01_double"
    folder.mkdir(parents=True)
    (folder / "ex01_double.py").write_text(SUBMISSION)
    (folder / "exercise.yaml").write_text("title: {en: A, zh: 一}\ntopics: [t]\nminutes: 1\n")

    def run(
        text: str,
        *,
        name: str = "test_public.py",
        problem: bool = False,
        select: str | None = None,
        submission: str = SUBMISSION,
        limits: Limits = GENEROUS,
        times: int = 1,
    ) -> list[CheckResult]:
        # A judge loads each check file once; here many have the same name.
        for module in [name for name in sys.modules if name.endswith(("_public", "_hidden"))]:
            del sys.modules[module]
        (folder / "test_public.py").write_text("")
        (folder / name).write_text(HEAD + text, "utf-8")
        exercise = load_exercise(find_course(folder).resolve("ex01_double"))
        with contextlib.closing(Checks(exercise, [folder / name], select)) as checks:
            for _ in range(times):
                recorder = Recorder(
                    shown=lambda check: check.redacted(()),
                    find_problem=lambda: Cause("import_raised") if problem else None,
                    on_plan=lambda _: None,
                    on_check=lambda _: None,
                )
                with bench.grading(submission, limits=limits) as grading:
                    checks.run(recorder, plugin.Attempt(grading, seed=1, device="cpu"))
        return recorder.results

    return run


LEAVES = """
import pytest
seen = []
@pytest.fixture(scope="module")
def shared():
    return []
@check(points=1, zh="一")
def test_it(submission, shared):
    "One."
    print("pytest may print")
    seen.append(submission.double(1))
    shared.append(1)
    assert_equal([seen, shared], [[2], [1]])
@check(points=1, zh="一")
def test_never_answered(submission):
    "Two."
    submission.fails()
"""


def test_nothing_stays_from_one_submission_to_the_next(run: Run) -> None:
    """Checks are collected once; what they leave in their module or in fixtures is not seen."""
    first, second = run(LEAVES, times=3)
    assert first.verdict is Verdict.PASSED, first
    assert second.verdict is Verdict.CRASHED


def one(body: str, arguments: str = "submission") -> str:
    """Return the text of a check with this body."""
    decorator = '@check(points=2, zh="一", hint="h", hint_zh="提")'
    return f'{decorator}\ndef test_it({arguments}):\n    """One."""\n    {body}\n'


PARAMETERS = """
import pytest
@pytest.mark.parametrize("value", [48271, 96543])
@check(points=1, zh="一")
def test_it(submission, value):
    "One."
    assert_equal(submission.double(value), 2 * value)
"""


def test_parameters_of_a_hidden_check_are_counted_not_shown(run: Run) -> None:
    """They are inputs, and pytest puts them into the name."""
    names = [check.name for check in run(PARAMETERS)]
    assert names == ["test_it[48271]", "test_it[96543]"]
    hidden = run(PARAMETERS, name="test_hidden.py")
    assert [check.name for check in hidden] == ["test_it[1]", "test_it[2]"]
    assert {check.verdict for check in hidden} == {Verdict.PASSED}


ENDINGS = {
    "right": ("assert_equal(submission.double(2), 4)", "passed", ""),
    "wrong": ("assert_equal(submission.double(2), 5)", "failed", "value"),
    "plain assert": ("assert submission.double(2) == 5", "failed", "assertion"),
    "raised": ("submission.fails()", "crashed", "raised"),
    "exited": ("submission.leaves()", "crashed", "exited"),
    "not written": ("submission.stub()", "crashed", "not_written"),
    "missing": ("submission.duble(1)", "failed", "missing_name"),
    "raised as expected": ("with raises(ValueError): submission.fails()", "passed", ""),
    "raised a subclass": ("with raises(Exception): submission.fails()", "passed", ""),
    "raised another": ("with raises(KeyError): submission.fails()", "failed", "raised_other"),
    "did not raise": ("with raises(ValueError): submission.double(1)", "failed", "did_not_raise"),
    "a stub raises nothing": (
        "with raises(RuntimeError): submission.stub()",
        "crashed",
        "not_written",
    ),
    "exit is no exception": ("with raises(SystemExit): submission.leaves()", "crashed", "exited"),
    "answer of no use": ("submission.strange().shape", "failed", "unusable"),
    "answer of no use to torch": ("submission.strange() @ 3", "failed", "unusable"),
    "mistake before any answer": ("[][0]", "grader_error", "grader"),
    "sends what cannot cross": ("submission.double(object())", "grader_error", "grader"),
    "the same after an answer": (
        "submission.double(1); submission.double({1})",
        "grader_error",
        "grader",
    ),
    "goes on after the end": (
        "try: submission.leaves()\n    except Exception: submission.double(1)",
        "grader_error",
        "grader",
    ),
    "skips itself": ("import pytest; pytest.skip('no')", "grader_error", "grader"),
}


@pytest.mark.parametrize(("body", "verdict", "kind"), ENDINGS.values(), ids=ENDINGS)
def test_every_ending_has_its_verdict(run: Run, body: str, verdict: str, kind: str) -> None:
    """A check ends in one verdict with one kind of cause, whoever's fault it is."""
    (result,) = run(one(body))
    kinds = [cause.kind for cause in result.causes]
    assert (result.verdict, kinds[:1]) == (verdict, [kind] if kind else [])
    assert result.earned == (2 if verdict == "passed" else 0)
    assert (result.hint is None) == (verdict == "passed")


def test_our_own_fault_is_tried_again(run: Run, tmp_path: Path) -> None:
    """A fault that goes away by itself leaves no trace in the result."""
    counter = tmp_path / "tries"
    body = (
        f"file = open({str(counter)!r}, 'a+'); file.write('x'); file.flush(); file.seek(0)\n"
        "    tries = len(file.read()); file.close()\n"
        "    if tries < 3: raise KeyError(tries)\n"
        "    assert_equal(submission.double(2), 4)"
    )
    (result,) = run(one(body))
    assert result.verdict is Verdict.PASSED
    assert counter.read_text() == "xxx"


def test_time_that_we_have_lost_is_not_the_submissions(run: Run) -> None:
    """A check that comes too late by our fault is no check that the submission left no time for."""
    slow = "import time; time.sleep(1)\n    raise KeyError"
    first, second = run(
        one(slow) + one("submission.double(1)").replace("test_it", "test_b"),
        limits=Limits(submission_seconds=2),
    )
    assert (first.verdict, second.verdict) == (Verdict.GRADER_ERROR, Verdict.GRADER_ERROR)
    assert second.causes[0].kind == "grader"


def test_a_failure_is_not_tried_again(run: Run, tmp_path: Path) -> None:
    """Whoever fails by chance must not get three chances."""
    counter = tmp_path / "tries"
    counter.write_text("")
    body = f"with open({str(counter)!r}, 'a') as file: file.write('x')\n    submission.fails()"
    (result,) = run(one(body))
    assert (result.verdict, counter.read_text()) == (Verdict.CRASHED, "x")


def test_a_fixture_that_does_not_exist_is_our_fault(run: Run) -> None:
    """A misspelt fixture costs the student nothing."""
    (result,) = run(one("pass", "submision"))
    assert result.verdict is Verdict.GRADER_ERROR


def test_an_import_that_fails_fails_every_check(run: Run) -> None:
    """Even where nobody has looked at the import before, each check says what is wrong."""
    results = run(
        one("submission.f()") + one("submission.g()").replace("test_it", "test_b"),
        submission="1 / 0",
    )
    assert [(r.verdict, r.causes[0].kind) for r in results] == [
        (Verdict.CRASHED, "import_raised")
    ] * 2


def test_a_problem_of_the_whole_submission_runs_nothing(run: Run, tmp_path: Path) -> None:
    """All checks are listed as not run, in their order."""
    mark = tmp_path / "ran"
    results = run(
        one(f"open({str(mark)!r}, 'w')") + one("pass").replace("test_it", "test_b"), problem=True
    )
    assert [(r.name, r.verdict) for r in results] == [("test_it", "not_run"), ("test_b", "not_run")]
    assert not mark.exists()


def test_printed_text_is_kept_for_public_checks_only(run: Run) -> None:
    """A hidden check shows nothing of what the worker printed, nor of what differs."""
    body = one("assert_equal(submission.double(2), 5)")
    (public,), (hidden,) = run(body), run(body, name="test_hidden.py")
    assert public.output == "printed at import\n"
    assert (hidden.output, hidden.hidden) == ("", True)
    assert "5" in str(public.causes)
    assert not any(cause.data for cause in hidden.causes)


def test_a_parametrized_check_is_one_result_each(run: Run) -> None:
    """A check that is written once for several cases counts once for each."""
    text = "import pytest\n@pytest.mark.parametrize('n', [1, 2])\n" + one(
        "assert_equal(submission.double(n), 2)", "submission, n"
    )
    assert [r.verdict for r in run(text)] == [Verdict.PASSED, Verdict.FAILED]


def test_only_selected_checks_run(run: Run) -> None:
    """-k selects by name; a word that matches nothing is told, with a next step."""
    text = one("pass") + one("pass").replace("test_it", "test_other")
    assert [r.name for r in run(text, select="other")] == ["test_other"]
    with pytest.raises(UserError, match="nothing_like_it") as caught:
        run(text, select="nothing_like_it")
    assert caught.value.next_step is not None


BROKEN = {
    "syntax error": "def test_it(submission:\n",
    "exception": "raise RuntimeError('boom')\n",
    "no decorator": "def test_it(submission):\n    pass\n",
    "no Chinese sentence": '@check(points=1, zh="")\ndef test_it(submission):\n    """One."""\n',
    "no docstring": '@check(points=1, zh="一")\ndef test_it(submission): pass\n',
    "negative points": '@check(points=-1, zh="一")\ndef test_it(submission):\n    """One."""\n',
    "probe that reaches out": "X = 1\n@probe\ndef p(student): return X\n",
    "missing import": "import no_such_module_at_all\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_check_file_that_cannot_be_loaded_is_the_courses_fault(run: Run, text: str) -> None:
    """Nothing is graded, nobody loses points, and the next step is clear."""
    with pytest.raises(GraderFault, match="check file") as caught:
        run(text + "\n" + one("pass").replace("test_it", "test_fine"))
    assert caught.value.next_step is not None


def test_checks_see_a_seeded_rng(run: Run, tmp_path: Path) -> None:
    """The same run seed gives the same inputs, and each check its own."""
    drawn = tmp_path / "drawn"
    body = f"with open({str(drawn)!r}, 'a') as file: print(rng.randn(2).tolist(), file=file)"
    text = one(body, "rng") + one(body, "rng").replace("test_it", "test_other")
    assert [result.verdict for result in run(text) + run(text)] == [Verdict.PASSED] * 4
    first, other, *again = drawn.read_text().splitlines()
    assert first != other
    assert again == [first, other]


def test_names_of_the_handle_do_not_shadow_the_students(run: Run) -> None:
    """Only `run`, `start` and `on` are the grader's."""
    submission = "def grading(): return 1\ndef value(): return 2\n"
    body = "assert_equal([submission.grading(), submission.value()], [1, 2])"
    (result,) = run(one(body), submission=submission)
    assert result.verdict is Verdict.PASSED
