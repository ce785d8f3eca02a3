"""What is found out about a class: pure functions on small numbers."""

from __future__ import annotations

import datetime as dt

import pytest

from grader.batch.roster import Student
from grader.gradebook.book import Book, Cell, Column
from grader.gradebook.score import Score
from grader.judge.verdicts import Verdict
from grader.reports.class_report.checks import LEAST, CheckFinding, check_findings
from grader.reports.class_report.clusters import clusters
from grader.reports.class_report.facts import CheckFact, CheckText, Exercise, TimingFact, Work
from grader.reports.class_report.gather import Entry, Gathered, State, Tried
from grader.reports.class_report.leaderboard import pseudonym, ranked
from grader.reports.class_report.stuck import stuck
from grader.reports.class_report.timings import Timed, TimedCheck
from grader.store import Kept
from grader.text import Text

PASSED, FAILED = Verdict.PASSED, Verdict.FAILED
_KEY = bytes(32)


def _exercise(*rows: tuple[Verdict, ...]) -> Exercise:
    """One submission for each row, one check of a point for each verdict in it."""
    names = [f"test_{place}" for place in range(len(rows[0]))]
    works = []
    for number, row in enumerate(rows):
        checks = tuple(
            CheckFact(name, verdict, float(verdict is PASSED), "shape")
            for name, verdict in zip(names, row, strict=True)
        )
        works.append(Work(f"s{number:02}", "key", "", checks))
    texts = {name: CheckText(Text("Says.", "说。"), 1.0, hidden=False) for name in names}
    return Exercise(works, texts)


def _of(*rows: tuple[Verdict, ...]) -> tuple[CheckFinding, ...]:
    return check_findings(_exercise(*rows))


def test_discrimination_compares_with_the_rest_score() -> None:
    """It is 1 where a check and the rest agree, -1 where they contradict each other."""
    rows = [(PASSED, PASSED, FAILED)] * 6 + [(FAILED, FAILED, FAILED)] * 6
    first, second, third = _of(*rows)
    assert first.discrimination == pytest.approx(1)
    assert (second.rate, second.flag) == (0.5, "")
    assert (third.discrimination, third.flag) == (None, "nobody")
    opposed = _of(*[(PASSED, FAILED)] * 6, *[(FAILED, PASSED)] * 6)
    assert [each.discrimination for each in opposed] == pytest.approx([-1, -1])
    assert {each.flag for each in opposed} == {"negative"}


def test_discrimination_by_hand() -> None:
    """Four of twelve pass; their mean rest score is 1.5, that of the others 0.5."""
    three, one, none = (PASSED,) * 3, (FAILED, PASSED, FAILED), (FAILED,) * 3
    two = (PASSED, PASSED, FAILED)
    rows = [three, two, three, two, one, none, one, none, one, none, one, none]
    # (1.5 - 0.5) / s * sqrt(4 * 8) / 12, with s the deviation of the twelve rest scores
    rests = [2, 1, 2, 1, 1, 0, 1, 0, 1, 0, 1, 0]
    mean = sum(rests) / 12
    deviation = (sum((rest - mean) ** 2 for rest in rests) / 12) ** 0.5
    assert _of(*rows)[0].discrimination == pytest.approx(32**0.5 / 12 / deviation)


def test_discrimination_is_undefined() -> None:
    """For too few submissions, and where the rest scores are all equal."""
    few = [(PASSED, PASSED)] * (LEAST - 2) + [(FAILED, FAILED)]
    assert _of(*few)[0].discrimination is None
    assert _of(*few, (FAILED, FAILED))[0].discrimination == pytest.approx(1)
    equal = [(PASSED, PASSED)] * 6 + [(FAILED, PASSED)] * 6
    first, second = _of(*equal)
    assert first.discrimination is None
    assert second.flag == "everybody"


def test_excused_verdicts_are_left_out() -> None:
    """They count neither as passed nor as not passed."""
    (finding,) = _of((Verdict.GRADER_ERROR,), (PASSED,), (FAILED,))
    assert (finding.counted, finding.passed, finding.excused) == (2, 1, 1)
    (only,) = _of((Verdict.INCONCLUSIVE,))
    assert (only.rate, only.flag) == (None, "")


