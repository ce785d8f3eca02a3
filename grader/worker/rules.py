"""Source rules: which calls a submission's text makes, judged without running it.

Names are resolved through imports and plain aliases (`import torch.nn.functional as F`,
`from torch import conv2d as c`, `f = F.conv2d`, `getattr(F, "conv2d")`), and from one function of
the file into the others that it uses. A determined author can hide a call from any reading of the
text, so a rule is advice with a price, never a proof.

Hostile text can exhaust a parser, so this runs in a worker of its own, within its limits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class _Scope:
    """What one top-level function or class (or the rest of the file) refers to."""

    used: list[tuple[str, int]] = field(default_factory=list)
    """(qualified name, line)"""
    local: set[str] = field(default_factory=set)
    """Names of this file's own that it refers to."""


def find_calls(source: bytes, calls: list[str], inside: list[str]) -> list[tuple[str, int]]:
    """The (name, line) of every use of one of `calls` in the scopes `inside` and what they use.

    With `inside` empty the whole file counts. Raises SyntaxError, ValueError or RecursionError on
    text that is no Python.
    """
    tree = ast.parse(source)
    aliases, stars = _aliases(tree)
    scopes: dict[str, _Scope] = {}
    for statement in tree.body:
        for own_name in _defined(statement):
            scope = scopes.setdefault(own_name, _Scope())
            for name, line in _references(statement, aliases, stars):
                scope.used.append((name, line))
                scope.local.add(name.split(".")[0])
    found = {
        use for name in _reachable(scopes, inside) for use in scopes[name].used if use[0] in calls
    }
    return sorted(found, key=lambda use: use[1])


def _defined(statement: ast.stmt) -> list[str]:
    """The names that a top-level statement defines; "" stands for the rest of the file."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)] or [""]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return [""]


def _reachable(scopes: dict[str, _Scope], inside: list[str]) -> set[str]:
    waiting = list(inside or scopes)
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in scopes and name not in reached:
            reached.add(name)
            waiting += scopes[name].local
    return reached


def _aliases(tree: ast.Module) -> tuple[dict[str, str], list[str]]:
    """What each name stands for, and the modules imported with a star."""
    aliases: dict[str, str] = {}
    stars: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                top = item.name.split(".")[0]
                aliases[item.asname or top] = item.name if item.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                if item.name == "*":
                    stars.append(node.module)
                else:
                    aliases[item.asname or item.name] = f"{node.module}.{item.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], _dotted(node.value, aliases)
            if isinstance(target, ast.Name) and value and "." in value:
                aliases.setdefault(target.id, value)
    return aliases, stars


def _references(
    node: ast.AST, aliases: dict[str, str], stars: list[str]
) -> Iterator[tuple[str, int]]:
    for child in ast.walk(node):
        if isinstance(child, ast.expr):
            name = _dotted(child, aliases)
            if name:
                yield name, child.lineno
                if isinstance(child, ast.Name):
                    yield from ((f"{module}.{name}", child.lineno) for module in stars)


def _dotted(node: ast.expr, aliases: dict[str, str]) -> str | None:
    """The qualified name that an expression spells, if it spells one."""
    parts: list[str] = []
    while True:
        match node:
            case ast.Attribute(value=value, attr=attribute):
                parts.append(attribute)
                node = value
            case ast.Call(
                func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(attribute)), *_]
            ):
                parts.append(attribute)
                node = value
            case ast.Name(id=name):
                return ".".join([aliases.get(name, name), *reversed(parts)])
            case _:
                return None
