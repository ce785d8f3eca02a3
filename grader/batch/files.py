"""Where a class run writes each student's reports."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from grader.batch.run import Ended
from grader.judge.secrecy import for_student, names_asked_for
from grader.reports import write_report
from grader.text import Lang

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def folder_name(student: str) -> str:
    """A name for a student's folder that no id can make another student's, on any system."""
    if _PLAIN.fullmatch(student) and not student.endswith(".") and student == student.lower():
        return student
    letters = re.sub(r"[^A-Za-z0-9._-]+", "-", student).strip("-.").lower()[:40]
    return f"{letters or 'student'}-{hashlib.sha256(student.encode()).hexdigest()[:8]}"


def write_reports(ended: Ended, out: Path, lang: Lang) -> None:
    """Write what the student may see, as a page and as JSON: OUT/STUDENT/EXERCISE.html."""
    if ended.result is None:
        return
    found = ended.planned.found
    folder = out / folder_name(found.student)
    folder.mkdir(parents=True, exist_ok=True)
    # Of equal submissions one is graded, and its place may name another student.
    shown = for_student(ended.result, names_asked_for(ended.planned.exercise))
    result = replace(shown, submission=Path(found.place).name)
    for ending in ("html", "json"):
        write_report(result, folder / f"{found.exercise}.{ending}", lang)
