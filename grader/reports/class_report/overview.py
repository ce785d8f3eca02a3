"""The overview: figures of the class, the heat map, distributions, who is stuck."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from grader.batch.roster import Student
from grader.reports.class_report import charts, stuck
from grader.reports.class_report.checks import check_findings
from grader.reports.class_report.facts import Exercise
from grader.reports.class_report.gather import (
    Entry,
    Gathered,
    State,
    stranger_counts,
    submissions_of,
)
from grader.reports.class_report.people import People
from grader.reports.class_report.student_pages import moment
from grader.reports.class_report.svg import inline_svg
from grader.reports.class_report.words import say
from grader.reports.visible import one_line
from grader.text import Lang

LEVELS = 5
"""Steps of colour below the full score."""
_WORDS = 60


@dataclass(frozen=True)
class Heat:
    """One cell of the heat map."""

    level: str
    text: str


@dataclass(frozen=True)
class Row:
    """One student of the heat map."""

    student: str
    section: str
    tags: str
    total: str
    cells: tuple[Heat, ...]


@dataclass(frozen=True)
class ExerciseRow:
    """One exercise of the overview."""

    exercise: str
    title: str
    whole: float
    scored: int
    missing: int
    mean: str
    median: str
    full: int
    flagged: int


class Overview:
    """Makes the data of the page."""

    def __init__(
        self, gathered: Gathered, exercises: Mapping[str, Exercise], people: People, lang: Lang
    ) -> None:
        self._gathered = gathered
        self._exercises = exercises
        self._people = people
        self._lang = lang
        self._stuck = stuck.stuck(gathered)
        self._sections = sorted(
            {one_line(each.section, _WORDS) for each in gathered.book.students if each.section}
        )

    def data(self, unreadable: tuple[tuple[str, str], ...]) -> dict[str, object]:
        """Everything that the template shows; `unreadable` are (student, exercise)."""
        gathered = self._gathered
        rows = tuple(self._exercise_rows())
        return {
            "title": gathered.title[self._lang],
            "figures": tuple(self._figures()),
            "columns": gathered.book.columns,
            "rows": tuple(self._row(student) for student in gathered.book.students),
            "choices": json.dumps(self._choices(), ensure_ascii=False),
            "exercises": rows,
            "stuck": self._stuck,
            "rule": stuck,
            "untouched": gathered.untouched,
            "strangers": stranger_counts(gathered),
            "unreadable": unreadable,
            "totals": self._totals(),
            "boxes": self._boxes(),
            "people": self._people,
        }

    def _figures(self) -> Iterator[tuple[str, str]]:
        entries = self._gathered.entries.values()
        states = [entry.state for entry in entries]
        totals = self._percents()
        yield say("students", self._lang), str(len(self._gathered.book.students))
        yield say("exercises", self._lang), str(len(self._gathered.book.columns))
        yield (
            say("submissions", self._lang),
            str(sum(len(submissions_of(each.tried)) for each in entries)),
        )
        for state in (State.MISSING, State.UNGRADED, State.EXCUSED):
            yield say(f"state_{state.value}", self._lang), str(states.count(state))
        if totals:
            yield say("mean_total", self._lang), f"{statistics.mean(totals):.0f} %"
            yield say("median_total", self._lang), f"{statistics.median(totals):.0f} %"
        yield say("stuck", self._lang), str(len(self._stuck))

    def _choices(self) -> list[tuple[str, str]]:
        """What the list beside the search offers: tags of rows and what they are called."""
        own = [("stuck", say("who_is_stuck", self._lang))]
        own += [
            (f"has-{state.value}", say(f"has_{state.value}", self._lang))
            for state in (State.MISSING, State.UNGRADED, State.EXCUSED)
        ]
        sections = enumerate(self._sections)
        return own + [
            (f"section-{place}", say("section_named", self._lang, name=name))
            for place, name in sections
        ]

    def _row(self, student: Student) -> Row:
        total = self._people.total(student.id)
        entries = [
            self._gathered.entries[student.id, column.exercise]
            for column in self._gathered.book.columns
        ]
        tags = [f"has-{state.value}" for state in sorted({entry.state for entry in entries})]
        section = one_line(student.section, _WORDS)
        if section:
            tags.append(f"section-{self._sections.index(section)}")
        if any(each.student == student.id for each in self._stuck):
            tags.append("stuck")
        return Row(
            student=student.id,
            section=section,
            tags=" ".join(tags),
            total="–" if total is None else f"{total:.0f}",
            cells=tuple(self._heat(entry) for entry in entries),
        )

    def _heat(self, entry: Entry) -> Heat:
        if entry.state is not State.SCORED:
            return Heat(entry.state.value, say(f"sign_{entry.state.value}", self._lang))
        share = entry.share or 0.0
        sign = say("sign_late", self._lang) if entry.is_late else ""
        by_hand = say("sign_by_hand", self._lang) if entry.cell.score.is_override else ""
        # 99.7 is not the full score, and must not look like it.
        percent = 100 if share >= 1 else min(99, round(100 * share))
        level = LEVELS if share >= 1 else min(LEVELS - 1, int(share * LEVELS))
        return Heat(f"h{level}", f"{percent}{by_hand}{sign}")

    def _exercise_rows(self) -> Iterator[ExerciseRow]:
        for column in self._gathered.book.columns:
            entries = [entry for _, entry in self._people.entries_of(column.exercise)]
            percents = self._people.percents(column.exercise)
            findings = check_findings(self._exercises[column.exercise])
            yield ExerciseRow(
                exercise=column.exercise,
                title=column.title[self._lang],
                whole=column.whole,
                scored=len(percents),
                missing=sum(entry.state is State.MISSING for entry in entries),
                mean=f"{statistics.mean(percents):.0f}" if percents else "–",
                median=f"{statistics.median(percents):.0f}" if percents else "–",
                full=sum(percent >= 100 for percent in percents),
                flagged=sum(bool(finding.flag) for finding in findings),
            )

    def _percents(self) -> list[float]:
        totals = (self._people.total(student.id) for student in self._gathered.book.students)
        return [total for total in totals if total is not None]

    def _totals(self) -> Markup | None:
        percents = self._percents()
        if not percents:
            return None
        said = say("chart_totals_desc", self._lang, count=len(percents))
        title = say("chart_totals", self._lang)
        return inline_svg(charts.histogram(percents), "totals", title, said)

    def _boxes(self) -> Markup | None:
        groups = [
            (column.exercise.partition("_")[0], self._people.percents(column.exercise))
            for column in self._gathered.book.columns
        ]
        groups = [(name, percents) for name, percents in groups if percents]
        if not groups:
            return None
        title, said = say("chart_boxes", self._lang), say("chart_boxes_desc", self._lang)
        return inline_svg(charts.boxes(groups), "boxes", title, said)


def as_of(gathered: Gathered, lang: Lang) -> str:
    """Up to when the store tells."""
    return say("as_of", lang, when=moment(gathered.newest)) if gathered.newest else ""
