"""How long the class report takes: `python -m benchmarks.class_report`.

The class is made up: a course of many exercises and a store as class runs leave it, with right,
wrong, slow, missing and late work, several attempts, decisions and names in many scripts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from benchmarks import machine
from benchmarks.__main__ import PAGE
from benchmarks.table import Row, Table, fill, render
from grader.batch.roster import Student
from grader.course import find_course
from grader.judge.results import (
    Cause,
    CheckResult,
    Conditions,
    Frame,
    Repeat,
    SubmissionResult,
    Timing,
)
from grader.judge.verdicts import Verdict
from grader.reports import to_json
from grader.reports.class_report import write_class_report
from grader.store import Kind, Store, schema
from grader.store.database import Database
from grader.text import Text

_CHECKS = 8
_POINTS = 10.0
_VARIANTS = 40
"""Different reports for one exercise; each is many students'."""
_SECONDS = 60.0
_OVERVIEW_MB = 3.0
_BEGIN = dt.datetime(2026, 10, 5, 18, tzinfo=dt.UTC)
_NAMES = ("Anna", "Ben", "王芳", "Łukasz", "Zoë", "محمد", "Ngọc", "Ólafur", "Chloë", "李雷")
_FAMILIES = ("Meier", "O'Hara", "Šimek", "Nguyễn", "de la Cruz", "Schmidt", "Okafor", "Kim")
_YAML = "title: {{en: Task {n}, zh: 练习 {n}}}\ntopics: [x]\nminutes: 1\n"
_CHECK = '@check(points={points:g}, zh="检查 {n}。")\ndef test_{n}(): ...\n\n'


