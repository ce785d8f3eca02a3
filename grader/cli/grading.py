"""What `grade` and `grade watch` share: what is asked, grading, telling, remembering."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.parameters import EXERCISE, with_parameters
from grader.cli.progress import shown_progress
from grader.course import Exercise, ExerciseRef, find_course, load_exercise
from grader.course.progress import Score, record_grading
from grader.errors import UserError
from grader.judge.results import SubmissionResult
from grader.judge.verdicts import Verdict
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.judge.attempt import Attempt, Options  # imported where they are needed
    from grader.submission import Submission


@dataclass(frozen=True)
class Asked:
    """What to grade and how, as the user asked."""

    exercise: str
    path: Path | None
    device: str
    seed: int | None
    public_only: bool
    select: str | None
    verbose: bool
    tier: str
    lang: Lang
    style: str | None = None


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


_PARAMETERS: tuple[Callable[[Any], Any], ...] = (
    click.argument("exercise", type=EXERCISE),
    click.argument("path", required=False, type=click.Path(path_type=Path)),
    click.option(
        "--device",
        type=click.Choice(["auto", "cpu", "cuda", "mps"]),
        default="auto",
        help="Where the submission runs.",
    ),
    click.option(
        "--seed", type=int, metavar="INT", callback=_checked_seed, help="Repeat a run exactly."
    ),
    click.option("--public-only", is_flag=True, help="Leave out the hidden checks."),
    click.option(
        "-k", "select", metavar="EXPR", help="Run only the checks that match, as in pytest."
    ),
    click.option(
        "--verbose",
        is_flag=True,
        help="Show each check's name, its time and what the code printed.",
    ),
    click.option(
        "--tier",
        type=click.Choice(["auto", "full", "lite", "none"]),
        default="auto",
        help="How strongly the code is isolated.",
    ),
)


grading_parameters = with_parameters(_PARAMETERS)
"""Gives a command the arguments and options of grading, all but the language; see `Asked`."""


def target(word: str, path: Path | None) -> tuple[ExerciseRef, Path]:
    """Find the exercise and the file to grade; `grade ~/ex07_conv.py` names both at once."""
    course = find_course(Path.cwd())
    try:
        ref = course.resolve(word)
    except UserError as error:
        near = difflib.get_close_matches(word, _commands(), n=1, cutoff=0.7)
        if not near:
            raise
        step = Text(f"Did you mean `grade {near[0]}`?", f"你是不是想运行 `grade {near[0]}`？")
        raise UserError(error.message, next_step=step) from None
    if path is None:
        path = Path(word) if Path(word).suffix and Path(word).is_file() else ref.stub
    if not path.exists():
        raise _no_such_path(ref, path)
    return ref, path


def _commands() -> Iterable[str]:
    app = click.get_current_context().find_root().command
    return app.commands if isinstance(app, click.Group) else ()


def read(ref: ExerciseRef, path: Path) -> tuple[Exercise, Submission]:
    """Read what to grade, and by what."""
    from grader.submission import Submission, read_submission  # noqa: PLC0415 - only grading needs it

    exercise = load_exercise(ref)
    if exercise.files and ref.reference.parent in path.absolute().parents:
        from grader.course.solutions import solution_files  # noqa: PLC0415 - only authors need it

        return exercise, Submission(str(path), ref.entry, solution_files(ref, path))
    return exercise, read_submission(exercise.handed_in(path), ref.entry)


def options_of(asked: Asked) -> Options:
    """What of it the judge is told."""
    from grader.judge.attempt import Options  # noqa: PLC0415 - only grading needs it

    return Options(
        device=asked.device,
        seed=asked.seed,
        tier=asked.tier,
        public_only=asked.public_only,
        select=asked.select,
    )


def graded(
    attempt: Attempt, exercise: Exercise, submission: Submission, asked: Asked
) -> SubmissionResult:
    """Grade, and show meanwhile how far it is."""
    title = Text(f"Grading {exercise.name}", f"正在评分 {exercise.name}")[asked.lang]
    with shown_progress(title) as progress:
        return attempt.grade(
            exercise,
            submission,
            options_of(asked),
            on_check=lambda _: progress.step(),
            on_plan=progress.plan,
        )


def print_result(result: SubmissionResult, asked: Asked, saved: Sequence[Path] = ()) -> None:
    """Print the report as asked; by default rich on a terminal, plain lines elsewhere."""
    from grader.reports import print_plain, print_rich, to_json  # noqa: PLC0415 - when it is time

    style = asked.style or ("rich" if sys.stdout.isatty() else "plain")
    if style == "json":
        click.echo(to_json(result))
    elif style == "plain":
        print_plain(result, sys.stdout, asked.lang, saved=saved, verbose=asked.verbose)
    else:
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs rich

        print_rich(result, Console(), asked.lang, saved=saved, verbose=asked.verbose)


def remember(ref: ExerciseRef, path: Path, result: SubmissionResult, asked: Asked) -> None:
    """Keep which public checks passed, and the score if it is out of all points.

    Somebody else's file, graded by its path, says nothing of my own progress.
    """
    if not path.resolve().is_relative_to(ref.folder):
        return
    counted = [check for check in result.checks if not check.verdict.is_excused]
    public = {check.name: check.verdict is Verdict.PASSED for check in counted if not check.hidden}
    is_whole = not (asked.select or asked.public_only) and len(counted) == len(result.checks)
    score = Score(result.earned, result.max_points) if is_whole and result.max_points > 0 else None
    record_grading(ref, result.started_at, public, score)


def _no_such_path(ref: ExerciseRef, path: Path) -> UserError:
    return UserError(
        Text(f"There is no file {path}.", f"没有文件 {path}。"),
        next_step=Text(
            f"Write the path of your file: grade {ref.name} PATH",
            f"请写出你的文件的路径：grade {ref.name} 路径",
        ),
    )
