"""`grade batch`: grade what a whole class has handed in."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.class_progress import shown_run
from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.cli.parameters import EXERCISE, with_parameters
from grader.course import Course, ExerciseRef, find_course, load_exercise
from grader.errors import UserError
from grader.text import Lang, Text

if TYPE_CHECKING:
    from rich.console import Console

    from grader.batch.address import Surroundings
    from grader.batch.handed_in import HandedIn
    from grader.judge.bench import Bench

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


class _Duration(click.ParamType[float]):
    """A time: 90, 90s, 45m, 2h30m."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return it in seconds."""
        if isinstance(value, float):
            return value
        found = _DURATION.fullmatch(str(value).strip())
        if not found or not any(found.groups()):
            self.fail(f"{value!r} is no time; write for instance 45m or 2h30m", param, ctx)
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return float((hours * 60 + minutes) * 60 + seconds)


@dataclass(frozen=True)
class _Asked:
    """What to grade and how, as the user asked."""

    submissions: Path
    exercises: tuple[str, ...]
    students: tuple[str, ...]
    roster: Path | None
    jobs: int | None
    device: str
    url: str | None
    out: Path | None
    fail_fast: bool
    time_budget: float | None
    allow_unsandboxed: bool
    only_changed: bool
    dry_run: bool
    lang: Lang


_PATH = click.Path(path_type=Path)
_PARAMETERS: tuple[Callable[[Any], Any], ...] = (
    click.argument("submissions", type=_PATH),
    click.option(
        "--exercise",
        "exercises",
        multiple=True,
        type=EXERCISE,
        help="Only this one; may be repeated.",
    ),
    click.option(
        "--student", "students", multiple=True, metavar="ID", help="Only this one; may be repeated."
    ),
    click.option("--roster", type=_PATH, help="A CSV of the class: id, name, email, section."),
    click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        metavar="N",
        help="Gradings at the same time. Default: one for each core.",
    ),
    click.option(
        "--device",
        type=click.Choice(["auto", "cpu", "cuda", "mps"]),
        default="auto",
        help="Where submissions run.",
    ),
    click.option(
        "--store",
        "url",
        metavar="PATH|URL",
        help="Where results are kept. Default: class.db in the course.",
    ),
    click.option("--out", type=_PATH, help="Write each student's reports into this folder."),
    click.option("--fail-fast", is_flag=True, help="Stop at the first fault of the grader itself."),
    click.option(
        "--time-budget",
        type=_Duration(),
        metavar="TIME",
        help="Begin nothing more after this time (45m, 2h30m).",
    ),
    click.option(
        "--allow-unsandboxed", is_flag=True, help="Grade even where nothing can be confined."
    ),
    click.option(
        "--only-changed/--regrade",
        default=True,
        help="Grade what is new (default), or everything anew.",
    ),
    click.option("--dry-run", is_flag=True, help="Show what would be graded, and grade nothing."),
)


@click.command(
    "batch",
    cls=Page,
    params=[lang_option()],
    short_help="Grade a whole class (for instructors).",
    help="Grade what a whole class has handed in; run it again to go on or to grade what is new.",
    usage="grade batch SUBMISSIONS [OPTIONS]",
    examples=[
        ("grade batch submissions.zip --dry-run", "what would be graded, and what not, and why"),
        ("grade batch handed_in/ --exercise 7", "one exercise"),
        ("grade batch handed_in/ --roster class.csv", "and who is missing"),
    ],
)
@with_parameters(_PARAMETERS)
def batch(**words: Any) -> int:
    """Print everything that was found and what became of it; return 0 if all of it is graded."""
    asked = _Asked(**words)
    require_packages()
    from rich.console import Console  # noqa: PLC0415 - only now

    from grader.reports.class_run import print_handed_in  # noqa: PLC0415 - the same

    course = find_course(Path.cwd())
    refs = [course.resolve(word) for word in asked.exercises] or course.exercises()
    console = Console(width=None if sys.stdout.isatty() else 160)
    handed = _handed_in(asked, course, refs)
    print_handed_in(handed, console, asked.lang)
    if asked.dry_run:
        return 0
    is_complete = _graded(asked, course, refs, handed, console)
    return 0 if is_complete and not handed.ungraded else 1


