"""The view says the same as the result, in one language."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from grader.judge.results import Cause, Datum, Frame, SubmissionResult
from grader.judge.verdicts import Verdict
from grader.reports.details import MAX_CAUSES, OUTPUT_LINES
from grader.reports.view import build_view, spans
from grader.reports.visible import is_unsafe
from grader.text import LANGS, Lang
from tests.reports import cases
from tests.reports.cases import cause, check, submission


def _strings(value: Any) -> list[str]:
    if dataclasses.is_dataclass(value):
        return [s for f in dataclasses.fields(value) for s in _strings(getattr(value, f.name))]
    if isinstance(value, tuple):
        return [s for each in value for s in _strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("lang", LANGS)
def test_no_string_of_a_view_is_unsafe(lang: Lang) -> None:
    """Every text that a format shows has gone through visible()."""
    strings = _strings(build_view(cases.hostile(), lang))
    assert any("owned" in text for text in strings)
    assert not [text for text in strings if any(map(is_unsafe, text))]


def test_points_and_counts_come_from_the_result() -> None:
    """Excused checks add nothing to the points to be had, and show no points lost."""
    view = build_view(cases.mixed(), "en")
    assert view.score == "1 of 10.5 points"
    assert view.counted == "2 of 8 checks passed"
    assert [group.score for group in view.groups] == ["3 of 7.5 points", "0 of 3 points"]
    assert view.groups[1].checks[-1].worth == "-/1"


FIRST = "Start with the first check that failed: "


def _attempt(*verdicts: Verdict, **options: Any) -> SubmissionResult:
    checks = [check(f"test_{v}", f"It is {v}.", "。", verdict=v) for v in verdicts]
    return submission(*checks, **options)


@pytest.mark.parametrize(
    ("result", "tone", "step"),
    [
        (_attempt(Verdict.PASSED), "good", "All checks passed."),
        (_attempt(Verdict.PASSED, public_only=True), "good", "All public checks passed."),
        (_attempt(Verdict.PASSED, Verdict.FAILED), "bad", f"{FIRST}It is failed."),
        (_attempt(Verdict.NOT_RUN, Verdict.TIMED_OUT), "bad", f"{FIRST}It is timed_out."),
        (_attempt(Verdict.PASSED, Verdict.NOT_RUN), "bad", "Some checks were not run."),
        (_attempt(Verdict.PASSED, Verdict.GRADER_ERROR), "excused", "Some checks could"),
        (dataclasses.replace(cases.mixed(), checks=()), "bad", "All checks passed. What is left"),
        (cases.problem(), "bad", "Mend line 12 and run the command again."),
        (_attempt(problem=cause("empty_file", file="a.py")), "bad", "Mend this first"),
    ],
)  # fmt: skip
def test_next_step_fits_the_result(result: SubmissionResult, tone: str, step: str) -> None:
    """One line says what to do now; a fault of the grader is never shown as the student's."""
    for verbose in (False, True):
        view = build_view(result, "en", verbose=verbose)
        assert view.tone == tone
        assert view.next_step.startswith(step)


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.PASSED])
def test_check_without_cause_still_says_something(verdict: Verdict) -> None:
    """A verdict alone makes a sentence."""
    (group,) = build_view(_attempt(verdict), "en").groups
    assert group.checks[0].details[0].text.endswith(".")


def test_passed_check_shows_neither_hint_nor_output() -> None:
    """Hint and output belong to checks that did not pass."""
    result = check("test_a", "A.", "甲。", output="hello")
    shown = build_view(submission(result), "en").groups[0].checks[0]
    assert (shown.details, shown.hint, shown.output) == ((), None, ())


def test_output_is_short_and_not_repeated() -> None:
    """Only the first lines are shown, the rest is counted, and the same output appears once."""
    output = "".join(f"line {n}\n" for n in range(OUTPUT_LINES + 3))
    checks = [check(n, "A.", "甲。", verdict=Verdict.FAILED, output=output) for n in ("a", "b")]
    first, second = build_view(submission(*checks), "en").groups[0].checks
    assert first.output[-2:] == (f"line {OUTPUT_LINES - 1}", "… and 3 more lines")
    assert second.output == ()


