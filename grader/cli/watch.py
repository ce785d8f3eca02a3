"""`grade watch EXERCISE [PATH]`: grade at each save, until Ctrl-C."""

from __future__ import annotations

import contextlib
import secrets
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from grader.cli.errors import tell_error
from grader.cli.grading import (
    Asked,
    graded,
    grading_parameters,
    options_of,
    print_result,
    read,
    remember,
    target,
)
from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.course import Exercise, ExerciseRef
from grader.errors import GradeError
from grader.judge.results import SubmissionResult
from grader.judge.verdicts import Verdict
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.cli.saves import Saves  # imported where they are needed
    from grader.judge.warm import Warm

_NAMED = 3
"""So many changed checks are named; of a longer list the rest is counted."""


@click.command(
    "watch",
    cls=Page,
    params=[lang_option()],
    short_help="Grade an exercise again at each save.",
    help="Grade an exercise now and again at each save, until Ctrl-C.",
    usage="grade watch EXERCISE [PATH] [OPTIONS]",
    examples=[
        ("grade watch ex07_conv", "watch your own exercises/ex07_conv/ex07_conv.py"),
        ("grade watch 7 ~/conv.ipynb", "watch another file or folder"),
        ("grade watch 7 -k gradient", "run only the checks with gradient in their name"),
    ],
)
@grading_parameters
def watch(**options: object) -> int:
    """Grade until Ctrl-C, which is the way to end it: exit code 0."""
    asked = Asked(**options)  # type: ignore[arg-type] # click has checked every value
    if asked.seed is None:
        # The same inputs at each save: what changes in the report, the student has changed.
        asked = replace(asked, seed=secrets.randbits(62))
    ref, path = target(asked.exercise, asked.path)
    with _one_interrupt(), contextlib.suppress(KeyboardInterrupt):
        _Watch(ref, path, asked).run()
    click.echo(Text("\nStopped watching.", "\n已停止监视。")[asked.lang])
    return 0


@contextlib.contextmanager
def _one_interrupt() -> Iterator[None]:
    """Let Ctrl-C end the block once; while everything ends, another one changes nothing."""

    def end(number: int, _frame: object) -> NoReturn:
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:  # a shell's background job
        signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@dataclass(frozen=True)
class Standing:
    """What is compared with the report before."""

    points: float
    passed: dict[str, bool]
    """Whether each check passed, by name; empty where none could be run."""

    @classmethod
    def of(cls, result: SubmissionResult) -> Standing:
        """Take what counts from a result."""
        counted = () if result.problem else result.checks
        passed = {
            check.name: check.verdict is Verdict.PASSED
            for check in counted
            if not check.verdict.is_excused
        }
        return cls(result.earned, passed)

    def turned(self, before: Standing, *, to: bool) -> list[str]:
        """The checks that are now what `to` says, and were not before."""
        return [
            name
            for name, is_passed in self.passed.items()
            if is_passed is to and before.passed.get(name) is not to and name in before.passed
        ]


class _Watch:
    """Grades one submission again and again."""

    def __init__(self, ref: ExerciseRef, path: Path, asked: Asked) -> None:
        self._ref = ref
        self._path = path
        self._asked = asked
        self._before: Standing | None = None
        self._is_first = True
        self._checks = 0
        """How many there were in the last report."""

    def run(self) -> NoReturn:
        """Grade at once and at each save; Ctrl-C is the only end."""
        from grader.cli.saves import Saves  # noqa: PLC0415 - only here
        from grader.judge.warm import Warm  # noqa: PLC0415 - the same

        self._say(Text(f"Watching {self._path}.", f"正在监视 {self._path}。"))
        with Warm() as warm, Saves(self._ref, self._path) as saves:
            while True:
                saves.forget()
                self._grade(warm, saves)
                saves.wait()

    def _grade(self, warm: Warm, saves: Saves) -> None:
        """Grade and tell; a save meanwhile stops it, for nobody needs the result any more."""
        from grader.judge.attempt import Stopped  # noqa: PLC0415 - only grading needs it

        exercise: Exercise | None = None
        try:
            exercise, submission = read(self._ref, self._path)
            with warm.attempt() as attempt:
                with saves.telling(attempt.stop):
                    result = graded(attempt, exercise, submission, self._asked)
                self._report(result)
        except Stopped:
            pass
        except GradeError as error:
            self._separate()
            tell_error(error, sys.argv[1:])
            self._say_waiting()
        if exercise:
            warm.prepare(exercise, options_of(self._asked), self._checks)

    def _report(self, result: SubmissionResult) -> None:
        self._separate()
        self._checks = len(result.checks)
        print_result(result, self._asked)
        now = Standing.of(result)
        click.echo()
        self._say(summary(f"{datetime.now().astimezone():%H:%M:%S}", result, now, self._before))
        self._say_waiting()
        self._before = (
            now if now.passed or not self._before else replace(self._before, points=now.points)
        )
        remember(self._ref, self._path, result, self._asked)

    def _separate(self) -> None:
        """Make room: on a terminal the report takes the place of the one before."""
        if self._is_first or not sys.stdout.isatty():
            click.echo()
        else:
            click.clear()
        self._is_first = False

    def _say_waiting(self) -> None:
        name = self._path.name
        self._say(
            Text(
                f"Waiting for the next save of {name}. Ctrl-C ends.",
                f"等待 {name} 的下一次保存。按 Ctrl-C 结束。",
            )
        )

    def _say(self, text: Text) -> None:
        click.echo(text[self._asked.lang])


def summary(moment: str, result: SubmissionResult, now: Standing, before: Standing | None) -> Text:
    """One line: when, the score, and what has changed since the report before."""
    from grader.reports.messages import number  # noqa: PLC0415 - when there is a report

    score = f"{number(now.points)}/{number(result.max_points)}"
    if before is None:
        return Text(f"{moment}  {score} points.", f"{moment}  {score} 分。")
    gain = now.points - before.points
    signed = (
        Text("unchanged", "没有变化") if not gain else _same(f"{'+' * (gain > 0)}{number(gain)}")
    )
    en = [f"{moment}  {score} points ({signed.en})."]
    zh = [f"{moment}  {score} 分（{signed.zh}）。"]
    for to, what in (
        (True, Text("Newly passed", "新通过")),
        (False, Text("Newly failed", "新出错")),
    ):
        if names := now.turned(before, to=to):
            en.append(f" {what.en}: {_listed(names, 'en')}.")
            zh.append(f"{what.zh}：{_listed(names, 'zh')}。")
    return Text("".join(en), "".join(zh))


def _listed(names: list[str], lang: Lang) -> str:
    shown = Text(", ", "、")[lang].join(names[:_NAMED])
    more = len(names) - _NAMED
    return shown + Text(f" and {more} more", f"等 {len(names)} 项")[lang] if more > 0 else shown


def _same(words: str) -> Text:
    return Text(words, words)
