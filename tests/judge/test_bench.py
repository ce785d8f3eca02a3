"""A bench grades one submission after another, each as if it were the only one."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import pytest

from grader.course import load_exercise
from grader.course.scaffold import make_exercise
from grader.judge.attempt import Options
from grader.judge.bench import Bench
from grader.judge.warm import SharedNursery
from grader.submission import Submission
from tests.authors import replace_in, sound_course

_TELLS = b"import sys\n\n\ndef double(x):\n    return x / 0 if 'wave' in sys.modules else 2 * x\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a nursery")
def test_no_submission_finds_what_another_exercise_needs(tmp_path: Path) -> None:
    """What one exercise has imported ahead is not there for the next one's submissions."""
    course = sound_course(tmp_path / "authors")
    make_exercise(course, "ex02_twice", "Twice")
    replace_in(course.resolve("1").folder / "exercise.yaml", "[torch]", "[torch, wave]")
    found = {}
    with contextlib.closing(SharedNursery()) as nursery, Bench(nursery) as bench:
        for ref in course.exercises():
            exercise = load_exercise(ref)
            submission = Submission("tells.py", exercise.entry, {exercise.entry: _TELLS})
            found[ref.name] = bench.grade(exercise, submission, Options(seed=1)).all_passed
    assert found == {"ex01_double": False, "ex02_twice": True}
