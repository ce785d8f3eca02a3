"""What `grade batch` prints: what was found, each submission as it ends, and a table at the end."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.reports.visible import one_line
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.batch.handed_in import HandedIn
    from grader.batch.run import Ended

_WHY = {
    "nobodys": Text("nobody's", "无主"),
    "unreadable": Text("unreadable", "无法读取"),
    "ambiguous": Text("ambiguous", "不明确"),
    "untouched": Text("untouched", "未改动"),
    "no_exercise": Text("no exercise", "没有练习"),
}


def print_handed_in(handed: HandedIn, console: Console, lang: Lang) -> None:
    """Print how much was found, and everything that is not graded with its reason."""
    students = len({each.student for each in handed.found})
    count = Text(
        f"Found {len(handed.found)} submissions of {students} students ({handed.layout}).",
        f"找到 {students} 名学生的 {len(handed.found)} 份作业（{handed.layout}）。",
    )
    console.print(count[lang])
    for note in handed.notes:
        whose = " ".join(word for word in (note.student, note.exercise) if word)
        why = f"{_WHY[note.why][lang]}: {note.place}: {note.said[lang]}"
        _say(console, f"{why} ({whose})" if whose else why)
    for student in handed.strangers:
        _say(console, Text(f"not on the roster: {student}", f"不在名单上：{student}")[lang])
    by_exercise: dict[str, list[str]] = {}
    for missing, exercise in handed.missing:
        by_exercise.setdefault(exercise, []).append(missing.id)
    for exercise, ids in by_exercise.items():
        names = ", ".join(ids)
        said = Text(
            f"missing, {exercise} ({len(ids)}): {names}", f"未交 {exercise}（{len(ids)}）：{names}"
        )
        _say(console, said[lang])


def ended_line(ended: Ended, lang: Lang) -> str:
    """What has become of one submission, in one line."""
    found, result = ended.planned.found, ended.result
    name = f"{found.student} {found.exercise}"
    if result is None:
        reason = ended.error.message[lang] if ended.error else ""
        return one_line(f"{name}: {Text('not graded', '未评分')[lang]}: {reason}")
    points = f"{result.earned:g}/{result.max_points:g}"
    excused = sum(check.verdict.is_excused for check in result.checks)
    more = Text(f" ({excused} checks excused)", f"（{excused} 项不计）")[lang] if excused else ""
    return one_line(f"{name}: {points}{more}")


@dataclass
class Tally:
    """What has come of one exercise."""

    graded: int = 0
    known: int = 0
    all_right: int = 0
    not_graded: int = 0
    shares: list[float] = field(default_factory=list)
    """Of the points, one for each submission."""

    def add(self, ended: Ended) -> None:
        """Count one submission."""
        if ended.result is None:
            self.not_graded += 1
            return
        self.graded += 1
        self.known += ended.is_known
        self.all_right += ended.result.all_passed
        if ended.result.max_points:
            self.shares.append(ended.result.earned / ended.result.max_points)


def print_summary(tallies: Mapping[str, Tally], left: int, console: Console, lang: Lang) -> None:
    """Print a row for each exercise, and how much is left to do."""
    table = Table(box=None, pad_edge=False)
    table.add_column(Text("exercise", "练习")[lang])
    for heading in (
        Text("graded", "已评"),
        Text("of them known", "其中已知"),
        Text("all right", "全对"),
        Text("mean", "平均"),
        Text("not graded", "未评"),
    ):
        table.add_column(heading[lang], justify="right")
    for exercise, tally in sorted(tallies.items()):
        mean = f"{statistics.mean(tally.shares):.0%}" if tally.shares else "–"
        counts = (tally.graded, tally.known, tally.all_right, mean, tally.not_graded)
        table.add_row(exercise, *map(str, counts))
    console.print(table)
    if left:
        said = Text(
            f"{left} submissions are left; the same command goes on with them.",
            f"还剩 {left} 份作业；再运行同一条命令就会继续。",
        )
        console.print(said[lang])


def _say(console: Console, line: str) -> None:
    console.print(escape(one_line(line)), soft_wrap=True, highlight=False)
