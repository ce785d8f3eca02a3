"""Tests of remembering how far a student got."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grader.course import Course, ExerciseRef
from grader.course.progress import (
    Progress,
    Score,
    progress_of,
    read_progress,
    record_grading,
    record_hint,
)

_AT = "2026-11-21T10:00:00+00:00"
_SCORE = '{"format_version": 1, "exercises": {"ex01_add": {"best": SCORE}}}'


@pytest.fixture(name="ref")
def _ref(course: Course) -> ExerciseRef:
    return course.resolve("ex01_add")


@pytest.fixture(name="file")
def _file(course: Course) -> Path:
    return course.root / ".grade" / "progress.json"


def _record(ref: ExerciseRef, earned: float, max_points: float = 6) -> bool:
    return record_grading(ref, _AT, {}, Score(earned, max_points))


def test_nothing_is_known_at_first(ref: ExerciseRef) -> None:
    """An exercise that was never graded has nothing, and asking makes no folder."""
    assert progress_of(ref) == Progress()
    assert not (ref.course_root / ".grade").exists()


def test_the_best_score_stays_and_the_last_is_known(ref: ExerciseRef) -> None:
    """A worse score does not replace a better one, a better one does."""
    for earned in (3.0, 2.0, 4.5, 1.0):
        assert _record(ref, earned)
    assert progress_of(ref).best == Score(4.5, 6)
    assert progress_of(ref).last == Score(1.0, 6)


def test_other_points_mean_other_checks(ref: ExerciseRef) -> None:
    """When an exercise is worth something else than before, the old score is forgotten."""
    _record(ref, 6, 6)
    _record(ref, 5, 8)
    assert progress_of(ref).best == Score(5, 8)


def test_each_exercise_has_its_own(course: Course, ref: ExerciseRef) -> None:
    """Exercises are kept apart, and read together for a course."""
    _record(ref, 1, 6)
    record_hint(course.resolve("ex02_mean"), "mean", 2)
    known = read_progress(course.root)
    assert known["ex01_add"].best == Score(1, 6)
    assert known["ex02_mean"] == Progress(hints={"mean": 2})


def test_a_part_of_the_checks_changes_what_is_known_of_those(ref: ExerciseRef) -> None:
    """Without a score only the checks that ran change; a whole grading replaces all."""
    record_grading(ref, _AT, {"test_a": False, "test_b": False, "test_c": True}, Score(1, 6))
    record_grading(ref, _AT, {"test_b": True, "test_c": False}, None)
    assert progress_of(ref).not_passed == ("test_a", "test_c")
    assert progress_of(ref).last == Score(1, 6)
    record_grading(ref, _AT, {"test_d": False}, Score(2, 6))
    assert progress_of(ref).not_passed == ("test_d",)


def test_hints_and_gradings_do_not_touch_each_other(ref: ExerciseRef) -> None:
    """A grading forgets no hint, and a hint no score."""
    record_hint(ref, "add", 1)
    _record(ref, 2)
    record_hint(ref, "sub", 3)
    assert progress_of(ref) == Progress(
        best=Score(2, 6), last=Score(2, 6), graded_at=_AT, hints={"add": 1, "sub": 3}
    )


def test_the_folder_may_be_deleted(ref: ExerciseRef, file: Path) -> None:
    """Without it everything begins anew."""
    _record(ref, 6)
    file.unlink()
    file.parent.rmdir()
    assert progress_of(ref) == Progress()
    assert _record(ref, 1)
    assert progress_of(ref).best == Score(1, 6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        " " * 2_000_000 + _SCORE.replace("SCORE", '{"earned": 6, "max_points": 6}'),
        '{"format_version": 2, "exercises": {}}',
        '{"format_version": 1, "exercises": []}',
        '{"format_version": 1, "exercises": {"ex01_add": 3}}',
        '{"format_version": NINES}',
        _SCORE.replace("SCORE", "3"),
        _SCORE.replace("SCORE", '{"earned": 1}'),
        _SCORE.replace("SCORE", '{"earned": true, "max_points": 2}'),
        _SCORE.replace("SCORE", '{"earned": NaN, "max_points": 2}'),
        _SCORE.replace("SCORE", '{"earned": 1e99, "max_points": 2}'),
        _SCORE.replace("SCORE", '{"earned": NINES, "max_points": 2}'),
        "\udcff",
    ],
)
def test_a_broken_file_counts_as_empty(ref: ExerciseRef, file: Path, text: str) -> None:
    """Whatever stands in the file, grading goes on and the next score is kept."""
    file.parent.mkdir()
    text = text.replace("NINES", "9" * 5000)
    file.write_text(text, encoding="utf-8", errors="surrogateescape")
    assert progress_of(ref) == Progress()
    assert _record(ref, 1)
    assert progress_of(ref).best == Score(1, 6)


def test_what_is_well_formed_of_a_changed_file_counts(ref: ExerciseRef, file: Path) -> None:
    """Each value stands for itself: odd names, moments and numbers are left out."""
    said = {
        "best": {"earned": 2, "max_points": 6},
        "graded_at": "soon",
        "not_passed": ["test_a", 3, "rm -rf", "test_b[0-True]", "test_\x1b[2J"],
        "hints": {"add": 2, "sub": -1, "mul": "3", "div": True, "pow": 10**6},
    }
    file.parent.mkdir()
    file.write_text(json.dumps({"format_version": 1, "exercises": {"ex01_add": said}}))
    assert progress_of(ref) == Progress(
        best=Score(2, 6), not_passed=("test_a", "test_b[0-True]"), hints={"add": 2}
    )


def test_moments_are_brought_to_utc(ref: ExerciseRef, file: Path) -> None:
    """They are compared as text, so they are all written in one way."""
    said = {"graded_at": "2026-11-21T18:00:00+08:00"}
    file.parent.mkdir()
    file.write_text(json.dumps({"format_version": 1, "exercises": {"ex01_add": said}}))
    assert progress_of(ref).graded_at == _AT


def test_a_pipe_in_its_place_stops_nobody(ref: ExerciseRef, file: Path) -> None:
    """Reading it would wait for ever; it is replaced by a file."""
    file.parent.mkdir()
    os.mkfifo(file)
    assert progress_of(ref) == Progress()
    assert _record(ref, 1)
    assert file.is_file()


def test_a_linked_file_is_neither_read_nor_written(
    ref: ExerciseRef, file: Path, tmp_path: Path
) -> None:
    """The link itself is replaced, and what it led to stays as it was."""
    _record(ref, 6)
    elsewhere = file.rename(tmp_path / "elsewhere.json")
    before = elsewhere.read_bytes()
    file.symlink_to(elsewhere)
    assert progress_of(ref) == Progress()
    assert _record(ref, 1)
    assert elsewhere.read_bytes() == before
    assert not file.is_symlink()


def test_a_linked_folder_is_not_followed(ref: ExerciseRef, file: Path, tmp_path: Path) -> None:
    """Nothing is read or written through it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    file.parent.symlink_to(elsewhere)
    assert not _record(ref, 1)
    assert progress_of(ref) == Progress()
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("obstacle", [".grade", ".grade/progress.json/x"])
def test_a_place_that_cannot_be_written_is_reported_and_not_raised(
    ref: ExerciseRef, obstacle: str
) -> None:
    """Where a file or a folder is in the way, nothing is kept and nothing breaks."""
    place = ref.course_root / obstacle
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    assert not _record(ref, 1)
    assert not record_hint(ref, "add", 1)
    assert progress_of(ref) == Progress()


def test_no_temporary_file_stays(ref: ExerciseRef, file: Path) -> None:
    """Beside the progress file there is nothing left, and it is replaced as a whole."""
    _record(ref, 1)
    before = file.stat().st_ino
    _record(ref, 2)
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]
    assert file.stat().st_ino != before