def test_where_torch_warns_internally_is_left_out() -> None:
    """A student's warning ends with its advice, not with a place in torch's C++."""
    output = "a.py:3: UserWarning: Use `x.mT`. (Triggered internally at /b/Shape.cpp:43.)\n  x.T\n"
    failed = check("a", "A.", "甲。", verdict=Verdict.FAILED, output=output)
    (shown,) = build_view(submission(failed), "en").groups[0].checks
    assert shown.output == ("a.py:3: UserWarning: Use `x.mT`.", "  x.T")


def test_many_causes_are_cut() -> None:
    """A flood of causes shows its start and the number of the rest."""
    causes = [cause("looks_zero")] * (MAX_CAUSES + 2)
    result = check("test_a", "A.", "甲。", *causes, verdict=Verdict.FAILED)
    details = build_view(submission(result), "en").groups[0].checks[0].details
    assert len(details) == MAX_CAUSES + 1
    assert details[-1].text == "… and 2 more"


def test_a_traceback_is_told_once() -> None:
    """The second check that fails at the same place has no traceback, a hidden one even less."""
    public, hidden = build_view(cases.raised(), "en").groups
    (first,), (second,) = (check.details for check in public.checks)
    assert first.trace[0] == "cell 6, line 3, in predict"
    assert first.trace[-2:] == ("cell 4, line 9, in Net.forward", "    return self.out(x)")
    assert first.explanation is not None
    assert first.explanation.startswith("A matrix product of 2x5 and 3x4")
    assert second == dataclasses.replace(first, trace=())
    (detail,) = hidden.checks[0].details
    assert (detail.trace, detail.explanation) == ((), None)
    assert detail.text == "Your code raised RuntimeError."


@pytest.mark.parametrize(
    ("submission_name", "file"),
    [("../t/a.py", "a.py"), (r"t\b.py", "b.py"), ("t", "ex07_conv.py"), ("a.zip", "ex07_conv.py")],
)
def test_a_single_file_is_called_as_its_author_calls_it(submission_name: str, file: str) -> None:
    """Nobody looks for a file that only the grader has; the files of a folder keep their names."""
    frames = (Frame("ex07_conv.py", 2, "f", "g()"), Frame("b.py", 1, "g", "1 / 0"))
    crashed = check("a", "A.", "甲。", Cause("raised", {}, frames), verdict=Verdict.CRASHED)
    view = build_view(submission(crashed, name=submission_name), "en")
    (detail,) = view.groups[0].checks[0].details
    assert detail.trace[::2] == (f"{file}, line 2, in f", "b.py, line 1, in g")
    empty = submission(problem=cause("empty_file", file="ex07_conv.py"), name=submission_name)
    problem = build_view(empty, "en").problem
    assert problem is not None
    assert problem.text.startswith(f"{file} is empty.")


def test_a_hidden_check_shows_no_items_of_a_list() -> None:
    """A public check shows both short lists; a hidden one not even how long they are."""
    data: dict[str, Datum] = {
        "expected": 1,
        "got": 0,
        "expected_items": "['secret']",
        "got_items": "[]",
    }
    failed = [
        check("a", "A.", "甲。", Cause("length", data), verdict=Verdict.FAILED, hidden=hidden)
        for hidden in (False, True)
    ]
    public, hidden = build_view(submission(*failed), "en").groups
    assert "['secret'] is expected" in public.checks[0].details[0].text
    assert hidden.checks[0].details[0].text == "The length of the result is wrong."


def test_code_outside_of_functions_needs_no_name() -> None:
    """The place says file and line; <module> would tell a student nothing."""
    frames = (Frame("a.py", 2, "<module>", "import b"), Frame("b.py", 1, "", "x = ("))
    error = Cause("syntax_error", {"message": "'(' was never closed", "line": 1}, frames)
    view = build_view(submission(problem=error), "en")
    assert view.problem is not None
    assert view.problem.trace == ("a.py, line 2", "    import b", "b.py, line 1", "    x = (")


def test_backticks_mark_code() -> None:
    """Only a pair of single backticks around a short piece is code."""
    assert spans("a `b` c") == [("a ", False), ("b", True), (" c", False)]
    assert spans("``` a ` b") == [("``` a ` b", False)]
