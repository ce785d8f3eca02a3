"""`grade batch`, the real command on a small class: found, graded, kept, resumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.batch.files import folder_name
from grader.store import Store
from tests.authors import replace_in
from tests.cli.classes import RIGHT, WRONG, hand_in, scores
from tests.cli.conftest import Grade
from tests.cli.running import running
from tests.invariants import hidden_secrets


def test_a_class_is_graded_and_only_what_is_new_again(grade: Grade, handed_in: Path) -> None:
    """Right, wrong, equal, broken: one line each, reports for each, then only what has changed."""
    hand_in(
        handed_in,
        {
            "anna/ex01_add.py": RIGHT,
            "ben/ex01_add.py": WRONG,
            "carl/ex01_add.py": RIGHT,
            "dora/ex01_add.py": "def add(a, b)\n",
            "emil/ex01_add.zip": "no zip",
            "..fay/ex01_add.py": RIGHT,
            "王芳/ex01_add.py": RIGHT + "# 王芳\n",
        },
    )
    out = grade.folder / "out"
    done = grade("batch", "handed_in", "--exercise", "add", "--out", str(out), "--jobs", "1")
    assert (done.code, done.err) == (1, "")  # somebody's zip cannot be read
    assert "Found 5 submissions of 5 students (folders)." in done.out
    assert "unreadable: handed_in/emil/ex01_add.zip: " in done.out
    assert "anna ex01_add: 6/6" in done.out
    assert "dora ex01_add: 0/6" in done.out
    names = {"anna", "ben", "carl", "dora", folder_name("王芳")}
    assert {path.name for path in out.iterdir()} == names
    page = (out / "carl" / "ex01_add.html").read_text("utf-8")
    assert "anna" not in page
    assert json.loads((out / "carl" / "ex01_add.json").read_text("utf-8"))["score"] == 6
    before = scores(grade)
    assert before["anna", "ex01_add"] == before["carl", "ex01_add"] == 6

    hand_in(handed_in, {"ben/ex01_add.py": RIGHT + "# now\n"})
    (handed_in / "emil" / "ex01_add.zip").unlink()
    done = grade("batch", "handed_in", "--exercise", "add", "--jobs", "1")
    assert "[5/5] ben ex01_add: 6/6" in done.out
    assert "anna ex01_add" not in done.out  # it is known
    assert scores(grade)["ben", "ex01_add"] == 6


def test_staff_see_of_hidden_checks_what_students_do_not(grade: Grade, handed_in: Path) -> None:
    """The store has everything, the student's reports have no input."""
    tells = "def row_mean(x):\n    raise ValueError(x.tolist())\n"
    hand_in(handed_in, {"anna/ex02_mean.py": tells})
    done = grade("batch", "handed_in", "--exercise", "mean", "--out", "out", "--jobs", "1")
    assert (done.code, done.err) == (0, "")
    store = Store(str(grade.folder / "class.db"))
    (attempt,) = store.ledger.attempts()
    assert "48271.625" in store.result(attempt.key)
    store.close()
    reports = list((grade.folder / "out" / "anna").iterdir())
    assert len(reports) == 2
    for report in reports:
        data = report.read_bytes()
        assert [secret for secret in hidden_secrets() if secret in data] == []


def test_a_changed_check_regrades_its_exercise(grade: Grade, handed_in: Path) -> None:
    """And no other; a changed text regrades nothing."""
    mean = (grade.folder / "solutions/ex02_mean/ex02_mean.py").read_bytes()
    hand_in(handed_in, {"anna/ex01_add.py": RIGHT, "anna/ex02_mean.py": mean})
    first = grade("batch", "handed_in", "--jobs", "1")
    assert (first.code, first.err) == (0, "")
    (grade.folder / "exercises/ex02_mean/README.md").write_text("# New\n")
    replace_in(grade.folder / "exercises/ex01_add/test_public.py", "points=2", "points=4")
    second = grade("batch", "handed_in", "--jobs", "1")
    assert "anna ex01_add: 8/8" in second.out
    assert "anna ex02_mean:" not in second.out


def test_two_runs_may_share_a_store(grade: Grade, handed_in: Path) -> None:
    """At the same time: everything is graded, and nothing counts twice."""
    hand_in(handed_in, {f"s{n}/ex01_add.py": RIGHT + f"# {n}\n" for n in range(12)})
    words = ("batch", "handed_in", "--exercise", "add", "--jobs", "1")
    with running(grade, *words) as one, running(grade, *words) as other:
        assert (one.end(), other.end()) == (0, 0)
    assert "Traceback" not in one.printed + other.printed
    assert scores(grade) == {(f"s{n}", "ex01_add"): 6.0 for n in range(12)}


def test_the_roster_comes_into_the_grade_book(grade: Grade, handed_in: Path) -> None:
    """With who has handed in nothing."""
    hand_in(handed_in, {"homework-anna/ex01_add.py": RIGHT})
    (grade.folder / "roster.csv").write_text("id,name\nanna,Anna\nben,Ben\n")
    done = grade("batch", "handed_in", "--roster", "roster.csv", "--exercise", "1", "--jobs", "1")
    assert (done.code, done.err) == (0, "")
    rows = grade("book", "list").out.splitlines()
    assert rows[1:] == ["anna,Anna,,,6,0,0,6,19", "ben,Ben,,,0,0,0,0,19"]


def test_what_is_only_looked_at_is_not_graded(grade: Grade, handed_in: Path) -> None:
    """--dry-run says what there is and who is missing, and makes no store."""
    hand_in(handed_in, {"anna/ex01_add.py": RIGHT, "eve/ex01_add.py": RIGHT})
    (grade.folder / "roster.csv").write_text("id,name\nanna,Anna\nben,Ben\n")
    done = grade("batch", "handed_in", "--dry-run", "--roster", "roster.csv", "--exercise", "1")
    assert (done.code, done.err) == (0, "")
    assert "not on the roster: eve" in done.out
    assert "missing, ex01_add (1): ben" in done.out
    assert not (grade.folder / "class.db").exists()


def test_no_time_is_left(grade: Grade, handed_in: Path) -> None:
    """Nothing is begun after the time is up; the next run goes on."""
    hand_in(handed_in, {"anna/ex01_add.py": RIGHT})
    done = grade("batch", "handed_in", "--time-budget", "0s")
    assert done.code == 1
    assert "1 submissions are left" in done.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone"], "gone cannot be read"),
        (["handed_in", "--exercise", "nonsense"], "There is no exercise"),
        (["handed_in", "--time-budget", "soon"], "is no time"),
        (["handed_in", "--roster", "gone.csv"], "gone.csv cannot be read"),
        (["handed_in", "--store", "nowhere/class.db"], "cannot be opened"),
        (["course.yaml"], "is broken or no zip at all"),
    ],
)
def test_bad_input_is_one_sentence(
    grade: Grade, handed_in: Path, arguments: list[str], said: str
) -> None:
    """With exit code 2 and no traceback."""
    hand_in(handed_in, {"anna/ex01_add.py": RIGHT})
    done = grade("batch", *arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
