"""Tests of `grade list`."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from pathlib import Path

from tests.cli.conftest import Grade


def test_piped_it_is_a_plain_aligned_table(grade: Grade) -> None:
    """Each exercise has one line with title, points and no score yet."""
    done = grade("list")
    assert done.code == 0
    assert done.out.splitlines() == [
        "Exercise   Title                 Points  My best",
        "ex01_add   Add two tensors            6  -",
        "ex02_mean  The mean of each row       5  -",
        "ex03_line  Fit a line                 8  -",
    ]


def test_chinese_titles_are_aligned_by_their_width(grade: Grade) -> None:
    """A Chinese character takes two columns, so that the points stand below each other."""
    _, first, second, _ = grade("list", "--lang", "zh").out.splitlines()
    assert first == "ex01_add   两个张量相加       6  -"
    assert second == "ex02_mean  每一行的平均值     5  -"


def test_the_best_score_is_shown(grade: Grade, course_root: Path) -> None:
    """What was kept of earlier attempts stands in the last column."""
    known = {"ex02_mean": {"best": {"earned": 3.5, "max_points": 5}}}
    (course_root / ".grade").mkdir()
    progress = course_root / ".grade" / "progress.json"
    progress.write_text(json.dumps({"format_version": 1, "exercises": known}))
    assert grade("list").out.splitlines()[2].endswith("5  3.5/5")


def test_a_students_copy_shows_public_points(grade: Grade, course_root: Path) -> None:
    """Without solutions/ the list works and counts what is there."""
    shutil.rmtree(course_root / "solutions")
    assert grade("list").out.splitlines()[1] == "ex01_add   Add two tensors            3  -"


def test_a_broken_exercise_hides_no_other(grade: Grade, course_root: Path) -> None:
    """The list goes on, and the mistake is told with file and line."""
    (course_root / "exercises" / "ex01_add" / "exercise.yaml").write_text("title: [\n")
    done = grade("list")
    assert "The mean of each row" in done.out
    assert "ex01_add   ?" in done.out
    assert "exercise.yaml:" in done.err


def test_outside_a_course_the_user_is_told(grade: Grade, tmp_path: Path) -> None:
    """One sentence and the next step, exit code 2."""
    grade.folder = tmp_path
    done = grade("list", "--lang", "zh")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("这里没有课程")
    assert len(done.err.splitlines()) == 2


def test_on_a_terminal_it_ends_with_a_summary(grade: Grade) -> None:
    """A terminal gets a table and a line that counts what is done."""
    reader, terminal = pty.openpty()
    with os.fdopen(reader, "rb", buffering=0) as screen:
        environment = {**grade.env(), "TERM": "xterm", "COLUMNS": "80"}
        command = grade.command("list")
        subprocess.run(command, cwd=grade.folder, env=environment, stdout=terminal, check=True)
        shown = screen.read(65_536).decode()
        os.close(terminal)
    assert "0 of 3 exercises done" in shown
    assert "The mean of each row" in shown
