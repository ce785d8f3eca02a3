"""Probes: functions of a check file that run in the worker, cut out of the file as text.

What is shipped is the file's own text with everything but its imports and its probes blanked, so
that line numbers in a traceback are the file's. No check, no expected value, no comment between
them travels. A probe may reach for its parameters, the file's imports (not the grader's own),
other probes of the file and builtins; anything else is an error where the file is loaded.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import symtable
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_JUDGE_ONLY = ("grader", "pytest", "_pytest")
"""Modules that exist in the judge alone; a worker must not get to see them."""


class ProbeError(Exception):
    """A probe reaches for what does not travel with it; says file and line."""


@dataclass(frozen=True)
class Probe:
    """A function to run beside the student's code."""

    name: str
    source: str | None
    """The text to ship; None for a standard probe, which every worker has."""
    file: str
    is_generator: bool = False
    """Whether it is a conversation, for `submission.start`."""

    def __call__(self, *_args: object, **_kwargs: object) -> None:
        """Refuse: a probe never runs in the judge."""
        raise TypeError(f"use submission.run({self.name}, ...): probes run in the worker")


def probe(function: Callable[..., Any]) -> Probe:
    """Mark a function of a check file as a probe."""
    file = function.__code__.co_filename
    text = Path(file).read_text("utf-8")
    is_generator = inspect.isgeneratorfunction(function)
    return Probe(function.__name__, shipped_source(file, text), Path(file).name, is_generator)


@functools.cache
def shipped_source(file: str, text: str) -> str:
    """What of `text`, that of `file`, travels to the worker; raises ProbeError."""
    tree = ast.parse(text, file)
    imports = [
        node
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and _is_shipped(node)
    ]
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and _is_probe(node)
    ]
    known = {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names}
    known |= {node.name for node in functions}
    known |= set(vars(builtins))
    module = symtable.symtable(text, file, "exec")
    tables = {table.get_name(): table for table in module.get_children()}
    for function in functions:
        for name, line in _reached(function, tables[function.name]):
            if name not in known:
                raise ProbeError(
                    f"{file}:{line}: the probe {function.name} uses {name}, which does not travel "
                    "with it: a probe sees its parameters, the file's imports and other probes"
                )
    return _only(text, [*imports, *functions])


def _is_shipped(node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    else:
        modules = [] if node.level else [str(node.module)]
    return bool(modules) and not any(name.split(".")[0] in _JUDGE_ONLY for name in modules)


def _is_probe(node: ast.FunctionDef) -> bool:
    return any(map(_is_probe_decorator, node.decorator_list))


def _is_probe_decorator(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).split(".")[-1] == "probe"


def _reached(function: ast.FunctionDef, table: symtable.SymbolTable) -> Iterator[tuple[str, int]]:
    """Every global name that the function's body, defaults and decorators refer to."""
    inside = set(_globals(table))
    around = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
    around += [node for node in function.decorator_list if not _is_probe_decorator(node)]
    for part in around:
        for node in ast.walk(part):
            if isinstance(node, ast.Name):
                yield node.id, node.lineno
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and node.id in inside:
            inside.discard(node.id)
            yield node.id, node.lineno


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_global() and symbol.is_referenced():
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals(child)


def _only(text: str, nodes: Sequence[ast.stmt]) -> str:
    """`text` with every line blank that is not of `nodes`, and without the @probe lines."""
    lines = text.splitlines()
    kept = set()
    for node in nodes:
        decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        kept |= set(range(first, (node.end_lineno or node.lineno) + 1))
        kept -= {decorator.lineno for decorator in decorators if _is_probe_decorator(decorator)}
    body = "\n".join(line if number in kept else "" for number, line in enumerate(lines, 1))
    # Annotations stay text: the names in them need not exist in the worker.
    return f"from __future__ import annotations; {body}" if "from __future__" not in body else body
