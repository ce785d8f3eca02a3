"""A small class for the tests: right, wrong, excused and missing work, and a hostile student."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from grader.batch.roster import Student
from grader.judge.results import Cause, CheckResult, Repeat, SubmissionResult, Timing
from grader.judge.verdicts import Verdict
from grader.reports import to_json
from grader.store import Kind, Report, RunInfo, Seen, Store
from tests.reports import cases

FAKE_COURSE = Path(__file__).parents[2] / "fake_course"
HIDDEN_INPUT = "48271.625"
SCRIPT = "<script>document.title='owned'</script>"
HOSTILE_ID = "\"><img src=x onerror=document.title='owned'>"
HOSTILE = f"{SCRIPT}</title></table>{HOSTILE_ID}\u202e\x1b[2J"
STUDENTS = (
    Student("anna", "Anna Meier", "anna@example.org", "A", {"canvas_id": "4711"}),
    Student("ben", "Ben Kim", "ben@example.org", "B"),
    Student("eve", "Eve Ill", "eve@example.org", "B"),
    Student("王芳", "王芳", "fang@example.org", "A"),
    Student(HOSTILE_ID, HOSTILE, HOSTILE, HOSTILE, {HOSTILE: HOSTILE}),
)


def make_class(root: Path) -> Path:
    """Make a copy of the fake course with a full store in `root`; return the course's folder."""
    ignored = shutil.ignore_patterns("conftest.py", "__pycache__")
    course = Path(shutil.copytree(FAKE_COURSE, root / "course", ignore=ignored))
    with closing(Store(str(course / "class.db"))) as store:
        _fill(store)
    return course


def _fill(store: Store) -> None:
    ledger = store.ledger
    ledger.keep_students(STUDENTS)
    hand_in(store, "anna", right("ex01_add"))
    for _ in range(3):
        hand_in(store, "anna", wrong("ex02_mean"))
    hand_in(store, "ben", wrong("ex01_add"), is_late=True)
    hand_in(store, "ben", wrong("ex02_mean"))
    hand_in(store, "anna", timed("ex03_line", 1.25))
    hand_in(store, "ben", timed("ex03_line", 0.125, is_implausible=True))
    hostile = replace(cases.hostile(), exercise="ex01_add")
    hand_in(store, HOSTILE_ID, hostile, place=f"handed_in/{HOSTILE}'; rm -rf ~; '/ex01_add.py")
    hand_in(store, HOSTILE_ID, replace(cases.hostile(), exercise="ex99_gone"))
    hand_in(store, HOSTILE_ID, right("ex02_mean"), text='{"format_version": 0}')
    begin(store, "王芳", "ex01_add", "never ended")
    said = {"reason": HOSTILE, "author": HOSTILE}
    ledger.decide(HOSTILE_ID, "ex01_add", Kind.COMMENT, HOSTILE, **said)
    ledger.decide("eve", "ex01_add", Kind.EXCUSE, "", reason="ill", author="Prof. Ada")
    ledger.decide("ben", "ex01_add", Kind.OVERRIDE, "6", reason="a mistake", author="Prof. Ada")
    ledger.undo("ben", "ex01_add", Kind.OVERRIDE)
    ledger.decide("ben", "ex02_mean", Kind.OVERRIDE, "1", reason="oral", author="Prof. Ada")
    ledger.decide("ben", "ex02_mean", Kind.COMMENT, "Well explained.", reason="", author="Ada")


def begin(store: Store, student: str, exercise: str, place: str, *, is_late: bool = False) -> str:
    """Let a run find a submission and begin its grading; return the grading's key."""
    run = store.begin_run(RunInfo("handed_in", "0.1.0", "2.6.0", "cpu", "full"))
    key = hashlib.sha256(f"{run} {student} {exercise}".encode()).hexdigest()
    store.see(run, [Seen(student, exercise, key, key, place, is_late=is_late)])
    store.begin_grading(key, exercise, 42)
    return key


def hand_in(
    store: Store,
    student: str,
    result: SubmissionResult,
    *,
    is_late: bool = False,
    place: str | None = None,
    text: str | None = None,
) -> None:
    """Let a run find and grade a submission; `text` stands in the place of its report."""
    where = place or f"handed_in/{student}/{result.exercise}.py"
    key = begin(store, student, result.exercise, where, is_late=is_late)
    report = Report(text or to_json(result), result.earned, result.max_points)
    store.end_grading(key, report, is_final=True)


def right(exercise: str) -> SubmissionResult:
    """A report in which everything passed; graded where another student's copy was found."""
    return replace(cases.all_passed(), exercise=exercise, submission="handed_in/somebody/else.py")


def wrong(exercise: str) -> SubmissionResult:
    """A report with most verdicts, told to staff as a whole."""
    checks = (replace(check, output="printed by me") for check in cases.mixed().checks)
    told = Cause("raised", {"type": "ValueError", "line": 3, "text": HIDDEN_INPUT})
    hidden = cases.check("test_told", "It is.", "如此。", verdict=Verdict.CRASHED)
    hidden = replace(hidden, hidden=True, causes=(told,), output=HIDDEN_INPUT)
    all_checks = (*checks, hidden)
    return replace(cases.mixed(), exercise=exercise, checks=all_checks, submission="x/else.py")


def timed(exercise: str, value: float, *, is_implausible: bool = False) -> SubmissionResult:
    """A report with a timed task that passed."""
    repeats = (Repeat(10, value, 1.0), Repeat(10, value, 1.0))
    timing = Timing(
        device="cpu",
        kind="ratio",
        value=value,
        low=value * 0.9,
        high=value * 1.1,
        limits=((1.5, 1.0), (3.0, 0.5)),
        repeats=repeats,
        samples_per_second=None,
        peak_bytes=None,
        parts={},
        losses={},
        is_implausible=is_implausible,
    )
    check: CheckResult = replace(cases.check("test_fast", "It is fast.", "很快。"), timing=timing)
    slow = cases.check("test_slow", "It is slow.", "很慢。", verdict=Verdict.FAILED)
    return replace(cases.submission(check, slow), exercise=exercise)
