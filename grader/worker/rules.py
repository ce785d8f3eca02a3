"""Source rules: which calls a submission's text makes, judged without running it.

Names are resolved through imports and plain aliases (`import torch.nn.functional as F`,
`from torch import conv2d as c`, `f = F.conv2d`, `getattr(F, "conv2d")`), and from one function of
the file, or another file of the submission, into the others that it uses; `a @ b` counts as
operator.matmul. A determined author can hide a call from any reading of the text, so a rule is
advice with a price, never a proof.

Hostile text can exhaust a parser, so this runs in a worker of its own, within its limits.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass
class _Scope:
    """What one top-level function or class (or the rest of the file) refers to."""

    used: list[tuple[str, int]] = field(default_factory=list)
    """(qualified name, line)"""
    local: set[str] = field(default_factory=set)
    """Names of this file's own that it refers to."""


def find_calls(
    files: Mapping[str, bytes], entry: str, calls: list[str], inside: list[str]
) -> list[tuple[str, int]]:
    """The (name, line) of every use of one of `calls` in the scopes `inside` and what they use.

    With `inside` empty the whole entry counts. What is used of another file of the submission
    counts with all that this file uses, at the entry's line. Raises SyntaxError, ValueError or
    RecursionError on text that is no Python.
    """
    scopes = _scopes(files[entry])
    others = {_module(name): name for name in files if name.endswith(".py") and name != entry}
    uses = [use for name in _reachable(scopes, inside) for use in scopes[name].used]
    for own, (used, line) in _imports(files[entry]):
        if own == "*":  # it may define any of them
            uses += [(used.removesuffix("*") + name, line) for name in inside]
        elif own in inside:
            uses.append((used, line))
    found = {(call, line) for used, line in uses for call in _calls_of(used, calls, others, files)}
    return sorted(found, key=lambda use: use[1])


def _imports(source: bytes) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each name that an import alone binds, with the (name, line) of what it stands for then."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                yield item.asname or item.name, (f"{node.module}.{item.name}", node.lineno)


def _calls_of(
    used: str, calls: list[str], others: Mapping[str, str], files: Mapping[str, bytes]
) -> set[str]:
    """Which of `calls` a name stands for: itself, or all that the file uses in which it lies."""
    found = {used} & set(calls)
    waiting, seen = [used], set[str]()
    while waiting:
        name = waiting.pop()
        for module in {module for module in others if f"{name}.".startswith(f"{module}.")} - seen:
            seen.add(module)
            source = files[others[module]]
            uses = {use for scope in _scopes(source).values() for use, _ in scope.used}
            uses |= {use for _, (use, _) in _imports(source)}
            found |= uses & set(calls)
            waiting += uses
    return found


def _module(file: str) -> str:
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@functools.cache
def _scopes(source: bytes) -> dict[str, _Scope]:
    tree = ast.parse(source)
    aliases, stars = _aliases(tree)
    scopes: dict[str, _Scope] = {}
    for statement in tree.body:
        references = list(_references(statement, aliases, stars))
        for own_name in _bound(statement) or {""}:
            scope = scopes.setdefault(own_name, _Scope())
            scope.used += references
            scope.local |= {name.split(".")[0] for name, _ in references}
    return scopes


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement gives a meaning to, in whatever branch of it."""
    names: set[str] = set()
    for node in _outside_functions(statement):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                names.add(name)
            case ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
    return names


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what it holds, without what is local to a function or a class."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


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
        match child:
            case ast.BinOp(op=ast.MatMult()) | ast.AugAssign(op=ast.MatMult()):
                yield "operator.matmul", child.lineno


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
