"""Writes the whole report: each student's reports are read once, used for all pages, and let go."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from grader.batch.roster import Student
from grader.course import Course
from grader.errors import UserError
from grader.reports.class_report import leaderboard
from grader.reports.class_report.exercise_page import ExercisePage
from grader.reports.class_report.facts import Exercise
from grader.reports.class_report.folder import Folder, require_ours, written
from grader.reports.class_report.gather import Gathered, gather
from grader.reports.class_report.overview import Overview, as_of
from grader.reports.class_report.page import Pages
from grader.reports.class_report.people import People
from grader.reports.class_report.reading import Read, read_reports
from grader.reports.class_report.student_pages import StudentPages
from grader.reports.class_report.timings import timed_checks
from grader.store import Store
from grader.text import Lang, Text


@dataclass(frozen=True)
class Written:
    """What has become of a report."""

    students: int
    exercises: int
    unreadable: int
    """Gradings whose report cannot be read; the pages name them."""


def write_class_report(
    url: str, course: Course, out: Path, lang: Lang, *, key: Path | None = None
) -> Written:
    """Write the pages of the class whose store is at `url`.

    `key` is where the key of pseudonyms lies; without it there is no leaderboard. UserError for an
    empty store, a broken course, or a folder that is not ours or cannot be written.
    """
    require_ours(out)
    with closing(Store(url)) as store:
        gathered = gather(course, store.ledger)
        if gathered.is_empty:
            raise _nothing_there()
        names = {}
        if key:
            secret = leaderboard.read_key(key)
            names = {
                student.id: leaderboard.pseudonym(secret, student.id)
                for student in gathered.book.students
            }
        with written(out) as folder:
            return _Report(store, gathered, folder, lang, names).write()


class _Report:
    def __init__(
        self,
        store: Store,
        gathered: Gathered,
        folder: Folder,
        lang: Lang,
        pseudonyms: dict[str, str],
    ) -> None:
        self._store = store
        self._gathered = gathered
        self._folder = folder
        self._lang = lang
        self._pseudonyms = pseudonyms
        self._pages = Pages(lang)
        self._people = People(gathered)
        self._exercises = {column.exercise: Exercise() for column in gathered.book.columns}
        self._unreadable: list[tuple[str, str]] = []

    def write(self) -> Written:
        for student in self._gathered.book.students:
            self._write_student(student)
        for column in self._gathered.book.columns:
            page = ExercisePage(column, self._exercises[column.exercise], self._people, self._lang)
            data = page.data(read_reports(self._store, page.representatives))
            self._write(f"exercises/{column.exercise}.html", "exercise", **data)
        if self._pseudonyms:
            self._write("leaderboard.html", "leaderboard", rankings=tuple(self._rankings()))
        overview = Overview(self._gathered, self._exercises, self._people, self._lang)
        data = overview.data(tuple(self._unreadable))
        self._write("index.html", "index", has_leaderboard=bool(self._pseudonyms), **data)
        count = len(self._gathered.book.students)
        return Written(count, len(self._exercises), len(self._unreadable))

    def _write_student(self, student: Student) -> None:
        reads = self._read(student)
        data = StudentPages(self._gathered, student, reads, self._lang)
        name = self._people.page(student.id)
        common = {"person": data.person(), "grades": data.grades(), "total": data.total()}
        self._write(
            f"students/{name}",
            "student",
            exercises=data.for_student(),
            pseudonym=self._pseudonyms.get(student.id, ""),
            **common,
        )
        self._write(
            f"staff/{name}",
            "staff",
            page=name,
            sections=data.for_staff(),
            decisions=data.decisions(),
            **common,
        )

    def _read(self, student: Student) -> dict[str, Read]:
        """Read a student's reports, and keep what is needed of those that count."""
        entries = [
            (exercise, self._gathered.entries[student.id, exercise]) for exercise in self._exercises
        ]
        tried = [(exercise, each) for exercise, entry in entries for each in entry.tried]
        strange = self._gathered.strangers.get(student.id, {})
        tried += [(exercise, each) for exercise, own in strange.items() for each in own]
        reads = read_reports(self._store, (each.kept.key for _, each in tried))
        self._unreadable += [
            (student.id, exercise) for exercise, each in tried if reads[each.kept.key].unreadable
        ]
        for exercise, entry in entries:
            if entry.shown and (result := reads[entry.shown.kept.key].result):
                self._exercises[exercise].add(student.id, entry.shown.kept.key, result)
        return reads

    def _rankings(self) -> list[leaderboard.Ranking]:
        return [
            leaderboard.Ranking(
                column.exercise,
                column.title,
                self._exercises[column.exercise].texts[timed.check].sentence,
                timed.device,
                leaderboard.ranked(timed, self._pseudonyms),
            )
            for column in self._gathered.book.columns
            for timed in timed_checks(self._exercises[column.exercise])
            if timed.kind == "ratio"
        ]

    def _write(self, name: str, template: str, **data: object) -> None:
        root = "../" * name.count("/")
        when = as_of(self._gathered, self._lang)
        self._folder.write(name, self._pages.render(template, root=root, as_of=when, **data))


def _nothing_there() -> UserError:
    return UserError(
        Text("The store is empty: nobody is in it.", "存储是空的，里面没有任何学生。"),
        Text("`grade batch SUBMISSIONS` fills it.", "`grade batch 作业` 会写入结果。"),
    )
