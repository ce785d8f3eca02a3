"""`grade EXERCISE [PATH]`: grade one submission and tell what is right, wrong and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.grading import (
    Asked,
    graded,
    grading_parameters,
    print_result,
    read,
    remember,
    target,
)
from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.errors import UserError
from grader.judge.results import SubmissionResult
from grader.judge.verdicts import Verdict
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.judge.attempt import Attempt  # imported where it is needed

_ENDINGS = (".html", ".json", ".md", ".xml")
_GRADER_FAILED = 3


@click.command(
    "grade",
    cls=Page,
    params=[lang_option()],
    help="Grade an exercise: what is right, what is wrong, and why.",
    usage="grade EXERCISE [PATH] [OPTIONS]",
    examples=[
        ("grade ex07_conv", "grade your own exercises/ex07_conv/ex07_conv.py"),
        ("grade 7 ~/conv.ipynb", "grade another file: .py, notebook, folder or zip"),
        ("grade 7 --seed 1234", "repeat a run that showed seed 1234"),
        ("grade 7 --debug bias", "stop in your code where the check with bias in its name fails"),
        ("grade 7 --format json", "for a program to read"),
    ],
)
@grading_parameters
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Save a report: .html, .json, .md or .xml (JUnit). Repeatable.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["rich", "plain", "json"]),
    help="How to print. Default: rich on a terminal, plain otherwise.",
)
@click.option(
    "--debug",
    "check",
    metavar="CHECK",
    help="Run one public check in a debugger, in this process, and grade nothing.",
)
def grade(reports: tuple[Path, ...], check: str | None, **options: object) -> int:
    """Grade and return the exit code: 0 all passed, 1 not all, 3 the grader failed."""
    asked = Asked(**options)  # type: ignore[arg-type] # click has checked every value
    _require_writable_reports(reports)
    ref, path = target(asked.exercise, asked.path)
    if check is not None:
        from grader.cli.debug import debug  # noqa: PLC0415 - torch only here

        return debug(ref, path, check, asked, has_reports=bool(reports))
    with _attempt() as attempt:  # first: its processes start while the files are read
        result = graded(attempt, *read(ref, path), asked)
        # They end while the report is printed.
        saved, failure = _save(result, reports, asked.lang)
        print_result(result, asked, saved)
    if failure:
        raise failure
    remember(ref, path, result, asked)
    if any(check.verdict is Verdict.GRADER_ERROR for check in result.checks):
        return _GRADER_FAILED
    return 0 if result.all_passed else 1


def _attempt() -> Attempt:
    from grader.judge.attempt import Attempt  # noqa: PLC0415 - only grading needs it

    return Attempt()


def _require_writable_reports(paths: Sequence[Path]) -> None:
    """Refuse a report that could not be written, before any work is done for it."""
    for path in paths:
        if path.suffix.lower() not in _ENDINGS:
            raise UserError(
                Text(
                    f"{path}: the ending of its name says in which form to save a report.",
                    f"{path}：报告的格式由文件名的结尾决定。",
                ),
                next_step=Text(
                    f"Use one of {', '.join(_ENDINGS)}.", f"请使用 {'、'.join(_ENDINGS)} 之一。"
                ),
            )
        if not path.parent.is_dir():
            raise UserError(
                Text(f"There is no folder {path.parent}.", f"没有文件夹 {path.parent}。"),
                next_step=Text(
                    "Make it first, or save the report somewhere else.",
                    "请先新建它，或者把报告存到别处。",
                ),
            )


def _save(
    result: SubmissionResult, paths: Sequence[Path], lang: Lang
) -> tuple[list[Path], UserError | None]:
    """Write every report; a failure is kept back so that the result is printed all the same."""
    if not paths:
        return [], None
    from grader.reports import write_report  # noqa: PLC0415 - only a report needs it

    saved: list[Path] = []
    failure: UserError | None = None
    for path in paths:
        try:
            write_report(result, path, lang)
            saved.append(path)
        except UserError as error:
            failure = failure or error
    return saved, failure
