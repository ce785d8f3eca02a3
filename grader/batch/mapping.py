"""Submissions named one by one, in a CSV: for whatever no layout fits.

    student,exercise,path,late,handed_in
    anna,ex07_conv,scans/homework (3).py,,2026-11-30T23:59+01:00
    ben,,ben.zip,yes,

A path is relative to the CSV. It may be a file, a folder or a zip; `exercise` may be left out
where the names of files tell it, `late` is "yes" or empty, and a time without a zone is UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from grader.batch.collection import Files, zip_within
from grader.batch.layouts import Part, Parts, Person
from grader.batch.rows import broken, read_rows
from grader.course import Course
from grader.errors import UserError
from grader.submission.folder import Folder, read_below
from grader.submission.intake import Container

_LATE = {"yes": True, "": False, "no": False}


def mapped_parts(path: Path, course: Course) -> Parts:
    """Read the CSV; UserError, with the line, for an unknown exercise or a missing path."""
    parts = []
    for line, row in read_rows(path, needed=("student", "path")):
        place = path.parent / row["path"]
        if not place.exists():
            raise broken(path, line, f"there is no {row['path']}", f"找不到 {row['path']}")
        late = _LATE.get(row.get("late", "").lower())
        if late is None:
            raise broken(path, line, 'late is neither "yes" nor empty', "late 应为 yes 或空")
        try:
            name = course.resolve(row["exercise"]).name if row.get("exercise") else ""
        except UserError as error:
            raise broken(path, line, error.message.en, error.message.zh) from error
        person = Person(row["student"])
        when = _time(path, line, row.get("handed_in", ""))
        parts.append(Part(person, str(place), _opener(place), late, when, name))
    return Parts("mapping", parts)


def _time(path: Path, line: int, text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError as error:
        said = "handed_in is no time, as 2026-11-30T23:59+01:00"
        raise broken(path, line, said, "handed_in 应写成 2026-11-30T23:59+08:00") from error
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)


def _opener(path: Path) -> Callable[[], Container]:
    """How to look at a path."""

    def read(name: str, at_most: int) -> bytes:
        return read_below(path.parent, name, at_most)

    if path.is_dir():
        return lambda: Folder(path)
    if path.suffix.lower() == ".zip":
        return lambda: zip_within(read, path.name, str(path))
    return lambda: Files({path.name: path.name}, {}, read)
