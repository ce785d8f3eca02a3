"""What the public checks of an exercise demand, read from their source without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.course.course import ExerciseRef
from grader.text import Text


def public_sentences(ref: ExerciseRef) -> dict[str, Text]:
    """Return the sentence of each public check by its name, in order; none from a broken file."""
    try:
        tree = ast.parse(ref.public_checks.read_text(encoding="utf-8"))
    except (OSError, RecursionError, SyntaxError, ValueError):
        return {}
    return dict(_sentences(tree))


def _sentences(tree: ast.Module) -> Iterator[tuple[str, Text]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            english = " ".join((ast.get_docstring(node) or "").split())
            yield node.name, Text(english, _chinese(node) or english)


def _chinese(function: ast.FunctionDef) -> str:
    """Return what the decorator says as zh=."""
    for decorator in function.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            value = keyword.value
            if keyword.arg == "zh" and isinstance(value, ast.Constant):
                return str(value.value)
    return ""
