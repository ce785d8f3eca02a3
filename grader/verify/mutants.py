"""The reference with one small mistake, many times over, and the share that the checks kill.

A mutant that no check kills is a check that is missing, or does the same as the reference; the
latter are declared, with the reason, under `equivalent` in expected.yaml.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from grader.text import Text
from grader.verify.findings import Aspect, Finding
from grader.verify.operators import OPERATORS

SHARE = 0.95
"""How many of the mutants that change behaviour the checks have to kill."""

_Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.MatchCase | cst.Param
# Types and texts for people: a change there is none of behaviour.
_NOT_BEHAVIOUR = (cst.Annotation, cst.Import, cst.ImportFrom)


@dataclass(frozen=True)
class Mutant:
    """One mistake in the reference."""

    name: str
    """`solve_padding: return p -> return None`, unique within the exercise."""
    file: str
    line: int
    source: str
    """The whole file with the mistake."""


def mutants_of(files: Iterable[Path], stub: Iterable[Path] = ()) -> list[Mutant]:
    """Every mutant of the files of a reference that is still Python, in their order.

    What a student finds written in the stub is left as it is: no check has to test it.
    """
    given = {code for path in stub for code in _pieces(path.read_text("utf-8"))}
    return list(_distinct(mutant for path in files for mutant in _mutants(path, given)))


def _mutants(path: Path, given: AbstractSet[str]) -> list[Mutant]:
    wrapper = MetadataWrapper(cst.parse_module(path.read_text("utf-8")))
    collector = _Collector(wrapper.module, path.name, given)
    wrapper.visit(collector)
    return collector.found


def _pieces(source: str) -> list[str]:
    """The statements of a module, as what Python makes of them, docstrings left out."""
    nodes = ast.parse(source).body
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body.pop(0)
    return [ast.dump(node) for node in nodes]


class _Collector(cst.CSTVisitor):
    """Tries every operator on every node that has to do with behaviour."""

    METADATA_DEPENDENCIES = (ParentNodeProvider, PositionProvider)

    def __init__(self, module: cst.Module, file: str, given: AbstractSet[str]) -> None:
        super().__init__()
        self.found: list[Mutant] = []
        self._module = module
        self._file = file
        self._given = given

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Mutate one node, then those within it."""
        if isinstance(node, _NOT_BEHAVIOUR) or _is_docstring(node) or _is_export_list(node):
            return False
        if self._is_given(node):
            return False
        for operator in OPERATORS:
            for other in operator(node):
                self._add(node, other)
        return not isinstance(node, cst.Raise)

    def _add(self, node: cst.CSTNode, other: cst.CSTNode) -> None:
        statement, function = self._place(node)
        if statement is None:
            return
        before, after = (
            _first_line(self._module, each)
            for each in (statement, statement.deep_replace(node, other))
        )
        changed = self._module.deep_replace(node, other)
        name = f"{function}: {before} -> {after}" if function else f"{before} -> {after}"
        line = self.get_metadata(PositionProvider, node).start.line
        source = cst.ensure_type(changed, cst.Module).code
        self.found.append(Mutant(name, self._file, line, source))

    def _is_given(self, node: cst.CSTNode) -> bool:
        if not isinstance(self.get_metadata(ParentNodeProvider, node, None), cst.Module):
            return False
        return set(_pieces(self._module.code_for_node(node))) <= self._given

    def _place(self, node: cst.CSTNode) -> tuple[cst.CSTNode | None, str]:
        """The statement that holds a node, and the function or method around it."""
        statement: cst.CSTNode | None = None
        names: list[str] = []
        here: cst.CSTNode | None = node
        while here is not None and not isinstance(here, cst.Module):
            if statement is None and isinstance(here, _Statement):
                statement = here
            if isinstance(here, cst.FunctionDef | cst.ClassDef) and here is not statement:
                names.insert(0, here.name.value)
            here = self.get_metadata(ParentNodeProvider, here)
        return statement, ".".join(names)


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(
        node.value, cst.SimpleString | cst.ConcatenatedString
    )


def _is_export_list(node: cst.CSTNode) -> bool:
    """Whether it is `__all__ = ...`, by which an entry shows that it imports for others."""
    if not isinstance(node, cst.Assign):
        return False
    target = node.targets[0].target
    return isinstance(target, cst.Name) and target.value == "__all__"


def _first_line(module: cst.Module, statement: cst.CSTNode) -> str:
    """A statement on one line, without comments; of a compound one the head."""
    if isinstance(statement, cst.Match):
        return f"match {module.code_for_node(statement.subject)}"
    if isinstance(statement, cst.BaseCompoundStatement | cst.MatchCase):
        changes: dict[str, object] = {"body": cst.SimpleStatementSuite([cst.Pass()])}
        if isinstance(statement, cst.If | cst.For | cst.While):
            changes["orelse"] = None
        statement = statement.with_changes(leading_lines=[], **changes)
        return " ".join(module.code_for_node(statement).rpartition(":")[0].split())
    if isinstance(statement, cst.SimpleStatementLine):
        plain = cst.TrailingWhitespace()
        statement = statement.with_changes(leading_lines=[], trailing_whitespace=plain)
    return " ".join(module.code_for_node(statement).split())


def _distinct(found: Iterable[Mutant]) -> Iterator[Mutant]:
    """Those that are Python and differ from each other; equal names are numbered."""
    names: Counter[str] = Counter()
    sources: set[str] = set()
    for mutant in found:
        if mutant.source in sources or not _is_python(mutant.source):
            continue
        sources.add(mutant.source)
        names[mutant.name] += 1
        number = f" ({names[mutant.name]})" if names[mutant.name] > 1 else ""
        yield replace(mutant, name=mutant.name + number)


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def share_findings(
    exercise: str,
    tried: Sequence[Mutant],
    survivors: Sequence[Mutant],
    equivalent: AbstractSet[str],
) -> Iterator[Finding]:
    """Too small a share of killed mutants, and declarations that are not true.

    `equivalent` are the names of those that are declared to do the same as the reference.
    """
    names = {mutant.name for mutant in tried}
    survived = {mutant.name for mutant in survivors}
    for name in sorted(equivalent - survived):
        is_known = name in names
        en = "the checks kill it" if is_known else "there is no such mutant"
        zh = "检查项能发现它" if is_known else "没有这个变异体"
        text = Text(f"declared equivalent, but {en}: {name}", f"声明为等价，但{zh}：{name}")
        yield Finding(exercise, Aspect.MUTANTS, text)
    counted = len(names) - len(survived & equivalent)
    killed = len(names) - len(survived)
    if counted and killed / counted < SHARE:
        yield Finding(
            exercise,
            Aspect.MUTANTS,
            Text(
                f"the checks kill {killed} of {counted} mutants; {SHARE:.0%} are needed.",
                f"检查项只发现了 {counted} 个变异体中的 {killed} 个，至少要 {SHARE:.0%}。",
            ),
        )
