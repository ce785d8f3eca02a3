"""Tests of `grade EXERCISE [PATH]`, from the words on the command line to the exit code."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from grader.cli.grade import _ENDINGS
from grader.course import ExerciseRef
from grader.course.progress import progress_of
from grader.judge.results import Conditions, SubmissionResult
from grader.reports import write_report
from grader.text import Text
from tests.cli.conftest import Grade

_WRONG = "def add(a, b):\n    return a - b\n"


@pytest.fixture(name="own_file")
def _own_file(course_root: Path) -> Path:
    return course_root / "exercises" / "ex01_add" / "ex01_add.py"


@pytest.fixture(name="reference")
def _reference(course_root: Path) -> Path:
    return course_root / "solutions" / "ex01_add" / "ex01_add.py"


def test_every_check_passed_is_exit_0_and_the_best_score(
    grade: Grade, own_file: Path, reference: Path
) -> None:
    """Without PATH the student's own file is graded; `grade list` then shows its score."""
    shutil.copy(reference, own_file)
    done = grade("ex01_add")
    assert (done.code, done.err) == (0, "")
    assert "6" in done.out
    assert grade("list").out.splitlines()[1].endswith("6/6")
    assert grade("status").out.splitlines()[0] == "ex01_add   [##########]  done"


def test_a_failed_check_is_exit_1(grade: Grade, own_file: Path) -> None:
    """The report names the check by its sentence."""
    own_file.write_text(_WRONG)
    done = grade("1")
    assert (done.code, done.err) == (1, "")
    assert "Two tensors of one shape are added element by element." in done.out


def test_the_stub_passes_nothing(grade: Grade) -> None:
    """What was not written yet earns no point and is no error of the grader."""
    done = grade("add", "--lang", "zh")
    assert done.code == 1
    assert "两个形状相同的张量逐元素相加。" in done.out


def test_json_goes_to_the_screen_and_to_a_file(
    grade: Grade, reference: Path, tmp_path: Path
) -> None:
    """Both hold the same result; nothing but JSON is printed."""
    report = tmp_path / "result.json"
    words = ("1", str(reference), "--format", "json", "--report", str(report), "--seed", "7")
    done = grade(*words)
    printed = json.loads(done.out)
    assert done.code == 0
    assert printed == json.loads(report.read_text(encoding="utf-8"))
    assert printed["conditions"]["seed"] == 7


def test_one_path_names_exercise_and_file(grade: Grade, tmp_path: Path) -> None:
    """`grade ~/ex01_add.py` grades that file, not the student's own file in the course."""
    elsewhere = tmp_path / "ex01_add.py"
    elsewhere.write_text(_WRONG)
    done = grade(str(elsewhere), "--format", "json")
    assert json.loads(done.out)["submission"] == str(elsewhere)


def test_a_part_of_the_checks_is_no_score(grade: Grade, own_file: Path) -> None:
    """-k and --public-only tell which public checks do not pass, and nothing of the points."""
    own_file.write_text(_WRONG)
    assert grade("1", "--public-only").code == 1
    assert progress_of(ExerciseRef(own_file.parent)).not_passed == (
        "test_same_shape",
        "test_broadcast",
    )
    own_file.write_text("def add(a, b):\n    return a + b if a.shape != b.shape else a\n")
    assert grade("1", "-k", "broadcast").code == 0
    assert progress_of(ExerciseRef(own_file.parent)).not_passed == ("test_same_shape",)
    assert grade("list").out.splitlines()[1].endswith("  -")
    assert "Not passed yet: Two tensors of one shape" in grade("status").out


def test_somebody_elses_file_leaves_the_course_as_it_was(
    grade: Grade, reference: Path, course_root: Path
) -> None:
    """Grading by path says nothing of my own progress, and writes nothing of it."""
    before = sorted(course_root.rglob("*"))
    assert grade("1", str(reference)).code == 0
    after = sorted(course_root.rglob("*"))
    assert [path for path in after if "__pycache__" not in path.parts] == before


def test_a_selection_that_matches_nothing_is_no_success(grade: Grade, reference: Path) -> None:
    """A typing error after -k must not look like a passed exercise."""
    done = grade("1", str(reference), "-k", "brodcast")
    assert done.code == 2
    assert "brodcast" in done.err


def test_a_report_that_cannot_be_written_loses_no_result(
    grade: Grade, reference: Path, tmp_path: Path
) -> None:
    """The result is on the screen, the other report is saved, and the exit code is 2."""
    good = tmp_path / "good.md"
    reports = ("--report", "/proc/report.html", "--report", str(good))
    done = grade("1", str(reference), *reports)
    assert done.code == 2
    assert "Tensors of different shapes are broadcast." in done.out
    assert str(good) in done.out
    assert good.is_file()
    assert done.err.startswith("The report /proc/report.html cannot be written")


@pytest.mark.parametrize("name", ["report.pdf", "report", "no_such_folder/report.html"])
def test_a_report_that_could_not_be_written_is_refused_before_grading(
    grade: Grade, name: str
) -> None:
    """No time is spent on a result that cannot be saved as asked."""
    done = grade("1", "--report", name)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 2


@pytest.mark.parametrize("ending", _ENDINGS)
def test_every_ending_that_is_accepted_can_be_written(tmp_path: Path, ending: str) -> None:
    """What passes the check before grading is a format of the reports."""
    result = SubmissionResult(
        exercise="ex01_add",
        title=Text("Add", "加"),
        submission="ex01_add.py",
        checks=(),
        rules=(),
        problem=None,
        public_only=True,
        started_at="2026-01-01T00:00:00+00:00",
        seconds=0.0,
        conditions=Conditions(1, "cpu", "full", (), "3.11", "2.6", "0.1"),
    )
    report = tmp_path / f"report{ending}"
    write_report(result, report, "en")
    assert report.stat().st_size > 0


def test_a_missing_file_is_told_before_grading(grade: Grade) -> None:
    """One sentence with the path and one with what to write."""
    done = grade("1", "nowhere.py", "--lang", "zh")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == [
        "没有文件 nowhere.py。",
        "请写出你的文件的路径：grade ex01_add 路径",
    ]


def test_a_broken_exercise_yaml_is_told_with_its_line(grade: Grade, course_root: Path) -> None:
    """The course's own mistake is one sentence too, and every process ends."""
    (course_root / "exercises" / "ex01_add" / "exercise.yaml").write_text("minuts: 3\n")
    done = grade("1")
    assert done.code == 2
    assert "exercise.yaml:1" in done.err


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_leaves_no_process_behind(
    grade: Grade, own_file: Path, sent: signal.Signals, code: int
) -> None:
    """Ctrl-C and SIGTERM end the command and every process that it started."""
    own_file.write_text("import time\ntime.sleep(600)\n")
    # A shell's background job ignores Ctrl-C, and so would what it starts.
    before = signal.signal(sent, signal.default_int_handler)
    process = subprocess.Popen(
        grade.command("1"),
        cwd=grade.folder,
        env=grade.env(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    signal.signal(sent, before)
    with process:
        children = _children(process.pid)
        while not children and process.poll() is None:
            time.sleep(0.05)
            children = _children(process.pid)
        process.send_signal(sent)
        assert process.wait() == code
    assert children
    deadline = time.monotonic() + 60  # those that were still starting see the end a little later
    while any(map(_is_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_is_alive, children))


def _children(pid: int) -> list[str]:
    """List the processes that a process has started, as Linux tells it."""
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []


def _is_alive(pid: str) -> bool:
    """Whether a process runs; one that has ended and waits to be reaped does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
