"""An exercise of several files: verified, graded and handed in as one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader.course import Course, load_exercise
from grader.errors import UserError
from grader.verify.layout import layout_findings
from tests.authors import replace_in, sound_course
from tests.cli.conftest import Grade

_ENTRY = (
    '"""The entry of a project."""\n\nfrom numbers_of_mine import double\n\n__all__ = ["double"]\n'
)
_MODULE = "numbers_of_mine.py"


@pytest.fixture(name="grade")
def _grade(tmp_path: Path) -> Grade:
    """Give the command in a course whose exercise is a project of two files."""
    course = sound_course(tmp_path / "course")
    _make_project(course)
    (tmp_path / "state").mkdir()
    return Grade(course.root, tmp_path / "state")


def _make_project(course: Course) -> None:
    """Move what the exercise asks for into a module of its own, in every solution."""
    (ref,) = course.exercises()
    with (ref.folder / "exercise.yaml").open("a", encoding="utf-8") as file:
        file.write(f"files: [{_MODULE}]\n")
    for path in (ref.stub, ref.reference):
        path.rename(path.with_name(_MODULE))
        path.write_text(_ENTRY, "utf-8")
    for kind in ("right", "wrong"):
        for path in sorted((ref.reference.parent / kind).glob("*.py")):
            path.with_suffix("").mkdir()
            path.rename(path.with_suffix("") / _MODULE)


def test_a_project_is_verified_with_its_mutants(grade: Grade) -> None:
    """A solution's folder holds what differs from the reference; mutants are those of all files."""
    pytest.importorskip("libcst", reason="mutants need libcst")
    done = grade("verify", "--mutants")
    assert (done.code, done.err) == (0, ""), done.out
    assert "✓ 4/4" in done.out


@pytest.mark.parametrize(
    "named", ["", "exercises/ex01_double/ex01_double.py", "exercises/ex01_double"]
)
def test_whatever_is_named_the_whole_project_is_graded(grade: Grade, named: str) -> None:
    """The exercise alone, its entry or the folder."""
    folder = grade.folder / "exercises" / "ex01_double"
    shutil.copy(grade.folder / "solutions" / "ex01_double" / _MODULE, folder)
    done = grade("double", *named.split())
    assert done.code == 0, done.out
    replace_in(folder / _MODULE, "2 * x", "3 * x")
    assert grade("double", *named.split()).code == 1


def test_an_author_grades_a_solution_that_lacks_files(grade: Grade) -> None:
    """They are the reference's, as in `grade verify`."""
    right = next((grade.folder / "solutions" / "ex01_double" / "right").iterdir())
    assert grade("double", str(right)).code == 0


def test_what_a_project_lacks_is_told(grade: Grade) -> None:
    """In either half, and what is named nowhere."""
    (grade.folder / "solutions" / "ex01_double" / _MODULE).unlink()
    (grade.folder / "exercises" / "ex01_double" / "scratch.py").touch()
    (grade.folder / "solutions" / "ex01_double" / "right" / "new").mkdir()
    (grade.folder / "solutions" / "ex01_double" / "right" / "new" / "notes.py").touch()
    course = Course(grade.folder)
    (ref,) = course.exercises()
    said = [found.text.en for found in layout_findings(course, ref, load_exercise(ref).files)]
    assert said == [
        f"solutions/ex01_double/{_MODULE} is missing.",
        "exercises/ex01_double/scratch.py belongs to no exercise.",
        "solutions/ex01_double/right/new/notes.py belongs to no exercise.",
    ]


@pytest.mark.parametrize("name", ["test_public.py", "../up.py", "notes.txt"])
def test_a_name_that_is_no_modules_is_refused(grade: Grade, name: str) -> None:
    """With its place in exercise.yaml."""
    (ref,) = Course(grade.folder).exercises()
    replace_in(ref.folder / "exercise.yaml", _MODULE, name)
    with pytest.raises(UserError, match="is not the name of a module"):
        load_exercise(ref)
