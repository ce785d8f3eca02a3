"""Whether the stub asks for what the reference is."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.course import ExerciseRef
from grader.text import Text
from grader.verify.findings import Aspect, Finding


def stub_findings(ref: ExerciseRef) -> Iterator[Finding]:
    """Functions, classes and methods whose signatures differ from the reference's."""
    asked, given = signatures(ref.stub_files), signatures(ref.reference_files)
    for name in sorted(asked.keys() | {name for name in given if not _is_private(name)}):
        if name not in given:
            yield _finding(ref, f"the reference has no {name}.", f"参考解答里没有 {name}。")
        elif name not in asked and "." not in name:
            yield _finding(
                ref,
                f"the stub has no {name}; is it a helper, call it _{name}.",
                f"练习文件里没有 {name}；如果它只是辅助函数，请改名为 _{name}。",
            )
        elif name in asked and asked[name] != given[name]:
            yield _finding(
                ref,
                f"{name} is {asked[name]} in the stub and {given[name]} in the reference.",
                f"{name} 在练习文件里是 {asked[name]}，在参考解答里是 {given[name]}。",
            )


def signatures(paths: Iterable[Path]) -> dict[str, str]:
    """The signature of every function, class and method of some files, by qualified name."""
    found = {}
    for node in itertools.chain.from_iterable(ast.parse(path.read_bytes()).body for path in paths):
        if isinstance(node, ast.ClassDef):
            found[node.name] = f"class({', '.join(map(ast.unparse, node.bases))})"
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    found[f"{node.name}.{item.name}"] = _signature(item)
        elif isinstance(node, ast.FunctionDef):
            found[node.name] = _signature(node)
    return found


def _signature(node: ast.FunctionDef) -> str:
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"({ast.unparse(node.args)}){returned}"


def _is_private(name: str) -> bool:
    return name.rpartition(".")[2].startswith("_")


def _finding(ref: ExerciseRef, en: str, zh: str) -> Finding:
    return Finding(ref.name, Aspect.STUB, Text(f"{ref.entry}: {en}", f"{ref.entry}：{zh}"))