def test_clusters_fail_alike() -> None:
    """The same checks, verdicts and first causes; the largest first; excused ones do not count."""
    exercise = _exercise(
        (FAILED, PASSED),
        (PASSED, PASSED),
        (Verdict.CRASHED, PASSED),
        (FAILED, Verdict.GRADER_ERROR),
    )
    exercise.works.append(Work("s99", "key", "syntax_error", ()))
    found = clusters(exercise.works)
    assert [[work.student for work in each.members] for each in found] == [
        ["s00", "s03"],
        ["s99"],
        ["s02"],
    ]


def _timed(student: str, value: float, **changed: bool) -> Timed:
    suspicious = changed.get("suspicious", False)
    timing = TimingFact("cpu", "ratio", value, value, value, (), is_implausible=suspicious)
    return Timed(student, timing, has_passed=changed.get("passed", True))


def test_ranking_leaves_out_who_did_not_pass_or_is_suspicious() -> None:
    """Equal figures share a rank, whatever the ids are."""
    figures = (
        _timed("a", 0.1, suspicious=True),
        _timed("b", 0.5, passed=False),
        _timed("c", 1.0),
        _timed("d", 1.0),
        _timed("e", 2.0),
    )
    names = {each.student: pseudonym(_KEY, each.student) for each in figures}
    places = ranked(TimedCheck("test", "ratio", "cpu", (), figures), names)
    assert [place.rank for place in places] == [1, 1, 3]
    assert [place.pseudonym for place in places[:2]] == sorted([names["c"], names["d"]])


def test_pseudonyms_need_the_key() -> None:
    """The same with one key, others with another."""
    assert pseudonym(_KEY, "anna") == pseudonym(_KEY, "anna")
    assert pseudonym(_KEY, "anna") != pseudonym(bytes([1] * 32), "anna")
    assert pseudonym(_KEY, "anna") != pseudonym(_KEY, "ben")


_WHEN = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)


def _tried(*shares: float) -> tuple[Tried, ...]:
    """One submission for each share of the points."""
    return tuple(
        Tried(Kept("s", "ex", place, 1, _WHEN, None, False, "k", 10 * share, 10.0, "place"), (1,))  # noqa: FBT003
        for place, share in enumerate(shares)
    )


def _class(shares: dict[str, list[tuple[float, ...]]]) -> Gathered:
    """Everybody's submissions by exercise; of each the best counts, none is missing work."""
    names = [f"ex{place:02}" for place in range(len(next(iter(shares.values()))))]
    columns = tuple(Column(name, Text(name, name), 10.0) for name in names)
    entries = {}
    for student, rows in shares.items():
        for name, row in zip(names, rows, strict=True):
            cell = Cell(Score(10 * max(row, default=0.0), 10.0))
            state = State.SCORED if row else State.MISSING
            entries[student, name] = Entry(state, cell, _tried(*row), None)
    book = Book(tuple(map(Student, sorted(shares))), columns, {})
    return Gathered(Text("c", "c"), book, entries, {}, {}, (), None, {})


@pytest.mark.parametrize(
    ("row", "is_stuck"),
    [
        ((0.5, 0.5, 0.5), True),
        ((0.2, 0.5, 0.5, 0.4), True),
        ((0.5, 0.5), False),
        ((0.5, 0.5, 0.6), False),
        ((1.0, 0.5, 0.5), False),
    ],
)
def test_stuck_without_gain(row: tuple[float, ...], *, is_stuck: bool) -> None:
    """Three submissions, the last two no better than the best before, not the full score."""
    found = stuck(_class({"a": [row], "b": [(0.5,)]}))
    assert [each.student for each in found] == (["a"] if is_stuck else [])


def test_stuck_far_below_the_class() -> None:
    """In three exercises and a third of them; what hardly anybody has begun does not count."""
    most: list[tuple[float, ...]] = [*[(0.9,)] * 6, ()]
    others = dict.fromkeys("cdefg", most)
    low: list[tuple[float, ...]] = [(0.6,), (0.6,), (), (0.9,), (0.9,), (0.9,), ()]
    edge: list[tuple[float, ...]] = [(0.65,), (0.6,), (0.6,), (0.9,), (0.9,), (0.9,), ()]
    found = stuck(_class({"a": low, "b": edge, **others}))
    assert [(each.student, each.below, each.compared) for each in found] == [
        ("a", ("ex00", "ex01", "ex02"), 6)
    ]
