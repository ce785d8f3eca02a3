"""`grade batch`: grade what a whole class has handed in."""

from __future__ import annotations

import importlib.util
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
from grader.cli.parameters import EXERCISES, PATH, ROSTER, SUBMISSIONS, with_parameters
from grader.cli.stored import default_store
from grader.course import Course, ExerciseRef, find_course, load_exercise
from grader.errors import UserError
from grader.text import Lang, Text

if TYPE_CHECKING:
    from rich.console import Console

    from grader.batch.address import Surroundings
    from grader.batch.executor import Executor
    from grader.batch.handed_in import HandedIn

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
    executor: str
    scheduler: str | None
    device: str
    url: str | None
    out: Path | None
    fail_fast: bool
    time_budget: float | None
    allow_unsandboxed: bool
    only_changed: bool
    dry_run: bool
    lang: Lang


_PARAMETERS: tuple[Callable[[Any], Any], ...] = (
    SUBMISSIONS,
    EXERCISES,
    click.option(
        "--student", "students", multiple=True, metavar="ID", help="Only this one; may be repeated."
    ),
    ROSTER,
    click.option(
        "--jobs",
        type=click.IntRange(1, 256),
        metavar="N",
        help="Gradings at the same time. Default: two for each core, or one for each thread of "
        "the cluster.",
    ),
    click.option(
        "--executor",
        type=click.Choice(["local", "dask"]),
        default="local",
        help="Grade on this machine (default) or on the workers of a Dask cluster.",
    ),
    click.option(
        "--scheduler", metavar="ADDRESS", help="Of the Dask cluster, such as tcp://10.0.0.5:8786."
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
    click.option("--out", type=PATH, help="Write each student's reports into this folder."),
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
        ("grade batch handed_in/ --executor dask --scheduler tcp://10.0.0.5:8786", "on a cluster"),
    ],
)
@with_parameters(_PARAMETERS)
def batch(**words: Any) -> int:
    """Print everything that was found and what became of it; return 0 if all of it is graded."""
    asked = _Asked(**words)
    require_packages()
    _require_scheduler(asked)
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
    from grader.cli.handed_in import look_at  # noqa: PLC0415 - only now

    found = look_at(asked.submissions, course, refs, asked.roster)
    return found.of(asked.students) if asked.students else found


def _graded(
    asked: _Asked, course: Course, refs: list[ExerciseRef], handed: HandedIn, console: Console
) -> bool:
    """Grade what is not known; return whether everything is graded now."""
    from grader.batch.files import write_reports  # noqa: PLC0415 - only now
    from grader.batch.run import How, class_run, plan  # noqa: PLC0415 - the same
    from grader.reports.class_run import Tally, print_summary  # noqa: PLC0415 - the same
    from grader.store import RunInfo, Store  # noqa: PLC0415 - the same

    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    left = len(handed.found)
    with (
        _executor(asked) as executor,
        closing(Store(asked.url or default_store(course))) as store,
    ):
        here = executor.examine(asked.device)
        _require_confined(asked, here)
        plans = plan(handed.found, {ref.name: load_exercise(ref) for ref in refs}, here)
        how = How(
            here.device,
            here.tier,
            asked.time_budget,
            is_anew=not asked.only_changed,
            until_fault=asked.fail_fast,
        )
        store.ledger.keep_students(handed.students)
        run = store.begin_run(RunInfo(str(asked.submissions), **vars(here)))
        benches = executor.benches(asked.jobs)
        with shown_run(len(plans), asked.lang) as listener:
            try:
                with closing(
                    class_run(store, run, plans, how, listener=listener, benches=benches)
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


def _executor(asked: _Asked) -> Executor:
    """What grades."""
    from grader.batch.executor import ThisMachine  # noqa: PLC0415 - only now

    if asked.scheduler is None:
        return ThisMachine()
    from grader.batch.cluster import Cluster  # noqa: PLC0415 - only a cluster needs Dask

    return Cluster(asked.scheduler)


def _require_scheduler(asked: _Asked) -> None:
    """Raise UserError unless --executor and --scheduler go together, and Dask is installed."""
    if (asked.executor == "dask") != (asked.scheduler is not None):
        raise UserError(
            Text(
                "--executor dask and --scheduler ADDRESS are given together.",
                "--executor dask 与 --scheduler 地址必须一起给出。",
            ),
            Text(
                "The scheduler prints its address when it starts: dask scheduler",
                "调度器启动时会显示自己的地址：dask scheduler",
            ),
        )
    if asked.executor == "dask" and not importlib.util.find_spec("distributed"):
        raise UserError(
            Text(
                "Grading on a cluster needs the package distributed.",
                "在集群上评分需要 distributed 这个包。",
            ),
            Text(
                "Install it: pip install 'grade[class,cluster]'",
                "请先安装：pip install 'grade[class,cluster]'",
            ),
        )


def _require_confined(asked: _Asked, here: Surroundings) -> None:
    """Raise UserError where submissions are not confined, unless that is asked for."""
    if here.tier != "none" or asked.allow_unsandboxed:
        return
    raise UserError(
        Text(
            "Nothing can be confined where it would be graded, so submissions could reach the "
            "files there and each other.",
            "评分所在的机器上无法隔离学生代码，作业可能读写那里的文件，也可能互相影响。",
        ),
        Text(
            "`grade doctor` says what is missing; to grade all the same: --allow-unsandboxed",
            "`grade doctor` 会说明缺少什么；仍要评分请加 --allow-unsandboxed",
        ),
    )


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
