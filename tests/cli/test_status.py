"""Tests of `grade status`."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from pathlib import Path

from tests.cli.conftest import Grade

_EARLY, _LATE = "2026-11-20T10:00:00+00:00", "2026-11-21T10:00:00+00:00"


def _remember(course_root: Path, **exercises: dict[str, object]) -> None:
    (course_root / ".grade").mkdir()
    data = {"format_version": 1, "exercises": exercises}
    (course_root / ".grade" / "progress.json").write_text(json.dumps(data))


def _known(earned: float, max_points: float, at: str, *not_passed: str) -> dict[str, object]:
    score = {"earned": earned, "max_points": max_points}
    return {"best": score, "last": score, "graded_at": at, "not_passed": not_passed}


def test_at_first_nothing_is_begun(grade: Grade) -> None:
    """Each exercise has a line, the sum follows, and the first exercise is next."""
    done = grade("status")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "ex01_add   [..........]  not begun",
        "ex02_mean  [..........]  not begun",
        "ex03_line  [..........]  not begun",
        "",
        f"[{'.' * 30}]  0 of 19 points, 0 of 3 exercises done, about 35 minutes left",
        "",
        "Next: ex01_add, about 5 minutes",
        "  Read the task: grade show ex01_add",
    ]


def test_what_was_worked_on_last_is_next(grade: Grade, course_root: Path) -> None:
    """Done, begun, not begun; the points, the hints, and the first check that did not pass."""
    begun = _known(1.5, 6, _LATE, "test_gone", "test_broadcast", "test_same_shape")
    _remember(
        course_root,
        ex01_add={**begun, "hints": {"add": 2, "Adder": 1}},
        ex02_mean=_known(5, 5, _LATE),
        ex03_line=_known(7.75, 8, _EARLY),
    )
    assert grade("status").out.splitlines() == [
        "ex01_add   [##........]  1.5 of 6 points   3 hints used",
        "ex02_mean  [##########]  done",
        "ex03_line  [#########.]  7.75 of 8 points",
        "",
        f"[{'#' * 22}{'.' * 8}]  14.25 of 19 points, 1 of 3 exercises done, about 4 minutes left",
        "",
        "Next: ex01_add, about 4 minutes",
        "  Not passed yet: Tensors of different shapes are broadcast.",
        "  Grade it again: grade ex01_add",
    ]


def test_an_exercise_with_hints_offers_them(grade: Grade, course_root: Path) -> None:
    """Where there is no hints.yaml, nothing is offered that does not work."""
    (course_root / "exercises" / "ex01_add" / "hints.yaml").touch()
    _remember(course_root, ex01_add=_known(1, 6, _LATE))
    assert grade("status").out.endswith("Stuck? grade hint ex01_add\n")


def test_what_is_done_is_not_next(grade: Grade, course_root: Path) -> None:
    """The first exercise in order that is not done follows."""
    _remember(course_root, ex01_add=_known(6, 6, _EARLY))
    assert "Next: ex02_mean" in grade("status").out


def test_when_everything_is_done_it_says_so(grade: Grade, course_root: Path) -> None:
    """No minute is left, and nothing is next."""
    _remember(
        course_root,
        ex01_add=_known(6, 6, _EARLY),
        ex02_mean=_known(5, 5, _EARLY),
        ex03_line=_known(8, 8, _EARLY),
    )
    *_, summary, _, last = grade("status").out.splitlines()
    assert summary == f"[{'#' * 30}]  19 of 19 points, 3 of 3 exercises done"
    assert last == "Everything is done. Well done!"


def test_a_course_without_exercises_is_not_done(grade: Grade, course_root: Path) -> None:
    """There is nothing to praise, and nothing breaks."""
    shutil.rmtree(course_root / "exercises")
    (course_root / "exercises").mkdir()
    done = grade("status")
    assert done.code == 0
    assert done.out.endswith("The course has no exercises yet.\n")


def test_in_chinese(grade: Grade, course_root: Path) -> None:
    """Every word of it."""
    _remember(course_root, ex01_add=_known(1.5, 6, _LATE, "test_broadcast"))
    told = grade("status", "--lang", "zh").out
    assert "1.5/6 分" in told
    assert "接下来：ex01_add，大约 4 分钟" in told
    assert "还没通过：形状不同的张量按广播规则相加。" in told


def test_a_broken_exercise_hides_no_other(grade: Grade, course_root: Path) -> None:
    """The lines go on, and the mistake is told with file and line."""
    (course_root / "exercises" / "ex01_add" / "exercise.yaml").write_text("title: [\n")
    done = grade("status")
    assert "ex03_line" in done.out
    assert "exercise.yaml:" in done.err


def test_on_a_terminal_it_is_drawn(grade: Grade, course_root: Path) -> None:
    """A terminal gets the same facts with bars."""
    _remember(course_root, ex01_add=_known(1.5, 6, _LATE, "test_broadcast"))
    reader, terminal = pty.openpty()
    with os.fdopen(reader, "rb", buffering=0) as screen:
        environment = {**grade.env(), "TERM": "xterm", "COLUMNS": "80"}
        command = grade.command("status")
        subprocess.run(command, cwd=grade.folder, env=environment, stdout=terminal, check=True)
        shown = screen.read(65_536).decode()
        os.close(terminal)
    assert "1.5 of 6 points" in shown
    assert "━" in shown
    assert "Not passed yet: Tensors of different shapes are broadcast." in shown