def _handed_in(asked: _Asked, course: Course, refs: list[ExerciseRef]) -> HandedIn:
    """Look at everything, and keep the students who are asked for."""
    from grader.batch.collection import open_collection  # noqa: PLC0415 - only now
    from grader.batch.handed_in import handed_in  # noqa: PLC0415 - the same
    from grader.batch.layouts import parts_of  # noqa: PLC0415 - the same
    from grader.batch.mapping import mapped_parts  # noqa: PLC0415 - the same
    from grader.batch.roster import read_roster  # noqa: PLC0415 - the same

    roster = read_roster(asked.roster) if asked.roster else None
    if asked.submissions.suffix.lower() == ".csv":
        parts = mapped_parts(asked.submissions, course)
    else:
        parts = parts_of(open_collection(asked.submissions))
    found = handed_in(parts, refs, roster)
    return found.of(asked.students) if asked.students else found


def _graded(
    asked: _Asked, course: Course, refs: list[ExerciseRef], handed: HandedIn, console: Console
) -> bool:
    """Grade what is not known; return whether everything is graded now."""
    from grader.batch.files import write_reports  # noqa: PLC0415 - only now
    from grader.batch.run import How, class_run, plan  # noqa: PLC0415 - the same
    from grader.judge.bench import Bench  # noqa: PLC0415 - the same
    from grader.reports.class_run import Tally, print_summary  # noqa: PLC0415 - the same
    from grader.store import RunInfo, Store  # noqa: PLC0415 - the same

    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    left = len(handed.found)
    with (
        Bench() as bench,
        closing(Store(asked.url or str(course.root / "class.db"))) as store,
    ):
        here = _surroundings(asked, bench)
        plans = plan(handed.found, {ref.name: load_exercise(ref) for ref in refs}, here)
        how = How(
            asked.jobs or os.cpu_count() or 1,
            here.device,
            here.tier,
            asked.time_budget,
            is_anew=not asked.only_changed,
            until_fault=asked.fail_fast,
        )
        store.ledger.keep_students(handed.students)
        run = store.begin_run(RunInfo(str(asked.submissions), **vars(here)))
        with shown_run(len(plans), asked.lang) as listener:
            try:
                with closing(
                    class_run(store, run, plans, how, listener=listener, bench=bench)
                ) as outcomes:
                    for ended in outcomes:
                        left -= 1
                        tallies[ended.planned.found.exercise].add(ended)
                        if asked.out:
                            write_reports(ended, asked.out, asked.lang)
                store.end_run(run)
            finally:
                listener.stop()
                print_summary(tallies, left, console, asked.lang)
    return left == 0 and not any(tally.not_graded for tally in tallies.values())


def _surroundings(asked: _Asked, bench: Bench) -> Surroundings:
    """What this machine offers; UserError where it confines nothing or lacks the device."""
    from grader import __version__  # noqa: PLC0415 - only now
    from grader.batch.address import Surroundings  # noqa: PLC0415 - the same
    from grader.judge.devices import choose_device  # noqa: PLC0415 - the same

    here = bench.examine()
    if here.tier == "none" and not asked.allow_unsandboxed:
        raise UserError(
            Text(
                "Nothing can be confined on this machine, so submissions could reach your files "
                "and each other.",
                "这台机器上无法隔离学生代码，作业可能读写你的文件，也可能互相影响。",
            ),
            Text(
                "`grade doctor` says what is missing; to grade all the same: --allow-unsandboxed",
                "`grade doctor` 会说明缺少什么；仍要评分请加 --allow-unsandboxed",
            ),
        )
    device = choose_device(asked.device, here.devices)
    return Surroundings(__version__, here.torch, device, here.tier)


def require_packages() -> None:
    """Raise UserError where what class runs need is not installed."""
    if importlib.util.find_spec("sqlalchemy") and importlib.util.find_spec("alembic"):
        return
    raise UserError(
        Text(
            "Class runs need the packages sqlalchemy and alembic.",
            "批量评分需要 sqlalchemy 和 alembic 这两个包。",
        ),
        Text("Install them: pip install 'grade[class]'", "请先安装：pip install 'grade[class]'"),
    )
