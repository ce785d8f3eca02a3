"""The two pages of one student: what the student may see, and what staff may see."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from grader.batch.roster import Student
from grader.gradebook.book import Column
from grader.judge.results import CheckResult
from grader.judge.secrecy import for_student
from grader.reports.class_report.gather import (
    Entry,
    Gathered,
    State,
    Tried,
    full_name,
    submissions_of,
)
from grader.reports.class_report.reading import Read
from grader.reports.class_report.words import say
from grader.reports.messages import number, verdict_entry
from grader.reports.view import View, build_view
from grader.reports.visible import one_line
from grader.store import Decision, Kind
from grader.text import Lang

_NAME = 200
"""Characters of a name, of a place."""


@dataclass(frozen=True)
class Grade:
    """One line of the grades."""

    exercise: str
    title: str
    points: str
    whole: str
    percent: str
    notes: tuple[str, ...]
    comment: str


@dataclass(frozen=True)
class Raw:
    """A check as the store has it."""

    name: str
    verdict: str
    seconds: str
    output: str


@dataclass(frozen=True)
class Told:
    """One grading of one submission."""

    heading: str
    facts: tuple[tuple[str, str], ...]
    view: View | None
    why_not: str
    """Where there is no view."""
    command: str
    command_note: str
    raw: tuple[Raw, ...]
    counts: bool


@dataclass(frozen=True)
class Section:
    """One exercise on the page for staff."""

    exercise: str
    title: str
    is_strange: bool
    """Whether the course has no such exercise."""
    told: tuple[Told, ...]


@dataclass(frozen=True)
class OwnExercise:
    """One exercise on the page for the student."""

    grade: Grade
    view: View | None
    note: str


@dataclass(frozen=True)
class Person:
    """Who a page is about."""

    name: str
    id: str
    more: tuple[tuple[str, str], ...]


class StudentPages:
    """Makes the data of both pages from what is stored of one student, and from nothing else."""

    def __init__(
        self, gathered: Gathered, student: Student, reads: Mapping[str, Read], lang: Lang
    ) -> None:
        self._student = student
        self._columns = gathered.book.columns
        self._total = gathered.book.total(student.id)
        self._entries = {
            column.exercise: gathered.entries[student.id, column.exercise]
            for column in self._columns
        }
        self._strangers = gathered.strangers.get(student.id, {})
        self._decisions = gathered.decisions.get(student.id, ())
        self._reads = reads
        self._lang = lang
        self._asked_for = gathered.asked_for

    def person(self) -> Person:
        """Who it is."""
        student = self._student
        known = {"email": student.email, "section": student.section}
        more = [(say(key, self._lang), value) for key, value in known.items() if value]
        more += [(key, value) for key, value in sorted((student.more or {}).items()) if value]
        return Person(
            _short(full_name(student)),
            _short(student.id),
            tuple((_short(key), _short(value)) for key, value in more),
        )

    def grades(self) -> tuple[Grade, ...]:
        """A line for each exercise."""
        return tuple(
            grade_of(column, self._entries[column.exercise], self._lang) for column in self._columns
        )

    def total(self) -> str:
        """All points of those that count."""
        earned, whole = self._total
        return say("points", self._lang, earned=number(earned), points=number(whole))

    def for_student(self) -> Iterator[OwnExercise]:
        """What the student may see: the report of what counts."""
        for column in self._columns:
            entry = self._entries[column.exercise]
            if not entry.tried and not entry.cell.comment:
                continue
            asked_for = self._asked_for[column.exercise]
            view = self._view(entry.shown, asked_for) if entry.shown else None
            note = ""
            if entry.shown and view is None:
                note = say("report_later", self._lang)
            elif (count := len(submissions_of(entry.tried))) > 1:
                note = say("of_your_submissions", self._lang, count=count)
            yield OwnExercise(grade_of(column, entry, self._lang), view, note)

    def for_staff(self) -> Iterator[Section]:
        """Everything."""
        for column in self._columns:
            entry = self._entries[column.exercise]
            if entry.tried:
                told = self._all_told(column.exercise, entry.tried, entry.cell.key)
                yield Section(
                    column.exercise, column.title[self._lang], is_strange=False, told=told
                )
        for exercise, tried in sorted(self._strangers.items()):
            told = self._all_told(exercise, tried, "")
            yield Section(one_line(exercise), "", is_strange=True, told=told)

    def decisions(self) -> tuple[tuple[str, ...], ...]:
        """Rows of text: exercise, kind, value, reason, author, when, when undone."""
        return tuple(self._decision(each) for each in self._decisions)

    def _decision(self, each: Decision) -> tuple[str, ...]:
        value = each.value
        if each.kind is Kind.EXTENSION:
            value = str(dt.timedelta(seconds=float(value)))
        undone = moment(each.undone_at) if each.undone_at else ""
        kind = say(f"kind_{each.kind.value}", self._lang)
        when = moment(each.decided_at)
        return (each.exercise, kind, value, each.reason, each.author, when, undone)

    def _all_told(self, exercise: str, tried: tuple[Tried, ...], counting: str) -> tuple[Told, ...]:
        numbers = {each: place for place, each in enumerate(submissions_of(tried), 1)}
        return tuple(
            self._told(exercise, each, numbers[each.kept.submission], counting) for each in tried
        )

    def _told(self, exercise: str, tried: Tried, place: int, counting: str) -> Told:
        read = self._reads[tried.kept.key]
        result, stored = read.result, read.stored
        view = self._view(tried)
        earned, whole = tried.kept.earned, tried.kept.max_points
        reached = say("state_ungraded", self._lang)
        if earned is not None and whole is not None:
            reached = say("points", self._lang, earned=number(earned), points=number(whole))
        why_not = ""
        if read.unreadable:
            why_not = read.unreadable[self._lang]
        elif view is None:
            why_not = say("not_graded_yet", self._lang, count=stored.judged if stored else 0)
        conditions = result.conditions if result else None
        seed = conditions.seed if conditions else stored.seed if stored else None
        command = ""
        if seed is not None:
            device = conditions.device if conditions else "auto"
            command = repeat_command(exercise, tried.kept.place, seed, device)
        is_within_zip = ".zip/" in tried.kept.place.lower()
        return Told(
            heading=say("submission_number", self._lang, number=place, reached=reached),
            facts=(*self._facts(tried, read), *(view.conditions if view else ())),
            view=view,
            why_not=why_not,
            command=command,
            command_note=say("unpack_first", self._lang) if command and is_within_zip else "",
            raw=tuple(self._raw(check) for check in result.checks) if result else (),
            counts=bool(counting) and tried.kept.key == counting,
        )

    def _facts(self, tried: Tried, read: Read) -> Iterator[tuple[str, str]]:
        kept, lang = tried.kept, self._lang
        if kept.handed_in:
            yield say("handed_in", lang), moment(kept.handed_in)
        if kept.is_late:
            yield say("late", lang), say("platform_says_late", lang)
        yield say("found", lang), moment(kept.found_at)
        yield say("place", lang), _short(kept.place)
        yield say("runs", lang), ", ".join(map(str, tried.runs))
        yield say("grading", lang), kept.key
        if read.stored and read.stored.report is not None and not read.stored.is_final:
            yield say("not_final", lang), say("tried_again", lang)

    def _raw(self, check: CheckResult) -> Raw:
        seconds = "" if check.seconds is None else f"{check.seconds:.2f} s"
        return Raw(check.name, verdict_entry(check.verdict)[self._lang], seconds, check.output)

    def _view(self, tried: Tried, asked_for: Collection[str] | None = None) -> View | None:
        """The report of a grading: to staff as a whole, to students with the names asked for."""
        result = self._reads[tried.kept.key].result
        if result is None:
            return None
        if asked_for is not None:
            result = for_student(result, asked_for)
        # Of equal submissions one is graded, and its place may name another student.
        own = PurePosixPath(tried.kept.place).name or result.exercise
        return build_view(replace(result, submission=own), self._lang)


def grade_of(column: Column, entry: Entry, lang: Lang) -> Grade:
    """A line of the grades."""
    score, notes = entry.cell.score, []
    if entry.state is not State.SCORED:
        notes.append(say(f"state_{entry.state.value}", lang))
    if score.is_override:
        notes.append(say("set_by_hand", lang))
    if score.lost:
        notes.append(say("lost_late", lang, percent=number(100 * score.lost)))
    elif entry.is_late:
        notes.append(say("late", lang))
    is_told = score.points is not None and entry.state is not State.UNGRADED
    return Grade(
        exercise=column.exercise,
        title=column.title[lang],
        points=number(score.points or 0.0) if is_told else "–",
        whole=number(column.whole),
        percent=f"{100 * (entry.share or 0.0):.0f}" if is_told else "–",
        notes=tuple(notes),
        comment=entry.cell.comment,
    )


def repeat_command(exercise: str, place: str, seed: int, device: str) -> str:
    """The command that grades the same file with the same inputs, safe to paste into a shell."""
    if place.startswith("-"):
        place = f"./{place}"
    words = ["grade", exercise, place, "--seed", str(seed), "--device", device]
    return one_line(shlex.join(words))


def moment(when: dt.datetime) -> str:
    """A time that reads the same everywhere."""
    return when.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def _short(text: str) -> str:
    return one_line(text, _NAME)
