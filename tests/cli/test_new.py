"""Tests of `grade new`: what it makes is graded with the real command."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from grader.course import find_course, load_exercise, load_hints
from grader.text import Text
from tests.cli.conftest import Grade

_WRONG = ("adds_two", "doubles_in_place", "makes_floats", "squares")


@pytest.fixture(name="made")
def _made(grade: Grade, course_root: Path) -> Path:
    """Make ex08_pool and return its half of solutions."""
    assert grade("new", "ex08_pool").code == 0
    return course_root / "solutions" / "ex08_pool"


def _verdicts(grade: Grade, path: Path) -> dict[str, str]:
    report = json.loads(grade("8", str(path), "--format", "json").out)
    return {check["name"]: check["verdict"] for check in report["checks"]}


def test_the_reference_passes_and_the_stub_earns_nothing(
    grade: Grade, made: Path, course_root: Path
) -> None:
    """An author begins with an exercise that works."""
    reference = _verdicts(grade, made / "ex08_pool.py")
    assert set(reference.values()) == {"passed"}
    stub = _verdicts(grade, course_root / "exercises" / "ex08_pool" / "ex08_pool.py")
    assert set(stub) == set(reference)
    assert set(stub.values()) == {"crashed"}


@pytest.mark.parametrize("name", _WRONG)
def test_a_wrong_solution_does_what_is_promised(grade: Grade, made: Path, name: str) -> None:
    """What expected.yaml says, and everything else passes."""
    promises = yaml.safe_load((made / "expected.yaml").read_text("utf-8"))["wrong"]
    assert sorted(promises) == sorted(path.stem for path in (made / "wrong").iterdir())
    verdicts = _verdicts(grade, made / "wrong" / f"{name}.py")
    not_passed = {check: said for check, said in verdicts.items() if said != "passed"}
    assert not_passed == promises[name]["not_passed"]


def test_the_other_files_are_in_order(made: Path, course_root: Path) -> None:
    """Metadata and hints can be read, and no placeholder is left."""
    ref = find_course(course_root).resolve("8")
    assert load_exercise(ref).title == Text("Pool", "Pool")
    assert [hints.name for hints in load_hints(ref)] == ["double"]
    for path in (*ref.folder.rglob("*"), *made.rglob("*")):
        if path.is_file():
            text = path.read_text("utf-8")
            assert "$" not in text
            assert "NAME" not in text + path.name
    assert ref.readme("en").read_text("utf-8").startswith("# ex08_pool: Pool\n")
    assert ref.readme("zh").read_text("utf-8").startswith("# ex08_pool：Pool\n")


def test_it_says_what_was_made_and_what_to_do_now(grade: Grade, course_root: Path) -> None:
    """Every file is listed, and the commands fit the folder that one is in."""
    grade.folder = course_root / "exercises"
    done = grade("new", "ex08_pool")
    listed = {line.strip() for line in done.out.splitlines() if line.startswith("  ")}
    for half in ("exercises", "solutions"):
        for path in (course_root / half / "ex08_pool").rglob("*.*"):
            assert os.path.relpath(path, grade.folder) in listed
    assert "grade ex08_pool ../solutions/ex08_pool/ex08_pool.py" in done.out


@pytest.mark.parametrize(
    ("words", "name", "title"),
    [
        (("8", "--title", "Max & Avg: pooling"), "ex08_max_avg_pooling", "Max & Avg: pooling"),
        (("ex8_pool2d",), "ex08_pool2d", "Pool2d"),
        (("120_late_one", "--title", '池化 "#1" \\ $x'), "ex120_late_one", '池化 "#1" \\ $x'),
    ],
)
def test_names_and_titles(
    grade: Grade, course_root: Path, words: tuple[str, ...], name: str, title: str
) -> None:
    """A number with a title is enough, and a title may hold any character that can be seen."""
    done = grade("new", *words, "--lang", "zh")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"已创建 {name}")
    ref = find_course(course_root).resolve(name)
    assert ref.name == name
    assert load_exercise(ref).title == Text(title, title)


@pytest.mark.parametrize(
    "words",
    [
        ("ex01_other",),
        ("1", "--title", "Other"),
        ("pool",),
        ("8",),
        ("8", "--title", "池化"),
        ("ex08_Pool",),
        ("ex08_../../pool",),
        ("ex08_pool", "--title", ""),
        ("ex08_pool", "--title", "two\nlines"),
        ("ex08_" + "p" * 60,),
    ],
)
def test_what_cannot_be_made_is_refused(
    grade: Grade, course_root: Path, words: tuple[str, ...]
) -> None:
    """One sentence and a next step; nothing is written."""
    before = sorted(course_root.rglob("*"))
    done = grade("new", *words)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 2
    assert sorted(course_root.rglob("*")) == before


def test_a_taken_number_comes_with_a_free_one(grade: Grade, course_root: Path) -> None:
    """Also when only the secret half is there."""
    (course_root / "solutions" / "ex11_begun").mkdir()
    done = grade("new", "ex11_pool")
    assert done.code == 2
    assert "ex11_begun is there" in done.err
    assert "12 is free" in done.err


def test_outside_a_course_nothing_is_made(grade: Grade, tmp_path: Path) -> None:
    """An exercise belongs to a course."""
    grade.folder = tmp_path / "elsewhere"
    grade.folder.mkdir()
    done = grade("new", "ex08_pool")
    assert done.code == 2
    assert done.err.startswith("There is no course here")
    assert list(grade.folder.iterdir()) == []


def test_nothing_is_left_when_a_half_cannot_be_written(grade: Grade, course_root: Path) -> None:
    """Half an exercise would be in the way of the next try."""
    (course_root / "solutions").rename(course_root / "kept")
    (course_root / "solutions").touch()
    done = grade("new", "ex08_pool")
    assert done.code == 2
    assert str(course_root / "solutions") in done.err
    assert not (course_root / "exercises" / "ex08_pool").exists()
