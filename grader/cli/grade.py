"""`grade EXERCISE [PATH]`: grade one submission and tell what is right, wrong and why."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.cli.parameters import EXERCISE
from grader.cli.progress import shown_progress
from grader.course import ExerciseRef, find_course, load_exercise
from grader.course.progress import record
from grader.errors import UserError
from grader.judge.results import SubmissionResult
from grader.judge.verdicts import Verdict
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.judge.attempt import Attempt  # imported where it is needed

_ENDINGS = (".html", ".json", ".md", ".xml")
_COMMANDS = ("list", "show", "doctor", "completion")
_GRADER_FAILED = 3


@dataclass(frozen=True)
class _Asked:
    """What to grade and how, as the user asked."""

    exercise: str
    path: Path | None
    device: str
    report: tuple[Path, ...]
    style: str | None
    seed: int | None
    lang: Lang
    public_only: bool
    select: str | None
    verbose: bool
    tier: str


def _checked_seed(_ctx: click.Context, _param: click.Parameter, seed: int | None) -> int | None:
    if seed is None or 0 <= seed < 2**63:
        return seed
    raise UserError(
        Text(f"The seed {seed} is out of range.", f"种子 {seed} 超出范围。"),
        next_step=Text(
            "Use the seed that a report shows: 0 to 2**63 - 1.",
            "请使用报告里给出的种子（0 到 2**63 - 1）。",
        ),
    )


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
        ("grade 7 --format json", "for a program to read"),
    ],
)
@click.argument("exercise", type=EXERCISE)
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    default="auto",
    help="Where the submission runs.",
)
@click.option(
    "--report",
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
    "--seed", type=int, metavar="INT", callback=_checked_seed, help="Repeat a run exactly."
)
@click.option("--public-only", is_flag=True, help="Leave out the hidden checks.")
@click.option("-k", "select", metavar="EXPR", help="Run only the checks that match, as in pytest.")
@click.option(
    "--verbose", is_flag=True, help="Show each check's name, its time and what the code printed."
)
@click.option(
    "--tier",
    type=click.Choice(["auto", "full", "lite", "none"]),
    default="auto",
    help="How strongly the code is isolated.",
)
def grade(**options: object) -> int:
    """Grade and return the exit code: 0 all passed, 1 not all, 3 the grader failed."""
    asked = _Asked(**options)  # type: ignore[arg-type] # click has checked every value
    _require_writable_reports(asked.report)
    ref, path = _target(asked.exercise, asked.path)
    with _attempt() as attempt:  # first: its processes start while the files are read
        result = _grade(attempt, ref, path, asked)
        # They end while the report is printed.
        saved, failure = _save(result, asked)
        _print(result, asked, saved)
    if failure:
        raise failure
    is_complete = not (asked.select or asked.public_only or _has_excused(result))
    # Somebody else's file, graded by its path, says nothing of my own progress.
    is_own = path.resolve().is_relative_to(ref.folder)
    if is_own and is_complete and result.max_points > 0:
        record(ref, result.earned, result.max_points)
    if any(check.verdict is Verdict.GRADER_ERROR for check in result.checks):
        return _GRADER_FAILED
    return 0 if result.all_passed else 1


def _target(word: str, path: Path | None) -> tuple[ExerciseRef, Path]:
    """Find the exercise and the file to grade; `grade ~/ex07_conv.py` names both at once."""
    course = find_course(Path.cwd())
    try:
        ref = course.resolve(word)
    except UserError as error:
        near = difflib.get_close_matches(word, _COMMANDS, n=1, cutoff=0.7)
        if not near:
            raise
        step = Text(f"Did you mean `grade {near[0]}`?", f"你是不是想运行 `grade {near[0]}`？")
        raise UserError(error.message, next_step=step) from None
    if path is None:
        path = Path(word) if Path(word).suffix and Path(word).is_file() else ref.stub
    if not path.exists():
        raise _no_such_path(ref, path)
    return ref, path


def _attempt() -> Attempt:
    from grader.judge.attempt import Attempt  # noqa: PLC0415 - only grading needs it

    return Attempt()


def _grade(attempt: Attempt, ref: ExerciseRef, path: Path, asked: _Asked) -> SubmissionResult:
    from grader.judge.attempt import Options  # noqa: PLC0415 - the same
    from grader.submission import read_submission  # noqa: PLC0415 - the same

    options = Options(
        device=asked.device,
        seed=asked.seed,
        tier=asked.tier,
        public_only=asked.public_only,
        select=asked.select,
    )
    exercise = load_exercise(ref)
    submission = read_submission(path, exercise.entry)
    title = Text(f"Grading {ref.name}", f"正在评分 {ref.name}")[asked.lang]
    with shown_progress(title) as progress:
        return attempt.grade(
            exercise, submission, options, on_check=progress.step, on_plan=progress.plan
        )


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


def _save(result: SubmissionResult, asked: _Asked) -> tuple[list[Path], UserError | None]:
    """Write every report; a failure is kept back so that the result is printed all the same."""
    if not asked.report:
        return [], None
    from grader.reports import write_report  # noqa: PLC0415 - only a report needs it

    saved: list[Path] = []
    failure: UserError | None = None
    for path in asked.report:
        try:
            write_report(result, path, asked.lang)
            saved.append(path)
        except UserError as error:
            failure = failure or error
    return saved, failure


def _print(result: SubmissionResult, asked: _Asked, saved: Sequence[Path]) -> None:
    from grader.reports import print_plain, print_rich, to_json  # noqa: PLC0415 - when it is time

    style = asked.style or ("rich" if sys.stdout.isatty() else "plain")
    if style == "json":
        click.echo(to_json(result))
    elif style == "plain":
        print_plain(result, sys.stdout, asked.lang, saved=saved, verbose=asked.verbose)
    else:
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich

        print_rich(result, Console(), asked.lang, saved=saved, verbose=asked.verbose)


def _has_excused(result: SubmissionResult) -> bool:
    """Whether some check does not count, so that the score is not out of all points."""
    return any(check.verdict.is_excused for check in result.checks)


def _no_such_path(ref: ExerciseRef, path: Path) -> UserError:
    return UserError(
        Text(f"There is no file {path}.", f"没有文件 {path}。"),
        next_step=Text(
            f"Write the path of your file: grade {ref.name} PATH",
            f"请写出你的文件的路径：grade {ref.name} 路径",
        ),
    )
