"""Tests of remembering the best score."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.course import Course, ExerciseRef
from grader.course.progress import Score, best, best_scores, record, state_folder


@pytest.fixture(name="state")
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the progress of a test in a folder of its own, which does not exist yet."""
    monkeypatch.setenv("GRADE_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(name="ref")
def _ref(course: Course, state: Path) -> ExerciseRef:
    assert state_folder() == state
    return course.resolve("ex01_add")


def test_nothing_is_known_at_first(ref: ExerciseRef) -> None:
    """An exercise that was never graded has no best score."""
    assert best(ref) is None


def test_the_best_score_stays(ref: ExerciseRef) -> None:
    """A worse score does not replace a better one, a better one does."""
    for earned in (3.0, 2.0, 4.5):
        assert record(ref, earned, 6)
    assert record(ref, 1.0, 6)
    assert best(ref) == Score(4.5, 6)


def test_other_points_mean_other_checks(ref: ExerciseRef) -> None:
    """When an exercise is worth something else than before, the old score is forgotten."""
    record(ref, 6, 6)
    record(ref, 5, 8)
    assert best(ref) == Score(5, 8)


def test_each_exercise_of_each_course_has_its_score(course: Course, ref: ExerciseRef) -> None:
    """Scores are kept apart by course and exercise, and read together for a course."""
    elsewhere = ExerciseRef(Path("/elsewhere/exercises/ex01_add"))
    record(ref, 1, 6)
    record(course.resolve("ex02_mean"), 2, 5)
    record(elsewhere, 3, 6)
    assert best_scores(course) == {"ex01_add": Score(1, 6), "ex02_mean": Score(2, 5)}
    assert best(elsewhere) == Score(3, 6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"format_version": 2, "best": {}}',
        '{"format_version": 1, "best": []}',
        '{"format_version": 1, "best": {"ROOT": 3}}',
        '{"format_version": 1, "best": {"ROOT": {"ex01_add": 3}}}',
        '{"format_version": 1, "best": {"ROOT": {"ex01_add": {"earned": 1}}}}',
        '{"format_version": 1, "best": {"ROOT": {"ex01_add": {"earned": true, "max_points": 2}}}}',
        '{"format_version": 1, "best": {"ROOT": {"ex01_add": {"earned": NaN, "max_points": 2}}}}',
        '{"format_version": 1, "best": {"ROOT": {"ex01_add": {"earned": 1e99, "max_points": 2}}}}',
        '{"format_version": NINES}',
        '{"format_version": 1, "best": {"ROOT": {"ex01_add": {"earned": NINES, "max_points": 2}}}}',
        "\udcff",
    ],
)
def test_a_broken_file_counts_as_empty(ref: ExerciseRef, state: Path, text: str) -> None:
    """Whatever stands in the file, grading goes on and the next score is kept."""
    state.mkdir()
    text = text.replace("ROOT", str(ref.course_root.resolve())).replace("NINES", "9" * 400)
    (state / "progress.json").write_text(text, encoding="utf-8", errors="surrogateescape")
    assert best(ref) is None
    assert record(ref, 1, 6)
    assert best(ref) == Score(1, 6)


def test_a_place_that_cannot_be_written_is_reported_and_not_raised(
    ref: ExerciseRef, state: Path
) -> None:
    """When the state folder is a file, the score is not kept and nothing breaks."""
    state.touch()
    assert not record(ref, 1, 6)
    assert best(ref) is None


def test_no_temporary_file_stays(ref: ExerciseRef, state: Path) -> None:
    """Beside the progress file there is nothing left, and it is replaced as a whole."""
    record(ref, 1, 6)
    before = (state / "progress.json").stat().st_ino
    record(ref, 2, 6)
    assert os.listdir(state) == ["progress.json"]  # noqa: PTH208 - names are all that matters
    assert (state / "progress.json").stat().st_ino != before
