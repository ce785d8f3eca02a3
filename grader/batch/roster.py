"""The roster: who is in the class, from a CSV with at least the column `id`.

    id,name,email,section,canvas_id
    anna,Anna Meier,anna@example.org,A,4711

Further columns are kept; a value of theirs that only one student has finds this student too, so
that a platform's own number may stand in any column.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.batch.layouts import Person
from grader.batch.rows import broken, read_rows

_OWN = ("id", "name", "email", "section")


@dataclass(frozen=True)
class Student:
    """One row of the roster."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    more: Mapping[str, str] | None = None
    """Every other column."""


@dataclass(frozen=True)
class Roster:
    """Everybody who is in the class."""

    students: tuple[Student, ...]

    def find(self, person: Person) -> Student | None:
        """Who a layout's person is; None for somebody who is not on the roster.

        The label decides; then the e-mail address; then the name, if only one student has it; then
        an id at the label's end, as in "homework-anna", the name of a classroom clone.
        """
        for said in (person.label, person.email, person.name):
            if said and (found := self._by_word.get(_folded(said))):
                return found
        ends = [
            each for each in self.students if person.label.endswith((f"-{each.id}", f"_{each.id}"))
        ]
        return max(ends, key=lambda each: len(each.id), default=None)

    @cached_property
    def _by_word(self) -> dict[str, Student]:
        """By each word that only one student has; by ids in any case."""
        found: dict[str, Student] = {}
        count: Counter[str] = Counter()
        for student in self.students:
            for word in set(_words(student)):
                count[word] += 1
                found[word] = student
        only = {word: student for word, student in found.items() if count[word] == 1}
        return only | {_folded(student.id): student for student in self.students}


def read_roster(path: Path) -> Roster:
    """Read the CSV; UserError, with the line, when it is not as it should be."""
    students: list[Student] = []
    lines: dict[str, int] = {}
    for line, row in read_rows(path, needed=("id",)):
        student = Student(
            **{name: row.get(name, "") for name in _OWN},
            more={name: value for name, value in row.items() if name not in _OWN},
        )
        first = lines.setdefault(_folded(student.id), line)
        if first != line:
            raise broken(
                path,
                line,
                f"{student.id} is in line {first} too",
                f"{student.id} 与第 {first} 行重复",
            )
        if not student.id:
            raise broken(path, line, "the id is empty", "id 是空的")
        students.append(student)
    return Roster(tuple(students))


def _words(student: Student) -> Iterator[str]:
    for said in (student.id, student.email, student.name, *(student.more or {}).values()):
        if said:
            yield _folded(said)


def _folded(word: str) -> str:
    """A word by which people are found: neither case nor the way accents are written counts."""
    return unicodedata.normalize("NFKC", word).casefold().strip()
