"""Compare what a class has handed in for one exercise."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from grader.batch.handed_in import Found, digest_of
from grader.course import ExerciseRef
from grader.course.solutions import right_solutions, solution_files
from grader.errors import UserError
from grader.similarity.pairs import Alike, alike
from grader.similarity.source import IncomparableError, Why, read_source
from grader.similarity.work import Stub, Work, make_stub, make_work
from grader.submission import Submission


@dataclass(frozen=True)
class Compared:
    """One exercise of a class."""

    exercise: str
    works: tuple[Work, ...]
    """What was compared."""
    not_compared: Mapping[str, Why]
    """By student, in order."""
    alike: Alike


def compare(ref: ExerciseRef, found: Sequence[Found], course: Sequence[str]) -> Compared:
    """Compare every submission of an exercise with every other; nothing of them is run.

    `course` are the names of all exercises: many students keep them in one folder, and what is
    another's is no part of this one.
    """
    elsewhere = tuple(name for name in course if name != ref.name)
    stub = _stub(ref)
    works = []
    not_compared = {}
    for each in sorted(found, key=lambda one: one.student):
        try:
            submission = _without(elsewhere, each.read(), ref.entry)
            source = read_source(submission.files, ref.entry)
        except IncomparableError as error:
            not_compared[each.student] = error.why
        except UserError:
            not_compared[each.student] = Why.UNREADABLE
        else:
            works.append(make_work(each.student, digest_of(submission), source, stub))
    return Compared(ref.name, tuple(works), not_compared, alike(works, _independent(ref, stub)))


def _without(elsewhere: tuple[str, ...], submission: Submission, entry: str) -> Submission:
    """The Python files alone, without those of other exercises."""
    files = {
        name: data
        for name, data in submission.files.items()
        if name.endswith(".py")
        and (name == entry or not posixpath.basename(name).startswith(elsewhere))
    }
    return replace(submission, files=files)


def _stub(ref: ExerciseRef) -> Stub:
    try:
        files = {path.name: path.read_bytes() for path in ref.stub_files}
        return make_stub(read_source(files, ref.entry))
    except IncomparableError:  # nothing but comments: whatever stands in a submission is its own
        return Stub(frozenset(), frozenset())


def _independent(ref: ExerciseRef, stub: Stub) -> list[frozenset[int]]:
    """The fingerprints of the course's own solutions: what a right one may look like by itself."""
    files = [solution_files(ref, path) for path in right_solutions(ref)]
    sources = [read_source(each, ref.entry) for each in files]
    return [frozenset(make_work("", "", source, stub).marks) for source in sources]
