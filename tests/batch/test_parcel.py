"""A grading as text: what comes out is what went in, and judges the same."""

from __future__ import annotations

from pathlib import Path

from grader.batch.address import version_of
from grader.batch.parcel import lay_out, pack, packed, unpack
from grader.course import find_course, load_exercise
from grader.judge.attempt import Options
from grader.submission import Submission

_FAKE_COURSE = Path(__file__).parent.parent / "fake_course"
HERE = {"grade": "0.1.0", "python": "3.11.7", "torch": "2.6", "tier": "full", "device": "cpu"}


def test_what_arrives_is_what_was_sent(tmp_path: Path) -> None:
    """Bytes of any kind, the options, and an exercise of the same version, without its texts."""
    exercise = load_exercise(find_course(_FAKE_COURSE).resolve("add"))
    submission = Submission("anna/ex01_add.py", exercise.entry, {exercise.entry: b"\xff\0\n"})
    options = Options(device="cpu", seed=1 << 61, tier="full", known=('{"name": "test_a"}',))
    parcel = unpack(pack(HERE, packed(exercise), submission, options))
    assert (parcel.here, parcel.submission, parcel.options) == (HERE, submission, options)
    there = lay_out(parcel, tmp_path)
    assert version_of(there) == version_of(exercise) == parcel.version
    assert (there.name, there.limits) == (exercise.name, exercise.limits)
    laid_out = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    judging = {"exercise.yaml", "test_public.py", "test_hidden.py", "ex01_add.py"}
    assert laid_out == {"course.yaml", *judging}
