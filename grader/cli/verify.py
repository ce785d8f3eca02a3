"""`grade verify`: prove that the exercises of a course are sound."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.cli.parameters import EXERCISE
from grader.cli.progress import shown_progress
from grader.course import Course, find_course
from grader.errors import UserError
from grader.text import Lang, Text

if TYPE_CHECKING:
    from grader.verify.course import Verification
    from grader.verify.shard import Shard


def _checked_shard(_ctx: click.Context, _param: click.Parameter, word: str | None) -> Shard:
    from grader.verify.shard import WHOLE, Shard  # noqa: PLC0415 - only this command needs it

    shard = WHOLE if word is None else Shard.read(word)
    if shard:
        return shard
    raise UserError(
        Text(f"'{word}' is no shard.", f"“{word}” 不是合法的分片。"),
        next_step=Text(
            "Write which one of how many: --shard 2/4", "请写第几片和总片数：--shard 2/4"
        ),
    )


@click.command(
    "verify",
    cls=Page,
    params=[lang_option()],
    short_help="Prove that exercises are sound (for authors).",
    help="Prove that exercises are sound: files, texts, and the outcome of every solution.",
    usage="grade verify [EXERCISE...] [OPTIONS]",
    examples=[
        ("grade verify", "the whole course"),
        ("grade verify 7 --seeds 50", "one exercise, with fifty seeds"),
        ("grade verify 7 --mutants", "and which mistakes its checks would miss"),
        ("grade verify --shard 2/4", "every fourth exercise, for one of four machines"),
    ],
)
@click.argument("exercise", nargs=-1, type=EXERCISE)
@click.option(
    "--seeds",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    metavar="N",
    help="Grade every solution with so many seeds.",
)
@click.option("--mutants", is_flag=True, help="Mutate the references; list what no check notices.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Gradings at the same time. Default: two for each core.",
)
@click.option(
    "--shard",
    metavar="K/N",
    callback=_checked_shard,
    help="Grade every N-th exercise from the K-th on, and look at the files of all.",
)
def verify(
    exercise: tuple[str, ...],
    seeds: int,
    jobs: int | None,
    shard: Shard,
    lang: Lang,
    *,
    mutants: bool,
) -> int:
    """Print a table and what is wrong; return 0 if nothing is, otherwise 1."""
    course = find_course(Path.cwd())
    _require_authors_course(course)
    if mutants:
        _require_libcst()
    from grader.verify.course import verify as prove  # noqa: PLC0415 - only this command needs it

    refs = [course.resolve(word) for word in exercise] or course.exercises()
    title = Text("Verifying", "正在验证")[lang]
    with shown_progress(title) as progress:
        found = prove(
            course,
            refs,
            seeds=range(1, seeds + 1),
            jobs=jobs or 2 * (os.cpu_count() or 1),  # one waits for its processes, one computes
            with_mutants=mutants,
            with_drafts=bool(exercise),
            shard=shard,
            progress=progress,
        )
    _print(found, lang, with_mutants=mutants)
    return 1 if found.findings else 0


def _print(found: Verification, lang: Lang, *, with_mutants: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 - only now

    from grader.reports.verification import print_verification  # noqa: PLC0415 - the same

    console = Console(width=None if sys.stdout.isatty() else 160)
    print_verification(found, console, lang, with_mutants=with_mutants)


def _require_authors_course(course: Course) -> None:
    if not (course.root / "solutions").is_dir():
        raise UserError(
            Text(
                "This course has no solutions folder, so there is nothing to verify against.",
                "这个课程没有 solutions 文件夹，无法验证。",
            ),
            next_step=Text(
                "Run it in the authors' repository; to grade your own work: grade EXERCISE",
                "请在教师的仓库里运行；要给自己的作业评分：grade 练习名",
            ),
        )


def _require_libcst() -> None:
    try:
        import libcst  # noqa: F401, PLC0415 - an extra: only --mutants needs it
    except ImportError:
        raise UserError(
            Text("--mutants needs the package libcst.", "--mutants 需要 libcst 这个包。"),
            next_step=Text("Install it: pip install libcst", "请先安装：pip install libcst"),
        ) from None
