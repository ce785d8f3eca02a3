"""Whether the timed tasks of exercise.yaml and the checks that use `timed` are the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.course import Exercise
from grader.text import Text
from grader.verify.findings import Aspect, Finding


def timed_findings(exercise: Exercise) -> Iterator[Finding]:
    """Tasks without a hidden check that goes through their runs, and such checks without a task."""
    listed = {task.check for task in exercise.timed}
    using = set(_using_timed(exercise))
    for name in sorted(listed - using):
        text = Text(
            f"exercise.yaml times {name}, but test_hidden.py has no such check with `timed`.",
            f"exercise.yaml 要给 {name} 计时，但 test_hidden.py 里没有使用 `timed` 的同名检查。",
        )
        yield Finding(exercise.name, Aspect.METADATA, text)
    for name in sorted(using - listed):
        text = Text(
            f"{name} uses `timed`, but exercise.yaml does not list it.",
            f"{name} 使用了 `timed`，但 exercise.yaml 没有列出它。",
        )
        yield Finding(exercise.name, Aspect.METADATA, text)


def _using_timed(exercise: Exercise) -> Iterator[str]:
    """The checks with the parameter `timed`; a public one has no reference beside it."""
    if exercise.hidden_checks is None:
        return
    for node in ast.parse(exercise.hidden_checks.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and "timed" in [each.arg for each in node.args.args]:
            yield node.name
