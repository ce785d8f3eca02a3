"""What a class has handed in: every submission, and everything that is none, with the reason."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from grader.batch.address import digest
from grader.batch.collection import zip_within
from grader.batch.layouts import Part, Parts
from grader.batch.roster import Roster, Student
from grader.course import ExerciseRef
from grader.errors import UserError
from grader.submission import Submission
from grader.submission.intake import Container, read_container
from grader.submission.names import is_safe, listed, shown
from grader.text import Text

_LONGEST_ID = 64
_GRADED = (".py", ".ipynb", ".zip")


class Why(StrEnum):
    """Why something is not graded."""

    NOBODYS = "nobodys"
    """It belongs to no student."""
    UNREADABLE = "unreadable"
    AMBIGUOUS = "ambiguous"
    """More than one file could be meant."""
    UNTOUCHED = "untouched"
    """It is the stub, as it was handed out."""
    NO_EXERCISE = "no_exercise"
    """A student's files with nothing of the exercises asked for."""


@dataclass(frozen=True)
class Note:
    """Something that is not graded."""

    why: Why
    place: str
    said: Text
    student: str = ""
    exercise: str = ""


@dataclass(frozen=True)
class Found:
    """One submission, to be read when it is graded."""

    student: str
    exercise: str
    place: str
    digest: str
    """Of all its files, names included: the same bytes have the same digest."""
    is_late: bool
    handed_in: dt.datetime | None
    """Where the platform says it; with its time zone."""
    read: Callable[[], Submission]
    """Read it again; UserError where it has become unreadable."""


@dataclass(frozen=True)
class HandedIn:
    """Everything that was looked at."""

    layout: str
    students: tuple[Student, ...] = ()
    """Everybody of the roster."""
    found: list[Found] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    missing: list[tuple[Student, str]] = field(default_factory=list)
    """Students of the roster, with the exercise of which they have handed in nothing."""
    strangers: list[str] = field(default_factory=list)
    """Who has handed in and is not on the roster."""

    @property
    def ungraded(self) -> list[Note]:
        """What somebody has to look at: all that is not graded but for untouched stubs."""
        return [note for note in self.notes if note.why is not Why.UNTOUCHED]

    def of(self, students: Collection[str]) -> HandedIn:
        """What concerns these students alone."""
        return replace(
            self,
            found=[each for each in self.found if each.student in students],
            notes=[note for note in self.notes if note.student in students],
            missing=[each for each in self.missing if each[0].id in students],
            strangers=[each for each in self.strangers if each in students],
        )


def handed_in(parts: Parts, exercises: Sequence[ExerciseRef], roster: Roster | None) -> HandedIn:
    """Look for these exercises in every student's files.

    If only one is asked for, a student's single file is it, whatever its name.
    """
    result = HandedIn(parts.layout, roster.students if roster else ())
    for name, said in parts.nobodys.items():
        result.notes.append(Note(Why.NOBODYS, name, said))
    seen: dict[tuple[str, str], list[Found]] = {}
    for part in parts.parts:
        student = _student(part, roster, result)
        if student is None:
            continue
        for each in _in_part(part, student, exercises):
            if isinstance(each, Note):
                result.notes.append(each)
            else:
                seen.setdefault((student, each.exercise), []).append(each)
    for twice in seen.values():
        if len({each.digest for each in twice}) == 1:
            result.found.append(twice[0])
        else:
            places = [each.place for each in twice]
            result.notes.extend(_ambiguous(each, places) for each in twice)
    result.found.sort(key=lambda each: (each.exercise, each.student))
    if roster:
        have = set(seen) | {(note.student, note.exercise) for note in result.notes if note.exercise}
        result.missing.extend(
            (student, ref.name)
            for ref in exercises
            for student in roster.students
            if (student.id, ref.name) not in have
        )
    return result


def digest_of(submission: Submission) -> str:
    """A digest of everything that is graded: names and bytes, in the order of the names."""
    pieces = (
        piece for name, data in sorted(submission.files.items()) for piece in (name.encode(), data)
    )
    return digest(pieces)


def _student(part: Part, roster: Roster | None, result: HandedIn) -> str | None:
    """The id of a part's student; None, with a note, where it cannot be one."""
    student = roster.find(part.person) if roster else None
    if student:
        return student.id
    label = unicodedata.normalize("NFC", part.person.label)
    if not is_safe(label) or len(label) > _LONGEST_ID:
        said = Text(
            f"{shown(label)!r} cannot be a student's id", f"{shown(label)!r} 不能作为学生的 id"
        )
        result.notes.append(Note(Why.UNREADABLE, part.place, said))
        return None
    if roster and label not in result.strangers:
        result.strangers.append(label)
    return label