def measure(students: int, exercises: int) -> Table:
    """Make the class, write its report, and look at what there is."""
    with tempfile.TemporaryDirectory() as name:
        root, out = Path(name), Path(name) / "report"
        make_class(root, students, exercises)
        start, before = time.perf_counter(), time.process_time()
        write_class_report(
            str(root / "class.db"), find_course(root), out, "en", key=root / "class.db.key"
        )
        seconds, worked = time.perf_counter() - start, time.process_time() - before
        sizes = {path: path.stat().st_size / 1e6 for path in out.rglob("*.html")}
    overview = sizes[out / "index.html"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    note = (
        f"{students} students x {exercises} exercises with {_CHECKS} checks each, made up; the "
        "store is SQLite. MB are 10^6 bytes."
    )
    holds = "yes" if seconds <= _SECONDS else "NO"
    small = "yes" if overview <= _OVERVIEW_MB else "NO"
    rows = (
        Row("write the report", f"{seconds:.1f} s", "", f"{_SECONDS:g} s", holds),
        Row("the same, processor time", f"{worked:.1f} s"),
        Row("the overview", f"{overview:.2f} MB", "", f"{_OVERVIEW_MB:g} MB", small),
        Row("the largest page", f"{max(sizes.values()):.2f} MB"),
        Row("all pages", f"{sum(sizes.values()):.0f} MB in {len(sizes)} files"),
        Row("memory, at most, with making up the class", f"{memory:.0f} MB"),
    )
    return Table("Class report", note, rows)


def make_class(root: Path, students: int, exercises: int) -> None:
    """Make a course and its store in a folder; the same arguments make the same class."""
    chance = random.Random(7)  # noqa: S311 - a made-up class
    names = [f"ex{number:02}_task" for number in range(1, exercises + 1)]
    _make_course(root, names)
    url = str(root / "class.db")
    people = [_student(number, chance) for number in range(students)]
    with closing(Store(url)) as store:
        store.ledger.keep_students(people)
    with closing(Database(url)) as database, database.transaction() as connection:
        for number in (1, 2):
            when = _BEGIN + dt.timedelta(days=7 * number)
            run = {"place": "handed_in", "grade": "0.1.0", "torch": "2.6.0", "device": "cpu"}
            values = {"id": number, "began_at": when, "ended_at": when, "tier": "full", **run}
            connection.execute(sa.insert(schema.runs).values(values))
        skill = {student.id: chance.betavariate(4, 1.6) for student in people}
        for place, name in enumerate(names):
            variants = [_variant(name, chance, index) for index in range(_VARIANTS)]
            rows = _rows(place, skill, variants, chance)
            for table, made in zip(
                (schema.gradings, schema.submissions, schema.seen),
                zip(*rows, strict=True),
                strict=True,
            ):
                connection.execute(sa.insert(table), list(made))
    with closing(Store(url)) as store:
        by, why = "Prof. Ada", "ill, certificate seen"
        for student in people[::17]:
            store.ledger.decide(student.id, names[0], Kind.EXCUSE, "", reason=why, author=by)
        for student in people[::29]:
            store.ledger.decide(student.id, names[-1], Kind.OVERRIDE, "7.5", reason=why, author=by)
            said = "Look at the strides again."
            store.ledger.decide(student.id, names[0], Kind.COMMENT, said, reason="", author=by)


def _make_course(root: Path, names: list[str]) -> None:
    (root / "course.yaml").write_text("title: {en: Made-up course, zh: 虚构课程}\n", "utf-8")
    checks = "".join(_CHECK.format(points=_POINTS / _CHECKS, n=n) for n in range(_CHECKS))
    for number, name in enumerate(names, 1):
        folder = root / "exercises" / name
        folder.mkdir(parents=True)
        (folder / "exercise.yaml").write_text(_YAML.format(n=number), "utf-8")
        (folder / "test_public.py").write_text(checks, "utf-8")


def _student(number: int, chance: random.Random) -> Student:
    name = f"{chance.choice(_NAMES)} {chance.choice(_FAMILIES)}"
    section = "ABCD"[number % 4]
    return Student(f"s{number:04}", name, f"s{number:04}@example.org", section, {"canvas_id": "1"})


def _rows(
    place: int, skill: dict[str, float], variants: list[SubmissionResult], chance: random.Random
) -> Iterator[tuple[dict[str, object], dict[str, object], dict[str, object]]]:
    """Give the rows of one exercise's gradings, submissions and sightings."""
    variants = sorted(variants, key=lambda each: each.earned)
    texts = [to_json(each) for each in variants]
    name = variants[0].exercise
    for number, (student, able) in enumerate(skill.items()):
        if chance.random() < 0.04 + 0.08 * (1 - able):
            continue
        for attempt in range(1 + (chance.random() < 0.12) + (chance.random() < 0.06)):
            index = int(len(variants) * min(0.999, max(0.0, able + chance.gauss(0, 0.17))))
            made, text = variants[index], texts[index]
            number_of_it = (place * len(skill) + number) * 3 + attempt + 1
            key = hashlib.sha256(f"{number_of_it}".encode()).hexdigest()
            when = _BEGIN + dt.timedelta(days=place / 5, minutes=number + 600 * attempt)
            grading = {"key": key, "exercise": name, "seed": number_of_it, "began_at": when}
            is_done = chance.random() > 0.002
            ended = {
                "ended_at": when if is_done else None,
                "result": text if is_done else None,
                "earned": made.earned if is_done else None,
                "max_points": made.max_points if is_done else None,
                "is_final": is_done,
            }
            handed = {"id": number_of_it, "student": student, "exercise": name, "digest": key}
            seen = {"run": 1 + (attempt > 0), "submission": number_of_it, "key": key}
            where = {"place": f"handed_in/{student}/{name}.py", "is_late": chance.random() < 0.03}
            yield {**grading, **ended}, {**handed, "found_at": when}, {**seen, **where}


def _variant(name: str, chance: random.Random, index: int) -> SubmissionResult:
    """Make a report: the first ones all right, one that cannot be imported, the others mixed."""
    able = min(1.0, 0.25 + 0.8 * index / (_VARIANTS * 0.7))
    problem = Cause("syntax_error", {"line": 7}) if index == 0 else None
    checks = tuple(_check(n, able, chance, is_stopped=bool(problem)) for n in range(_CHECKS))
    conditions = Conditions(chance.getrandbits(40), "cpu", "full", (), "3.11.9", "2.6.0", "0.1.0")
    title = Text(f"Task {name[2:4]}", f"练习 {name[2:4]}")
    when = _BEGIN.isoformat()
    made = SubmissionResult(
        exercise=name,
        title=title,
        submission=f"{name}.py",
        checks=checks,
        rules=(),
        problem=problem,
        public_only=False,
        started_at=when,
        seconds=3.0,
        conditions=conditions,
    )
    return _timed(made, chance) if int(name[2:4]) % 9 == 0 and not problem else made


def _check(number: int, able: float, chance: random.Random, *, is_stopped: bool) -> CheckResult:
    hidden = number >= _CHECKS // 2
    check = CheckResult(
        f"test_{number}",
        Text(
            f"`solve` handles case {number} as `F.conv2d` does.", f"`solve` 能处理情形 {number}。"
        ),
        _POINTS / _CHECKS,
        Verdict.PASSED,
        hidden,
        None if hidden else 0.06,
    )
    if is_stopped:
        return replace(check, verdict=Verdict.NOT_RUN)
    if number == 0 or (number < _CHECKS - 1 and chance.random() < able):
        return check
    if chance.random() < 0.3:
        frame = Frame("ex.py", 12, "solve", "return left @ right")
        cause = Cause("raised", {"type": "RuntimeError", "text": "shapes differ"}, (frame,))
        return replace(check, verdict=Verdict.CRASHED, causes=(cause,), output="[3, 4]\n").redacted(
            ()
        )
    cause = Cause("shape", {"expected": "[3, 4]", "got": "[4, 3]"})
    hint = Text("Write the shapes down.", "把形状写下来。")
    return replace(check, verdict=Verdict.FAILED, causes=(cause,), hint=hint).redacted(())


def _timed(made: SubmissionResult, chance: random.Random) -> SubmissionResult:
    value = chance.lognormvariate(0.4, 0.5)
    repeats = tuple(Repeat(100, value * 0.01, 0.01) for _ in range(12))
    timing = Timing(
        "cpu", "ratio", value, value * 0.93, value * 1.08, ((1.5, 1.0), (3.0, 0.5)), repeats,
        1e5, 1 << 28, {}, {}, is_implausible=value < 0.6,
    )  # fmt: skip
    last = replace(made.checks[0], timing=timing)
    return replace(made, checks=(last, *made.checks[1:]))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.class_report", description=__doc__)
    parser.add_argument("--students", type=int, default=400, help="default 400")
    parser.add_argument("--exercises", type=int, default=55, help="default 55")
    parser.add_argument("--keep", type=Path, help="only make the class, in this folder")
    parser.add_argument("--update-docs", action="store_true", help=f"write into {PAGE.name} too")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        make_class(options.keep, options.students, options.exercises)
        return
    text = "\n\n".join([machine.describe(), render(measure(options.students, options.exercises))])
    print(text)
    if options.update_docs:
        fill(PAGE, "class report", text)


if __name__ == "__main__":
    main()
