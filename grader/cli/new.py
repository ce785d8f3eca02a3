"""`grade new`: a small exercise that works, for an author to turn into a new one."""

from __future__ import annotations

import os
from pathlib import Path

import click

from grader.cli.language import lang_option, say
from grader.cli.page import Page
from grader.course import ExerciseRef, find_course
from grader.course.scaffold import check_title, make_exercise, name_exercise
from grader.text import Lang, Text


@click.command(
    "new",
    cls=Page,
    params=[
        click.Argument(["name"]),
        click.Option(["--title"], metavar="TEXT", help="Its title. Default: made from the name."),
        lang_option(),
    ],
    short_help="Make a new exercise to edit (for instructors).",
    help="Make a new exercise: a small one that works in every part, for you to edit.",
    usage="grade new NAME [--title TEXT]",
    examples=[
        ("grade new ex08_pool", "exercises/ex08_pool and solutions/ex08_pool"),
        ('grade new 8 --title "Max pooling"', "the same as ex08_max_pooling"),
    ],
)
def new(name: str, title: str | None, lang: Lang) -> None:
    """Write both halves, list what was made, and say what to do now."""
    course = find_course(Path.cwd())
    title = check_title(title) if title is not None else None
    name = name_exercise(name, title)
    shown_title = title or name.partition("_")[2].replace("_", " ").strip().capitalize()
    files = make_exercise(course, name, shown_title)
    say(
        Text(f"Made {name}, a small exercise that works:", f"已创建 {name}，一个能用的小练习："),
        lang,
    )
    for path in files:
        click.echo(f"  {_from_here(path)}")
    click.echo()
    for line in _what_now(course.resolve(name)):
        say(line, lang)


def _what_now(ref: ExerciseRef) -> list[Text]:
    reference, stub = _from_here(ref.reference), _from_here(ref.stub)
    return [
        Text("See that it works:", "先确认它能用："),
        Text(
            f"  grade {ref.name} {reference}    passes everything",
            f"  grade {ref.name} {reference}    全部通过",
        ),
        Text(
            f"  grade {ref.name} {stub}    passes nothing",
            f"  grade {ref.name} {stub}    什么都不通过",
        ),
        Text(
            f"  grade verify {ref.name}    proves all of it, wrong solutions included",
            f"  grade verify {ref.name}    检验全部内容，包括各个错误解法",
        ),
        Text(
            "Then follow docs/writing-an-exercise.md; what lies in right/ and wrong/ is a sample.",
            "然后按 docs/writing-an-exercise.md 的步骤修改；right/ 和 wrong/ 里的解答只是样例。",
        ),
        Text(
            "The title still needs its Chinese form, in exercise.yaml and README.zh.md.",
            "标题还需要分别写好中英文：见 exercise.yaml 和两份 README。",
        ),
    ]


def _from_here(path: Path) -> str:
    return os.path.relpath(path)