def _in_part(part: Part, student: str, exercises: Sequence[ExerciseRef]) -> Iterator[Found | Note]:
    """What of the exercises is in one student's files."""
    if part.exercise:
        exercises = [ref for ref in exercises if ref.name == part.exercise]
    try:
        container = _opened(part, exercises)
    except (UserError, OSError) as error:
        yield Note(Why.UNREADABLE, part.place, _said(error), student)
        return
    is_empty = True
    for ref in exercises:
        files = _files_of(ref, container.names)
        if not files and len(exercises) == 1:
            files = _graded(container.names)
        if not files:
            continue
        is_empty = False
        if len(files) > 1:
            said = Text(f"could be any of {listed(files)}", f"可能是其中任何一个：{listed(files)}")
            yield Note(Why.AMBIGUOUS, part.place, said, student, ref.name)
        else:
            yield _looked_at(_Place(part, exercises, ref, files[0]), container, student)
    if is_empty:
        said = Text(
            f"nothing of the exercises asked for; it holds {listed(container.names)}",
            f"没有要批改的练习；里面有 {listed(container.names)}",
        )
        yield Note(Why.NO_EXERCISE, part.place, said, student)


def _opened(part: Part, exercises: Sequence[ExerciseRef]) -> Container:
    """Look at a student's files; a single zip of another name holds them all."""
    container = part.open()
    graded = _graded(container.names)
    if [name.lower()[-4:] for name in graded] != [".zip"]:
        return container
    if any(_files_of(ref, graded) for ref in exercises):
        return container
    return zip_within(container.read, graded[0], f"{part.place}/{graded[0]}")


def _graded(names: Iterable[str]) -> list[str]:
    return [name for name in names if name.lower().endswith(_GRADED)]


def _files_of(ref: ExerciseRef, names: Iterable[str]) -> list[str]:
    """The names that are most likely this exercise: more than one where none is likelier."""
    names = _graded(names)
    for is_meant in (
        lambda name: _is_in_place(ref, name),
        lambda name: _stem(name) == ref.name and name.endswith((".py", ".ipynb")),
        lambda name: _stem(name) == ref.name,
        lambda name: re.fullmatch(rf"{ref.name}[\s()._-]*(\d+|copy|副本)?[\s()]*", _stem(name)),
    ):
        found = [name for name in names if is_meant(name)]
        sources = [name for name in found if name.endswith(".py")]
        if found:
            return sources or found
    return []


def _is_in_place(ref: ExerciseRef, name: str) -> bool:
    """Whether it is the file of a classroom repository: exercises/ex07_conv/ex07_conv.py."""
    folder, base = posixpath.split(name)
    is_named = posixpath.splitext(base)[0] == ref.name
    return is_named and f"/{folder}".endswith(f"/exercises/{ref.name}")


def _stem(name: str) -> str:
    return posixpath.splitext(posixpath.basename(name))[0].lower()


@dataclass(frozen=True)
class _Place:
    """Where one submission lies: enough to read it again."""

    part: Part
    exercises: Sequence[ExerciseRef]
    ref: ExerciseRef
    main: str

    def __str__(self) -> str:
        return f"{self.part.place}/{self.main}"

    def read(self, container: Container | None = None) -> Submission:
        """Read it; UserError where it is unreadable, has changed or is gone."""
        try:
            container = container or _opened(self.part, self.exercises)
            if self.main.lower().endswith(".zip"):
                container, main = zip_within(container.read, self.main, str(self)), None
            else:
                main = self.main
            return read_container(container, self.ref.entry, str(self), main)
        except (OSError, KeyError) as error:
            raise UserError(_said(error)) from error


def _looked_at(place: _Place, container: Container, student: str) -> Found | Note:
    ref = place.ref
    try:
        submission = place.read(container)
    except UserError as error:
        return Note(Why.UNREADABLE, str(place), _said(error), student, ref.name)
    if _is_untouched(submission, ref):
        said = Text("it is the stub, as it was handed out", "与下发的模板完全相同")
        return Note(Why.UNTOUCHED, str(place), said, student, ref.name)
    return Found(
        student,
        ref.name,
        str(place),
        digest_of(submission),
        place.part.is_late,
        place.part.handed_in,
        place.read,
    )


def _is_untouched(submission: Submission, ref: ExerciseRef) -> bool:
    return all(
        _lines(submission.files.get(stub.name, b"")) == _lines(stub.read_bytes())
        for stub in ref.stub_files
    )


def _lines(data: bytes) -> list[bytes]:
    return data.strip().splitlines()


def _said(error: Exception) -> Text:
    if isinstance(error, UserError):
        return error.message
    reason = error.strerror if isinstance(error, OSError) else error
    return Text(f"it cannot be read: {reason}", f"无法读取：{reason}")


def _ambiguous(found: Found, places: list[str]) -> Note:
    said = Text(f"handed in more than once: {listed(places)}", f"提交了不止一份：{listed(places)}")
    return Note(Why.AMBIGUOUS, found.place, said, found.student, found.exercise)
