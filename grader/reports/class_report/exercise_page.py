"""The page of one exercise: what its checks tell, who fails alike, how fast the class is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from grader.gradebook.book import Column
from grader.judge.results import CheckResult, SubmissionResult
from grader.judge.verdicts import Verdict
from grader.reports.class_report import charts
from grader.reports.class_report.checks import CheckFinding, check_findings
from grader.reports.class_report.clusters import Cluster, clusters
from grader.reports.class_report.facts import Exercise
from grader.reports.class_report.people import People
from grader.reports.class_report.reading import Read
from grader.reports.class_report.student_pages import Grade, grade_of
from grader.reports.class_report.svg import inline_svg
from grader.reports.class_report.timings import TimedCheck, timed_checks
from grader.reports.class_report.words import say
from grader.reports.details import Detail, detail
from grader.reports.messages import verdict_entry
from grader.text import Lang

LEAST_CLUSTER = 2
_ROWS = 4
"""Causes of a representative that are told for each check."""


@dataclass(frozen=True)
class CheckRow:
    """One check of the table."""

    name: str
    sentence: str
    hidden: bool
    points: float
    finding: CheckFinding


@dataclass(frozen=True)
class Failing:
    """One check that a cluster fails."""

    sentence: str
    verdict: str
    details: tuple[Detail, ...]


@dataclass(frozen=True)
class ClusterView:
    """Those who fail in one way."""

    members: tuple[str, ...]
    """Ids; the first one represents the others."""
    failing: tuple[Failing, ...]


@dataclass(frozen=True)
class TimedView:
    """One timed task."""

    check: str
    sentence: str
    timed: TimedCheck
    picture: Markup
    suspicious: tuple[str, ...]


class ExercisePage:
    """Makes the data of the page."""

    def __init__(self, column: Column, exercise: Exercise, people: People, lang: Lang) -> None:
        self._column = column
        self._exercise = exercise
        self._people = people
        self._lang = lang
        self._clusters = clusters(exercise.works)

    @property
    def representatives(self) -> tuple[str, ...]:
        """The keys of the gradings that are told in words."""
        return tuple(each.members[0].key for each in self._large())

    def data(self, reads: Mapping[str, Read]) -> dict[str, object]:
        """Everything that the template shows."""
        percents = self._people.percents(self._column.exercise)
        return {
            "exercise": self._column.exercise,
            "title": self._column.title[self._lang],
            "whole": self._column.whole,
            "due": self._column.due,
            "checks": tuple(self._check(each) for each in check_findings(self._exercise)),
            "clusters": tuple(self._cluster(each, reads) for each in self._large()),
            "singles": tuple(
                each.members[0].student
                for each in self._clusters
                if len(each.members) < LEAST_CLUSTER
            ),
            "timed": tuple(self._timed(each) for each in timed_checks(self._exercise)),
            "histogram": self._histogram(percents),
            "count": len(percents),
            "grades": tuple(self._grades()),
            "people": self._people,
        }

    def _large(self) -> tuple[Cluster, ...]:
        return tuple(each for each in self._clusters if len(each.members) >= LEAST_CLUSTER)

    def _grades(self) -> list[tuple[str, Grade]]:
        entries = self._people.entries_of(self._column.exercise)
        return [(id_, grade_of(self._column, entry, self._lang)) for id_, entry in entries]

    def _check(self, finding: CheckFinding) -> CheckRow:
        text = self._exercise.texts[finding.name]
        return CheckRow(finding.name, text.sentence[self._lang], text.hidden, text.points, finding)

    def _cluster(self, cluster: Cluster, reads: Mapping[str, Read]) -> ClusterView:
        first = cluster.members[0]
        read = reads.get(first.key)
        failing = self._failing(read.result) if read and read.result else ()
        return ClusterView(tuple(each.student for each in cluster.members), failing)

    def _failing(self, result: SubmissionResult) -> tuple[Failing, ...]:
        if result.problem:
            told = detail(result.problem, self._lang)
            return (Failing(say("problem", self._lang), "", (told,)),)
        return tuple(
            self._failing_check(check)
            for check in result.checks
            if check.verdict is not Verdict.PASSED and not check.verdict.is_excused
        )

    def _failing_check(self, check: CheckResult) -> Failing:
        details = tuple(detail(cause, self._lang) for cause in check.causes[:_ROWS])
        verdict = verdict_entry(check.verdict)[self._lang]
        return Failing(check.sentence[self._lang], verdict, details)

    def _histogram(self, percents: tuple[float, ...]) -> Markup | None:
        if not percents:
            return None
        title = say("chart_scores", self._lang, exercise=self._column.exercise)
        said = say("chart_scores_desc", self._lang, count=len(percents))
        return inline_svg(charts.histogram(percents), "scores", title, said)

    def _timed(self, timed: TimedCheck) -> TimedView:
        text = self._exercise.texts[timed.check]
        name = f"timing-{timed.check}-{timed.device}".replace(":", "-")
        title = say("chart_timing", self._lang, check=timed.check, device=timed.device)
        said = say("chart_timing_desc", self._lang, count=len(timed.figures))
        return TimedView(
            timed.check,
            text.sentence[self._lang],
            timed,
            inline_svg(charts.intervals(timed), name, title, said),
            tuple(each.student for each in timed.figures if each.timing.is_implausible),
        )
