"""Which checks a change to the reference can reach; the others need not be run again.

A wrong solution is as a rule the reference with one function changed, a mutant always. A check
that asks neither for that function nor for one that uses it ends as with the reference. What a
check asks for is read from its text, and generously: every name, attribute and string of it and of
what it uses of its file. A string may be a part of a name: `getattr(student, kind + "_step")`.
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from grader.course import Exercise
from grader.course.solutions import solution_files

_SHORTEST_PART = 3
"""Characters of a string that may be a part of a name."""
_AT_IMPORT = ""
"""Stands for the statements of a module that define nothing."""
_AS_SCRIPT = "__main__"
"""Stands for what a module does as a script; a check that runs it as one mentions this string."""
_PART = "part: "
"""Marks a string that may be a part of a name."""

_Definitions = dict[str, list[ast.AST]]


def reached_checks(exercise: Exercise, files: Mapping[str, bytes]) -> frozenset[str] | None:
    """Names of the checks that may end otherwise than with the reference; None: all of them."""
    before = _definitions(solution_files(exercise, exercise.reference))
    try:
        after = _definitions(files)
    except (SyntaxError, ValueError):
        return None
    changed = {
        name
        for name in before.keys() | after.keys()
        if _dumped(before.get(name, [])) != _dumped(after.get(name, []))
    }
    reached = _users(changed, before) | _users(changed, after)
    if _AT_IMPORT in reached:
        return None
    own = {
        name
        for name, nodes in [*before.items(), *after.items()]
        if not all(isinstance(node, ast.alias) for node in nodes)
    }
    return frozenset(
        check
        for path in (exercise.public_checks, exercise.hidden_checks)
        for check, mentioned in _mentioned_by_checks(path).items()
        if not (asked := _asked(own, mentioned)) or asked & reached
    )


def _definitions(files: Mapping[str, bytes]) -> _Definitions:
    """What defines each name of some modules."""
    found: defaultdict[str, list[ast.AST]] = defaultdict(list)
    for name in sorted(files):
        for node in ast.parse(files[name]).body:
            for defined, part in _defined(node):
                found[defined].append(part)
    return dict(found)


def _defined(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, node
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name, node
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            origin = getattr(node, "module", None) or ""
            for alias in names:
                name = alias.asname or alias.name.partition(".")[0]
                known = _AT_IMPORT if name == "*" else name
                yield known, ast.alias(f"{origin}:{alias.name}", alias.asname)
        case ast.Expr(value=ast.Constant()):
            pass  # a docstring
        case ast.If(test=ast.Compare(ast.Name("__name__"), [ast.Eq()]), orelse=[]):
            yield _AS_SCRIPT, node
        case _:
            yield _AT_IMPORT, node


def _dumped(nodes: Iterable[ast.AST]) -> list[str]:
    return [ast.dump(node) for node in nodes]


def _users(names: set[str], definitions: _Definitions) -> set[str]:
    """These names and all that use them, directly or not."""
    used = {name: set().union(*map(_mentions, nodes)) for name, nodes in definitions.items()}
    found = set(names)
    while more := {name for name in used if name not in found and used[name] & found}:
        found |= more
    return found


def _mentions(node: ast.AST) -> set[str]:
    """All identifiers and strings of a piece of code."""
    found = set()
    for each in ast.walk(node):
        match each:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word):
                found.add(word)
            case ast.Constant(value=str(text)):
                found |= {text, _PART + text} if len(text) >= _SHORTEST_PART else {text}
    return found


@functools.cache
def _mentioned_by_checks(path: Path) -> dict[str, frozenset[str]]:
    """What each check of a file mentions, itself or in what it uses of the file."""
    definitions = _definitions({path.name: path.read_bytes()})
    mentions = {
        name: frozenset().union(*map(_mentions, nodes)) for name, nodes in definitions.items()
    }
    found = {}
    for check in definitions:
        if check.startswith("test_"):
            reached = {check}
            while (
                more := set().union(*(mentions[name] for name in reached))
                & mentions.keys() - reached
            ):
                reached |= more
            found[check] = frozenset().union(*(mentions[name] for name in reached))
    return found


def _asked(names: set[str], mentioned: frozenset[str]) -> set[str]:
    """Those of the names that are mentioned, as a whole or by a part."""
    parts = [text.removeprefix(_PART) for text in mentioned if text.startswith(_PART)]
    return {name for name in names if name in mentioned or any(part in name for part in parts)}
