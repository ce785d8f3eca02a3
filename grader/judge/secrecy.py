"""Hidden checks stay hidden: nothing is run where they would not; what a student sees of them."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Container
from dataclasses import replace
from pathlib import Path

from grader.course import ExerciseRef
from grader.errors import UserError
from grader.judge.results import SubmissionResult
from grader.sandbox.plan import shown_folder
from grader.text import Text


def unsafe(hidden_checks: Path, *, tier: str, wish: str) -> UserError | None:
    """The reason why a submission could read the hidden checks that it is graded by, if it could.

    In tier none it can read whatever the user can; that has to be asked for by name.
    """
    if tier == "none":
        return None if wish == "none" else UserError(_UNPROTECTED, _ASK_FOR_IT)
    folder = shown_folder(hidden_checks)
    return None if folder is None else UserError(_lies_in(folder), _MOVE)


def for_student(result: SubmissionResult, names: Container[str]) -> SubmissionResult:
    """A result that was told to staff as a whole, as its student may see it.

    `names` are those that the task asks for.
    """
    return replace(result, checks=tuple(check.redacted(names) for check in result.checks))


def names_asked_for(ref: ExerciseRef) -> set[str]:
    """The functions and classes that a task asks for; not read from the student's own file."""
    names = set()
    for node in itertools.chain.from_iterable(map(_statements, ref.reference_files)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (item for item in node.body if isinstance(item, ast.FunctionDef))
            names.update(f"{node.name}.{method.name}" for method in methods)
    return names


def _statements(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_bytes()).body


def _lies_in(folder: str) -> Text:
    return Text(
        f"The hidden checks lie in {folder}, which a submission can read as a part of this "
        "Python environment.",
        f"隐藏检查位于 {folder}，它属于当前的 Python 环境，提交的代码可以读到。",
    )


_MOVE = Text(
    "Make the environment in a folder of its own, such as .venv, or move the course.",
    "请把虚拟环境建在单独的文件夹里（例如 .venv），或者移动课程文件夹。",
)


_UNPROTECTED = Text(
    "This machine offers no isolation, so a submission could read the hidden checks.",
    "这台机器无法隔离，提交的代码可能读到隐藏检查。",
)
_ASK_FOR_IT = Text(
    "Use --public-only, or --tier none for code that you trust; `grade doctor` says what is "
    "missing.",
    "请使用 --public-only；如果信任这份代码，可使用 --tier none。`grade doctor` 会说明缺少什么。",
)
