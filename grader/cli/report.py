"""`grade report`: a folder of pages about a whole class."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import click

from grader.cli.batch import require_packages
from grader.cli.language import lang_option, say
from grader.cli.page import Page
from grader.cli.stored import STORE, existing_store
from grader.course import find_course
from grader.errors import UserError
from grader.text import Lang, Text

_KEY = "class.db.leaderboard-key"


@click.command(
    "report",
    cls=Page,
    params=[lang_option()],
    short_help="Write pages about a whole class (for instructors).",
    help="Write a folder of pages about a whole class, to be opened from disk.",
    usage="grade report [OPTIONS]",
    examples=[
        ("grade report", "class-report/index.html: open it in a browser"),
        ("grade report --out monday --lang zh", "into another folder, in Chinese"),
        ("grade report --leaderboard", "and a ranking under pseudonyms, which may be published"),
    ],
)
@STORE
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("class-report"),
    help="The folder to write. Default: class-report.",
)
@click.option(
    "--leaderboard",
    is_flag=True,
    help="Rank the timed tasks under pseudonyms, on a page of its own.",
)
def report(url: str | None, out: Path, *, leaderboard: bool, lang: Lang) -> None:
    """Write it and say where it is."""
    require_packages()
    _require_matplotlib()
    from grader.reports.class_report import write_class_report  # noqa: PLC0415 - only now

    course = find_course(Path.cwd())
    path = existing_store(course, url)
    key = course.root / _KEY if leaderboard else None
    written = write_class_report(path, course, out.absolute(), lang, key=key)
    if written.unreadable:
        unreadable = Text(
            f"{written.unreadable} reports cannot be read; the overview names them.",
            f"有 {written.unreadable} 份报告无法读取，总览页上有列表。",
        )
        say(unreadable, lang)
    done = Text(
        f"{written.students} students, {written.exercises} exercises: {out / 'index.html'}",
        f"{written.students} 名学生，{written.exercises} 个练习：{out / 'index.html'}",
    )
    say(done, lang)


def _require_matplotlib() -> None:
    if importlib.util.find_spec("matplotlib"):
        return
    raise UserError(
        Text(
            "The class report draws its pictures with the package matplotlib.",
            "班级报告的图由 matplotlib 这个包绘制。",
        ),
        Text("Install it: pip install 'grade[class]'", "请先安装：pip install 'grade[class]'"),
    )
