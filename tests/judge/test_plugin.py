"""The checks of a course under plain pytest, as editors and instructors run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FAKE_COURSE = Path(__file__).parents[1] / "fake_course"
RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
SENTENCE = "Two tensors of one shape are added element by element."


@pytest.fixture(name="course")
def _course(tmp_path: Path) -> Path:
    """Copy the fake course, so that pytest collects it."""
    ignored = shutil.ignore_patterns("conftest.py", "__pycache__")
    return Path(shutil.copytree(FAKE_COURSE, tmp_path / "course", ignore=ignored))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m pytest` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_the_file_beside_the_checks_is_the_submission(course: Path) -> None:
    """Without options a student's own file is run; a right one passes."""
    (course / "exercises/ex01_add/ex01_add.py").write_text(RIGHT)
    done = run(course, "exercises/ex01_add", "-q")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


def test_a_failure_reads_as_in_grade(course: Path) -> None:
    """Sentence, cause and hint are shown, and no line of the grader's own code."""
    (course / "exercises/ex01_add/ex01_add.py").write_text(WRONG)
    done = run(course, "exercises/ex01_add", "-q")
    assert done.returncode == 1
    assert SENTENCE in done.stdout
    assert "Hint: a + b" in done.stdout
    assert "Traceback" not in done.stdout
    assert "grader/" not in done.stdout


def test_a_broken_import_is_told_for_each_check(course: Path) -> None:
    """What keeps the file from being imported is no error of pytest's."""
    (course / "exercises/ex01_add/ex01_add.py").write_text("import no_such_module\n" + RIGHT)
    done = run(course, "exercises/ex01_add", "-q")
    assert done.returncode == 1
    assert "no_such_module" in done.stdout
    assert "grader/" not in done.stdout


def test_an_instructor_names_the_submission(course: Path, tmp_path: Path) -> None:
    """Hidden checks run against the file named; -k and -x work as ever."""
    named = tmp_path / "handed_in.py"
    named.write_text(WRONG)
    done = run(course, "solutions/ex01_add", "exercises/ex01_add", f"--submission={named}", "-x")
    assert done.returncode == 1
    assert "stopping after 1 failures" in done.stdout
    done = run(course, "solutions/ex01_add", f"--submission={named}", "-k", "inputs_stay", "-q")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 deselected" in done.stdout


def test_two_exercises_in_one_session(course: Path) -> None:
    """Check files of the same name are kept apart, and each has its own submission."""
    (course / "exercises/ex01_add/ex01_add.py").write_text(RIGHT)
    shutil.copy(course / "solutions/ex02_mean/ex02_mean.py", course / "exercises/ex02_mean")
    done = run(course, "exercises/ex01_add", "exercises/ex02_mean", "-q", "--import-mode=importlib")
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_other_tests_pay_for_nothing(tmp_path: Path) -> None:
    """In an environment with the plugin, tests that have nothing to do with it import no torch."""
    (tmp_path / "test_own.py").write_text(
        "import sys\n"
        "def test_own(request):\n"
        "    assert request.config.pluginmanager.hasplugin('grade')\n"
        "    assert not {'torch', 'numpy', 'grader.judge.grading'} & set(sys.modules)\n"
        "def test_fails():\n    assert 1 == 2, 'own words'\n"
    )
    done = run(tmp_path, "-q")
    assert "1 failed, 1 passed" in done.stdout
    assert "own words" in done.stdout


def test_a_submission_that_is_not_there_is_told(course: Path) -> None:
    """A path that does not exist is named, once per check."""
    done = run(course, "exercises/ex01_add", "--submission=nowhere.py", "-q", "-x")
    assert done.returncode == 1
    assert "nowhere.py" in done.stdout


def test_no_process_outlives_the_session(course: Path) -> None:
    """The zygote and its sandboxes end with pytest."""
    (course / "exercises/ex01_add/ex01_add.py").write_text(RIGHT)
    marker = course / "zygotes"
    checks = course / "exercises/ex01_add/test_public.py"
    checks.write_text(
        checks.read_text() + "\n\n@check(points=1, zh='一')\n"
        "def test_children(submission):\n"
        '    """Remember the processes that were started."""\n'
        "    import os, pathlib\n"
        "    children = pathlib.Path(f'/proc/self/task/{os.getpid()}/children').read_text()\n"
        f"    pathlib.Path({str(marker)!r}).write_text(children)\n"
    )
    if not Path("/proc/thread-self/children").exists():
        pytest.skip("this kernel does not list children")
    done = run(course, "exercises/ex01_add", "-q", "-k", "children")
    assert done.returncode == 0, done.stdout
    pids = marker.read_text().split()
    assert pids
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
