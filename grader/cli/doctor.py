"""`grade doctor`: what this machine can do for grading, and what it lacks."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from pathlib import Path

import click

from grader import __version__
from grader.cli.language import lang_option
from grader.cli.page import Page
from grader.course import find_course
from grader.errors import UserError
from grader.reports.messages import explain, tier_name
from grader.reports.width import cell_width, pad
from grader.text import Lang, Text

_NEEDED = ("torch", "torchvision", "numpy", "pytest", "nbformat", "nbconvert", "jinja2", "rich")

_Line = tuple[Text, str]


@click.command(
    "doctor",
    cls=Page,
    params=[lang_option()],
    short_help="Show what this machine can do and what is missing.",
    help="Show what this machine can do for grading, and what is missing.",
    usage="grade doctor",
    examples=[
        ("grade doctor", "versions, devices, isolation, course"),
        ("grade doctor --lang zh", "in Chinese"),
    ],
)
def doctor(lang: Lang) -> int:
    """Print what there is; return 0 when grading is possible, otherwise 1."""
    missing = [name for name in _NEEDED if _version(name) is None]
    lines = [*_software(), *([] if missing else _machine(lang)), _course(lang)]
    if missing:
        lines.append((Text("Missing", "缺少"), " ".join(missing)))
        lines.append((Text("To get it", "安装方法"), f"pip install {' '.join(missing)}"))
    width = max(cell_width(name[lang]) for name, _ in lines)
    for name, value in lines:
        click.echo(f"{pad(name[lang], width)}  {value}".rstrip())
    return 1 if missing else 0


def _software() -> Iterator[_Line]:
    yield Text("grade", "grade"), __version__
    yield Text("Python", "Python"), f"{platform.python_version()} ({platform.system()})"
    yield Text("torch", "torch"), _version("torch") or "-"


def _machine(lang: Lang) -> Iterator[_Line]:
    """Tell what other processes have found out: torch is never imported in this one."""
    from grader.judge.attempt import examine  # noqa: PLC0415 - only this command needs it

    found = examine()
    yield Text("Devices", "设备"), ", ".join(found.devices)
    yield Text("Isolation", "隔离"), tier_name(found.tier, lang)
    if found.witnessed:
        yield Text("Witnessed", "实测生效"), ", ".join(found.witnessed)
    for note in found.notes:
        yield Text("", ""), explain(note, lang)


def _course(lang: Lang) -> _Line:
    name = Text("Course", "课程")
    try:
        course = find_course(Path.cwd())
        title, count = course.title()[lang], len(course.exercises())
    except UserError as error:
        return name, f"- {error.message[lang]}"
    counted = Text(f"{count} exercises", f"{count} 个练习")[lang]
    return name, f"{title} ({course.root}, {counted})"


def _version(package: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - 20 ms

    try:
        return version(package)
    except PackageNotFoundError:
        return None
