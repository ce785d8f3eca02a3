"""Copies of a text as students change them, and the right solutions of the course."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TypeGuard

from grader.similarity.pairs import Likeness, likenesses
from grader.similarity.source import read_source
from grader.similarity.work import Stub, Work, make_stub, make_work

ROOT = Path(__file__).parents[2]
EXERCISES = sorted(path.name for path in (ROOT / "solutions").iterdir())
NO_STUB = Stub(frozenset(), frozenset())


def work(student: str, text: str, stub: Stub = NO_STUB) -> Work:
    """One student's work; the bytes differ from everybody else's."""
    return make_work(student, student, read_source({"a.py": text.encode()}, "a.py"), stub)


def stub_of(text: str) -> Stub:
    """A stub with this text."""
    return make_stub(read_source({"a.py": text.encode()}, "a.py"))


def likeness(left: Work, right: Work, *others: Work) -> Likeness:
    """How alike the first two of a class are; the others are what nobody can have copied."""
    found = list(likenesses([left, right], [frozenset(other.marks) for other in others]))
    return found[0] if found else Likeness(0, 1, 0.0, 0.0)


def solutions(exercise: str) -> tuple[Stub, list[str]]:
    """The stub of an exercise, and right solutions that were written one without the other."""
    folder = ROOT / "solutions" / exercise
    files = [folder / f"{exercise}.py", *sorted((folder / "right").glob("*.py"))]
    stub = (ROOT / "exercises" / exercise / f"{exercise}.py").read_text("utf-8")
    return stub_of(stub), [file.read_text("utf-8") for file in files]


def renamed(text: str) -> str:
    """Every variable and every parameter has another name."""
    tree = ast.parse(text)
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    new = {name: f"renamed_{at}" for at, name in enumerate(sorted(names - {"self"}))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = new.get(node.arg, node.arg)
    return ast.unparse(tree)


def reformatted(text: str) -> str:
    """Other quotes, brackets and line breaks, and no comments."""
    return ast.unparse(ast.parse(text))


def reordered(text: str) -> str:
    """The last function comes first."""
    tree = ast.parse(text)
    tree.body.sort(key=_is_definition)
    at = sum(not _is_definition(node) for node in tree.body)
    tree.body[at:] = reversed(tree.body[at:])
    return ast.unparse(tree)


def with_other_docstrings(text: str) -> str:
    """Each function says something else of itself."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[0] = ast.Expr(ast.Constant(f"I wrote {node.name} myself, and how."))
    return ast.unparse(tree)


def with_comments(text: str) -> str:
    """After each line a comment."""
    lines = reformatted(with_other_docstrings(text)).split("\n")
    return "\n".join(f"{line}  # so that it works" for line in lines)


def all_at_once(text: str) -> str:
    """Whatever can be changed without understanding the code."""
    return with_comments(reordered(renamed(text)))


def half_copied(text: str, rest: str) -> str:
    """`rest` with definitions of `text` in place of its own, the longest first: half of `text`."""
    taken = {node.name: ast.unparse(node) for node in ast.parse(text).body if _is_definition(node)}
    wanted = sum(map(len, taken.values())) / 2
    tree = ast.parse(rest)
    places = {node.name: at for at, node in enumerate(tree.body) if _is_definition(node)}
    common = sorted(taken.keys() & places, key=lambda name: (len(taken[name]), name))
    while wanted > 0 and common:
        name = common.pop()
        wanted -= len(taken[name])
        tree.body[places[name]] = ast.parse(taken[name]).body[0]
    return ast.unparse(tree)


def _is_definition(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.ClassDef]:
    return isinstance(node, ast.FunctionDef | ast.ClassDef)
