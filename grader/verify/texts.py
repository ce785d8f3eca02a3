"""The two READMEs are one text in two languages; and nothing secret is written where all may read.

One text: the same headings, paragraphs, cells and pictures, the same code but for its comments, and
the same numbers in examples.

Markdown is parsed by markdown-it, which rich brings along.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from grader.course import Course, Exercise, ExerciseRef
from grader.text import Text
from grader.verify.findings import Aspect, Finding

_SHORTEST = 40
"""Letters of a passage that is no coincidence."""


def readme_findings(ref: ExerciseRef) -> Iterator[Finding]:
    """The first place where the READMEs differ in structure or in code."""
    outlines = [_outline(ref.readme(lang)) for lang in ("en", "zh")]
    for one, other in itertools.zip_longest(*outlines, fillvalue=(0, "the end")):
        if one[1] != other[1]:
            yield Finding(
                ref.name,
                Aspect.TEXTS,
                Text(
                    f"README.md:{one[0]} and README.zh.md:{other[0]} differ: "
                    f"{one[1]} against {other[1]}.",
                    f"README.md:{one[0]} 与 README.zh.md:{other[0]} 不一致："
                    f"{one[1]} 对 {other[1]}。",
                ),
            )
            return


def _outline(readme: Path) -> list[tuple[int, str]]:
    """Headings, paragraphs, items, cells, pictures and code, as (line, what must be the same)."""
    tokens = MarkdownIt().enable("table").parse(readme.read_text("utf-8"))
    outline = []
    line = 0
    for token in tokens:
        line = token.map[0] + 1 if token.map else line
        if token.type in ("fence", "code_block"):
            outline.append((line, f"```{token.info}\n{_essence(token.info, token.content)}\n```"))
        elif token.nesting == 1:
            outline.append((line, f"<{token.tag}>"))
        images = (child for child in token.children or () if child.type == "image")
        outline.extend((line, f"![]({image.attrs['src']})") for image in images)
    return outline


def _essence(language: str, code: str) -> str:
    """What both languages have in common: code without its comments, an example's numbers."""
    if language == "python":
        with contextlib.suppress(SyntaxError):  # a fragment is compared as it is
            return ast.unparse(ast.parse(code))
    if language == "text":
        return " ".join(re.findall(r"\d+(?:\.\d+)?", code))
    return code.rstrip()


def secrecy_findings(course: Course, ref: Exercise) -> Iterator[Finding]:
    """Passages of the secret half that stand in the public one or in the student's template."""
    public = {}
    for folder in (ref.folder, course.root / "student_template"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                public[path] = _squeezed(path.read_text("utf-8", "replace"))
    timed = {task.check for task in ref.timed}  # exercise.yaml has to name them
    given = {passage for path in ref.stub_files for passage in _passages(path)}
    secrets = set(_secrets(ref)) - given - timed
    for path, text in public.items():
        for secret in sorted(secrets):
            if secret in text:
                where = path.relative_to(course.root)
                yield Finding(
                    ref.name,
                    Aspect.SECRECY,
                    Text(
                        f"{where} shows a passage of solutions/: {secret}",
                        f"{where} 里出现了 solutions/ 的内容：{secret}",
                    ),
                )


def _secrets(ref: ExerciseRef) -> Iterator[str]:
    solution = ref.reference.parent
    for path in (*ref.reference_files, *sorted((solution / "right").rglob("*.py"))):
        yield from _passages(path)
    for path in sorted((solution / "wrong").rglob("*.py")):
        yield _squeezed(ast.get_docstring(ast.parse(path.read_bytes())) or path.stem)
    if ref.hidden_checks:
        yield from _told(ref.hidden_checks)


def _passages(path: Path) -> Iterator[str]:
    """Any two lines of code in a row that are long enough to be no coincidence.

    One line alone may well be asked for word by word, as a loss is.
    """
    lines = [_squeezed(line) for line in path.read_text("utf-8").splitlines()]
    code = [line for line in lines if line and not line.startswith(("import ", "from ", "#"))]
    for pair in itertools.pairwise(code):
        if len(passage := " ".join(pair)) >= _SHORTEST:
            yield passage


def _told(check_file: Path) -> Iterator[str]:
    """The names, sentences and hints of the checks of a file."""
    for node in ast.parse(check_file.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name
            yield _squeezed(ast.get_docstring(node) or node.name)
            for decorator in node.decorator_list:
                for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
                    if isinstance(keyword.value, ast.Constant) and keyword.arg != "points":
                        yield _squeezed(str(keyword.value.value))


def _squeezed(text: str) -> str:
    return " ".join(text.split())
