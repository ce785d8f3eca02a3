"""`grade book`, the real command on a store: scores, decisions that survive, exports, history."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest

from tests.cli.conftest import Grade

pytest.importorskip("sqlalchemy", reason="class runs need sqlalchemy")

from grader.batch.roster import Student
from grader.store import Report, RunInfo, Seen, Store

DUE = dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC)
RULES = """
timezone: UTC
grading:
  due: {ex01_add: "2026-11-30 23:59"}
  late: {lose: 10, per: day}
"""


@pytest.fixture(name="store")
def _store(grade: Grade) -> Store:
    """Give the store of a class: anna early and right, ben two days late, 王芳 nothing."""
    with (grade.folder / "course.yaml").open("a") as file:
        file.write(RULES)
    store = Store(str(grade.folder / "class.db"))
    store.ledger.keep_students(
        [Student("anna", "Anna Meier", "anna@example.org", "A"), Student("王芳", "王芳")]
    )
    again(store, "anna", 6, -dt.timedelta(days=1))
    again(store, "ben", 6, dt.timedelta(days=2))
    return store


def again(store: Store, student: str, earned: float, late: dt.timedelta) -> None:
    """A submission of ex01_add with so many of 6 points."""
    run = store.begin_run(RunInfo("place", "0.1.0", "2.6.0", "cpu", "full"))
    key = f"{run:064}"
    seen = Seen(student, "ex01_add", key, key, "place", is_late=late > dt.timedelta(0))
    store.see(run, [Seen(**{**vars(seen), "handed_in": DUE + late})])
    store.begin_grading(key, "ex01_add", 1)
    store.end_grading(key, Report("{}", earned, 6), is_final=True)


def scores(grade: Grade) -> dict[str, str]:
    """Everybody's points for ex01_add, as `list` prints them on a pipe."""
    done = grade("book", "list")
    assert (done.code, done.err) == (0, "")
    return {row["id"]: row["ex01_add"] for row in csv.DictReader(io.StringIO(done.out))}


def test_scores_follow_the_rules(grade: Grade, store: Store) -> None:
    """Late work loses its share; whoever has handed in nothing has nothing."""
    assert scores(grade) == {"anna": "6", "ben": "4.8", "王芳": "0"}
    store.close()


def test_decisions_survive_a_regrade(grade: Grade, store: Store) -> None:
    """An override holds until it is undone, and stays in the history."""
    done = grade("book", "override", "ben", "add", "5.5", "--reason", "oral", "--author", "me")
    assert (done.code, done.out) == (0, "ben has 5.5 of 6 for ex01_add now.\n")
    again(store, "ben", 1, -dt.timedelta(days=1))
    assert scores(grade)["ben"] == "5.5"
    assert grade("book", "extension", "ben", "1", "2d", "--reason", "ill").code == 0
    assert grade("book", "undo", "ben", "1", "override").code == 0
    assert scores(grade)["ben"] == "6"
    assert grade("book", "excuse", "王芳", "1", "--reason", "ill").code == 0
    assert scores(grade)["王芳"] == "excused"
    assert grade("book", "comment", "ben", "1", "=well done").code == 0
    done = grade("book", "show", "ben")
    assert "ex01_add override 5.5: oral (me) (undone)" in done.out
    assert "ex01_add: 6/6 =well done" in done.out
    assert done.out.count("ex01_add: 1/6") == 1
    store.close()


def test_regrade_marks_what_is_to_be_graded_anew(grade: Grade, store: Store) -> None:
    """The old result counts until then."""
    done = grade("book", "regrade", "ben", "1")
    assert (done.code, done.err) == (0, "")
    (key,) = (each.key for each in store.ledger.attempts() if each.student == "ben")
    assert store.final([key]) == set()
    assert scores(grade)["ben"] == "4.8"
    assert "has handed in nothing" in grade("book", "regrade", "王芳", "1").err
    store.close()


def test_exports(grade: Grade, store: Store) -> None:
    """Each format to a file; --dry-run tells what would change and writes nothing."""
    out = grade.folder / "canvas.csv"
    for form in ("csv", "json", "canvas", "moodle", "nbgrader"):
        done = grade("book", "export", form)
        assert (done.code, done.err) == (0, "")
        assert "anna" in done.out
    assert grade("book", "export", "canvas", "--out", str(out)).code == 0
    before = out.read_bytes()
    grade("book", "override", "anna", "1", "1", "--reason", "x")
    done = grade("book", "export", "canvas", "--out", str(out), "--dry-run")
    assert [line for line in done.out.splitlines() if line[:1] in "+-"][2:] == [
        "-Anna Meier,,anna,anna@example.org,A,6,0,0",
        "+Anna Meier,,anna,anna@example.org,A,1,0,0",
    ]
    assert out.read_bytes() == before
    sheet = grade.folder / "sheet.csv"
    sheet.write_text(
        "Identifier,Email address,Grade\nParticipant 1,anna@example.org,\nParticipant 2,x,\n"
    )
    words = ("--worksheet", str(sheet), "--exercise", "1")
    done = grade("book", "export", "worksheet", *words)
    assert done.out.splitlines()[1] == "Participant 1,anna@example.org,1"
    assert "not in the grade book: Participant 2" in done.err
    store.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "ana"], "Is it anna?"),
        (["override", "anna", "1", "-3", "--reason", "x"], "-3"),
        (["override", "anna", "1", "3"], "--reason"),
        (["undo", "anna", "1", "comment"], "no comment of anna"),
        (["extension", "anna", "1", "soon", "--reason", "x"], "is no time"),
        (["export", "worksheet"], "needs --worksheet"),
        (["list", "--store", "gone.db"], "There is no store gone.db"),
    ],
)
def test_bad_input_is_one_sentence(grade: Grade, store: Store, words: list[str], said: str) -> None:
    """With exit code 2 and no traceback."""
    done = grade("book", *words)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    store.close()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("timezone: Mars/Base", "is no time zone"),
        ('  due: {ex01_add: "soon"}', "must be a date"),
        ('  due: {ex99_none: "2026-01-01"}', "unknown key 'ex99_none'"),
        ("  late: {lose: 10, per: week}", "'per' is hour or day"),
        ("  late: {lose: 110, per: day}", "'lose' is at most 100"),
        ("  counts: first", "'counts' is best or last"),
        ("  grace: long", "must be a time"),
    ],
)
def test_broken_rules_are_told_by_their_line(grade: Grade, line: str, said: str) -> None:
    """In course.yaml."""
    Store(str(grade.folder / "class.db")).close()
    path = grade.folder / "course.yaml"
    rules = RULES if line.startswith("  ") else RULES.replace("timezone: UTC", line)
    if line.startswith("  "):
        key = line.split(":", maxsplit=1)[0]
        kept = [each for each in RULES.splitlines() if not each.startswith(f"{key}:")]
        rules = "\n".join([*kept, line, ""])
    Path(path).write_text(path.read_text("utf-8") + rules, "utf-8")
    done = grade("book", "list")
    assert done.code == 2
    assert said in done.err
    assert "course.yaml:" in done.err
