"""Look at what a class has handed in, for every command that works on a class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.batch.collection import open_collection
from grader.batch.handed_in import HandedIn, handed_in
from grader.batch.layouts import parts_of
from grader.batch.mapping import mapped_parts
from grader.batch.roster import read_roster
from grader.course import Course, ExerciseRef


def look_at(
    submissions: Path, course: Course, refs: Sequence[ExerciseRef], roster: Path | None
) -> HandedIn:
    """Look at everything in a folder, a zip or a mapping CSV."""
    known = read_roster(roster) if roster else None
    if submissions.suffix.lower() == ".csv":
        parts = mapped_parts(submissions, course)
    else:
        parts = parts_of(open_collection(submissions))
    return handed_in(parts, refs, known)
