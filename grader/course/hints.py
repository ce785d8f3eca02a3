"""The hints of an exercise: for each function or class a question, the idea, nearly the line."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course.course import ExerciseRef
from grader.course.sentences import public_sentences
from grader.errors import UserError
from grader.text import Text

if TYPE_CHECKING:
    from grader.course.document import Section

STEPS = 3


@dataclass(frozen=True)
class Hints:
    """The hints for one function or class, which a student sees one after the other."""

    name: str
    """Of the function or class."""
    checks: tuple[str, ...]
    """The public checks that they help with."""
    steps: tuple[Text, ...]


def load_hints(ref: ExerciseRef) -> tuple[Hints, ...]:
    """Read and validate hints.yaml; UserError when there is none or it is not right."""
    from grader.course.document import read_document  # noqa: PLC0415 - yaml only when needed

    if not ref.hints.is_file():
        raise UserError(
            Text(f"{ref.name} has no hints.", f"{ref.name} 没有提示。"),
            next_step=Text(
                f"`grade show {ref.name}` tells the task, `grade {ref.name}` what is wrong.",
                f"运行 `grade show {ref.name}` 阅读题目，运行 `grade {ref.name}` 看看哪里不对。",
            ),
        )
    document = read_document(ref.hints)
    document.allow("hints")
    entries = tuple(_entries(document, public_sentences(ref)))
    if not entries:
        document.refuse_value("hints", "'hints' must not be empty.", "hints 不能是空的。")
    return entries


def _entries(document: Section, known: Collection[str]) -> Iterator[Hints]:
    names: set[str] = set()
    for section in document.sections("hints", required=True):
        section.allow("for", "checks", "steps")
        name = section.text("for")
        if name in names:
            section.refuse_value("for", f"'{name}' has hints already.", f"{name} 的提示重复了。")
        names.add(name)
        yield Hints(name, _checks(section, known), _steps(section))


def _checks(section: Section, known: Collection[str]) -> tuple[str, ...]:
    """Read names of public checks; none is known where their file cannot be read."""
    checks = section.words("checks")
    for check in checks:
        if known and check not in known:
            near = difflib.get_close_matches(check, known, n=1)
            en = f"; did you mean '{near[0]}'?" if near else "."
            zh = f"，是不是 {near[0]}？" if near else "。"
            section.refuse_value(
                "checks", f"there is no public check '{check}'{en}", f"没有公开检查 {check}{zh}"
            )
    return checks


def _steps(section: Section) -> tuple[Text, ...]:
    steps = section.bilinguals("steps")
    if len(steps) != STEPS:
        section.refuse_value(
            "steps",
            f"'steps' must be {STEPS} (a question, the idea, nearly the line), not {len(steps)}.",
            f"steps 必须恰好有 {STEPS} 条（问题、思路、差一点就是答案），这里有 {len(steps)} 条。",
        )
    return steps
